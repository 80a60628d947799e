// SPDX-License-Identifier: Apache-2.0
// How wide the reader wants each column and which stay on the left; kept by this browser for every
// list and view. The columns themselves and their order are in the address.
import { useSyncExternalStore } from "react";
import { type ColumnId, fieldOf } from "./fields";

export interface ColumnLayout {
  widths: Record<ColumnId, number>;
  pinned: ColumnId[];
}

const KEY = "heatscore.columns";
const MIN = 64;
const MAX = 800;
export const WIDTH_STEP = 32;

function kept(): ColumnLayout {
  try {
    const { widths, pinned } = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<ColumnLayout>;
    const sound = Object.entries(widths ?? {}).filter(([, px]) => px >= MIN && px <= MAX);
    return { widths: Object.fromEntries(sound), pinned: (pinned ?? []).map(String) };
  } catch {
    return { widths: {}, pinned: [] };
  }
}

let now: ColumnLayout | undefined;
const listeners = new Set<() => void>();
const snapshot = () => (now ??= kept());

function put(next: ColumnLayout) {
  now = next;
  try {
    localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // Not kept then.
  }
  for (const tell of listeners) tell();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export const columnLayout = snapshot;
export const useColumnLayout = () => useSyncExternalStore(subscribe, snapshot);

/** Pixels, or null for the usual width. */
export function setWidth(id: ColumnId, px: number | null) {
  const { [id]: _, ...widths } = snapshot().widths;
  if (px !== null) widths[id] = Math.round(Math.min(MAX, Math.max(MIN, px)));
  put({ ...snapshot(), widths });
}

export function togglePin(id: ColumnId) {
  const { pinned } = snapshot();
  put({ ...snapshot(), pinned: pinned.includes(id) ? pinned.filter((p) => p !== id) : [...pinned, id] });
}

export const resetLayout = () => put({ widths: {}, pinned: [] });

export const widthOf = (layout: ColumnLayout, id: ColumnId) => layout.widths[id] ?? fieldOf(id)?.width ?? 150;

/** Pinned columns come first, in the order of the address. */
export const pinnedFirst = (layout: ColumnLayout, columns: ColumnId[]) => [
  ...columns.filter((c) => layout.pinned.includes(c)),
  ...columns.filter((c) => !layout.pinned.includes(c)),
];

/** The list's columns as CSS: check mark, name, then ${columns}. Below --least it scrolls sideways. */
export function columnStyle(layout: ColumnLayout, columns: ColumnId[]) {
  const pinned = columns.some((c) => layout.pinned.includes(c));
  const own = layout.widths.name;
  const sizes = columns.map((id) => {
    const px = `${widthOf(layout, id)}px`;
    return fieldOf(id)?.grow && layout.widths[id] === undefined && !layout.pinned.includes(id) ? `minmax(${px}, 1fr)` : px;
  });
  // What is pinned stands right of the name, whose width must then be known; a column that says more
  // than a name takes the room that is left.
  const grows = columns.some((id) => fieldOf(id)?.grow);
  const name = own !== undefined || pinned || grows ? "var(--name)" : "minmax(var(--name), 20rem)";
  const rest = columns.reduce((sum, id) => sum + widthOf(layout, id), 0);
  return {
    "--columns": ["var(--check)", name, ...sizes].join(" "),
    // In pixels, because fractions would widen it.
    "--least": `calc(var(--check) + var(--name) + ${rest}px)`,
    ...(own === undefined ? {} : { "--name": `min(${own}px, 50vw)` }),
  };
}

/** Where a pinned column sticks, or undefined for the others. */
export function pinnedAt(layout: ColumnLayout, columns: ColumnId[], id: ColumnId) {
  if (!layout.pinned.includes(id)) return undefined;
  const before = columns.slice(0, columns.indexOf(id)).reduce((sum, c) => sum + widthOf(layout, c), 0);
  return `calc(var(--check) + var(--name) + ${before}px)`;
}
