// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { ArrowDown, CircleCheckBig, Coffee, Lightbulb } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Link, useLocation, useNavigate } from "react-router";
import { cx } from "@/lib/cx";
import { number, percent } from "@/lib/format";
import { leadName } from "@/lib/lead";
import { paths } from "@/lib/paths";
import { useShortcuts } from "@/lib/shortcuts";
import { t } from "@/lib/strings/overview";
import { isScored, type Lead, type Verdict } from "@/lib/types";
import { Button, ButtonLink } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Chip } from "@/ui/Chip";
import { HeatBadge } from "@/ui/heat";
import { Kbd } from "@/ui/Kbd";
import { ProbabilityBar } from "@/ui/ProbabilityBar";
import { EmptyState, ErrorState, Skeleton } from "@/ui/states";
import { toast } from "@/ui/toast";
import { queueQuery, useVerdict } from "./api";

const VERDICTS: Verdict[] = ["good", "was_hot", "junk"];
const OPEN_LEADS = `${paths.leads}?outcome=open&sort=-score`;

/** The leads to work now, one after another, by mouse or by keys. */
export function Queue({ canJudge }: { canJudge: boolean }) {
  const queue = useQuery(queueQuery);
  const leads = queue.data?.items ?? [];
  const body = queue.data ? (
    leads.length > 0 ? (
      <Worklist leads={leads} canJudge={canJudge} reload={() => void queue.refetch()} />
    ) : (
      <EmptyState icon={Coffee} title={t.overview.queueEmptyTitle} action={<ButtonLink to={paths.leads}>{t.leads.title}</ButtonLink>}>
        {t.overview.queueEmptyText}
      </EmptyState>
    )
  ) : queue.error ? (
    <ErrorState error={queue.error} retry={() => void queue.refetch()} />
  ) : (
    <div className="flex flex-col gap-3 px-5 pb-5">
      <Skeleton className="h-36" />
      {Array.from({ length: 7 }, (_, i) => (
        <Skeleton key={i} className="h-10" />
      ))}
    </div>
  );
  return (
    <Card
      flush
      title={<span id="queue">{t.overview.queue}</span>}
      about={leads.length > 0 ? t.overview.queueAbout(leads.length) : undefined}
      actions={
        <ButtonLink size="sm" variant="ghost" to={OPEN_LEADS}>
          {t.overview.queueAll}
        </ButtonLink>
      }
    >
      {body}
    </Card>
  );
}

function Worklist({ leads, canJudge, reload }: { leads: Lead[]; canJudge: boolean; reload: () => void }) {
  const navigate = useNavigate();
  const { hash } = useLocation();
  const [at, setAt] = useState(0);
  const [judged, setJudged] = useState<Record<string, Verdict>>({});
  const save = useVerdict();
  const list = useRef<HTMLOListElement>(null);
  const current = leads[Math.min(at, leads.length - 1)]!;
  const done = leads.every((l) => judged[l.id]);

  useEffect(() => {
    if (hash === "#queue") list.current?.querySelector<HTMLElement>("[aria-current] a")?.focus();
  }, [hash]);

  function move(step: number) {
    const next = Math.min(leads.length - 1, Math.max(0, at + step));
    setAt(next);
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>("[aria-current] a")?.focus());
  }

  function judge(lead: Lead, verdict: Verdict) {
    if (!canJudge) return;
    setJudged((j) => ({ ...j, [lead.id]: verdict }));
    const next = leads.findIndex((l, i) => i > at && !judged[l.id]);
    if (next >= 0) setAt(next);
    const back = () => setJudged(({ [lead.id]: _, ...rest }) => rest);
    save.mutate(
      { id: lead.id, verdict },
      {
        onSuccess: () =>
          toast({
            tone: "good",
            title: t.overview.verdictSaved(t.verdict[verdict], leadName(lead)),
            action: {
              label: t.actions.undo,
              run: () => save.mutate({ id: lead.id, verdict: null }, { onSuccess: back }),
            },
          }),
        onError: (e) => {
          back();
          toast({ tone: "bad", title: t.overview.verdictFailed, text: e.message });
        },
      },
    );
  }

  useShortcuts({
    j: () => move(1),
    k: () => move(-1),
    Enter: (e) => {
      if (!(e.target instanceof HTMLAnchorElement || e.target instanceof HTMLButtonElement)) void navigate(paths.lead(current.id));
    },
    "1": () => judge(current, "good"),
    "2": () => judge(current, "was_hot"),
    "3": () => judge(current, "junk"),
  });

  if (done)
    return (
      <EmptyState
        icon={CircleCheckBig}
        title={t.overview.queueDoneTitle}
        action={
          <>
            <Button variant="primary" onClick={() => { setJudged({}); setAt(0); reload(); }}>
              {t.actions.refresh}
            </Button>
            <ButtonLink to={OPEN_LEADS}>{t.overview.queueAll}</ButtonLink>
          </>
        }
      >
        {t.overview.queueDoneText(leads.length)}
      </EmptyState>
    );

  return (
    <ol ref={list} className="border-t">
      {leads.map((lead, i) => (
        <li key={lead.id} aria-current={i === at ? "true" : undefined} className="border-b last:border-b-0">
          {i === at ? (
            <CurrentLead
              lead={lead}
              place={t.overview.rank(i + 1, leads.length)}
              verdict={judged[lead.id]}
              judge={canJudge ? (v) => judge(lead, v) : undefined}
              next={i + 1 < leads.length ? () => move(1) : undefined}
            />
          ) : (
            <WaitingLead lead={lead} verdict={judged[lead.id]} choose={() => setAt(i)} />
          )}
        </li>
      ))}
    </ol>
  );
}

interface CurrentProps {
  lead: Lead;
  place: string;
  verdict: Verdict | undefined;
  judge: ((v: Verdict) => void) | undefined;
  next: (() => void) | undefined;
}

function CurrentLead({ lead, place, verdict, judge, next }: CurrentProps) {
  const about = [lead.role, lead.company].filter(Boolean).join(" · ");
  return (
    <div className="border-l-3 border-l-accent bg-tint/45 px-5 py-4">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0 flex-1 basis-64">
          <p className="text-xs text-soft">{place}</p>
          <p className="foreign text-xl font-semibold tracking-tight">
            <Link to={paths.lead(lead.id)} className="underline-offset-2 hover:underline">
              {leadName(lead)}
            </Link>
          </p>
          {about && <p className="foreign text-soft">{about}</p>}
          {(lead.reason || lead.model !== "rule") && <p className="foreign mt-2 flex items-start gap-2">
            <Lightbulb aria-hidden className="mt-0.5 size-4 shrink-0 text-accent" />
            <span>
              <span className="sr-only">{t.overview.why}: </span>
              {lead.reason || t.overview.noReason}
            </span>
          </p>}
        </div>
        <div className="w-full sm:w-56">
          <div className="mb-1.5 flex items-center justify-between gap-2">
            <HeatBadge heat={lead.heat} />
            {isScored(lead) && <span className="tnum text-sm text-soft">{t.overview.scoreOf(lead.score)}</span>}
          </div>
          {isScored(lead) && <ProbabilityBar compact probability={lead.probability} heat={lead.heat} />}
        </div>
      </div>
      <div className="mt-3 flex flex-wrap items-center gap-2">
        {judge && (
          <span role="group" aria-label={t.overview.verdictFor(leadName(lead))} className="flex flex-wrap gap-2">
            {VERDICTS.map((v, i) => (
              <Button key={v} size="sm" aria-pressed={verdict === v} title={t.verdictHint[v]} onClick={() => judge(v)} className={verdict === v ? "bg-tint!" : undefined}>
                {t.verdict[v]} <Kbd>{String(i + 1)}</Kbd>
              </Button>
            ))}
          </span>
        )}
        <span className="ml-auto flex gap-2">
          {next && (
            <Button size="sm" variant="ghost" icon={ArrowDown} onClick={next}>
              {t.overview.next}
            </Button>
          )}
          <ButtonLink size="sm" variant="primary" to={paths.lead(lead.id)}>
            {t.overview.open}
          </ButtonLink>
        </span>
      </div>
    </div>
  );
}

function WaitingLead({ lead, verdict, choose }: { lead: Lead; verdict: Verdict | undefined; choose: () => void }) {
  return (
    <button
      type="button"
      onClick={choose}
      className={cx(
        "grid w-full grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-0.5 px-5 py-2 text-left -outline-offset-2 hover:bg-hover md:grid-cols-[minmax(0,2fr)_minmax(0,3fr)_auto]",
        verdict && "opacity-70",
      )}
    >
      <span className="min-w-0 truncate">
        <span className="font-medium">{leadName(lead)}</span>
        {lead.company && lead.company !== leadName(lead) && <span className="text-soft"> · {lead.company}</span>}
      </span>
      <span className="min-w-0 truncate text-sm text-soft max-md:order-3 max-md:col-span-2">{lead.reason}</span>
      <span className="flex items-center gap-2">
        {verdict ? <Chip tone="good">{t.verdict[verdict]}</Chip> : <HeatBadge heat={lead.heat} />}
        <span className="tnum w-9 text-right font-semibold" title={isScored(lead) ? percent(lead.probability) : undefined}>
          {isScored(lead) ? number(lead.score) : "–"}
        </span>
      </span>
    </button>
  );
}
