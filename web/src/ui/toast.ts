// SPDX-License-Identifier: Apache-2.0
// What to tell the user in passing. toast() may be called from anywhere; <Toaster> in the layout shows.
import type { Tone } from "./Notice";

export interface Toast {
  id: number;
  tone: Tone;
  title: string;
  text?: string | undefined;
  action?: { label: string; run: () => void } | undefined;
}

type Listener = () => void;
let toasts: Toast[] = [];
let last = 0;
const listeners = new Set<Listener>();

function tell(next: Toast[]) {
  toasts = next;
  for (const listener of listeners) listener();
}

export function toast(what: Omit<Toast, "id" | "tone"> & { tone?: Tone }) {
  tell([...toasts.slice(-3), { tone: "info", ...what, id: ++last }]);
}

export const toastStore = {
  subscribe(listener: Listener) {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  },
  snapshot: () => toasts,
  drop: (id: number) => tell(toasts.filter((x) => x.id !== id)),
};
