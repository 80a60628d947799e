// SPDX-License-Identifier: Apache-2.0
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { ApiError, api, apiUrl } from "@/lib/client";
import { useServerEvents } from "@/lib/events";
import type { Field, Page } from "@/lib/types";

export type UploadState = "received" | "profiling" | "review" | "importing" | "done" | "failed" | "cancelled" | "undone";
export type Meaning = "won" | "lost" | "open";

export interface UploadColumn {
  name: string;
  field: string;
  guess?: string;
  confidence?: "sure" | "likely" | "unsure";
  role?: string;
  kind?: string;
  filled: number;
  samples: string[];
  leak?: { suspect: boolean; evidence?: string };
  conflict?: boolean;
}

export interface OutcomeValue {
  value: string;
  count: number;
  guess?: Meaning;
}

export interface UploadOutcome {
  column: string;
  won?: string[];
  lost?: string[];
  counts?: { won: number; lost: number; open: number };
  values?: OutcomeValue[];
  warning?: string;
}

export interface UploadProblem {
  kind?: string;
  column?: string;
  line?: number;
  count?: number;
  expected?: string;
  found?: string;
  detail?: string;
  fix?: string;
}

/** A row as it stands, with what is wrong with it: columns that cannot be read, or why the row cannot. */
export interface ProblemRow {
  line: number;
  reason?: string;
  fixable: boolean;
  columns: string[];
  cells: string[];
}

/** How a column's dates or numbers are to be read. */
export interface Format {
  date_order?: "day first" | "month first";
  decimal_mark?: "." | ",";
}

export interface UploadCheck {
  create: number;
  update: number;
  unchanged: number;
  reject: number;
  key?: string;
  problems?: UploadProblem[];
  problem_rows?: number;
  shown_rows?: ProblemRow[];
}

/** How somebody said that the file is to be read; what is left out is found out. */
export interface Reading {
  header?: boolean;
  header_line?: number;
  delimiter?: string;
  encoding?: string;
  /** false: all lines to the end are rows. */
  footer?: boolean;
  /** One of those that the server knows, or "none". */
  product?: string;
}

export interface Upload {
  id: string;
  filename?: string;
  bytes?: number;
  state: UploadState;
  created_at: string;
  finished_at?: string;
  dialect?: {
    encoding?: string;
    delimiter?: string;
    header_line?: number;
    has_header?: boolean;
    gzip?: boolean;
    xlsx?: boolean;
    product?: string;
    footer_lines?: number;
    notes?: string[];
  };
  asked?: Reading;
  has_file?: boolean;
  columns?: UploadColumn[];
  outcome?: UploadOutcome;
  preview?: string[][];
  check?: UploadCheck;
  undo?: { restored: number; deleted: number; kept?: string[]; kept_count?: number };
  rows?: { read: number; created: number; updated: number; unchanged: number; rejected: number };
  progress?: number;
  rate?: number;
  eta_s?: number;
  job?: string;
  error?: { title: string; detail?: string };
  remembered_mapping?: boolean;
}

/** What a person has decided about a file. */
export interface Decision {
  mapping: Record<string, string>;
  outcome?: { column: string; won: string[]; lost: string[] };
  mode: "upsert" | "update_only";
  formats?: Record<string, Format>;
  /** Mended cells by line and column; a row without any is taken as it is. */
  fixes?: Record<string, Record<string, string>>;
}

const one = (id: string) => `/uploads/${encodeURIComponent(id)}`;
export const uploadKeys = {
  all: ["uploads"] as const,
  list: ["uploads", "list"] as const,
  one: (id: string) => ["uploads", "one", id] as const,
};

export const uploadsQuery = queryOptions({
  queryKey: uploadKeys.list,
  queryFn: ({ signal }) => api.get<Page<Upload>>("/uploads", { signal, params: { limit: 10 } }),
});
export const fieldsQuery = queryOptions({
  queryKey: ["fields"],
  queryFn: ({ signal }) => api.get<{ items: Field[]; products?: string[] }>("/fields", { signal }),
  staleTime: Infinity,
});

export const sendFile = (file: File, signal: AbortSignal, onProgress: (done: number) => void) =>
  api.upload<Upload>(`/upload?filename=${encodeURIComponent(file.name)}`, file, { signal, onProgress });

export const isWorking = (u: Upload) => u.state === "received" || u.state === "profiling" || u.state === "importing";

export const uploadQuery = (id: string) =>
  queryOptions({
    queryKey: uploadKeys.one(id),
    queryFn: ({ signal }) => api.get<Upload>(one(id), { signal }),
    retry: (n, e) => !(e instanceof ApiError && e.status < 500 && e.status !== 0) && n < 5,
  });

/** One upload, followed while the server works on it. News of work in hand leave out what does not
 * change by it, the columns among them; where not even a dialect is told, the file is read anew. */
export function useUpload(id: string) {
  const queries = useQueryClient();
  const query = useQuery(uploadQuery(id));
  const learn = useCallback(
    (u: Upload) => queries.setQueryData<Upload>(uploadKeys.one(id), (old) => (old && !u.columns && u.dialect ? { ...old, ...u } : u)),
    [queries, id],
  );
  const { data } = query;
  useServerEvents<Upload>({
    url: data && isWorking(data) ? `${one(id)}/events` : null,
    event: "upload",
    onData: learn,
    poll: () => void query.refetch(),
  });
  return { ...query, learn };
}

const body = (d: Decision) => ({
  mapping: d.mapping,
  ...(d.outcome ? { outcome: d.outcome } : {}),
  mode: d.mode,
  ...(d.formats ? { formats: d.formats } : {}),
  ...(d.fixes ? { fixes: Object.entries(d.fixes).map(([line, cells]) => ({ line: Number(line), cells })) } : {}),
});
export const readAgain = (id: string, as: Reading) => api.post<Upload>(`${one(id)}/profile`, as);
export const checkUpload = (id: string, d: Decision) => api.post<Upload>(`${one(id)}/check`, body(d));
export const commitUpload = (id: string, d: Decision) => api.post<Upload>(`${one(id)}/commit`, body(d));
export const cancelUpload = (id: string) => api.post<Upload>(`${one(id)}/cancel`);
export const undoUpload = (id: string) => api.post<Upload>(`${one(id)}/undo`);
export const discardUpload = (id: string) => api.delete<unknown>(one(id));
export const errorsCsv = (id: string) => apiUrl(`${one(id)}/errors.csv`);
