// SPDX-License-Identifier: Apache-2.0
// What all Recharts charts share; only lazily loaded chart files import this.
import type { ReactNode } from "react";

export const axis = {
  tick: { fill: "var(--color-soft)", fontSize: 12 },
  tickLine: false,
  axisLine: { stroke: "var(--color-mute)" },
  tickMargin: 6,
} as const;

export const grid = { stroke: "var(--color-grid)", vertical: false } as const;

/** The box beside the pointer. */
export function ChartTip({ title, rows }: { title: ReactNode; rows: { label: string; value: string; colour?: string }[] }) {
  return (
    <div className="rounded-lg border bg-panel px-3 py-2 text-sm shadow-pop">
      <p className="font-medium">{title}</p>
      {rows.map((r) => (
        <p key={r.label} className="flex items-center justify-between gap-4">
          <span className="inline-flex items-center gap-1.5 text-soft">
            {r.colour && <span className="size-2 rounded-full" style={{ background: r.colour }} />}
            {r.label}
          </span>
          <span className="tnum font-medium">{r.value}</span>
        </p>
      ))}
    </div>
  );
}
