// SPDX-License-Identifier: Apache-2.0
import { lazy, Suspense } from "react";
import { Outlet, Route, Routes } from "react-router";
import { RequireSession } from "@/features/session/RequireSession";
import { Layout } from "./Layout";
import { loadLeads, loadOverview } from "./begin";

// Each page is fetched when it is first visited.
const Overview = lazy(loadOverview);
const Leads = lazy(loadLeads);
const Detail = lazy(() => import("@/pages/Detail"));
const Upload = lazy(() => import("@/pages/Upload"));
const Model = lazy(() => import("@/pages/Model"));
const Settings = lazy(() => import("@/pages/Settings"));
const Login = lazy(() => import("@/pages/Login"));
const Setup = lazy(() => import("@/pages/Setup"));
const Invite = lazy(() => import("@/pages/Invite"));
const NotFound = lazy(() => import("@/pages/NotFound"));

export function AppRoutes() {
  return (
    <Routes>
      <Route
        element={
          <Suspense fallback={null}>
            <Outlet />
          </Suspense>
        }
      >
        <Route path="login" element={<Login />} />
        <Route path="setup" element={<Setup />} />
        <Route path="invite" element={<Invite />} />
      </Route>
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
        <Route path="upload" element={<Upload />} />
        <Route path="upload/:id" element={<Upload />} />
        <Route path="model" element={<Model />} />
        <Route path="model/:version" element={<Model />} />
        <Route path="settings" element={<Settings />} />
        <Route path="settings/:tab" element={<Settings />} />
        <Route path="*" element={<NotFound />} />
      </Route>
    </Routes>
  );
}
