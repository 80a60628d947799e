// SPDX-License-Identifier: Apache-2.0
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Gauge, History } from "lucide-react";
import { useState } from "react";
import { useParams, useSearchParams } from "react-router";
import { BandsCard } from "@/features/model/BandsCard";
import { Columns } from "@/features/model/Columns";
import { CompareCard } from "@/features/model/CompareCard";
import { DriftCard } from "@/features/model/DriftCard";
import { Figures } from "@/features/model/Figures";
import { TrainDialog } from "@/features/model/TrainDialog";
import { VersionHead } from "@/features/model/VersionHead";
import { Versions } from "@/features/model/Versions";
import { modelKeys, rollback, versionsQuery } from "@/features/model/api";
import { overviewQuery } from "@/features/overview/api";
import { useMe } from "@/features/session/api";
import { paths } from "@/lib/paths";
import { atLeast } from "@/lib/roles";
import { t } from "@/lib/strings/model";
import { Button, ButtonLink } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Confirm } from "@/ui/Confirm";
import { PageHeader } from "@/ui/PageHeader";
import { EmptyState, ErrorState, Skeleton, StaleNotice } from "@/ui/states";
import { toast } from "@/ui/toast";

const numberOf = (version: string) => Number(version.slice(1));

export default function Model() {
  const { version } = useParams();
  const [params, setParams] = useSearchParams();
  const queries = useQueryClient();
  const me = useMe();
  const versions = useQuery(versionsQuery);
  const [asking, setAsking] = useState(false);
  const mayChange = atLeast(me.data, "manager");
  const items = [...(versions.data?.items ?? [])].sort((a, b) => numberOf(b.version) - numberOf(a.version));
  const live = versions.data?.live ?? null;
  const shown = items.find((v) => v.version === (version ?? live)) ?? items[0];
  // ?train=UPLOAD opens the dialog on that file, ?train on the leads that are kept.
  const training = params.get("train");
  const now = useQuery(overviewQuery).data;
  const perDay = now?.capacity?.per_day ?? 0;
  const open = now?.totals.open ?? 0;
  const decided = (now?.totals.won ?? 0) + (now?.totals.lost ?? 0);
  const capacity = perDay > 0 && open > 0 ? { perDay, open } : undefined;
  const openTrain = (open: boolean) => setParams(open ? { train: "" } : {}, { replace: true });
  return (
    <div className="mx-auto max-w-7xl">
      <PageHeader
        title={t.model.title}
        about={t.model.about}
        actions={
          mayChange && (
            <>
              {items.some((v) => v.state === "archived") && (
                <Button icon={History} onClick={() => setAsking(true)}>
                  {t.model.rollback}
                </Button>
              )}
              {shown && (
                <Button variant="primary" icon={Gauge} onClick={() => openTrain(true)}>
                  {t.model.train}
                </Button>
              )}
            </>
          )
        }
      />
      {versions.data ? (
        <div className="flex flex-col gap-5">
          {versions.error && <StaleNotice error={versions.error} retry={() => void versions.refetch()} />}
          {shown ? (
            <>
              <Versions items={items} shown={shown.version} />
              <VersionHead key={shown.version} v={shown} mayChange={mayChange} />
              {!shown.problem && (
                <>
                  <Figures version={shown.version} made={shown.created_at} capacity={capacity} />
                  <div className="grid items-start gap-5 lg:grid-cols-2">
                    <BandsCard version={shown.version} mayChange={mayChange} />
                    <DriftCard mayRun={mayChange} />
                  </div>
                  <Columns version={shown.version} />
                  {items.length > 1 && (
                    <CompareCard key={shown.version} version={shown.version} live={live} others={items.filter((v) => v.version !== shown.version && !v.problem)} />
                  )}
                </>
              )}
            </>
          ) : (
            <Card>
              <EmptyState
                icon={Gauge}
                title={t.model.emptyTitle}
                action={
                  mayChange && decided > 0 ? (
                    <Button variant="primary" onClick={() => openTrain(true)}>
                      {t.model.train}
                    </Button>
                  ) : (
                    atLeast(me.data, "rep") && (
                      <ButtonLink variant="primary" to={paths.upload}>
                        {t.actions.uploadLeads}
                      </ButtonLink>
                    )
                  )
                }
              >
                {decided > 0 ? t.model.emptyDecided(decided) : t.model.emptyText}
              </EmptyState>
            </Card>
          )}
        </div>
      ) : versions.error ? (
        <Card>
          <ErrorState error={versions.error} retry={() => void versions.refetch()} />
        </Card>
      ) : (
        <div role="status" className="flex flex-col gap-5">
          <span className="sr-only">{t.app.loading}</span>
          <Skeleton className="h-56 rounded-xl" />
          <Skeleton className="h-96 rounded-xl" />
        </div>
      )}
      {mayChange && <TrainDialog upload={training || null} open={training !== null} onOpenChange={openTrain} />}
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={t.model.rollbackTitle}
        confirm={t.model.rollback}
        run={async () => {
          const v = await rollback();
          toast({ tone: "good", title: t.model.rolledBack(v.version) });
          void queries.invalidateQueries({ queryKey: ["overview"] });
          await queries.invalidateQueries({ queryKey: modelKeys.all });
        }}
      >
        {t.model.rollbackText}
      </Confirm>
    </div>
  );
}
