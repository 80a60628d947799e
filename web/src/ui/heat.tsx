// SPDX-License-Identifier: Apache-2.0
// Hot, warm and cold: always a colour, an icon and a word together.
import { Flame, Snowflake, Sun } from "lucide-react";
import { cx } from "@/lib/cx";
import { t } from "@/lib/strings";
import type { Heat } from "@/lib/types";

export const HEATS: Heat[] = ["hot", "warm", "cold"];

const ICON = { hot: Flame, warm: Sun, cold: Snowflake };
const INK = { hot: "text-hot", warm: "text-warm", cold: "text-cold" };
const CHIP = { hot: "bg-hot-tint text-hot", warm: "bg-warm-tint text-warm", cold: "bg-cold-tint text-cold" };
export const heatFill = { hot: "bg-hot-fill", warm: "bg-warm-fill", cold: "bg-cold-fill" };
export const heatColour = {
  hot: "var(--color-hot-fill)",
  warm: "var(--color-warm-fill)",
  cold: "var(--color-cold-fill)",
};

export function HeatIcon({ heat, className }: { heat: Heat; className?: string }) {
  const Icon = ICON[heat] ?? Snowflake;
  return <Icon aria-hidden className={cx("size-4 shrink-0", INK[heat], className)} />;
}

/** Without a heat it says that the lead waits for its first score. */
export function HeatBadge({ heat, className }: { heat: Heat | undefined; className?: string }) {
  if (!heat) return <span className={cx("text-sm whitespace-nowrap text-soft", className)}>{t.leads.unscored}</span>;
  const Icon = ICON[heat] ?? Snowflake;
  return (
    <span className={cx("inline-flex items-center gap-1 rounded-md px-1.5 py-0.5 text-sm font-semibold whitespace-nowrap", CHIP[heat], className)}>
      <Icon aria-hidden className="size-3.5 shrink-0" />
      {t.heat[heat]}
    </span>
  );
}
