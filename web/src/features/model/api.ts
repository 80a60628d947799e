// SPDX-License-Identifier: Apache-2.0
import { queryOptions } from "@tanstack/react-query";
import { api, apiUrl } from "@/lib/client";
import type { Heat, Job, Page, ReliabilityBin } from "@/lib/types";

export interface Version {
  version: string;
  state: "draft" | "published" | "archived";
  created_at?: string;
  published_at?: string;
  name?: string;
  target?: string;
  outcome?: string;
  rows?: number;
  won?: number;
  lost?: number;
  open?: number;
  roc_auc?: number;
  log_loss?: number;
  ece?: number;
  trees?: number;
  not_enough?: boolean;
  problem?: string;
  segment?: string;
  approval?: { waits: boolean; asked_by?: string; note?: string };
  report?: Report;
}

export interface Report {
  left_out?: { column: string; reason: string; evidence?: string }[];
  flagged?: { column: string; reason?: string; evidence?: string }[];
  used?: string[];
  warnings?: string[];
}

export interface Figure {
  value: number;
  low?: number | null;
  high?: number | null;
}
export const FIGURES = ["roc_auc", "pr_auc", "log_loss", "brier", "ece"] as const;
export type FigureName = (typeof FIGURES)[number];
type Figures = Partial<Record<FigureName, Figure>>;

export interface Bands {
  hot: number;
  warm: number;
  note?: string;
  wins_per_day?: number;
}

export interface Metrics extends Figures {
  version: string;
  rows?: number;
  base_rate?: number;
  baselines?: Record<string, Figures>;
  reliability?: ReliabilityBin[];
  lift?: { share: number; k: number; precision: Figure; lift: Figure }[];
  roc?: [number, number][];
  pr?: [number, number][];
  gain?: number[];
  histogram?: { low: number; high: number; won: number; lost: number }[];
  bands?: Bands;
  confusion?: { band: Heat; threshold: number; true_won: number; false_won: number; false_lost: number; true_lost: number }[];
  by_heat?: { heat: Heat; leads: number; won: number; promised: number | null; conversion: number | null; low?: number | null; high?: number | null }[];
  groups?: { column: string; values: { value: string; rows: number; rate: number; mean_probability: number; roc_auc?: number | null; small?: boolean }[] }[];
}

export interface Gate {
  open: boolean;
  why: string;
  live: string | null;
  shared_rows?: number;
  moves?: number[][];
}

export interface Comparison {
  a: string;
  b: string;
  difference?: Figures;
  leads_compared?: number;
  heat_moves?: number[][];
  leads: { id: string; name?: string; a: number; b: number; heat_a: Heat; heat_b: Heat }[];
}

export interface Drift {
  model?: string;
  at?: string;
  verdict?: string;
  text?: string;
  live?: { text?: string };
  columns?: { column: string; verdict: string; text?: string; psi?: number }[];
}

export const modelKeys = { all: ["models"] as const, list: ["models", "list"] as const };
const one = (v: string) => `/models/${encodeURIComponent(v)}`;

const get = <T>(name: string, v: string, path: string) =>
  queryOptions({
    queryKey: [...modelKeys.all, name, v],
    queryFn: ({ signal }) => api.get<T>(path, { signal }),
    staleTime: 60_000,
  });

export const versionsQuery = queryOptions({
  queryKey: modelKeys.list,
  queryFn: ({ signal }) => api.get<Page<Version> & { live: string | null }>("/models", { signal }),
});
export const versionQuery = (v: string) => get<Version>("one", v, one(v));
export const metricsQuery = (v: string) => get<Metrics>("metrics", v, `${one(v)}/metrics`);
export const gateQuery = (v: string) => get<Gate>("gate", v, `${one(v)}/gate`);
export const bandsQuery = (v: string) => get<{ bands: Bands; expected_wins_per_day?: number; warning?: string }>("bands", v, `${one(v)}/bands`);
export const compareQuery = (a: string, b: string) =>
  get<Comparison>("compare", `${a} ${b}`, `/models/compare?${new URLSearchParams({ a, b, limit: "50" }).toString()}`);

/** The last look at drift; without a time when nobody has looked yet. */
export const driftQuery = queryOptions({
  queryKey: [...modelKeys.all, "drift"],
  queryFn: ({ signal }) => api.get<Drift>("/drift", { signal }),
});
export const runDrift = () => api.post<{ job: Job }>("/drift");

export type Published = Version & { approval?: Version["approval"]; model?: Version };
export const publish = (v: string, o: { force: boolean; note: string }) =>
  api.post<Published>(`${one(v)}/publish`, { ...(o.force ? { force: true } : {}), ...(o.note ? { note: o.note } : {}) });
export const approve = (v: string) => api.post<Version>(`${one(v)}/approve`);
export const rollback = () => api.post<Version>("/models/rollback");
export const removeDraft = (v: string) => api.delete<unknown>(one(v));
export const setBands = (v: string, how: Record<string, unknown>) =>
  api.put<{ bands: Bands; expected_wins_per_day?: number; warning?: string }>(`${one(v)}/bands`, how);
export const cardUrl = (v: string) => apiUrl(`${one(v)}/card.html`);
export const exportUrl = (v: string) => apiUrl(`${one(v)}/export`);

export interface TrainRequest {
  upload?: string;
  leads?: string;
  target?: string;
  won?: string[];
  lost?: string[];
  drop?: string[];
  keep?: string[];
  budget_s?: number;
  verdicts?: boolean;
}
export const train = (o: TrainRequest) => api.post<{ job: Job }>("/models/train", o);
export const jobQuery = (id: string) =>
  queryOptions({ queryKey: ["jobs", "one", id], queryFn: ({ signal }) => api.get<Job>(`/jobs/${encodeURIComponent(id)}`, { signal }) });
export const stopJob = (id: string) => api.post<unknown>(`/jobs/${encodeURIComponent(id)}/cancel`);
export const uploadOf = (id: string) =>
  queryOptions({
    queryKey: ["uploads", "one", id],
    queryFn: ({ signal }) =>
      api.get<{ id: string; filename?: string; outcome?: { column: string; won?: string[]; lost?: string[] } }>(`/uploads/${encodeURIComponent(id)}`, { signal }),
  });
