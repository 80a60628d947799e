// SPDX-License-Identifier: Apache-2.0
import { ArrowDown, ArrowUp, Hand, Hourglass } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { ago, fullTime, money, number, percent, sentence } from "@/lib/format";
import { leadName } from "@/lib/lead";
import { paths } from "@/lib/paths";
import { t } from "@/lib/strings";
import { isScored, type Lead, type Outcome } from "@/lib/types";
import { Chip } from "@/ui/Chip";
import { HeatBadge } from "@/ui/heat";
import { ProbabilityBar } from "@/ui/ProbabilityBar";
import { fieldOf, isAttribute } from "./fields";

export const OUTCOME_TONE: Record<Outcome, "good" | "bad" | "plain"> = { won: "good", lost: "bad", open: "plain" };

/** The text of a field, as it is written and not yet shown. */
export function rawValue(lead: Lead, id: string): string | number | undefined {
  if (isAttribute(id)) return lead.attributes?.[id.slice(5)];
  const value = (lead as unknown as Record<string, unknown>)[id];
  if (Array.isArray(value)) return value.join(", ");
  if (id === "verdict") return lead.verdict ? t.verdict[lead.verdict.verdict] : undefined;
  return typeof value === "string" || typeof value === "number" ? value : undefined;
}

function Score({ lead }: { lead: Lead }) {
  if (lead.score === undefined) return <span className="text-soft">–</span>;
  const step = lead.previous?.score === undefined ? 0 : lead.score - lead.previous.score;
  const Arrow = step > 0 ? ArrowUp : ArrowDown;
  const said = step > 0 ? t.leads.up(step) : t.leads.down(-step);
  return (
    <span className="tnum inline-flex items-center gap-1 font-semibold">
      {lead.stale && <Hourglass role="img" aria-label={t.leads.stale} className="size-3.5 text-soft" />}
      {step !== 0 && <Arrow role="img" aria-label={said} className={step > 0 ? "size-3.5 text-good" : "size-3.5 text-soft"} />}
      {number(lead.score)}
    </span>
  );
}

function Heat({ lead }: { lead: Lead }) {
  return (
    <span className="inline-flex items-center gap-1.5">
      <HeatBadge heat={lead.heat} />
      {lead.override && <Hand role="img" aria-label={t.leads.overridden(t.heat[lead.override.heat])} className="size-3.5 text-soft" />}
    </span>
  );
}

export function NameCell({ lead, from }: { lead: Lead; from: string }) {
  const name = leadName(lead);
  return (
    <Link
      to={paths.lead(lead.id)}
      state={{ from }}
      title={name}
      className="block truncate rounded-sm font-medium underline-offset-2 [unicode-bidi:plaintext] hover:underline"
    >
      {name}
    </Link>
  );
}

/** One cell beside the name. */
export function Cell({ lead, id }: { lead: Lead; id: string }): ReactNode {
  switch (id) {
    case "heat":
      return <Heat lead={lead} />;
    case "score":
      return <Score lead={lead} />;
    case "probability":
      return isScored(lead) ? <ProbabilityBar compact probability={lead.probability} heat={lead.heat} /> : null;
    case "confidence":
      return lead.confidence === undefined ? null : percent(lead.confidence, 0);
    case "reason":
      return lead.reason ? (
        <span title={lead.reason} className="line-clamp-1 text-sm leading-4.5 text-pretty group-data-tall:line-clamp-2">
          {sentence(lead.reason)}
        </span>
      ) : null;
    case "outcome":
      return <Chip tone={OUTCOME_TONE[lead.outcome]}>{t.outcome[lead.outcome]}</Chip>;
    case "value":
      return lead.value === undefined ? null : money(lead.value, lead.currency);
  }
  const value = rawValue(lead, id);
  if (value === undefined || value === "") return null;
  if (fieldOf(id)?.kind === "date") return <span title={fullTime(String(value))}>{ago(String(value))}</span>;
  const text = typeof value === "number" ? number(value) : value;
  return (
    <span title={text} className="block truncate [unicode-bidi:plaintext]">
      {text}
    </span>
  );
}

export const isNumeric = (id: string) => ["number", "money", "share"].includes(fieldOf(id)?.kind ?? "") && id !== "probability";
