// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { Lightbulb } from "lucide-react";
import { cx } from "@/lib/cx";
import { dateTime, number, percent, sentence, signed } from "@/lib/format";
import { paths } from "@/lib/paths";
import { t } from "@/lib/strings/detail";
import type { Explanation, Lead } from "@/lib/types";
import { ButtonLink } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { EmptyState, ErrorState, SkeletonLines } from "@/ui/states";
import { explanationQuery } from "./api";
import { span, type Step, waterfall } from "./waterfall";

/** Why the lead has its score, why that moved, and what would make it hot. */
export function Reasons({ lead }: { lead: Lead }) {
  const query = useQuery(explanationQuery(lead.id));
  const e = query.data;
  if (!e)
    return (
      <Card title={t.detail.reasons}>
        {query.error ? <ErrorState error={query.error} retry={() => void query.refetch()} /> : <SkeletonLines lines={9} />}
      </Card>
    );
  return (
    <>
      <Card flush title={t.detail.reasons} about={t.detail.reasonsAbout}>
        {e.reasons.length > 0 || e.base ? (
          <Waterfall score={e} />
        ) : (
          <NoReasons rule={!lead.model || lead.model === "rule"} />
        )}
      </Card>
      <div className="grid items-start gap-5 md:grid-cols-[repeat(auto-fit,minmax(18rem,1fr))]">
        <Moved moved={e.moved} />
        <Reach e={e} />
      </div>
    </>
  );
}

function NoReasons({ rule }: { rule: boolean }) {
  if (!rule) return <EmptyState icon={Lightbulb} title={t.detail.reasonsNone} className="py-6" />;
  return (
    <EmptyState
      icon={Lightbulb}
      title={t.detail.reasonsRule}
      className="py-6"
      action={
        <ButtonLink size="sm" to={paths.model}>
          {t.actions.trainModel}
        </ButtonLink>
      }
    >
      {t.detail.reasonsRuleText}
    </EmptyState>
  );
}

function Waterfall({ score }: { score: Explanation }) {
  const steps = waterfall(score);
  const range = span(steps);
  const reasons = steps.filter((s) => s.kind === "reason").length;
  return (
    <>
      <table className="w-full border-collapse text-left">
        <caption className="sr-only">
          {t.detail.reasonsSum(score.base ? percent(score.base.probability) : "0", reasons, score.score)}
        </caption>
        <thead>
          <tr className="border-b text-sm text-soft">
            <th scope="col" className="py-2 pr-3 pl-5 font-medium">{t.detail.reasonColumn}</th>
            <td aria-hidden className="w-2/5 max-md:hidden" />
            <th scope="col" className="px-3 py-2 text-right font-medium">{t.detail.pointsColumn}</th>
            <th scope="col" className="py-2 pr-5 pl-3 text-right font-medium">{t.detail.totalColumn}</th>
          </tr>
        </thead>
        <tbody>
          {steps.map((step) => (
            <Line key={step.key} step={step} range={range} />
          ))}
        </tbody>
      </table>
    </>
  );
}

const FILL = (s: Step) =>
  s.kind === "sum" ? "bg-ink" : s.kind === "ground" ? "bg-mute" : s.points < 0 ? "bg-edge" : s.kind === "rest" ? "bg-accent/55" : "bg-accent";

function Line({ step, range }: { step: Step; range: { low: number; high: number } }) {
  const x = (v: number) => ((v - range.low) / (range.high - range.low)) * 100;
  const left = x(Math.min(step.from, step.to));
  const width = Math.max(0.6, Math.abs(x(step.to) - x(step.from)));
  const evidence = step.reason?.evidence;
  const said = evidence && ![number(evidence.count), String(evidence.count)].some((n) => step.reason!.text.includes(n)) ? t.detail.evidence(evidence.won, evidence.count) : null;
  return (
    <tr className={cx("border-b last:border-b-0", step.kind === "sum" && "font-semibold")}>
      <th scope="row" className={cx("foreign py-2 pr-3 pl-5 text-left font-normal", step.kind === "sum" && "font-semibold", step.kind !== "reason" && step.kind !== "sum" && "text-soft")}>
        {sentence(step.label)}
        {said && <span className="block text-sm font-normal text-soft">{said}</span>}
      </th>
      <td aria-hidden className="py-2 max-md:hidden">
        <div className="relative h-4">
          <div className={cx("absolute inset-y-0 rounded-sm", FILL(step))} style={{ left: `${left}%`, width: `${width}%` }} />
        </div>
      </td>
      <td className={cx("tnum px-3 py-2 text-right whitespace-nowrap", step.kind === "reason" && "font-semibold")}>
        {step.kind === "sum" ? "" : step.kind === "ground" ? number(step.points) : signed(step.points)}
      </td>
      <td className="tnum py-2 pr-5 pl-3 text-right whitespace-nowrap text-soft">{number(step.to)}</td>
    </tr>
  );
}

const shown = (v: string | number | null | undefined) => (v === undefined || v === null || v === "" ? t.unit.empty : String(v));

function Changes({ changes }: { changes: { column: string; from?: string | number | null; to?: string | number | null }[] }) {
  if (changes.length === 0) return null;
  return (
    <ul className="mt-2 flex flex-col gap-1 text-sm">
      {changes.map((c) => (
        <li key={c.column} className="foreign rounded-md bg-sunken px-2 py-1">
          {t.detail.change(c.column, shown(c.from), shown(c.to))}
        </li>
      ))}
    </ul>
  );
}

function Moved({ moved }: Pick<Explanation, "moved">) {
  if (!moved)
    return (
      <Card title={t.detail.moved}>
        <p className="text-soft">{t.detail.movedNone}</p>
      </Card>
    );
  const parts = [
    [t.detail.movedData, moved.points.data],
    [t.detail.movedTime, moved.points.time],
    [t.detail.movedModel, moved.points.model],
  ] as const;
  return (
    <Card title={t.detail.moved} about={t.detail.movedFrom(moved.from.score, moved.to.score, dateTime(moved.from.at))}>
      <p className="foreign">{sentence(moved.text)}</p>
      <dl className="mt-2">
        {parts.map(([label, points]) => (
          <div key={label} className="flex justify-between gap-4 border-b py-1.5 last:border-b-0">
            <dt className="text-soft">{label}</dt>
            <dd className="tnum font-semibold">{signed(points)}</dd>
          </div>
        ))}
      </dl>
      <Changes changes={moved.changes ?? []} />
    </Card>
  );
}

function Reach({ e }: { e: Explanation }) {
  const { reach } = e;
  const text = !reach ? null : reach.already ? t.detail.reachAlready : reach.text || t.detail.reachNone;
  if (!reach || !text) return null;
  return (
    <Card title={t.detail.reach}>
      <p className="foreign">{sentence(text)}</p>
      {!reach.already && reach.reachable && <Changes changes={reach.changes ?? []} />}
      {!reach.already && reach.reachable && reach.score_after !== undefined && (
        <p className="mt-2 text-sm text-soft">{t.detail.reachTo(reach.score_after)}</p>
      )}
    </Card>
  );
}
