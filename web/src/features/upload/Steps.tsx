// SPDX-License-Identifier: Apache-2.0
import { Check } from "lucide-react";
import { cx } from "@/lib/cx";
import { t } from "@/lib/strings/upload";

export type Step = "file" | "map" | "outcome" | "check" | "import" | "done";
const STEPS = ["file", "map", "outcome", "check", "import"] as const;

/** Where one is, and what comes; steps that were passed lead back while nothing has been written. */
export function Steps({ now, onStep }: { now: Step; onStep?: (s: Step) => void }) {
  const at = now === "done" ? STEPS.length : STEPS.indexOf(now);
  return (
    <nav aria-label={t.upload.stepsLabel} className="mb-5 overflow-x-auto">
      <ol className="flex items-center gap-1">
        {STEPS.map((s, i) => {
          const done = i < at;
          const may = onStep && done && i > 0;
          const face = (
            <>
              <span
                className={cx(
                  "tnum flex size-6 shrink-0 items-center justify-center rounded-full text-sm font-semibold",
                  done ? "bg-good-tint text-good" : i === at ? "bg-accent text-on-accent" : "bg-sunken text-soft",
                )}
              >
                {done ? <Check aria-hidden className="size-4" /> : i + 1}
              </span>
              <span className={cx(i === at ? "font-semibold" : "text-soft max-sm:sr-only")}>{t.upload.steps[s]}</span>
              {done && <span className="sr-only">({t.upload.stepDone})</span>}
            </>
          );
          return (
            <li key={s} aria-current={i === at ? "step" : undefined} className="flex items-center gap-1">
              {i > 0 && <span aria-hidden className="h-px w-3 bg-mute sm:w-8" />}
              {may ? (
                <button type="button" onClick={() => onStep(s)} className="flex items-center gap-2 rounded-lg px-1.5 py-1 hover:bg-hover">
                  {face}
                </button>
              ) : (
                <span className="flex items-center gap-2 px-1.5 py-1">{face}</span>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
