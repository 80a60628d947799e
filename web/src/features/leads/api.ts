// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, apiUrl } from "@/lib/client";
import { downloadBlob } from "@/lib/csv";
import type {
  Attribute, Explanation, Heat, Job, Lead, Note, Outcome, Page, ScorePoint, TimelineItem, Verdict, View,
} from "@/lib/types";
import { joinNames } from "./query";

export const leadKeys = {
  all: ["leads"] as const,
  lists: ["leads", "list"] as const,
  list: (query: string, extra: string, anchor: number) => ["leads", "list", query, extra, anchor] as const,
  details: ["leads", "detail"] as const,
  detail: (id: string) => ["leads", "detail", id] as const,
  part: (id: string, part: string) => ["leads", "detail", id, part] as const,
  views: ["views"] as const,
  attributes: ["leads", "attributes"] as const,
};

const at = (id: string) => `/leads/${encodeURIComponent(id)}`;

/** The few best matches for a typed text, for the command palette. */
export const findLeadsQuery = (q: string) =>
  queryOptions({
    queryKey: [...leadKeys.all, "find", q],
    queryFn: ({ signal }) => api.get<Page<Lead>>("/leads", { signal, params: { q, limit: 6 } }),
    placeholderData: keepPreviousData,
  });

export const attributesQuery = queryOptions({
  queryKey: leadKeys.attributes,
  queryFn: ({ signal }) => api.get<{ items: Attribute[] }>("/leads/attributes", { signal }),
  staleTime: 5 * 60_000,
});

export const viewsQuery = queryOptions({
  queryKey: leadKeys.views,
  queryFn: ({ signal }) => api.get<{ items: View[] }>("/views", { signal }),
  staleTime: 60_000,
});

export const leadQuery = (id: string) =>
  queryOptions({ queryKey: leadKeys.detail(id), queryFn: ({ signal }) => api.get<Lead>(at(id), { signal }) });

const part = <T>(id: string, name: string, params: Record<string, string> = {}) =>
  queryOptions({
    queryKey: leadKeys.part(id, name),
    queryFn: ({ signal }) => api.get<T>(`${at(id)}/${name}`, { signal, params }),
  });

export const explanationQuery = (id: string) => part<Explanation>(id, "explanation", { k: "8" });
export const timelineQuery = (id: string) => part<Page<TimelineItem>>(id, "timeline", { limit: "100" });
export const historyQuery = (id: string) => part<{ items: ScorePoint[] }>(id, "history");
export const notesQuery = (id: string) => part<{ items: Note[] }>(id, "notes");

/** What a change of one lead makes stale: the lead with all its parts, lists, counts, the queue. */
function useLeadChange<V>(run: (vars: V) => Promise<unknown>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: leadKeys.all }),
        queries.invalidateQueries({ queryKey: ["overview"] }),
      ]),
  });
}

export const usePatchLead = (id: string) =>
  useLeadChange(({ patch, version }: { patch: Record<string, unknown>; version: number }) =>
    api.patch<Lead>(at(id), patch, { headers: { "If-Match": `"${version}"` } }),
  );
export const useOutcome = (id: string) => useLeadChange((outcome: Outcome) => api.post(`${at(id)}/outcome`, { outcome }));
export const useOverride = (id: string) =>
  useLeadChange((v: { heat: Heat | null; note?: string }) => api.post(`${at(id)}/override`, v));
export const useVerdict = (id: string) =>
  useLeadChange((v: { verdict: Verdict | null; reason?: string }) => api.post(`${at(id)}/verdict`, v));
export const useAddNote = (id: string) => useLeadChange((text: string) => api.post(`${at(id)}/notes`, { text }));
export const useDropNote = (id: string) => useLeadChange((note: string) => api.delete(`${at(id)}/notes/${encodeURIComponent(note)}`));
export const useRescore = (id: string) => useLeadChange((_: void) => api.post(`${at(id)}/rescore`));
export const useDeleteLead = (id: string) => useLeadChange((_: void) => api.delete(at(id)));

export type BulkAction = "owner" | "tag" | "untag" | "outcome" | "rescore" | "delete" | "override" | "verdict";

/** Either some leads, or all that pass a filter but a few. */
export type BulkTarget = { ids: string[] } | { filter: string; except: string[] };

export const startBulk = (action: BulkAction, target: BulkTarget, value?: string) =>
  api.post<{ job: Job }>("/leads/bulk", { action, ...(value === undefined ? {} : { value }), ...target });

export const undoBulk = (job: string) => api.post<{ job: Job }>(`/jobs/${encodeURIComponent(job)}/undo`);

export const startRescore = () => api.post<{ job: Job }>("/leads/rescore");

export type ExportForm = "full" | "writeback" | "heat";

function exportPath(query: URLSearchParams, columns: string[], form: ExportForm) {
  const params = new URLSearchParams(query);
  params.set("form", form);
  // The reasons come by themselves, in a column of their own.
  if (form === "full") params.set("columns", joinNames(columns.filter((c) => c !== "reason")));
  return `/leads/export.csv?${params.toString()}`;
}

export const exportUrl = (query: URLSearchParams, columns: string[], form: ExportForm) => apiUrl(exportPath(query, columns, form));

/** The leads of ${target} alone, in the order of ${query}. One that was picked counts whatever has become of it since. */
export async function exportPicked(target: BulkTarget, query: URLSearchParams, columns: string[], form: ExportForm) {
  const sort = query.get("sort");
  const order = new URLSearchParams(sort === null ? {} : { sort });
  const blob = "ids" in target
    ? await api.file(exportPath(order, columns, form), { ids: target.ids })
    : await api.file(exportPath(query, columns, form), { except: target.except });
  downloadBlob(form === "full" ? "leads.csv" : form === "heat" ? "heat.csv" : "heatscore-writeback.csv", blob);
}

export function useViewChanges() {
  const queries = useQueryClient();
  const onSuccess = () => queries.invalidateQueries({ queryKey: leadKeys.views });
  return {
    create: useMutation({ mutationFn: (v: Pick<View, "name" | "query" | "columns" | "shared">) => api.post<View>("/views", v), onSuccess }),
    update: useMutation({
      mutationFn: ({ id, ...v }: Partial<View> & { id: string }) => api.patch<View>(`/views/${encodeURIComponent(id)}`, v),
      onSuccess,
    }),
    remove: useMutation({ mutationFn: (id: string) => api.delete(`/views/${encodeURIComponent(id)}`), onSuccess }),
  };
}
