// SPDX-License-Identifier: Apache-2.0
// Numbers, dates and lists as the reader's locale writes them. Formatters are kept: making one
// costs more than a table row.
const cache = new Map<string, unknown>();

function kept<T>(key: string, make: () => T): T {
  let f = cache.get(key) as T | undefined;
  if (f === undefined) cache.set(key, (f = make()));
  return f;
}

let locale: string | undefined;
let timeZone: string | undefined;

/** For tests and for a user's own time zone; undefined is the browser's. */
export function setFormat(next: { locale?: string | undefined; timeZone?: string | undefined }) {
  locale = next.locale;
  timeZone = next.timeZone;
  cache.clear();
}

export const zone = () => timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;

export function number(n: number, digits = 0) {
  return kept(`n${digits}`, () => new Intl.NumberFormat(locale, { maximumFractionDigits: digits, minimumFractionDigits: digits })).format(n);
}

export function compact(n: number) {
  return kept("c", () => new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 })).format(n);
}

/** 0.4213 as 42.1 %; shares that round to nothing stay visible. */
export function percent(p: number, digits = 1): string {
  if (p > 0 && digits === 0 && p < 0.005) return `<${percent(0.01, 0)}`;
  if (p > 0 && p < 0.0005 && digits < 2) digits = 2;
  return kept(`p${digits}`, () => new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: digits, minimumFractionDigits: digits })).format(p);
}

/** +11, −4, 0: the sign is always shown. */
export function signed(n: number, digits = 0) {
  return kept(`s${digits}`, () => new Intl.NumberFormat(locale, { signDisplay: "exceptZero", maximumFractionDigits: digits })).format(n);
}

export function money(n: number, currency: string | undefined) {
  const code = currency && /^[A-Za-z]{3}$/.test(currency) ? currency.toUpperCase() : undefined;
  if (!code) return number(n, Number.isInteger(n) ? 0 : 2);
  return kept(`m${code}`, () => new Intl.NumberFormat(locale, { style: "currency", currency: code, maximumFractionDigits: 0 })).format(n);
}

export function bytes(n: number) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  let i = 0;
  while (n >= 1000 && i < units.length - 1) {
    n /= 1000;
    i++;
  }
  const unit = units[i]!;
  return kept(`b${unit}`, () => new Intl.NumberFormat(locale, { style: "unit", unit, maximumFractionDigits: 1 })).format(n);
}

function valid(at: string | undefined | null): Date | null {
  if (!at) return null;
  const d = new Date(at);
  return Number.isNaN(d.getTime()) ? null : d;
}

export function date(at: string | undefined | null) {
  const d = valid(at);
  return d ? kept("d", () => new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone })).format(d) : "";
}

export function dateTime(at: string | undefined | null) {
  const d = valid(at);
  return d ? kept("dt", () => new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short", timeZone })).format(d) : "";
}

/** With the zone's name, for titles: there is never a doubt which clock is meant. */
export function fullTime(at: string | undefined | null) {
  const d = valid(at);
  return d
    ? kept("ft", () => new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long", timeZone })).format(d)
    : "";
}

export function dayMonth(at: string) {
  const d = valid(at);
  return d ? kept("dm", () => new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: at.length === 10 ? "UTC" : timeZone })).format(d) : at;
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/** "3 days ago", "in 2 hours", "now". */
export function ago(at: string | undefined | null, now = Date.now()) {
  const d = valid(at);
  if (!d) return "";
  const s = (d.getTime() - now) / 1000;
  const f = kept("ago", () => new Intl.RelativeTimeFormat(locale, { numeric: "auto" }));
  for (const [unit, size] of STEPS) if (Math.abs(s) >= size) return f.format(Math.round(s / size), unit);
  return f.format(0, "second");
}

export function duration(seconds: number) {
  const f = (n: number, unit: string) =>
    kept(`u${unit}`, () => new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "narrow" })).format(n);
  seconds = Math.max(0, Math.round(seconds));
  if (seconds < 60) return f(seconds, "second");
  if (seconds < 3600) return `${f(Math.floor(seconds / 60), "minute")} ${f(seconds % 60, "second")}`;
  return `${f(Math.floor(seconds / 3600), "hour")} ${f(Math.floor((seconds % 3600) / 60), "minute")}`;
}

const RTL = "\\u0590-\\u08ff\\ufb1d-\\ufdff\\ufe70-\\ufefc";
const RTL_RUN = new RegExp(`[${RTL}](?:[\\s\\p{P}]*[${RTL}])*`, "gu");

/** A sentence of ours with values in it that may run from right to left: each keeps to itself, and the
 * figures behind it stay where they are. */
export const sentence = (text: string) => text.replace(RTL_RUN, "\u2068$&\u2069");

export function list(items: string[]) {
  return kept("l", () => new Intl.ListFormat(locale, { type: "conjunction" })).format(items);
}

export function plural(n: number, one: string, other: string) {
  const rule = kept("pl", () => new Intl.PluralRules("en")).select(n);
  return `${number(n)} ${rule === "one" ? one : other}`;
}
