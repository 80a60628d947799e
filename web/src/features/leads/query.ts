// SPDX-License-Identifier: Apache-2.0
// The list's state is its address: what is asked of the server, and how it is shown. A link shows a
// colleague the same leads, and Back works.
import { type ColumnId, DEFAULT_COLUMNS } from "./fields";

export const OPS = ["eq", "ne", "in", "nin", "gt", "gte", "lt", "lte", "contains", "starts", "empty"] as const;
export type Op = (typeof OPS)[number];

export interface Filter {
  field: string;
  op: Op;
  value: string;
}

/** How the list is shown; never sent to the server. */
const SHOWN = new Set(["cols", "density", "view"]);
/** What the server knows besides filters. */
const ASKED = new Set(["q", "sort", "limit", "cursor", "at", "fields", "reason"]);
const WITH_OP = /^(.+)\[(eq|ne|in|nin|gt|gte|lt|lte|contains|starts|empty)\]$/;

export const DEFAULT_SORT = "-score";

export function readFilters(params: URLSearchParams): Filter[] {
  const filters: Filter[] = [];
  for (const [key, value] of params) {
    if (SHOWN.has(key) || ASKED.has(key)) continue;
    const m = WITH_OP.exec(key);
    filters.push(m ? { field: m[1]!, op: m[2] as Op, value } : { field: key, op: "eq", value });
  }
  return filters;
}

const keyOf = (f: Pick<Filter, "field" | "op">) => (f.op === "eq" ? f.field : `${f.field}[${f.op}]`);

export const sameFilter = (a: Filter, b: Filter) => a.field === b.field && a.op === b.op && a.value === b.value;

/** The address with other filters; all that is no filter stays. */
export function withFilters(params: URLSearchParams, filters: Filter[]) {
  const next = new URLSearchParams();
  for (const [key, value] of params) if (SHOWN.has(key) || ASKED.has(key)) next.append(key, value);
  for (const f of filters) next.append(keyOf(f), f.value);
  return next;
}

export const valuesOf = (filters: Filter[], field: string) =>
  filters.filter((f) => f.field === field && (f.op === "eq" || f.op === "in")).flatMap((f) => f.value.split(",")).filter(Boolean);

/** Switches one value of a choice (heat=hot,warm) on or off. */
export function toggleValue(params: URLSearchParams, field: string, value: string) {
  const filters = readFilters(params);
  const now = valuesOf(filters, field);
  const values = now.includes(value) ? now.filter((v) => v !== value) : [...now, value];
  const rest = filters.filter((f) => f.field !== field);
  return withFilters(params, values.length > 0 ? [...rest, { field, op: "eq", value: values.join(",") }] : rest);
}

/** What the server is asked: filters, words and order, always in the same order of parameters. */
export function asked(params: URLSearchParams) {
  const next = new URLSearchParams();
  const q = params.get("q")?.trim();
  const sort = params.get("sort");
  if (q) next.set("q", q);
  if (sort && sort !== DEFAULT_SORT) next.set("sort", sort);
  for (const f of readFilters(params).sort((a, b) => keyOf(a).localeCompare(keyOf(b)))) next.append(keyOf(f), f.value);
  return next;
}

export const isFiltered = (params: URLSearchParams) => Boolean(params.get("q")?.trim()) || readFilters(params).length > 0;

/** The address without words and filters. */
export function cleared(params: URLSearchParams) {
  const next = withFilters(params, []);
  next.delete("q");
  return next;
}

export function readSort(params: URLSearchParams) {
  const sort = params.get("sort") || DEFAULT_SORT;
  return sort.startsWith("-") ? { id: sort.slice(1), desc: true } : { id: sort, desc: false };
}

/** The next order for a click on a header: best first for figures and dates, A first for words. */
export function nextSort(params: URLSearchParams, id: string, bestFirst: boolean) {
  const now = readSort(params);
  const desc = now.id === id ? !now.desc : bestFirst;
  return `${desc ? "-" : ""}${id}`;
}

/** Names with commas between; a comma or backslash in a name (headers of files have them) gets a backslash. */
export const joinNames = (names: string[]) => names.map((n) => n.replace(/[\\,]/g, "\\$&")).join(",");

export const splitNames = (text: string) =>
  (text.match(/(?:\\.|[^,\\]|\\$)+/gs) ?? []).map((n) => n.replace(/\\([\\,])/g, "$1"));

export function readColumns(params: URLSearchParams): ColumnId[] {
  const text = params.get("cols");
  if (!text) return DEFAULT_COLUMNS;
  return splitNames(text);
}

export function writeColumns(params: URLSearchParams, columns: ColumnId[]) {
  const next = new URLSearchParams(params);
  const text = joinNames(columns);
  if (text === DEFAULT_COLUMNS.join(",")) next.delete("cols");
  else next.set("cols", text);
  return next;
}
