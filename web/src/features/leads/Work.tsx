// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from "react";
import { ago } from "@/lib/format";
import { usePeople } from "@/lib/people";
import { t } from "@/lib/strings/detail";
import type { Heat, Lead, Outcome, Verdict } from "@/lib/types";
import { Card } from "@/ui/Card";
import { HEATS, HeatIcon } from "@/ui/heat";
import { Segmented } from "@/ui/Segmented";
import { toast } from "@/ui/toast";
import { useOutcome, useOverride, useVerdict } from "./api";

const OUTCOMES: Outcome[] = ["open", "won", "lost"];
const VERDICTS: Verdict[] = ["good", "was_hot", "junk"];

function Part({ title, about, children }: { title: string; about: string; children: ReactNode }) {
  return (
    <div className="border-b py-3 first:pt-0 last:border-b-0 last:pb-0">
      <p className="font-medium">{title}</p>
      <p className="mb-2 text-sm text-soft">{about}</p>
      {children}
    </div>
  );
}

/** What a rep says about a lead: how it ended, whether the score was right, and a heat by hand. */
export function Work({ lead, canWrite }: { lead: Lead; canWrite: boolean }) {
  const who = usePeople();
  const outcome = useOutcome(lead.id);
  const verdict = useVerdict(lead.id);
  const override = useOverride(lead.id);
  const onError = (e: Error) => toast({ tone: "bad", title: t.errors.notSaved, text: e.message });
  // While a change is on its way its new value is shown already; should it fail, the old one returns.
  const shownOutcome = outcome.isPending ? outcome.variables : lead.outcome;
  const shownVerdict = (verdict.isPending ? verdict.variables.verdict : lead.verdict?.verdict) ?? "";
  const shownHeat = (override.isPending ? override.variables.heat : lead.override?.heat) ?? "";
  const by = lead.override;
  return (
    <Card title={t.detail.work}>
      <fieldset disabled={!canWrite} className="min-w-0">
        <Part title={t.detail.outcome} about={t.detail.outcomeAbout}>
          <Segmented<Outcome>
            label={t.detail.outcome}
            value={shownOutcome}
            onChange={(v) => outcome.mutate(v, { onError })}
            options={OUTCOMES.map((o) => ({ value: o, label: t.outcome[o] }))}
          />
        </Part>
        <Part title={t.detail.verdict} about={shownVerdict === "" ? t.detail.verdictAbout : `${t.verdict[shownVerdict]}: ${t.verdictHint[shownVerdict]}`}>
          <Segmented<Verdict | "">
            label={t.detail.verdict}
            value={shownVerdict}
            onChange={(v) => verdict.mutate({ verdict: v || null }, { onError })}
            options={[{ value: "", label: t.unit.none }, ...VERDICTS.map((v) => ({ value: v, label: t.verdict[v] }))]}
          />
        </Part>
        <Part title={t.detail.override} about={t.detail.overrideAbout}>
          <Segmented<Heat | "">
            label={t.detail.override}
            value={shownHeat}
            onChange={(h) => override.mutate({ heat: h || null }, { onError })}
            options={[
              { value: "", label: t.detail.overrideNone },
              ...HEATS.map((h) => ({ value: h, label: <><HeatIcon heat={h} className="size-3.5" />{t.heat[h]}</> })),
            ]}
          />
          {by && (
            <p className="foreign mt-2 text-sm text-soft">
              {t.detail.overriddenBy(t.heat[by.heat].toLowerCase(), who(by.by), ago(by.at))}
              {by.note && `: ${by.note}`}
            </p>
          )}
        </Part>
      </fieldset>
    </Card>
  );
}
