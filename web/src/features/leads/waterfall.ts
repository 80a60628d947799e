// SPDX-License-Identifier: Apache-2.0
import { t } from "@/lib/strings/detail";
import type { Explanation, Reason } from "@/lib/types";

export interface Step {
  key: string;
  label: string;
  /** What it adds; for the last line, the whole. */
  points: number;
  from: number;
  to: number;
  kind: "ground" | "reason" | "rest" | "sum";
  reason?: Reason;
}

/** What reads the same is one reason: a span between two dates has a part from either column. */
function together(reasons: Reason[]): Reason[] {
  const by = new Map<string, Reason>();
  for (const r of reasons) {
    const before = by.get(r.text);
    by.set(r.text, before ? { ...before, points: before.points + r.points, probability: before.probability + r.probability } : r);
  }
  return [...by.values()].sort((a, b) => Math.abs(b.points) - Math.abs(a.points));
}

/** The lines from the share of won leads to the score: each begins where the one before ended. */
export function waterfall(score: Explanation): Step[] {
  const steps: Step[] = [];
  let at = 0;
  const add = (key: string, label: string, points: number, kind: Step["kind"], reason?: Reason) => {
    steps.push({ key, label, points, from: at, to: at + points, kind, ...(reason ? { reason } : {}) });
    at += points;
  };
  if (score.base) add("base", t.detail.base, score.base.points, "ground");
  if (score.average && score.average.points !== 0) add("average", t.detail.average, score.average.points, "rest");
  for (const [i, r] of together(score.reasons).entries()) add(`r${i}`, r.text, r.points, "reason", r);
  if (score.rest && score.rest.points !== 0) add("rest", t.detail.rest, score.rest.points, "rest");
  // The server rounds so that the lines add up; should they not, the gap is shown and not hidden.
  if (steps.length > 0 && at !== score.score) add("gap", t.detail.rest, score.score - at, "rest");
  steps.push({ key: "sum", label: t.detail.sum, points: score.score, from: 0, to: score.score, kind: "sum" });
  return steps;
}

/** The range that all lines need. */
export function span(steps: Step[]) {
  const ends = steps.flatMap((s) => [s.from, s.to]);
  return { low: Math.min(0, ...ends), high: Math.max(1, ...ends) };
}
