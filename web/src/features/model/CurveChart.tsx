// SPDX-License-Identifier: Apache-2.0
// A curve between 0 and 1, with the line that knowing nothing would give.
import { CartesianGrid, Line, LineChart, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { percent } from "@/lib/format";
import { axis, ChartTip, grid } from "@/ui/chart";

interface Props {
  points: [number, number][];
  x: string;
  y: string;
  /** From this point to that one. */
  chance?: [[number, number], [number, number]];
  mark?: { x: number; label: string } | undefined;
}

const whole = (p: number) => percent(p, 0);
const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1];

export default function CurveChart({ points, x, y, chance, mark }: Props) {
  const data = points.map(([px, py]) => ({ x: px, y: py }));
  const name = { fill: "var(--color-soft)", fontSize: 12 };
  return (
    <ResponsiveContainer width="100%" height="100%">
      <LineChart data={data} margin={{ top: 6, right: 12, bottom: 16, left: 2 }} accessibilityLayer={false}>
        <CartesianGrid {...grid} />
        <XAxis {...axis} type="number" dataKey="x" domain={[0, 1]} ticks={TICKS} tickFormatter={whole} label={{ value: x, position: "insideBottom", offset: -10, ...name }} />
        <YAxis {...axis} axisLine={false} type="number" domain={[0, 1]} ticks={TICKS} tickFormatter={whole} width={58} label={{ value: y, angle: -90, position: "insideLeft", offset: 4, style: { textAnchor: "middle" }, ...name }} />
        {chance && (
          <ReferenceLine
            segment={[
              { x: chance[0][0], y: chance[0][1] },
              { x: chance[1][0], y: chance[1][1] },
            ]}
            stroke="var(--color-soft)"
            strokeDasharray="5 4"
          />
        )}
        {mark && <ReferenceLine x={mark.x} stroke="var(--color-hot-fill)" label={{ value: mark.label, position: "insideTopRight", fill: "var(--color-hot)", fontSize: 12 }} />}
        <Tooltip
          isAnimationActive={false}
          content={({ active, payload }) => {
            const p = payload?.[0]?.payload as { x: number; y: number } | undefined;
            if (!active || !p) return null;
            return <ChartTip title={`${x}: ${percent(p.x)}`} rows={[{ label: y, value: percent(p.y) }]} />;
          }}
        />
        <Line dataKey="y" type="linear" dot={false} stroke="var(--color-accent)" strokeWidth={2} isAnimationActive={false} />
      </LineChart>
    </ResponsiveContainer>
  );
}
