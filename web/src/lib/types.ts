// SPDX-License-Identifier: Apache-2.0
// The records of the API as the pages use them.
export type Heat = "hot" | "warm" | "cold";
export type Outcome = "won" | "lost" | "open";
export type Verdict = "junk" | "was_hot" | "good";
export type Role = "admin" | "manager" | "rep" | "viewer";
export type Bands = Record<Heat, number>;

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
  prev_cursor?: string | null;
  total?: number | null;
  total_at_least?: number;
  at?: number;
}

export interface Lead {
  id: string;
  version: number;
  external_id?: string;
  name?: string;
  first_name?: string;
  last_name?: string;
  email?: string;
  phone?: string;
  mobile?: string;
  company?: string;
  role?: string;
  region?: string;
  country?: string;
  city?: string;
  postal_code?: string;
  industry?: string;
  company_size?: string;
  website?: string;
  source?: string;
  campaign?: string;
  status?: string;
  stage?: string;
  owner?: string;
  value?: number;
  currency?: string;
  lost_reason?: string;
  consent?: string;
  notes?: string;
  tags?: string[] | string;
  created_at?: string;
  last_activity_at?: string;
  outcome: Outcome;
  outcome_at?: string;
  score: number;
  heat: Heat;
  probability: number;
  bands?: Bands;
  confidence?: number;
  model: string;
  scored_at?: string;
  stale?: boolean;
  reason?: string;
  override?: { heat: Heat; by?: string; at?: string; note?: string };
  verdict?: { verdict: Verdict; by?: string; at?: string; reason?: string };
  previous?: { score: number; heat: Heat; at: string };
  upload_id?: string;
  inserted_at?: string;
  updated_at?: string;
  attributes?: Record<string, string>;
}

export interface Points {
  points: number;
  probability: number;
}

export interface Reason extends Points {
  column: string;
  value?: string | number;
  missing?: boolean;
  text: string;
  evidence?: { won: number; count: number };
}

export interface Score {
  heat: Heat;
  score: number;
  probability: number;
  bands: Bands;
  confidence: number;
  model: string;
  as_of?: string;
  reasons?: Reason[];
  base?: Points;
  average?: Points;
  rest?: Points;
}

export interface Change {
  column: string;
  from?: string | number | null;
  to?: string | number | null;
}

export interface Explanation {
  score: Score;
  reach?: {
    already: boolean;
    reachable: boolean;
    changes: Change[];
    probability_after?: number;
    score_after?: number;
    text: string;
  };
  moved?: {
    from: { score: number; heat: Heat; at: string; model: string };
    to: { score: number; heat: Heat; at: string; model: string };
    points: { data: number; time: number; model: number };
    changes: Change[];
    text: string;
  };
}

export interface TimelineItem {
  id: string;
  at: string;
  kind: string;
  by?: string;
  text: string;
  data?: unknown;
}

export interface ScorePoint {
  at: string;
  score: number;
  heat: Heat;
  probability: number;
  model: string;
  cause?: string;
}

export interface Note {
  id: string;
  at: string;
  by?: string;
  text: string;
}

export interface Field {
  name: string;
  label: string;
  kind: "text" | "number" | "date" | "choice";
  description?: string;
  sortable?: boolean;
  filterable?: boolean;
  values?: string[];
}

export interface Attribute {
  name: string;
  kind: string;
  filled?: number;
  indexed?: boolean;
}

export interface View {
  id: string;
  name: string;
  query: string;
  columns?: string[];
  shared?: boolean;
  mine?: boolean;
}

export type JobKind = "import" | "rescore" | "train" | "bulk" | "erase" | "undo" | "backup" | "retrain";
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

export interface Overview {
  as_of: string;
  totals: { leads: number; won: number; lost: number; open: number; conversion: number | null };
  heat: Record<Heat, number>;
  since_yesterday: {
    new_leads: number;
    new_hot: number;
    cooled: number;
    outcomes: { won: number; lost: number };
    imports: number;
    model_changes?: unknown[];
  };
  model: {
    version: string;
    published_at?: string;
    roc_auc?: number;
    log_loss?: number;
    ece?: number;
    live?: { rows: number; expected: number; seen: number; verdict: string };
    drift?: { verdict: string; at: string };
  };
  queue: Lead[];
  health: { status: string; checks: Check[] };
  stale_scores: number;
  last_import?: { id: string; filename?: string; state?: string; created_at?: string; rows?: Record<string, number> };
  capacity?: { per_day: number; hot_open: number };
}

export interface BandRow {
  heat: Heat;
  leads: number;
  open?: number;
  won: number;
  lost: number;
  conversion: number | null;
  low?: number | null;
  high?: number | null;
  expected?: number | null;
  promised?: number | null;
}

export interface SourceRow {
  value: string;
  leads: number;
  hot: number;
  warm: number;
  cold: number;
  won: number;
  lost: number;
  conversion: number | null;
  low?: number | null;
  high?: number | null;
}

export interface FunnelStage {
  name: string;
  count: number;
  rate?: number | null;
}

export interface Funnel {
  stages: FunnelStage[];
  by?: { value: string; stages: FunnelStage[] }[];
}

export interface TrendDay {
  day: string;
  new: number;
  won: number;
  lost: number;
  hot?: number;
}

export interface ReliabilityBin {
  low: number;
  high: number;
  n: number;
  mean: number;
  rate: number;
  rate_low?: number;
  rate_high?: number;
}

export interface Reliability {
  model: string;
  source: "holdout" | "live";
  bins: ReliabilityBin[];
  ece?: number;
}
