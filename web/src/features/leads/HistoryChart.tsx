// SPDX-License-Identifier: Apache-2.0
import { CartesianGrid, Line, LineChart, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { dateTime, dayMonth, number } from "@/lib/format";
import { t } from "@/lib/strings/detail";
import type { ScorePoint } from "@/lib/types";
import { axis, ChartTip, grid } from "@/ui/chart";
import { heatColour } from "@/ui/heat";

/** Oldest first. A dashed line stands where another model took over. */
export default function HistoryChart({ points }: { points: ScorePoint[] }) {
  const data = points.map((p) => ({ ...p, ms: Date.parse(p.at) }));
  const changes = data.filter((p, i) => i > 0 && p.model !== data[i - 1]!.model);
  return (
    <ResponsiveContainer width="100%" height="100%">
      <LineChart data={data} margin={{ top: 16, right: 12, bottom: 0, left: -10 }} accessibilityLayer={false}>
        <CartesianGrid {...grid} />
        <XAxis {...axis} dataKey="ms" type="number" scale="time" domain={["dataMin", "dataMax"]} tickFormatter={(ms: number) => dayMonth(new Date(ms).toISOString())} minTickGap={40} />
        <YAxis {...axis} axisLine={false} domain={[0, 100]} ticks={[0, 25, 50, 75, 100]} width={48} />
        {changes.map((c) => (
          <ReferenceLine key={c.ms} x={c.ms} stroke="var(--color-edge)" strokeDasharray="4 3" label={{ value: c.model, position: "top", fill: "var(--color-soft)", fontSize: 12 }} />
        ))}
        <Tooltip
          isAnimationActive={false}
          content={({ active, payload }) => {
            const p = payload?.[0]?.payload as ScorePoint | undefined;
            if (!active || !p) return null;
            return (
              <ChartTip
                title={dateTime(p.at)}
                rows={[
                  { label: t.fields.score, value: number(p.score) },
                  ...(p.heat ? [{ label: t.heat.label, value: t.heat[p.heat], colour: heatColour[p.heat] }] : []),
                  { label: t.detail.model, value: p.model },
                ]}
              />
            );
          }}
        />
        <Line dataKey="score" type="stepAfter" stroke="var(--color-accent)" strokeWidth={2.25} dot={{ r: 3, fill: "var(--color-accent)" }} isAnimationActive={false} />
      </LineChart>
    </ResponsiveContainer>
  );
}
