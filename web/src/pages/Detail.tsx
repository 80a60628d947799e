// SPDX-License-Identifier: Apache-2.0
import { useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronLeft, Ellipsis, Hourglass, RefreshCw, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link, useLocation, useNavigate, useParams } from "react-router";
import { explanationQuery, historyQuery, leadKeys, leadQuery, notesQuery, timelineQuery, useDeleteLead, useRescore } from "@/features/leads/api";
import { Facts } from "@/features/leads/Facts";
import { History } from "@/features/leads/History";
import { Notes } from "@/features/leads/Notes";
import { Reasons } from "@/features/leads/Reasons";
import { Timeline } from "@/features/leads/Timeline";
import { Work } from "@/features/leads/Work";
import { RecommendationPanel } from "@/features/recommend/RecommendationPanel";
import { useMe } from "@/features/session/api";
import { ApiError } from "@/lib/client";
import { ago, fullTime } from "@/lib/format";
import { leadName } from "@/lib/lead";
import { paths } from "@/lib/paths";
import { atLeast } from "@/lib/roles";
import { t } from "@/lib/strings/detail";
import { isScored, type Lead } from "@/lib/types";
import { Button, ButtonLink, IconButton } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Confirm } from "@/ui/Confirm";
import { Menu } from "@/ui/Menu";
import { PageHeader } from "@/ui/PageHeader";
import { ProbabilityBar } from "@/ui/ProbabilityBar";
import { EmptyState, ErrorState, Skeleton, StaleNotice } from "@/ui/states";
import { toast } from "@/ui/toast";

export default function Detail() {
  const { id = "" } = useParams();
  const query = useQuery(leadQuery(id));
  const from = (useLocation().state as { from?: string } | null)?.from ?? paths.leads;
  // Asked for at once and shown together, so that no part pushes another down.
  const settled = useQueries({
    queries: [explanationQuery(id), historyQuery(id), timelineQuery(id), notesQuery(id)],
    combine: (parts) => parts.every((p) => !p.isPending),
  });
  // Once shown it stays: a part that failed is asked for anew by whoever shows it, and waits again then.
  const [shown, setShown] = useState<string>();
  if (settled && shown !== id) setShown(id);
  const lead = query.data;
  const missing = query.error instanceof ApiError && query.error.status === 404;
  return (
    <div className="mx-auto max-w-7xl">
      <Link to={from} className="mb-2 inline-flex items-center gap-1 rounded-md text-sm text-soft hover:text-ink">
        <ChevronLeft aria-hidden className="size-4" />
        {t.detail.backToList}
      </Link>
      {lead && query.error && <StaleNotice error={query.error} retry={() => void query.refetch()} />}
      {lead && shown === id ? (
        <LeadPage key={lead.id} lead={lead} from={from} />
      ) : missing ? (
        <>
          <PageHeader title={t.detail.notFound} about={t.detail.notFoundHint} />
          <ButtonLink to={from}>{t.detail.backToList}</ButtonLink>
        </>
      ) : query.error && !lead ? (
        <Card>
          <h1 className="sr-only">{t.errors.title}</h1>
          <ErrorState error={query.error} retry={() => void query.refetch()} />
        </Card>
      ) : (
        <Waiting />
      )}
    </div>
  );
}

function LeadPage({ lead, from }: { lead: Lead; from: string }) {
  const me = useMe();
  const canWrite = atLeast(me.data, "rep");
  const about = [lead.role, lead.company].filter(Boolean).join(" · ");
  return (
    <>
      <PageHeader
        title={leadName(lead)}
        about={about && <span className="foreign">{about}</span>}
        actions={<Actions lead={lead} from={from} canWrite={canWrite} canDelete={atLeast(me.data, "manager")} />}
      />
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_23rem]">
        <div className="flex min-w-0 flex-col gap-5">
          <ScoreCard lead={lead} />
          <Reasons lead={lead} />
          <History id={lead.id} />
          <Timeline id={lead.id} />
        </div>
        <div className="flex min-w-0 flex-col gap-5">
          <RecommendationPanel />
          <Work lead={lead} canWrite={canWrite} />
          <Notes id={lead.id} canWrite={canWrite} />
          <Facts lead={lead} canWrite={canWrite} />
        </div>
      </div>
    </>
  );
}

function ScoreCard({ lead }: { lead: Lead }) {
  if (!isScored(lead))
    return (
      <Card>
        <EmptyState icon={Hourglass} title={t.leads.unscored} className="py-4" />
      </Card>
    );
  const when = ago(lead.scored_at);
  return (
    <Card>
      <div className="grid items-center gap-x-8 gap-y-4 sm:grid-cols-[auto_minmax(0,1fr)]">
        <div>
          <p className="text-sm text-soft">{t.detail.score}</p>
          <p className="tnum text-5xl leading-none font-semibold tracking-tight" title={t.detail.scoreOf(lead.score)}>
            {lead.score}
            <span className="ml-1 text-lg font-normal tracking-normal text-soft">/ 100</span>
          </p>
          <p className="mt-2 max-w-44 text-sm text-soft" title={fullTime(lead.scored_at)}>
            {!lead.model || lead.model === "rule" ? t.detail.scoredByRule(when) : t.detail.scoredBy(lead.model, when)}
          </p>
          {lead.stale && <p className="mt-1 max-w-44 text-sm text-warm">{t.detail.stale}</p>}
        </div>
        <ProbabilityBar probability={lead.probability} heat={lead.heat} bands={lead.bands} confidence={lead.confidence} />
      </div>
    </Card>
  );
}

interface ActionProps {
  lead: Lead;
  from: string;
  canWrite: boolean;
  canDelete: boolean;
}

function Actions({ lead, from, canWrite, canDelete }: ActionProps) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const rescore = useRescore(lead.id);
  const remove = useDeleteLead(lead.id);
  const [asking, setAsking] = useState(false);
  const name = leadName(lead);
  if (!canWrite) return null;
  return (
    <>
      <Button
        icon={RefreshCw}
        busy={rescore.isPending}
        onClick={() =>
          rescore.mutate(undefined, {
            onSuccess: () => toast({ tone: "good", title: t.detail.rescored }),
            onError: (e) => toast({ tone: "bad", title: t.errors.notSaved, text: e.message }),
          })
        }
      >
        {t.detail.rescore}
      </Button>
      {canDelete && (
        <Menu
          button={<IconButton icon={Ellipsis} label={t.actions.more} />}
          groups={[{ items: [{ label: t.detail.delete, icon: Trash2, danger: true, onSelect: () => setAsking(true) }] }]}
        />
      )}
      <Confirm
        danger
        open={asking}
        onOpenChange={setAsking}
        title={t.detail.deleteTitle(name)}
        confirm={t.actions.delete}
        run={async () => {
          await remove.mutateAsync();
          toast({ title: t.detail.deleted(name) });
          void navigate(from);
          queries.removeQueries({ queryKey: leadKeys.detail(lead.id) });
        }}
      >
        {t.detail.deleteText}
      </Confirm>
    </>
  );
}

function Waiting() {
  return (
    <div role="status">
      <h1 className="sr-only">{t.app.loading}</h1>
      <Skeleton className="mb-2 h-8 w-64" />
      <Skeleton className="mb-5 h-5 w-48" />
      <div className="grid gap-5 lg:grid-cols-[minmax(0,1fr)_23rem]">
        <div className="flex flex-col gap-5">
          <Skeleton className="h-48 rounded-xl" />
          <Skeleton className="h-96 rounded-xl" />
        </div>
        <Skeleton className="h-[36rem] rounded-xl" />
      </div>
    </div>
  );
}
