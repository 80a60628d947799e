// SPDX-License-Identifier: Apache-2.0
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, apiUrl } from "@/lib/client";
import type { Me } from "@/lib/types";

export const sessionKeys = { me: ["me"] as const, setup: ["setup"] as const, methods: ["auth-methods"] as const };

export const meQuery = queryOptions({
  queryKey: sessionKeys.me,
  queryFn: ({ signal }) => api.get<Me>("/me", { signal }),
  staleTime: 5 * 60_000,
});

export const useMe = () => useQuery(meQuery);

/** What a user has set for themselves, and how to set one thing more; undefined forgets it. */
export function usePreferences() {
  const queries = useQueryClient();
  const preferences = useMe().data?.preferences ?? {};
  const keep = useMutation({
    mutationFn: (change: Record<string, unknown>) => api.patch<Me>("/me", { preferences: { ...preferences, ...change } }),
    onSuccess: (me) => queries.setQueryData<Me>(sessionKeys.me, (old) => ({ ...old, ...me })),
  });
  return [preferences, keep] as const;
}

export const setupQuery = queryOptions({
  queryKey: sessionKeys.setup,
  queryFn: ({ signal }) => api.get<{ needed: boolean }>("/auth/setup", { signal }),
  staleTime: 0,
});

export const methodsQuery = queryOptions({
  queryKey: sessionKeys.methods,
  queryFn: ({ signal }) => api.get<{ password: boolean; oidc: { name: string } | null }>("/auth/methods", { signal }),
  staleTime: Infinity,
});

export const login = (who: { email: string; password: string; totp?: string }) => api.post<Me>("/auth/login", who);
export const setup = (who: { token: string; name: string; email: string; password: string }) => api.post<Me>("/auth/setup", who);

export const choosePassword = (token: string, password: string) => api.post<Me | undefined>("/auth/password", { token, password });

/** The address that hands over to the other provider and comes back to ${back}. */
export const oidcStart = (back: string) => apiUrl(`/auth/oidc/start?return=${encodeURIComponent(back)}`);

export const logout = () => api.post<void>("/auth/logout");
