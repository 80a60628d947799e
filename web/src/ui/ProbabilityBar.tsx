// SPDX-License-Identifier: Apache-2.0
import { cx } from "@/lib/cx";
import { percent } from "@/lib/format";
import { t } from "@/lib/strings";
import type { Bands, Heat } from "@/lib/types";
import { HeatBadge, heatFill, HEATS, HeatIcon } from "./heat";

interface Props {
  probability: number;
  heat: Heat;
  /** How sure the model is of each heat; drawn as a second, stacked bar. */
  bands?: Bands | undefined;
  confidence?: number | undefined;
  /** One line for tables: number, bar, nothing below. */
  compact?: boolean;
  className?: string;
}

const clamp = (p: number) => Math.min(1, Math.max(0, p));

function Meter({ probability, heat, thick }: Pick<Props, "probability" | "heat"> & { thick: boolean }) {
  const p = clamp(probability);
  return (
    <div
      role="meter"
      aria-label={t.bar.label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(p * 1000) / 10}
      aria-valuetext={t.bar.value(percent(p), t.heat[heat])}
      className={cx("overflow-hidden rounded-full bg-grid", thick ? "h-3 w-full" : "h-1.5 min-w-8 flex-1")}
    >
      <div className={cx("h-full rounded-full", heatFill[heat])} style={{ width: `${Math.max(p * 100, 1.5)}%` }} />
    </div>
  );
}

/** The chance of winning as a number, a word and a bar. */
export function ProbabilityBar({ probability, heat, bands, confidence, compact = false, className }: Props) {
  if (compact)
    return (
      <div className={cx("flex items-center gap-2", className)}>
        <span className="tnum w-13 text-right">{percent(probability)}</span>
        <Meter probability={probability} heat={heat} thick={false} />
      </div>
    );
  return (
    <div className={cx("flex flex-col gap-2", className)}>
      <div className="flex items-baseline justify-between gap-3">
        <span className="tnum text-3xl font-semibold tracking-tight">{percent(probability)}</span>
        <HeatBadge heat={heat} />
      </div>
      <Meter probability={probability} heat={heat} thick />
      {bands && <BandMass bands={bands} />}
      {confidence !== undefined && (
        <p className="text-sm text-soft">{t.bar.confidence(percent(confidence, 0), t.heat[heat].toLowerCase())}</p>
      )}
    </div>
  );
}

function BandMass({ bands }: { bands: Bands }) {
  return (
    <div className="mt-1">
      <p className="mb-1 text-sm text-soft">{t.bar.bands}</p>
      <div aria-hidden className="flex h-1.5 gap-0.5 overflow-hidden rounded-full">
        {HEATS.map((h) => (
          <div key={h} className={heatFill[h]} style={{ flexGrow: clamp(bands[h] ?? 0), flexBasis: 0 }} />
        ))}
      </div>
      <ul className="mt-1.5 flex flex-wrap gap-x-4 gap-y-1 text-sm">
        {HEATS.map((h) => (
          <li key={h} className="inline-flex items-center gap-1">
            <HeatIcon heat={h} className="size-3.5" />
            {t.heat[h]} <span className="tnum text-soft">{percent(bands[h] ?? 0, 0)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
