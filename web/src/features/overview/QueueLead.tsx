// SPDX-License-Identifier: Apache-2.0
import { ArrowDown, Lightbulb } from "lucide-react";
import { Link } from "react-router";
import { cx } from "@/lib/cx";
import { number, percent, sentence } from "@/lib/format";
import { leadName } from "@/lib/lead";
import { paths } from "@/lib/paths";
import { t } from "@/lib/strings/overview";
import { isScored, type Lead, type Verdict } from "@/lib/types";
import { Button, ButtonLink } from "@/ui/Button";
import { Chip } from "@/ui/Chip";
import { HeatBadge } from "@/ui/heat";
import { Kbd } from "@/ui/Kbd";
import { ProbabilityBar } from "@/ui/ProbabilityBar";

const VERDICTS: Verdict[] = ["good", "was_hot", "junk"];

interface CurrentProps {
  lead: Lead;
  place: string;
  verdict: Verdict | undefined;
  judge: ((v: Verdict) => void) | undefined;
  next: (() => void) | undefined;
}

/** The lead at hand, with what can be said of it. */
export function CurrentLead({ lead, place, verdict, judge, next }: CurrentProps) {
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
              {lead.reason ? sentence(lead.reason) : t.overview.noReason}
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

/** One of the others; a click makes it the one at hand. */
export function WaitingLead({ lead, verdict, choose }: { lead: Lead; verdict: Verdict | undefined; choose: () => void }) {
  return (
    <button
      type="button"
      onClick={choose}
      className={cx(
        "grid w-full grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-0.5 px-5 py-2 text-left -outline-offset-2 hover:bg-hover md:grid-cols-[minmax(0,2fr)_minmax(0,3fr)_auto]",
        verdict && "text-soft",
      )}
    >
      <span className="min-w-0 truncate">
        <span className={cx(!verdict && "font-medium")}>{leadName(lead)}</span>
        {lead.company && lead.company !== leadName(lead) && <span className="text-soft"> · {lead.company}</span>}
      </span>
      <span className="min-w-0 truncate text-sm text-soft max-md:order-3 max-md:col-span-2">{lead.reason && sentence(lead.reason)}</span>
      <span className="flex items-center gap-2">
        {verdict ? <Chip tone="good">{t.verdict[verdict]}</Chip> : <HeatBadge heat={lead.heat} />}
        <span className="tnum w-9 text-right font-semibold" title={isScored(lead) ? percent(lead.probability) : undefined}>
          {isScored(lead) ? number(lead.score) : "–"}
        </span>
      </span>
    </button>
  );
}
