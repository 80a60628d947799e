// SPDX-License-Identifier: Apache-2.0
// The only place where addresses of our own pages are spelled. It lives in lib, because features
// link to pages they may not import.
const part = encodeURIComponent;

export const paths = {
  overview: "/",
  leads: "/leads",
  lead: (id: string) => `/leads/${part(id)}`,
  upload: "/upload",
  uploadOne: (id: string) => `/upload/${part(id)}`,
  model: "/model",
  modelOne: (version: string) => `/model/${part(version)}`,
  settings: "/settings",
  settingsTab: (tab: string) => `/settings/${tab}`,
  login: "/login",
  setup: "/setup",
  docs: "/docs",
} as const;
