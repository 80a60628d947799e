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

/** What the colours stand for, above the picture; in the order in which they are drawn. */
export function Legend({ items }: { items: { label: string; colour: string; line?: "solid" | "dashed" }[] }) {
  return (
    <ul className="flex flex-wrap justify-end gap-x-4 pr-3 pb-1 text-sm text-soft">
      {items.map((i) => (
        <li key={i.label} className="inline-flex items-center gap-1.5">
          {i.line ? (
            <span className="w-4 border-t-2" style={{ borderColor: i.colour, borderStyle: i.line }} />
          ) : (
            <span className="size-2.5 rounded-sm" style={{ background: i.colour }} />
          )}
          {i.label}
        </li>
      ))}
    </ul>
  );
}

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
