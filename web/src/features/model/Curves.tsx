// SPDX-License-Identifier: Apache-2.0
import { lazy, type ReactNode } from "react";
import { Link } from "react-router";
import { number, percent } from "@/lib/format";
import { paths } from "@/lib/paths";
import { t } from "@/lib/strings/model";
import { ChartFrame } from "@/ui/ChartFrame";
import type { Metrics } from "./api";
import type { Mark } from "./CurveChart";

const ReliabilityChart = lazy(() => import("@/ui/ReliabilityChart"));
const CurveChart = lazy(() => import("./CurveChart"));
const HistogramChart = lazy(() => import("./HistogramChart"));
const HEIGHT = 260;
const FLAT: [[number, number], [number, number]] = [
  [0, 1],
  [1, 1],
];
const DIAGONAL: [[number, number], [number, number]] = [
  [0, 0],
  [1, 1],
];

/** The charts, and what else belongs beside them. */
export function Curves({ m, capacity, basis, children }: { m: Metrics; capacity: Capacity | undefined; basis: string; children?: ReactNode }) {
  const bins = (m.reliability ?? []).filter((b) => b.n > 0);
  // gain[i]: the share of wins among the best i percent of the leads.
  const gain = (m.gain ?? []).map((y, i, all): [number, number] => [i / Math.max(1, all.length - 1), y]);
  const fifth = gain.find(([x]) => x >= 0.2)?.[1] ?? 0;
  const base = m.base_rate ?? 0;
  const marks = marksOf(m, capacity);
  const lift = gain.filter(([x]) => x > 0).map(([x, y]): [number, number] => [x, y / x]);
  const reached = capacity && gain.find(([x]) => x >= shareOf(capacity))?.[1];
  const times = (y: number) => t.model.times(number(y, 1));
  return (
    <div className="grid items-start gap-5 lg:grid-cols-2">
      {bins.length > 0 && (
        <ChartFrame
          title={t.model.reliability}
          summary={t.model.reliabilitySummary(percent(m.ece?.value ?? 0))}
          about={basis}
          height={HEIGHT}
          head={[t.chart.promised, t.chart.seen, t.chart.intervalLow, t.chart.intervalHigh, t.chart.leads]}
          rows={bins.map((b) => [b.mean, b.rate, b.rate_low, b.rate_high, b.n])}
          shown={bins.map((b) => [percent(b.mean), percent(b.rate), ...[b.rate_low, b.rate_high].map((p) => (p === undefined ? "" : percent(p))), number(b.n)])}
        >
          <ReliabilityChart bins={bins} />
        </ChartFrame>
      )}
      {gain.length > 1 && (
        <ChartFrame
          title={t.model.gain}
          summary={[t.model.gainSummary(percent(fifth)), capacity && t.model.capacitySummary(capacity.perDay, capacity.open, percent(reached ?? 0))].filter(Boolean).join(" ")}
          about={basis}
          height={HEIGHT}
          head={[t.model.gainX, t.model.gainY]}
          rows={gain}
          shown={gain.map(([x, y]) => [percent(x, 0), percent(y)])}
          footer={
            !capacity && (
              <Link to={paths.settingsTab("server")} className="mt-1 block text-sm text-accent hover:underline">
                {t.model.capacityNone}
              </Link>
            )
          }
        >
          <CurveChart points={gain} x={t.model.gainX} y={t.model.gainY} chance={DIAGONAL} marks={marks} />
        </ChartFrame>
      )}
      {lift.length > 1 && (
        <ChartFrame
          title={t.model.liftCurve}
          summary={t.model.liftCurveSummary(times(fifth / 0.2))}
          about={basis}
          height={HEIGHT}
          head={[t.model.gainX, t.model.liftY]}
          rows={lift}
          shown={lift.map(([x, y]) => [percent(x, 0), times(y)])}
        >
          <CurveChart
            points={lift}
            x={t.model.gainX}
            y={t.model.liftY}
            chance={FLAT}
            marks={marks}
            top={Math.ceil(Math.max(2, ...lift.map(([, y]) => y)))}
            shown={times}
          />
        </ChartFrame>
      )}
      {m.roc && m.roc.length > 1 && (
        <ChartFrame
          title={t.model.roc}
          summary={t.model.rocSummary(number(m.roc_auc?.value ?? 0, 3))}
          about={basis}
          height={HEIGHT}
          head={[t.model.rocX, t.model.rocY]}
          rows={m.roc}
          shown={m.roc.map(([x, y]) => [percent(x), percent(y)])}
        >
          <CurveChart points={m.roc} x={t.model.rocX} y={t.model.rocY} chance={DIAGONAL} />
        </ChartFrame>
      )}
      {m.pr && m.pr.length > 1 && (
        <ChartFrame
          title={t.model.pr}
          summary={t.model.prSummary(number(m.pr_auc?.value ?? 0, 3), number(base, 3))}
          about={basis}
          height={HEIGHT}
          head={[t.model.prX, t.model.prY]}
          rows={m.pr}
          shown={m.pr.map(([x, y]) => [percent(x), percent(y)])}
        >
          <CurveChart
            points={m.pr}
            x={t.model.prX}
            y={t.model.prY}
            chance={[
              [0, base],
              [1, base],
            ]}
          />
        </ChartFrame>
      )}
      {m.histogram && m.histogram.length > 0 && (
        <ChartFrame
          title={t.model.histogram}
          summary={t.model.histogramSummary}
          about={basis}
          height={HEIGHT}
          head={[t.model.histogramX, t.outcome.won, t.outcome.lost]}
          rows={m.histogram.map((b) => [b.low, b.won, b.lost])}
          shown={m.histogram.map((b) => [t.unit.range(percent(b.low, 0), percent(b.high, 0)), number(b.won), number(b.lost)])}
        >
          <HistogramChart bins={m.histogram} />
        </ChartFrame>
      )}
      <div className="min-w-0 lg:col-span-2">{children}</div>
    </div>
  );
}

/** What the team can work in a day, of the leads that are open now. */
export interface Capacity {
  perDay: number;
  open: number;
}
const shareOf = (c: Capacity) => Math.min(1, c.perDay / c.open);

/** How far down the list the hot leads reach, and how far a day's work. */
function marksOf(m: Metrics, capacity: Capacity | undefined): Mark[] {
  const all = (m.by_heat ?? []).reduce((n, b) => n + b.leads, 0);
  const hot = m.by_heat?.find((b) => b.heat === "hot")?.leads;
  return [
    ...(all > 0 && hot ? [{ x: hot / all, label: t.heat.hot, kind: "hot" as const }] : []),
    ...(capacity ? [{ x: shareOf(capacity), label: t.model.capacityMark(capacity.perDay), kind: "capacity" as const }] : []),
  ];
}
