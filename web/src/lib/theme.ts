// SPDX-License-Identifier: Apache-2.0
// Light, dark or as the system says. public/theme.js applies the choice before the first paint.
export type ThemeChoice = "light" | "dark" | "system";
const KEY = "heatscore.theme";

function read(): ThemeChoice {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === "light" || kept === "dark" ? kept : "system";
  } catch {
    return "system";
  }
}

const system = () => window.matchMedia("(prefers-color-scheme: dark)");
let choice: ThemeChoice = read();
const listeners = new Set<() => void>();

const dark = () => choice === "dark" || (choice === "system" && system().matches);

function apply() {
  document.documentElement.dataset.theme = dark() ? "dark" : "light";
  for (const listener of listeners) listener();
}

export function setTheme(next: ThemeChoice) {
  choice = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // Not kept then; it holds for this page.
  }
  apply();
}

export const toggleTheme = () => setTheme(dark() ? "light" : "dark");

export const themeStore = {
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  },
  snapshot: () => choice,
};

/** Follows the system while the choice is "system". */
export function watchSystemTheme() {
  system().addEventListener("change", apply);
}
