// SPDX-License-Identifier: Apache-2.0
// Single-key shortcuts and sequences such as "g l". They are off while something is typed and can be
// switched off altogether (WCAG 2.1.4). The last registered owner of a key gets it.
import { useEffect, useRef } from "react";

export type Shortcuts = Record<string, (e: KeyboardEvent) => void>;
const KEY = "heatscore.shortcuts";
const SEQUENCE_MS = 1200;

const owners: { current: Shortcuts }[] = [];
let pending: string | null = null;
let pendingAt = 0;

export function shortcutsOn() {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return true;
  }
}

export function setShortcutsOn(on: boolean) {
  try {
    localStorage.setItem(KEY, on ? "on" : "off");
  } catch {
    // Not kept then.
  }
}

function typing(target: EventTarget | null) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button", "range"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

const inOverlay = (target: EventTarget | null) =>
  target instanceof Element && target.closest('[role="dialog"], [role="menu"], [role="alertdialog"]') !== null;

function find(name: string) {
  for (let i = owners.length - 1; i >= 0; i--) {
    const run = owners[i]!.current[name];
    if (run) return run;
  }
  return undefined;
}

function onKey(e: KeyboardEvent) {
  if (e.defaultPrevented || e.isComposing) return;
  const mod = e.ctrlKey || e.metaKey;
  if (mod || e.altKey) {
    const run = mod && !e.altKey ? find(`mod+${e.key.toLowerCase()}`) : undefined;
    if (run) run(e);
    return;
  }
  if (typing(e.target) || inOverlay(e.target) || !shortcutsOn()) return;
  const now = e.timeStamp;
  const sequence = pending && now - pendingAt < SEQUENCE_MS ? `${pending} ${e.key}` : null;
  pending = null;
  const run = (sequence && find(sequence)) || find(e.key);
  if (run) {
    run(e);
    return;
  }
  if (owners.some((o) => Object.keys(o.current).some((k) => k.startsWith(`${e.key} `)))) {
    pending = e.key;
    pendingAt = now;
  }
}

/** Keys by KeyboardEvent.key ("j", "?", "Enter"), "mod+k" for Ctrl or Cmd, "g l" for a sequence. */
export function useShortcuts(map: Shortcuts) {
  const latest = useRef(map);
  useEffect(() => {
    latest.current = map;
  });
  useEffect(() => {
    if (owners.length === 0) window.addEventListener("keydown", onKey);
    owners.push(latest);
    return () => {
      owners.splice(owners.indexOf(latest), 1);
      if (owners.length === 0) window.removeEventListener("keydown", onKey);
    };
  }, []);
}
