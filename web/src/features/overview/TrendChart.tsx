// SPDX-License-Identifier: Apache-2.0
import { Bar, CartesianGrid, ComposedChart, Line, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { compact, dayMonth, number } from "@/lib/format";
import { t } from "@/lib/strings/overview";
import type { TrendDay } from "@/lib/types";
import { axis, ChartTip, grid, Legend } from "@/ui/chart";

export default function TrendChart({ days }: { days: TrendDay[] }) {
  return (
    <div className="flex h-full flex-col">
      <Legend
        items={[
          { label: t.overview.trendNew, colour: "var(--color-mute)" },
          { label: t.overview.won, colour: "var(--color-accent)", line: "solid" },
          { label: t.overview.lost, colour: "var(--color-soft)", line: "dashed" },
        ]}
      />
      <div className="min-h-0 flex-1">
        <ResponsiveContainer width="100%" height="100%">
          <ComposedChart data={days} margin={{ top: 6, right: 8, bottom: 0, left: -12 }} accessibilityLayer={false}>
            <CartesianGrid {...grid} />
            <XAxis {...axis} dataKey="day" tickFormatter={dayMonth} minTickGap={36} />
            <YAxis {...axis} axisLine={false} tickFormatter={compact} allowDecimals={false} width={48} />
            <Tooltip
              isAnimationActive={false}
              cursor={{ fill: "var(--color-hover)" }}
              content={({ active, payload }) => {
                const d = payload?.[0]?.payload as TrendDay | undefined;
                if (!active || !d) return null;
                return (
                  <ChartTip
                    title={dayMonth(d.day)}
                    rows={[
                      { label: t.overview.trendNew, value: number(d.new), colour: "var(--color-mute)" },
                      { label: t.overview.won, value: number(d.won), colour: "var(--color-accent)" },
                      { label: t.overview.lost, value: number(d.lost), colour: "var(--color-soft)" },
                    ]}
                  />
                );
              }}
            />
            <Bar dataKey="new" fill="var(--color-mute)" radius={[2, 2, 0, 0]} isAnimationActive={false} />
            <Line dataKey="won" stroke="var(--color-accent)" strokeWidth={2.25} dot={false} isAnimationActive={false} type="monotone" />
            <Line dataKey="lost" stroke="var(--color-soft)" strokeWidth={1.5} strokeDasharray="4 3" dot={false} isAnimationActive={false} type="monotone" />
          </ComposedChart>
        </ResponsiveContainer>
      </div>
    </div>
  );
}
