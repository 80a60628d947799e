// SPDX-License-Identifier: Apache-2.0
import { CircleAlert, CircleCheck } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { ago, date, fullTime, list, number, percent } from "@/lib/format";
import { paths } from "@/lib/paths";
import { t } from "@/lib/strings/overview";
import type { Overview } from "@/lib/types";
import { Card } from "@/ui/Card";
import { Chip } from "@/ui/Chip";

const GOOD = new Set(["ok", "good", "stable", "none", "calibrated", "pass", "fine", "steady"]);

function Line({ label, children, title }: { label: string; children: ReactNode; title?: string }) {
  return (
    <div className="flex items-baseline justify-between gap-4 border-b py-2 last:border-b-0" title={title}>
      <dt className="text-soft">{label}</dt>
      <dd className="foreign min-w-0 text-right font-medium">{children}</dd>
    </div>
  );
}

function VerdictChip({ verdict }: { verdict: string }) {
  return <Chip tone={GOOD.has(verdict) ? "good" : "caution"}>{verdict}</Chip>;
}

/** The live model in four lines, and whether the machine is well. */
export function Health({ overview }: { overview: Overview }) {
  const { model, health, last_import: last } = overview;
  const rule = model.version === "rule";
  const bad = health.checks.filter((c) => !GOOD.has(c.status)).map((c) => c.name);
  return (
    <Card
      title={t.overview.health}
      actions={
        <Link to={paths.model} className="text-sm font-medium text-accent underline-offset-2 hover:underline">
          {t.overview.showModel}
        </Link>
      }
    >
      <dl>
        <Line label={rule ? t.overview.modelRule : t.overview.modelLive(model.version)}>
          {model.published_at ? <span title={fullTime(model.published_at)}>{t.overview.published(date(model.published_at))}</span> : "–"}
        </Line>
        {model.roc_auc !== undefined && (
          <Line label={t.overview.auc} title={t.overview.aucHint}>
            <span className="tnum">{number(model.roc_auc, 3)}</span>
          </Line>
        )}
        {model.ece !== undefined && (
          <Line label={t.overview.ece}>
            <span className="tnum">{percent(model.ece)}</span>
          </Line>
        )}
        {model.live && model.live.rows > 0 && (
          <Line label={t.overview.liveCheck}>
            {t.overview.liveText(model.live.seen, Math.round(model.live.expected), model.live.rows)}
          </Line>
        )}
        {!rule && (
          <Line label={t.overview.drift}>
            {model.drift ? <VerdictChip verdict={model.drift.verdict} /> : <span className="font-normal text-soft">{t.overview.driftNone}</span>}
          </Line>
        )}
        {last && (
          <Line label={t.overview.lastImport}>
            <Link to={paths.uploadOne(last.id)} className="text-accent underline-offset-2 hover:underline" title={fullTime(last.created_at)}>
              {last.filename ?? last.id} {last.created_at && `· ${ago(last.created_at)}`}
            </Link>
            {last.state === "failed" && <span className="text-bad"> · {t.jobs.states.failed}</span>}
          </Line>
        )}
        <Line label={t.overview.system}>
          <span className="inline-flex items-center gap-1.5">
            {bad.length === 0 ? (
              <CircleCheck aria-hidden className="size-4 text-good" />
            ) : (
              <CircleAlert aria-hidden className="size-4 text-bad" />
            )}
            {bad.length === 0 ? t.overview.systemOk : t.overview.systemBad(list(bad))}
          </span>
        </Line>
      </dl>
    </Card>
  );
}
