// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Navigate, useLocation } from "react-router";
import { ApiError } from "@/lib/client";
import { paths } from "@/lib/paths";
import { ErrorState, SkeletonLines } from "@/ui/states";
import { setupQuery, useMe } from "./api";

/** Shows the app to who is signed in; sends others to the login, or to the set-up of a new server. */
export function RequireSession({ children }: { children: ReactNode }) {
  const me = useMe();
  const location = useLocation();
  const out = !me.data && me.error instanceof ApiError && me.error.status === 401;
  const setup = useQuery({ ...setupQuery, enabled: out });
  if (me.data) return children;
  if (out && setup.data?.needed) return <Navigate to={paths.setup} replace />;
  if (out && !setup.isLoading) {
    const back = location.pathname + location.search;
    return <Navigate to={back === "/" ? paths.login : `${paths.login}?return=${encodeURIComponent(back)}`} replace />;
  }
  if (me.error && !out) return <ErrorState error={me.error} retry={() => void me.refetch()} className="mt-24" />;
  return <SkeletonLines lines={6} className="mx-auto max-w-md px-4 pt-24" />;
}
