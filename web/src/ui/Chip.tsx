// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from "react";
import { cx } from "@/lib/cx";
import type { Tone } from "./Notice";

const LOOK: Record<Tone | "plain", string> = {
  plain: "bg-sunken text-soft inset-ring inset-ring-line",
  info: "bg-tint text-accent",
  good: "bg-good-tint text-good",
  caution: "bg-caution text-warm",
  bad: "bg-bad-tint text-bad",
};

/** A short word with a meaning: a state, a role, a tag. */
export function Chip({ tone = "plain", children, className }: { tone?: Tone | "plain"; children: ReactNode; className?: string }) {
  return (
    <span className={cx("foreign inline-flex max-w-full items-center gap-1 rounded-md px-1.5 py-0.5 text-sm font-medium", LOOK[tone], className)}>
      {children}
    </span>
  );
}
