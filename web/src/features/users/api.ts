// SPDX-License-Identifier: Apache-2.0
import { queryOptions } from "@tanstack/react-query";
import { api } from "@/lib/client";
import type { Me, Page, Role } from "@/lib/types";

export interface User {
  id: string;
  email: string;
  name?: string;
  role: Role;
  disabled?: boolean;
  totp?: boolean;
  invited?: boolean;
  last_login_at?: string;
  created_at?: string;
}

export interface ApiKey {
  id: string;
  name: string;
  role: Role;
  scopes: string[];
  created_at?: string;
  expires_at?: string;
  last_used_at?: string;
  revoked_at?: string;
}

export interface Session {
  id: string;
  current?: boolean;
  created_at?: string;
  seen_at?: string;
  address?: string;
  agent?: string;
}

export const userKeys = { users: ["users"] as const, keys: ["api-keys"] as const, sessions: ["sessions"] as const };
const one = (id: string) => `/users/${encodeURIComponent(id)}`;
const key = (id: string) => `/api-keys/${encodeURIComponent(id)}`;

export const usersQuery = queryOptions({
  queryKey: userKeys.users,
  queryFn: ({ signal }) => api.get<Page<User>>("/users", { signal }),
});
export type Invited = User & { invite_url?: string };
export const addUser = (u: { email: string; name: string; role: Role }) => api.post<Invited>("/users", u);
export const changeUser = (id: string, u: Partial<Pick<User, "role" | "name" | "disabled">>) =>
  api.patch<User>(one(id), u);
export const resetUser = (id: string) => api.post<{ invite_url?: string; reset_url?: string }>(`${one(id)}/reset`);
export const endSessionsOf = (id: string) => api.post<unknown>(`${one(id)}/end-sessions`);
export const removeUser = (id: string) => api.delete<unknown>(one(id));

export const keysQuery = queryOptions({
  queryKey: userKeys.keys,
  queryFn: ({ signal }) => api.get<Page<ApiKey>>("/api-keys", { signal }),
});
export type NewKey = ApiKey & { key: string };
export const addKey = (k: { name: string; role: Role; scopes: string[] }) => api.post<NewKey>("/api-keys", k);
export const rotateKey = (id: string) => api.post<NewKey>(`${key(id)}/rotate`);
export const revokeKey = (id: string) => api.delete<unknown>(key(id));

export const changeMe = (m: Partial<Pick<Me, "name" | "time_zone">>) => api.patch<Me>("/me", m);
export const changePassword = (p: { current: string; new: string }) => api.post<unknown>("/me/password", p);
export const startTotp = () => api.post<{ secret: string; uri: string }>("/me/totp/start");
export const confirmTotp = (code: string) => api.post<{ recovery_codes: string[] }>("/me/totp/confirm", { code });
export const stopTotp = (password: string) => api.delete<unknown>("/me/totp", { data: { password } });
export const sessionsQuery = queryOptions({
  queryKey: userKeys.sessions,
  queryFn: ({ signal }) => api.get<Page<Session>>("/me/sessions", { signal }),
});
export const endSession = (id: string) => api.delete<unknown>(`/me/sessions/${encodeURIComponent(id)}`);
export const endOtherSessions = () => api.delete<unknown>("/me/sessions");
