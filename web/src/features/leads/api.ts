// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api } from "@/lib/client";
import type { Lead, Page } from "@/lib/types";

export const leadKeys = {
  all: ["leads"] as const,
  lists: ["leads", "list"] as const,
  detail: (id: string) => ["leads", "detail", id] as const,
};

/** The few best matches for a typed text, for the command palette. */
export const findLeadsQuery = (q: string) =>
  queryOptions({
    queryKey: [...leadKeys.all, "find", q],
    queryFn: ({ signal }) => api.get<Page<Lead>>("/leads", { signal, params: { q, limit: 6 } }),
    placeholderData: keepPreviousData,
  });
