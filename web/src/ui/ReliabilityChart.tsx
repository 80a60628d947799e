// SPDX-License-Identifier: Apache-2.0
// Promised against seen: points by group sized by count, 95 % bars, and the diagonal of a kept promise.
import { CartesianGrid, ErrorBar, ReferenceLine, ResponsiveContainer, Scatter, ScatterChart, Tooltip, XAxis, YAxis, ZAxis } from "recharts";
import { percent } from "@/lib/format";
import { t } from "@/lib/strings";
import type { ReliabilityBin } from "@/lib/types";
import { axis, ChartTip, grid } from "./chart";

const whole = (p: number) => percent(p, 0);

/** How many leads stand behind each point, below it: the plot's own edges are the axis and the margin. */
function Crowd({ bins, top }: { bins: ReliabilityBin[]; top: number }) {
  const most = Math.max(1, ...bins.map((b) => b.n));
  return (
    <div className="relative mt-1 mr-3 ml-[60px] h-10 border-b">
      <span className="absolute right-full bottom-0 w-14 pr-2 text-right text-[12px] text-soft">{t.chart.leads}</span>
      {bins.map((b) => (
        <span
          key={`${b.low} ${b.mean}`}
          className="absolute bottom-0 w-2.5 -translate-x-1/2 rounded-t-xs bg-mute"
          style={{ left: `${(b.mean / top) * 100}%`, height: `${Math.max(4, (b.n / most) * 100)}%` }}
        />
      ))}
    </div>
  );
}

/** The axes end at the next tenth above everything shown: most leads are far below 100 %. */
function ceiling(bins: ReliabilityBin[]) {
  const top = Math.max(0.1, ...bins.flatMap((b) => [b.mean, b.rate, b.rate_high ?? 0]));
  return Math.min(1, Math.ceil(top * 10) / 10);
}

export default function ReliabilityChart({ bins }: { bins: ReliabilityBin[] }) {
  const points = bins
    .filter((b) => b.n > 0)
    .map((b) => ({ ...b, spread: [Math.max(0, b.rate - (b.rate_low ?? b.rate)), Math.max(0, (b.rate_high ?? b.rate) - b.rate)] }));
  const top = ceiling(points);
  const ticks = Array.from({ length: Math.round(top * 10) + 1 }, (_, i) => i / 10).filter((_, i) => top <= 0.5 || i % 2 === 0);
  return (
    <div className="flex h-full flex-col">
      <div className="min-h-0 flex-1">
        <ResponsiveContainer width="100%" height="100%">
          <ScatterChart margin={{ top: 6, right: 12, bottom: 16, left: 2 }} accessibilityLayer={false}>
            <CartesianGrid {...grid} />
            <XAxis
              {...axis}
              type="number"
              dataKey="mean"
              domain={[0, top]}
              ticks={ticks}
              tickFormatter={whole}
              label={{ value: t.chart.promised, position: "insideBottom", offset: -10, fill: "var(--color-soft)", fontSize: 12 }}
            />
            <YAxis
              {...axis}
              axisLine={false}
              type="number"
              dataKey="rate"
              domain={[0, top]}
              ticks={ticks}
              tickFormatter={whole}
              width={58}
              label={{ value: t.chart.seen, angle: -90, position: "insideLeft", offset: 4, style: { textAnchor: "middle" }, fill: "var(--color-soft)", fontSize: 12 }}
            />
            <ZAxis dataKey="n" range={[40, 220]} />
            <ReferenceLine segment={[{ x: 0, y: 0 }, { x: top, y: top }]} stroke="var(--color-soft)" strokeDasharray="5 4" />
            <Tooltip
              isAnimationActive={false}
              cursor={false}
              content={({ active, payload }) => {
                const b = payload?.[0]?.payload as ReliabilityBin | undefined;
                if (!active || !b) return null;
                return (
                  <ChartTip
                    title={t.unit.leads(b.n)}
                    rows={[
                      { label: t.chart.promised, value: percent(b.mean) },
                      { label: t.chart.seen, value: percent(b.rate) },
                      ...(b.rate_low !== undefined && b.rate_high !== undefined
                        ? [{ label: t.chart.interval, value: t.unit.range(percent(b.rate_low), percent(b.rate_high)) }]
                        : []),
                    ]}
                  />
                );
              }}
            />
            <Scatter data={points} fill="var(--color-accent)" isAnimationActive={false}>
              <ErrorBar dataKey="spread" direction="y" isAnimationActive={false} width={0} strokeWidth={2} stroke="var(--color-accent)" opacity={0.55} />
            </Scatter>
          </ScatterChart>
        </ResponsiveContainer>
      </div>
      <Crowd bins={points} top={top} />
    </div>
  );
}
