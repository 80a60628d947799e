// SPDX-License-Identifier: Apache-2.0
// What is decided about a file so far, kept per upload while the window is open: stepping back and
// forth, an ended session or a reload loses nothing.
import { useState } from "react";
import type { Decision, Meaning, OutcomeValue, Upload, UploadColumn } from "./api";

export const meaningOf = (d: Decision, value: string): Meaning =>
  d.outcome?.won.includes(value) ? "won" : d.outcome?.lost.includes(value) ? "lost" : "open";

export function withMeaning(d: Decision, value: string, meaning: Meaning): Decision {
  if (!d.outcome) return d;
  const without = (list: string[]) => list.filter((x) => x !== value);
  return {
    ...d,
    outcome: {
      ...d.outcome,
      won: meaning === "won" ? [...without(d.outcome.won), value] : without(d.outcome.won),
      lost: meaning === "lost" ? [...without(d.outcome.lost), value] : without(d.outcome.lost),
    },
  };
}

export const guessedMeanings = (values: OutcomeValue[]) => ({
  won: values.filter((v) => v.guess === "won").map((v) => v.value),
  lost: values.filter((v) => v.guess === "lost").map((v) => v.value),
});

export function countsOf(d: Decision, values: OutcomeValue[], known: { won: number; lost: number; open: number } | undefined) {
  const counts = { won: 0, lost: 0, open: 0 };
  let listed = 0;
  for (const v of values) {
    counts[meaningOf(d, v.value)] += v.count;
    listed += v.count;
  }
  // Blank cells are not among the values; they are open.
  if (known) counts.open += Math.max(0, known.won + known.lost + known.open - listed);
  return counts;
}

/** Fields that more than one column is mapped to, with those columns. */
export function clashes(mapping: Record<string, string>, columns: UploadColumn[]) {
  const by = new Map<string, string[]>();
  for (const c of columns) {
    const field = mapping[c.name] ?? c.field;
    if (field === "attribute" || field === "ignore") continue;
    by.set(field, [...(by.get(field) ?? []), c.name]);
  }
  return [...by].filter(([, names]) => names.length > 1).map(([field, names]) => ({ field, names }));
}

/** Fields that tell whether a row is a lead that is there already; one of them is needed. */
export const KEYS = ["external_id", "email"];
export const hasKey = (mapping: Record<string, string>) => Object.values(mapping).some((f) => KEYS.includes(f));

function guessed(u: Upload): Decision {
  return {
    mapping: Object.fromEntries((u.columns ?? []).map((c) => [c.name, c.field])),
    ...(u.outcome ? { outcome: { column: u.outcome.column, won: u.outcome.won ?? [], lost: u.outcome.lost ?? [] } } : {}),
    mode: "upsert",
  };
}

const slot = (id: string) => `heatscore.upload.${id}`;

function kept(u: Upload): Decision | null {
  try {
    const d = JSON.parse(sessionStorage.getItem(slot(u.id)) ?? "null") as Decision | null;
    // Of another reading of the file: its columns are others.
    return d && (u.columns ?? []).every((c) => c.name in d.mapping) ? d : null;
  } catch {
    return null;
  }
}

export function useDecision(u: Upload) {
  const [decision, setDecision] = useState(() => kept(u) ?? guessed(u));
  function decide(next: Decision) {
    setDecision(next);
    try {
      sessionStorage.setItem(slot(u.id), JSON.stringify(next));
    } catch {
      // Not kept then.
    }
  }
  return [decision, decide] as const;
}
