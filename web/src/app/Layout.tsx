// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { Outlet, useLocation, useNavigate } from "react-router";
import { Jobs } from "@/features/jobs/Jobs";
import { SessionEnded } from "@/features/session/SessionEnded";
import { logout, useMe } from "@/features/session/api";
import { paths } from "@/lib/paths";
import { atLeast } from "@/lib/roles";
import { useShortcuts } from "@/lib/shortcuts";
import { t } from "@/lib/strings";
import { SkeletonLines } from "@/ui/states";
import { Toaster } from "@/ui/Toaster";
import { ErrorBoundary } from "./ErrorBoundary";
import { Navbar } from "./Navbar";

const CommandPalette = lazy(() => import("./CommandPalette"));
const ShortcutHelp = lazy(() => import("./ShortcutHelp"));

/** The frame around every page: navigation, search, palette, help, messages. */
export function Layout() {
  const me = useMe();
  const navigate = useNavigate();
  const location = useLocation();
  const queries = useQueryClient();
  const search = useRef<HTMLInputElement>(null);
  const [overlay, setOverlay] = useState<"palette" | "help" | null>(null);
  const close = () => setOverlay(null);

  useShortcuts({
    "mod+k": (e) => {
      e.preventDefault();
      setOverlay((o) => (o === "palette" ? null : "palette"));
    },
    "?": () => setOverlay("help"),
    "/": (e) => {
      e.preventDefault();
      search.current?.focus();
      search.current?.select();
    },
    "g o": () => void navigate(paths.overview),
    "g l": () => void navigate(paths.leads),
    "g m": () => void navigate(paths.model),
    "g u": () => atLeast(me.data, "rep") && void navigate(paths.upload),
    "g q": () => void navigate(`${paths.overview}#queue`),
  });

  useEffect(() => {
    if (!location.hash) window.scrollTo(0, 0);
  }, [location.pathname, location.hash]);

  async function signOut() {
    await logout().catch(() => undefined);
    queries.clear();
    void navigate(paths.login);
  }

  return (
    <>
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-lg focus:bg-panel focus:px-4 focus:py-2 focus:shadow-pop"
      >
        {t.app.skip}
      </a>
      <Navbar
        me={me.data}
        searchRef={search}
        onPalette={() => setOverlay("palette")}
        onHelp={() => setOverlay("help")}
        onSignOut={() => void signOut()}
        jobs={<Jobs />}
      />
      <main id="main" tabIndex={-1} className="px-3 pt-5 pb-12 sm:px-5">
        <ErrorBoundary resetKey={location.pathname}>
          <Suspense fallback={<SkeletonLines lines={8} className="mx-auto max-w-7xl" />}>
            <Outlet />
          </Suspense>
        </ErrorBoundary>
      </main>
      <Suspense fallback={null}>
        {overlay === "palette" && <CommandPalette me={me.data} onClose={close} />}
        {overlay === "help" && <ShortcutHelp onClose={close} />}
      </Suspense>
      <SessionEnded me={me.data} />
      <Toaster />
    </>
  );
}
