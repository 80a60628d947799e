// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import { onSessionEnd } from "@/lib/client";
import { t } from "@/lib/strings";
import type { Me } from "@/lib/types";
import { Dialog } from "@/ui/Dialog";
import { sessionKeys } from "./api";

const LoginForm = lazy(() => import("./LoginForm").then((m) => ({ default: m.LoginForm })));

/** Asks to sign in again over the page as it stands, so that what was typed stays. */
export function SessionEnded({ me }: { me: Me | undefined }) {
  const queries = useQueryClient();
  const [ended, setEnded] = useState(false);
  useEffect(() => onSessionEnd(() => setEnded(true)), []);
  function done(next: Me) {
    setEnded(false);
    queries.setQueryData(sessionKeys.me, next);
    // Another person must not see what the first one had loaded.
    if (me && next.id !== me.id) queries.clear();
    else void queries.invalidateQueries();
  }
  return (
    <Dialog
      open={ended && me !== undefined && me.id !== "local"}
      onOpenChange={setEnded}
      title={t.errors.again}
      about={t.errors.againAbout}
      sticky
    >
      <Suspense fallback={null}>
        <LoginForm onDone={done} back={null} email={me?.email ?? ""} />
      </Suspense>
    </Dialog>
  );
}
