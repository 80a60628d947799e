// SPDX-License-Identifier: Apache-2.0
import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { number, percent } from "@/lib/format";
import { t } from "@/lib/strings/model";
import { axis, ChartTip, grid, Legend } from "@/ui/chart";
import type { Metrics } from "./api";

type Bin = NonNullable<Metrics["histogram"]>[number];

export default function HistogramChart({ bins }: { bins: Bin[] }) {
  return (
    <div className="flex h-full flex-col">
      <Legend
        items={[
          { label: t.outcome.won, colour: "var(--color-good-fill)" },
          { label: t.outcome.lost, colour: "var(--color-edge)" },
        ]}
      />
      <div className="min-h-0 flex-1">
        <ResponsiveContainer width="100%" height="100%">
          <BarChart data={bins} margin={{ top: 6, right: 12, bottom: 16, left: -6 }} barCategoryGap={1} accessibilityLayer={false}>
            <CartesianGrid {...grid} />
            <XAxis
              {...axis}
              dataKey="low"
              tickFormatter={(p: number) => percent(p, 0)}
              interval={3}
              label={{ value: t.model.histogramX, position: "insideBottom", offset: -10, fill: "var(--color-soft)", fontSize: 12 }}
            />
            <YAxis {...axis} axisLine={false} width={56} tickFormatter={(n: number) => number(n)} />
            <Tooltip
              isAnimationActive={false}
              cursor={{ fill: "var(--color-hover)" }}
              content={({ active, payload }) => {
                const b = payload?.[0]?.payload as Bin | undefined;
                if (!active || !b) return null;
                return (
                  <ChartTip
                    title={t.unit.range(percent(b.low, 0), percent(b.high, 0))}
                    rows={[
                      { label: t.outcome.won, value: number(b.won), colour: "var(--color-good-fill)" },
                      { label: t.outcome.lost, value: number(b.lost), colour: "var(--color-edge)" },
                    ]}
                  />
                );
              }}
            />
            <Bar dataKey="lost" stackId="n" fill="var(--color-edge)" isAnimationActive={false} />
            <Bar dataKey="won" stackId="n" fill="var(--color-good-fill)" isAnimationActive={false} />
          </BarChart>
        </ResponsiveContainer>
      </div>
    </div>
  );
}
