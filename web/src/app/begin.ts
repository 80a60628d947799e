// SPDX-License-Identifier: Apache-2.0
import type { QueryClient } from "@tanstack/react-query";
import { meQuery } from "@/features/session/api";
import { paths } from "@/lib/paths";

export const loadOverview = () => import("@/pages/Overview");
export const loadLeads = () => import("@/pages/Leads");

/** Asks for who is there, for the code of the page and for what it shows together, not one after another. */
export function begin(queries: QueryClient, pathname: string) {
  if (pathname !== paths.overview && pathname !== paths.leads) return;
  void queries.prefetchQuery(meQuery);
  // What fails here fails again where it is shown, and is told of there.
  void (pathname === paths.leads ? loadLeads() : loadOverview()).then((page) => page.preload(queries)).catch(() => undefined);
}
