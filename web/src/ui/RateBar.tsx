// SPDX-License-Identifier: Apache-2.0
// A share with its 95 % interval, as a bar in a table cell. Drawn in HTML: it costs no chart library.
import { cx } from "@/lib/cx";

interface Props {
  rate: number;
  low?: number | null | undefined;
  high?: number | null | undefined;
  /** What the full width stands for. */
  max: number;
  fill?: string;
}

export function RateBar({ rate, low, high, max, fill = "bg-accent" }: Props) {
  const at = (p: number) => `${Math.min(100, Math.max(0, (p / max) * 100))}%`;
  return (
    <div aria-hidden className="relative h-4 w-full min-w-16 rounded bg-grid">
      <div className={cx("h-full rounded", fill)} style={{ width: at(rate) }} />
      {typeof low === "number" && typeof high === "number" && (
        <div className="absolute top-1/2 h-0.5 -translate-y-1/2 bg-ink/70" style={{ left: at(low), width: `calc(${at(high)} - ${at(low)})` }} />
      )}
    </div>
  );
}
