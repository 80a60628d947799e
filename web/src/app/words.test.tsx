// SPDX-License-Identifier: Apache-2.0
// Every word on every page comes from the catalogue. It is put in brackets here, what the server says is
// in Greek and dates are Japanese: whatever else is in Latin letters was written into a component.
import { act, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { setFormat } from "@/lib/format";
import { en, setCatalogue } from "@/lib/strings/all";
import { makeLead, makeMe, makeOverview } from "@/testing/factories";
import { pseudo } from "@/testing/pseudo";
import { renderApp } from "@/testing/render";
import { mockServer, problem } from "@/testing/server";
import { AppRoutes } from "./Routes";

const AT = "2026-11-20T08:00:00Z";
const lead = makeLead({ name: "Άντα", email: "α@β.γ", company: "Ωμέγα", role: "Δ", source: "Π", reason: "Λόγος", model: "v2", owner: "Μ" });
const figure = (value: number) => ({ value, low: value - 0.01, high: value + 0.01 });
const version = (v: string, state: string) => ({ version: v, state, created_at: AT, rows: 4500, won: 1121, lost: 3172, roc_auc: 0.767, log_loss: 0.482, ece: 0.013, target: "Σ" });
const columns = [
  { name: "Α", field: "email", guess: "email", confidence: "sure", filled: 1, samples: ["α"], leak: { suspect: true, evidence: "Ε" } },
  { name: "Β", field: "attribute", guess: "attribute", confidence: "unsure", filled: 0.5, samples: [] },
];
const upload = {
  id: "01UP", filename: "Α.Ω", state: "review", created_at: AT, has_file: true, columns, preview: [["α", "β"]],
  dialect: { encoding: "", delimiter: ";", header_line: 3, has_header: true, product: "Π", notes: ["Σ"] },
  outcome: { column: "Β", won: ["β"], lost: [], counts: { won: 1, lost: 2, open: 3 }, values: [{ value: "β", count: 3, guess: "won" }], warning: "Ω" },
  check: {
    create: 9, update: 1, unchanged: 0, reject: 2, key: "email", problem_rows: 2,
    problems: [{ kind: "date order", column: "Α", count: 2, line: 3, found: "03/04/2026", detail: "Δ", expected: "Ε" }, { kind: "Κ", count: 1, found: "Φ", detail: "Δ", fix: "Χ" }],
    shown_rows: [{ line: 3, fixable: true, columns: ["Α"], cells: ["α", "β"] }, { line: 4, fixable: false, reason: "Ρ", columns: [], cells: [] }],
  },
  rows: { read: 9, created: 5, updated: 2, unchanged: 1, rejected: 1 },
};
const page = (items: object[]) => ({ items, next_cursor: null });
const server = mockServer({
  "GET /me": () => makeMe({ role: "admin", email: "α@β.γ", name: "Ρ" }),
  "GET /auth/methods": () => ({ password: true, oidc: null }),
  "GET /auth/setup": () => ({ needed: true }),
  "GET /jobs": () => page([{ id: "01J", kind: "import", state: "done", progress: 1, attempts: 1, created_at: AT, finished_at: AT, upload_id: "01UP" }]),
  "GET /fields": () => ({ items: [{ name: "email", label: "Ε", kind: "text", sortable: true, filterable: true }, { name: "company", label: "Ω", kind: "text", sortable: true, filterable: true }] }),
  "GET /overview": () => makeOverview({ capacity: { per_day: 35, hot_open: 60 }, last_import: { id: "01UP", filename: "Α.Ω", created_at: AT } }),
  "GET /queue": () => page([lead]),
  "GET /analytics/heat": () => ({ items: [{ heat: "hot", leads: 120, won: 60, lost: 40, conversion: 0.6, low: 0.5, high: 0.69 }] }),
  "GET /analytics/reliability": () => ({ model: "v3", source: "holdout", ece: 0.02, bins: [{ low: 0, high: 0.1, n: 50, mean: 0.05, rate: 0.06, rate_low: 0.03, rate_high: 0.1 }] }),
  "GET /analytics/trend": () => ({ items: [{ day: "2026-11-20", new: 3, won: 1, lost: 1, hot: 1 }] }),
  "GET /analytics/sources": () => ({ items: [{ value: "Π", leads: 9, hot: 3, warm: 3, cold: 3, won: 3, lost: 1, conversion: 0.75, low: 0.5, high: 0.9 }, { value: "", leads: 1, hot: 0, warm: 0, cold: 1, won: 0, lost: 0 }] }),
  "GET /analytics/funnel": () => ({ stages: [{ name: "leads", count: 9, rate: 1 }, { name: "decided", count: 5, rate: 0.6 }, { name: "won", count: 3, rate: 0.3 }] }),
  "GET /leads": () => ({ ...page([lead, { ...lead, id: "f".repeat(32), heat: "cold", outcome: "won", previous: { score: 90, heat: "hot", at: AT }, stale: true }]), total: 2 }),
  "GET /leads/attributes": () => ({ items: [] }),
  "GET /views": () => ({ items: [] }),
  "GET /leads/:id": () => ({ ...lead, outcome: "lost", override: { heat: "warm", by: "01ME", at: AT, note: "Σ" }, verdict: { verdict: "junk", by: "01ME", at: AT }, attributes: { Α: "α" }, created_at: AT, value: 3, currency: "EUR" }),
  "GET /leads/:id/explanation": () => ({
    ...lead, base: { points: 24, probability: 0.24 }, average: { points: 2, probability: 0.02 }, rest: { points: 19, probability: 0.2 },
    reasons: [{ column: "Π", text: "Λ", points: 42, probability: 0.42 }],
    reach: { already: false, reachable: true, changes: [{ column: "Π", from: "α", to: "β" }], probability_after: 0.9, score_after: 90, text: "Τ" },
    moved: { from: { score: 60, heat: "warm", at: AT, model: "v1" }, to: { score: 87, heat: "hot", at: AT, model: "v2" }, points: { data: 20, time: 5, model: 2 }, changes: [{ column: "Π", from: "α", to: "β" }], text: "Τ" },
  }),
  "GET /leads/:id/timeline": () => page([{ id: "01T", at: AT, kind: "note", by: "01ME", text: "Τ" }, { id: "01V", at: AT, kind: "created", text: "Τ" }]),
  "GET /leads/:id/history": () => ({ items: [{ at: AT, score: 60, heat: "warm", probability: 0.6, model: "v1", as_of: AT, cause: "import" }, { at: AT, score: 87, heat: "hot", probability: 0.87, model: "v2", as_of: AT, cause: "model" }] }),
  "GET /leads/:id/notes": () => ({ items: [{ id: "01N", at: AT, by: "01ME", text: "Τ" }] }),
  "GET /leads/:id/similar": () => ({ items: [], available: false, why: "Σ" }),
  "GET /uploads": () => page([upload, { ...upload, id: "01U2", state: "done" }]),
  "GET /uploads/:id": () => upload,
  "POST /uploads/:id/check": () => upload,
  "GET /models": () => ({ ...page([version("v1", "archived"), version("v2", "published"), version("v3", "draft")]), live: "v2" }),
  "GET /models/:v": () => ({ ...version("v2", "published"), report: { used: ["Α"], left_out: [{ column: "Β", reason: "leak", evidence: "Ε" }], flagged: [] } }),
  "GET /models/:v/metrics": () => ({
    version: "v2", rows: 4293, base_rate: 0.2, roc_auc: figure(0.767), pr_auc: figure(0.5), log_loss: figure(0.482), brier: figure(0.15), ece: figure(0.013),
    baselines: { base_rate: { log_loss: figure(0.5723) } }, gain: Array.from({ length: 101 }, (_, i) => Math.min(1, i * 0.028)),
    roc: [[0, 0], [1, 1]], pr: [[0, 1], [1, 0.2]], lift: [{ share: 0.05, k: 50, precision: figure(0.8), lift: figure(3) }],
    histogram: [{ low: 0, high: 0.05, won: 1, lost: 9 }], reliability: [{ low: 0, high: 0.1, n: 50, mean: 0.05, rate: 0.06 }],
    by_heat: [{ heat: "hot", leads: 429, won: 260, promised: 0.61, conversion: 0.606, low: 0.56, high: 0.65 }],
  }),
  "GET /models/:v/bands": () => ({ bands: { hot: 0.528, warm: 0.261 } }),
  "GET /models/compare": () => ({ a: "v2", b: "v3", leads: [], leads_compared: 10 }),
  "GET /drift": () => ({ looked: false }),
  "GET /me/sessions": () => page([{ id: "01S", current: true, agent: "Α", address: "1.2.3.4", created_at: AT, seen_at: AT }]),
  "GET /users": () => page([{ id: "01ME", email: "α@β.γ", name: "Ρ", role: "admin", last_login_at: AT }, { id: "01U", email: "β@β.γ", role: "rep", disabled: true }, { id: "01W", email: "γ@β.γ", role: "viewer", invited: true }]),
  "GET /api-keys": () => page([{ id: "01K", name: "Κ", role: "rep", scopes: ["read"], created_at: AT }]),
  "GET /schedule": () => ({ retrain: { every: "week", day: 1, hour: 3, publish: "gate" }, rescore: { hour: 2 } }),
  "GET /settings": () => page([]),
  "GET /audit": () => page([{ seq: 1, at: AT, actor: "Ρ", action: "α", object: "Σ", detail: {} }]),
});

// Names of products, keys, files and the mark of a decimal that are the same in every language.
const SAME = /Lead HeatScore|Ctrl|Enter|Esc|Europe\/Berlin|UTC|UTF-?\d*|GitHub|CSV|API|lhs_\S*|\bv\d+\b|EUR|[a-f0-9]{32}/g;

/** What is left of a text without what came from the catalogue, one part of which may hold another. */
function foreign(text: string) {
  let left = text.replace(SAME, "");
  for (let was = ""; was !== left; ) {
    was = left;
    left = left.replace(/\[[^[\]]*\]/g, "");
  }
  return /[A-Za-z]{2}/.test(left);
}

function plain(): string[] {
  const found = new Set<string>();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = walk.nextNode(); n; n = walk.nextNode()) {
    if (n.parentElement?.closest("kbd, code")) continue;
    if (foreign(n.textContent ?? "")) found.add(n.textContent!.trim());
  }
  for (const el of document.querySelectorAll("[aria-label], [title], [placeholder]"))
    for (const name of ["aria-label", "title", "placeholder"]) {
      if (foreign(el.getAttribute(name) ?? "")) found.add(`${name}: ${el.getAttribute(name)}`);
    }
  return [...found];
}

beforeEach(() => {
  sessionStorage.clear();
  setFormat({ locale: "ja", timeZone: "UTC" });
  setCatalogue(pseudo);
});
afterEach(() => {
  setCatalogue(en);
  setFormat({});
});

const ADDRESSES = [
  "/", "/leads", "/leads?source=%CE%A0&heat=hot", `/leads/${lead.id}`, "/upload", "/upload/01UP", "/upload/01UP?step=outcome", "/upload/01UP?step=check",
  "/model", "/model/v3", "/settings/account", "/settings/users", "/settings/keys", "/settings/schedule", "/settings/server", "/settings/audit", "/nowhere",
];

async function settled() {
  await screen.findAllByRole("heading", { level: 1 }, { timeout: 10_000 });
  await waitFor(() => expect(document.body.textContent).not.toContain(pseudo.app.loading), { timeout: 10_000 });
  // What is fetched when first used arrives in a moment of its own.
  await act(() => new Promise((r) => setTimeout(r, 50)));
  screen.getByRole("heading", { level: 1 });
}

describe("every word is from the catalogue", () => {
  for (const at of ADDRESSES)
    it(`at ${at}`, async () => {
      renderApp(<AppRoutes />, { at });
      await settled();
      expect(plain()).toEqual([]);
    });

  for (const at of ["/login", "/setup#token=x", "/invite#token=x"])
    it(`at ${at}, before the door`, async () => {
      server.on("GET /me", () => problem(401, "Ο"));
      renderApp(<AppRoutes />, { at });
      await settled();
      expect(plain()).toEqual([]);
    });

  for (const state of ["done", "failed", "cancelled", "undone", "importing"])
    it(`of an upload that is ${state}`, async () => {
      server.on("GET /uploads/:id", () => ({ ...upload, state, progress: 0.4, rate: 100, eta_s: 30, ...(state === "failed" ? { error: { title: "Ο", detail: "Δ" }, rows: { ...upload.rows, read: 0 } } : {}), undo: { restored: 1, deleted: 2, kept: ["f".repeat(32)], kept_count: 1 } }));
      renderApp(<AppRoutes />, { at: "/upload/01UP" });
      await settled();
      expect(plain()).toEqual([]);
    });
});
