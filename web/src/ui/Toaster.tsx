// SPDX-License-Identifier: Apache-2.0
import { lazy, Suspense, useSyncExternalStore } from "react";
import { toastStore } from "./toast";

const Impl = lazy(() => import("./ToasterImpl"));

export function Toaster() {
  const toasts = useSyncExternalStore(toastStore.subscribe, toastStore.snapshot);
  if (toasts.length === 0) return null;
  return (
    <Suspense fallback={null}>
      <Impl toasts={toasts} />
    </Suspense>
  );
}
