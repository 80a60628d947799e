// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "@/lib/client";
import type { BandRow, Funnel, Lead, Overview, Page, Reliability, SourceRow, TrendDay, Verdict } from "@/lib/types";

export const overviewKeys = {
  all: ["overview"] as const,
  queue: ["overview", "queue"] as const,
};

export const overviewQuery = queryOptions({
  queryKey: [...overviewKeys.all, "now"],
  queryFn: ({ signal }) => api.get<Overview>("/overview", { signal }),
  refetchInterval: 60_000,
});

export const queueQuery = queryOptions({
  queryKey: overviewKeys.queue,
  queryFn: ({ signal }) => api.get<Page<Lead>>("/queue", { signal, params: { limit: 12 } }),
  // The queue is worked from top to bottom: it must not be shuffled under the reader's hands.
  staleTime: Infinity,
});

const analytics = <T>(name: string, params: Record<string, string> = {}) =>
  queryOptions({
    queryKey: [...overviewKeys.all, name, params],
    queryFn: ({ signal }) => api.get<T>(`/analytics/${name}`, { signal, params }),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });

export const bandsQuery = analytics<{ items: BandRow[] }>("heat");
export const reliabilityQuery = analytics<Reliability>("reliability");
export const trendQuery = (days: number) => analytics<{ items: TrendDay[] }>("trend", { days: String(days) });
export const sourcesQuery = (field: string) => analytics<{ items: SourceRow[] }>("sources", { field });
export const funnelQuery = analytics<Funnel>("funnel");

/** Records a verdict; the lead's own pages learn of it, the queue in hand stays as it is. */
export function useVerdict() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, verdict }: { id: string; verdict: Verdict | null }) =>
      api.post<unknown>(`/leads/${encodeURIComponent(id)}/verdict`, { verdict }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["leads"] }),
  });
}
