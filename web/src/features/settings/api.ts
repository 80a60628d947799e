// SPDX-License-Identifier: Apache-2.0
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, apiUrl } from "@/lib/client";
import type { Page } from "@/lib/types";

export interface Setting {
  name: string;
  value: unknown;
  source: string;
  editable: boolean;
  secret?: boolean;
  kind: string;
  /** What may be chosen, split by bars. */
  words?: string;
  /** Of a number: KiB, MiB, s. */
  unit?: string;
  help: string;
}

export interface Schedule {
  retrain: { every: "off" | "week" | "month"; day?: number; hour?: number; publish: "gate" | "ask" };
  rescore: { hour: number };
}

export interface AuditEntry {
  seq: number;
  at: string;
  actor: string;
  action: string;
  object?: string;
  detail?: unknown;
  hash?: string;
}

export interface AuditFilter {
  actor: string;
  action: string;
}

export const settingsKeys = {
  settings: ["settings"] as const,
  schedule: ["schedule"] as const,
  audit: (f: AuditFilter) => ["audit", f] as const,
};

export const settingsQuery = queryOptions({
  queryKey: settingsKeys.settings,
  queryFn: ({ signal }) => api.get<{ items: Setting[] }>("/settings", { signal }),
});
export const saveSetting = (name: string, value: unknown) => api.patch<unknown>("/settings", { [name]: value });

export const scheduleQuery = queryOptions({
  queryKey: settingsKeys.schedule,
  queryFn: ({ signal }) => api.get<Schedule>("/schedule", { signal }),
});
export const saveSchedule = (s: Schedule) => api.put<Schedule>("/schedule", s);

const given = (f: AuditFilter) => Object.fromEntries(Object.entries(f).filter(([, v]) => v !== ""));

export const auditQuery = (f: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: settingsKeys.audit(f),
    queryFn: ({ signal, pageParam }) =>
      api.get<Page<AuditEntry>>("/audit", {
        signal,
        params: { ...given(f), limit: 50, ...(pageParam ? { cursor: pageParam } : {}) },
      }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });
export const verifyAudit = () => api.get<{ ok: boolean; checked: number; first_bad?: number }>("/audit/verify");
export const auditCsv = (f: AuditFilter) => apiUrl(`/audit/export.csv?${new URLSearchParams(given(f)).toString()}`);
