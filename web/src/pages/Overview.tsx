// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { type QueryClient, useQuery } from "@tanstack/react-query";
import { Upload } from "lucide-react";
import { BandsCard } from "@/features/overview/Bands";
import { ReliabilityCard, TrendCard } from "@/features/overview/Charts";
import { FunnelCard } from "@/features/overview/FunnelCard";
import { Health } from "@/features/overview/Health";
import { HeatNow } from "@/features/overview/HeatNow";
import { Queue } from "@/features/overview/Queue";
import { Since } from "@/features/overview/Since";
import { SourcesCard } from "@/features/overview/Sources";
import { overviewQuery, queueQuery } from "@/features/overview/api";
import { useMe } from "@/features/session/api";
import { dateTime, percent, zone } from "@/lib/format";
import { paths } from "@/lib/paths";
import { atLeast } from "@/lib/roles";
import { t } from "@/lib/strings/overview";
import type { Overview as Data } from "@/lib/types";
import { ButtonLink } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Notice } from "@/ui/Notice";
import { PageHeader } from "@/ui/PageHeader";
import { EmptyState, ErrorState, Skeleton, StaleNotice } from "@/ui/states";

/** Asks for what is shown first, before it is known who looks. */
export function preload(queries: QueryClient) {
  void queries.prefetchQuery(overviewQuery);
  void queries.prefetchQuery(queueQuery);
}

export default function Overview() {
  const overview = useQuery(overviewQuery);
  const me = useMe();
  const mayUpload = atLeast(me.data, "rep");
  // Shown together with the queue, so that it does not push the rest down when it comes.
  const queue = useQuery(queueQuery);
  // Shown together the first time; a queue that failed is asked for anew where it stands.
  const [waited, setWaited] = useState(false);
  if (!queue.isPending && !waited) setWaited(true);
  const d = waited ? overview.data : undefined;
  return (
    <div className="mx-auto max-w-7xl">
      <PageHeader
        twoLines
        title={t.overview.title}
        about={<span title={t.unit.timesIn(zone())}>{d ? about(d) : t.app.loading}</span>}
        actions={
          // Without leads the page itself offers it.
          mayUpload && d?.totals.leads !== 0 && (
            <ButtonLink to={paths.upload} icon={Upload}>
              {t.actions.uploadLeads}
            </ButtonLink>
          )
        }
      />
      {d && overview.error && <StaleNotice error={overview.error} retry={() => void overview.refetch()} />}
      {d ? d.totals.leads === 0 ? <NoLeads mayUpload={mayUpload} /> : <Day data={d} mayJudge={mayUpload} mayTrain={atLeast(me.data, "manager")} />
        : overview.error && !overview.data ? <Card><ErrorState error={overview.error} retry={() => void overview.refetch()} /></Card>
        : <Waiting />}
    </div>
  );
}

function about({ totals, as_of }: Data) {
  const what = totals.conversion === undefined || totals.won + totals.lost === 0
    ? t.overview.totalsOpen(totals.leads)
    : t.overview.totals(totals.leads, percent(totals.conversion));
  return `${what} · ${t.overview.asOf(dateTime(as_of))}`;
}

function NoLeads({ mayUpload }: { mayUpload: boolean }) {
  return (
    <Card>
      <EmptyState
        icon={Upload}
        title={t.overview.emptyTitle}
        action={mayUpload && <ButtonLink variant="primary" to={paths.upload}>{t.actions.uploadLeads}</ButtonLink>}
      >
        {t.overview.emptyText}
      </EmptyState>
    </Card>
  );
}

function Day({ data, mayJudge, mayTrain }: { data: Data; mayJudge: boolean; mayTrain: boolean }) {
  return (
    <div className="flex flex-col gap-5">
      {data.model.version === "rule" && (
        <Notice
          title={t.overview.rule}
          action={mayTrain && <ButtonLink size="sm" to={paths.model}>{t.actions.trainModel}</ButtonLink>}
        >
          {t.overview.ruleText}
        </Notice>
      )}
      {data.stale_scores > 0 && <Notice title={t.overview.stale(data.stale_scores)}>{t.overview.staleText}</Notice>}
      <Since overview={data} />
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_21rem]">
        <Queue canJudge={mayJudge} />
        <div className="grid gap-5 sm:grid-cols-2 lg:grid-cols-1">
          <HeatNow overview={data} />
          <Health overview={data} />
        </div>
      </div>
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <BandsCard />
        <FunnelCard />
        <ReliabilityCard />
        <TrendCard />
      </div>
      <SourcesCard />
    </div>
  );
}

/** Grey shapes where the parts will stand, so that nothing jumps. */
function Waiting() {
  return (
    <div role="status" className="flex flex-col gap-5">
      <span className="sr-only">{t.app.loading}</span>
      <div className="mt-6.5 grid grid-cols-2 gap-3 sm:grid-cols-3 xl:grid-cols-6">
        {Array.from({ length: 6 }, (_, i) => (
          <Skeleton key={i} className="h-[4.6rem] rounded-xl" />
        ))}
      </div>
      <div className="grid gap-5 lg:grid-cols-[minmax(0,1fr)_21rem]">
        <Skeleton className="h-[40rem] rounded-xl" />
        <Skeleton className="h-[40rem] rounded-xl" />
      </div>
    </div>
  );
}
