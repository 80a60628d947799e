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
  marks?: Mark[];
  /** How far up the axis goes, and what its figures look like; a share of 1 when left out. */
  top?: number;
  shown?: (y: number) => string;
}

export interface Mark {
  x: number;
  label: string;
  kind: "hot" | "capacity";
}

const whole = (p: number) => percent(p, 0);
const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1];

// A word over a line stays legible.
const HALO = { paintOrder: "stroke", stroke: "var(--color-panel)", strokeWidth: 4, strokeLinejoin: "round" } as const;
const INK = {
  hot: { line: "var(--color-hot-fill)", text: "var(--color-hot)", dash: "0" },
  capacity: { line: "var(--color-ink)", text: "var(--color-ink)", dash: "2 3" },
};

export default function CurveChart({ points, x, y, chance, marks = [], top = 1, shown = percent }: Props) {
  const data = points.map(([px, py]) => ({ x: px, y: py }));
  const name = { fill: "var(--color-soft)", fontSize: 12 };
  return (
    <ResponsiveContainer width="100%" height="100%">
      <LineChart data={data} margin={{ top: 6, right: 12, bottom: 16, left: 2 }} accessibilityLayer={false}>
        <CartesianGrid {...grid} />
        <XAxis {...axis} type="number" dataKey="x" domain={[0, 1]} ticks={TICKS} tickFormatter={whole} label={{ value: x, position: "insideBottom", offset: -10, ...name }} />
        <YAxis {...axis} axisLine={false} type="number" domain={[0, top]} {...(top === 1 ? { ticks: TICKS, tickFormatter: whole } : { tickFormatter: (y: number) => shown(y), ticks: Array.from({ length: top + 1 }, (_, i) => i) })} width={58} label={{ value: y, angle: -90, position: "insideLeft", offset: 4, style: { textAnchor: "middle" }, ...name }} />
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
        {marks.map((m, i) => (
          <ReferenceLine
            key={m.kind}
            x={m.x}
            stroke={INK[m.kind].line}
            strokeWidth={1.5}
            strokeDasharray={INK[m.kind].dash}
            label={{ value: m.label, position: m.x > 0.6 ? "insideTopRight" : "insideTopLeft", fill: INK[m.kind].text, fontSize: 12, dy: i * 16, style: HALO }}
          />
        ))}
        <Tooltip
          isAnimationActive={false}
          content={({ active, payload }) => {
            const p = payload?.[0]?.payload as { x: number; y: number } | undefined;
            if (!active || !p) return null;
            return <ChartTip title={`${x}: ${percent(p.x)}`} rows={[{ label: y, value: shown(p.y) }]} />;
          }}
        />
        <Line dataKey="y" type="linear" dot={false} stroke="var(--color-accent)" strokeWidth={2} isAnimationActive={false} />
      </LineChart>
    </ResponsiveContainer>
  );
}
