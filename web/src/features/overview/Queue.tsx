// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { CircleCheckBig, Coffee } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { leadName } from "@/lib/lead";
import { paths } from "@/lib/paths";
import { useShortcuts } from "@/lib/shortcuts";
import { t } from "@/lib/strings/overview";
import type { Lead, Verdict } from "@/lib/types";
import { Button, ButtonLink } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { EmptyState, ErrorState, Skeleton } from "@/ui/states";
import { toast } from "@/ui/toast";
import { queueQuery, useVerdict } from "./api";
import { CurrentLead, WaitingLead } from "./QueueLead";

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
