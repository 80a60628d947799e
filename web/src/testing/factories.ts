// SPDX-License-Identifier: Apache-2.0
// Records as the API sends them, each with what the test cares about changed.
import type { Lead, Me, Overview } from "@/lib/types";

export function makeLead(over: Partial<Lead> = {}): Lead {
  return {
    id: "0123456789abcdef0123456789abcdef",
    version: 1,
    name: "Ada Lovelace",
    email: "ada@example.com",
    company: "Analytical Engines",
    role: "Head of Research",
    source: "Referral",
    outcome: "open",
    stale: false,
    score: 87,
    heat: "hot",
    probability: 0.8712,
    bands: { hot: 0.81, warm: 0.18, cold: 0.01 },
    confidence: 0.81,
    model: "v3",
    scored_at: "2026-11-27T08:00:00Z",
    reason: "Came from Referral: 42 of 120 such leads won",
    created_at: "2026-11-01T09:00:00Z",
    updated_at: "2026-11-27T08:00:00Z",
    ...over,
  };
}

export function makeLeads(n: number, over: (i: number) => Partial<Lead> = () => ({})): Lead[] {
  return Array.from({ length: n }, (_, i) =>
    makeLead({ id: i.toString(16).padStart(32, "0"), name: `Lead ${i + 1}`, score: Math.max(0, 99 - i), ...over(i) }),
  );
}

export const makeMe = (over: Partial<Me> = {}): Me => ({ id: "01ME", email: "rep@example.com", name: "Rae", role: "rep", ...over });

export function makeOverview(over: Partial<Overview> = {}): Overview {
  return {
    as_of: "2026-11-27T08:00:00Z",
    totals: { leads: 1200, won: 120, lost: 380, open: 700, conversion: 0.24 },
    heat: { hot: 120, warm: 380, cold: 700 },
    since_yesterday: { new_leads: 14, new_hot: 3, cooled: 5, outcomes: { won: 2, lost: 4 }, imports: 1, model_changes: [] },
    model: { version: "v3", published_at: "2026-11-20T10:00:00Z", roc_auc: 0.781, ece: 0.021 },
    health: { status: "ok", checks: [{ name: "store", status: "ok" }] },
    stale_scores: 0,
    ...over,
  };
}
