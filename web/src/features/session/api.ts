// SPDX-License-Identifier: Apache-2.0
import { queryOptions, useQuery } from "@tanstack/react-query";
import { api } from "@/lib/client";
import type { Me } from "@/lib/types";

export const sessionKeys = { me: ["me"] as const, setup: ["setup"] as const, methods: ["auth-methods"] as const };

export const meQuery = queryOptions({
  queryKey: sessionKeys.me,
  queryFn: ({ signal }) => api.get<Me>("/me", { signal }),
  staleTime: 5 * 60_000,
});

export const useMe = () => useQuery(meQuery);

export const setupQuery = queryOptions({
  queryKey: sessionKeys.setup,
  queryFn: ({ signal }) => api.get<{ needed: boolean }>("/auth/setup", { signal }),
  staleTime: 0,
});

export const logout = () => api.post<void>("/auth/logout");
