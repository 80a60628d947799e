// SPDX-License-Identifier: Apache-2.0
// The records of the API under the names that the pages use. They come from api-types.ts, which is made
// of the server's own description; what the description leaves open but always holds is said here.
import type { components } from "./api-types";

type Schemas = components["schemas"];
/** T in which these members are there. */
type Sure<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };

export type Heat = "hot" | "warm" | "cold";
export type Outcome = "won" | "lost" | "open";
export type Verdict = "junk" | "was_hot" | "good";
export type Role = "admin" | "manager" | "rep" | "viewer";
export type Bands = Schemas["Bands"];

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
  total?: number | null;
  total_at_least?: number;
  at?: number;
}

/** Score, heat and chance are missing while a lead waits for its first score. */
export type Lead = Sure<Schemas["Lead"], "outcome">;
export type Scored = Sure<Lead, "score" | "heat" | "probability">;
export const isScored = (lead: Lead): lead is Lead & Scored =>
  lead.score !== undefined && lead.heat !== undefined && lead.probability !== undefined;

export type Reason = Schemas["ScoreReason"];

interface Moment {
  score: number;
  heat: Heat;
  at: string;
  model: string;
}

type Told = Schemas["Explanation"];
export type Explanation = Omit<Told, "moved"> & {
  moved?: Omit<NonNullable<Told["moved"]>, "from" | "to"> & { from: Moment; to: Moment };
};

export type TimelineItem = Schemas["LeadMoment"];
export type ScorePoint = Schemas["ScoreHistory"]["items"][number];
export type Note = Schemas["Note"];
export type View = Schemas["View"];

export interface Attribute {
  name: string;
  kind: string;
  filled?: number;
  indexed?: boolean;
}

export interface Field {
  name: string;
  label: string;
  kind: "text" | "number" | "date" | "choice";
  description?: string;
  sortable?: boolean;
  filterable?: boolean;
}

export type JobKind = "import" | "rescore" | "train" | "bulk" | "erase" | "undo" | "backup" | "retrain" | "bulk_undo";
export type JobState = "queued" | "running" | "done" | "failed" | "cancelled" | "dead";

export interface Job {
  id: string;
  kind: JobKind;
  state: JobState;
  progress: number;
  step?: string;
  message?: string;
  error?: { title: string; detail?: string };
  result?: Record<string, unknown>;
  attempts?: number;
  created_at: string;
  started_at?: string;
  finished_at?: string;
  /** When a job that waits is to begin. */
  run_at?: string;
  created_by?: string;
  upload_id?: string;
  model?: string;
}

export interface Me {
  id: string;
  email?: string;
  name?: string;
  role: Role;
  scopes?: string[];
  totp?: boolean;
  sessions?: number;
  must_change_password?: boolean;
  time_zone?: string;
  preferences?: Record<string, unknown>;
}

export interface Check {
  name: string;
  status: string;
  detail?: string;
}

type OverviewTold = Schemas["Overview"];
export type Overview = Omit<OverviewTold, "heat" | "model" | "queue" | "health" | "capacity" | "last_import"> & {
  heat: Record<Heat, number>;
  model: {
    version: string;
    published_at?: string;
    roc_auc?: number;
    log_loss?: number;
    ece?: number;
    live?: { rows: number; expected: number; seen: number; verdict: string };
    drift?: { verdict: string; at: string };
  };
  health: { status: string; checks: Check[] };
  last_import?: { id: string; filename?: string; state?: string; created_at?: string };
  capacity?: { per_day: number; hot_open: number };
};

export type BandRow = Schemas["HeatTable"]["items"][number];
export type SourceRow = Schemas["SourceTable"]["items"][number];
export type Funnel = Schemas["Funnel"];
export type TrendDay = Schemas["Trend"]["items"][number];

type Bin = Schemas["Reliability"]["bins"][number];
/** A bin that leads fell into. */
export type ReliabilityBin = Sure<Bin, "mean" | "rate">;
export type Reliability = Schemas["Reliability"];
export const filledBins = (bins: Bin[]) =>
  bins.filter((b): b is ReliabilityBin => b.n > 0 && b.mean !== undefined && b.rate !== undefined);
