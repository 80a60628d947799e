// SPDX-License-Identifier: Apache-2.0
import { lazy } from "react";
import { Route, Routes } from "react-router";
import { RequireSession } from "@/features/session/RequireSession";
import { Layout } from "./Layout";

// Each page is fetched when it is first visited.
const Overview = lazy(() => import("@/pages/Overview"));
const Leads = lazy(() => import("@/pages/Leads"));
const Detail = lazy(() => import("@/pages/Detail"));
const NotFound = lazy(() => import("@/pages/NotFound"));

export function AppRoutes() {
  return (
    <Routes>
      <Route
        element={
          <RequireSession>
            <Layout />
          </RequireSession>
        }
      >
        <Route index element={<Overview />} />
        <Route path="leads" element={<Leads />} />
        <Route path="leads/:id" element={<Detail />} />
        <Route path="*" element={<NotFound />} />
      </Route>
    </Routes>
  );
}
