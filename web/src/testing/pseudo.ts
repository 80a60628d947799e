// SPDX-License-Identifier: Apache-2.0
// A catalogue in which every text is in brackets, with accents and a third longer: text that does not
// come from the catalogue shows, and so does what has no room to grow.
import { type Catalogue, en } from "@/lib/strings/all";

const ACCENTS: Record<string, string> = { a: "á", e: "é", i: "í", o: "ó", u: "ú", A: "Á", E: "É", I: "Í", O: "Ó", U: "Ú" };

const stretch = (s: string) =>
  `[${s.replace(/[aeiouAEIOU]/g, (c) => ACCENTS[c]!)}${"~".repeat(Math.ceil(s.length / 3))}]`;

function walk(value: unknown): unknown {
  if (typeof value === "string") return stretch(value);
  if (typeof value === "function") return (...args: unknown[]) => stretch(String((value as (...a: unknown[]) => unknown)(...args)));
  if (Array.isArray(value)) return value.map(walk);
  return Object.fromEntries(Object.entries(value as object).map(([k, v]) => [k, walk(v)]));
}

export const pseudo = walk(en) as Catalogue;
