// SPDX-License-Identifier: Apache-2.0
import { cx } from "@/lib/cx";

interface Props {
  label: string;
  /** 0 to 1; undefined is "no idea yet". */
  value?: number | undefined;
  text?: string;
  className?: string;
}

export function Progress({ label, value, text, className }: Props) {
  const p = value === undefined ? undefined : Math.round(Math.min(1, Math.max(0, value)) * 100);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={p}
      aria-valuetext={text}
      className={cx("h-2 w-full overflow-hidden rounded-full bg-grid", className)}
    >
      <div
        className={cx("h-full rounded-full bg-accent transition-[width] duration-300", p === undefined && "w-1/3 animate-pulse-soft")}
        style={p === undefined ? undefined : { width: `${p}%` }}
      />
    </div>
  );
}
