// SPDX-License-Identifier: Apache-2.0
// Browsers end at some 17 to 33 million pixels; a million rows are more. Above MAX the scroll bar is
// scaled: far moves of it map to the whole list, near ones (wheel, keys, touch) move rows by their
// pixels, and the bar is set right when it has come to rest.
import { useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useEffect, useRef } from "react";

export const MAX_PX = 12_000_000;
const REST_MS = 160;
const BLOCK = 1000;

export interface Scale {
  /** Pixels of all rows, pixels of the scroll bar's range, pixels on screen. */
  rows: number;
  bar: number;
  view: number;
}

/** Where the rows stand when the bar stands at ${s}. */
export function rowsAt({ rows, bar, view }: Scale, s: number) {
  if (rows <= bar) return s;
  const range = bar - view;
  return range <= 0 ? 0 : (Math.min(Math.max(s, 0), range) / range) * (rows - view);
}

/** Where the bar belongs when the rows stand at ${v}. */
export function barAt({ rows, bar, view }: Scale, v: number) {
  if (rows <= bar) return v;
  const range = rows - view;
  return range <= 0 ? 0 : (Math.min(Math.max(v, 0), range) / range) * (bar - view);
}

/** The rows' place after the bar moved from ${before} to ${s}, when they stood at ${v}. */
export function moved(scale: Scale, v: number, before: number, s: number) {
  if (scale.rows <= scale.bar) return s;
  const step = s - before;
  const edge = s <= 0 || s >= scale.bar - scale.view;
  if (edge || Math.abs(step) > scale.view * 1.5) return rowsAt(scale, s);
  return Math.min(Math.max(v + step, 0), scale.rows - scale.view);
}

interface Options {
  scroller: RefObject<HTMLElement | null>;
  count: number;
  rowHeight: number;
  /** Height of what sticks to the top, the header. */
  top: number;
  firstIndex: number;
  /** Told of a far move, with the first row that will be drawn, before it is. */
  onJump?: (first: number) => void;
}

const OVERSCAN = 4;

export function useScaledScroll({ scroller, count, rowHeight, top, firstIndex, onJump }: Options) {
  const rows = count * rowHeight;
  const bar = Math.min(rows, MAX_PX);
  // v: where the rows stand; s: where the bar stands.
  const place = useRef({ v: firstIndex * rowHeight, s: 0, ready: false });
  const scale = useRef<Scale>({ rows, bar, view: 1 });
  const jump = useRef(onJump);
  useEffect(() => {
    jump.current = onJump;
  });
  const tell = useRef<((offset: number, scrolling: boolean) => void) | null>(null);

  // Unless it is told where to go, it leaves alone a bar that has moved and whose event is still to come.
  const setBar = useCallback((goTo = false) => {
    const el = scroller.current;
    if (!el || (!goTo && Math.abs(el.scrollTop - place.current.s) >= 1)) return;
    const s = barAt(scale.current, place.current.v);
    if (Math.abs(el.scrollTop - s) >= 1) el.scrollTop = s;
    place.current.s = el.scrollTop;
  }, [scroller]);

  const virtual = useVirtualizer<HTMLElement, HTMLElement>({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    initialOffset: firstIndex * rowHeight,
    observeElementOffset: (_, told) => {
      const el = scroller.current;
      if (!el) return undefined;
      tell.current = told;
      let timer: ReturnType<typeof setTimeout> | undefined;
      const rest = () => {
        setBar();
        told(place.current.v, false);
      };
      const onScroll = () => {
        const s = el.scrollTop;
        if (s === place.current.s) return;
        const far = Math.abs(s - place.current.s) > scale.current.view * 1.5;
        place.current.v = moved(scale.current, place.current.v, place.current.s, s);
        place.current.s = s;
        if (far) jump.current?.(Math.max(0, Math.floor(place.current.v / rowHeight) - OVERSCAN));
        told(place.current.v, true);
        clearTimeout(timer);
        timer = setTimeout(rest, REST_MS);
      };
      told(place.current.v, false);
      el.addEventListener("scroll", onScroll, { passive: true });
      return () => {
        clearTimeout(timer);
        el.removeEventListener("scroll", onScroll);
      };
    },
    scrollToFn: (offset) => {
      place.current.v = Math.max(0, offset);
      setBar(true);
      tell.current?.(place.current.v, false);
    },
  });

  useEffect(() => {
    const el = scroller.current;
    if (!el) return;
    const measure = () => {
      // Before there are rows nothing is known of where they end: the place to begin at stays.
      if (rows === 0) return;
      scale.current = { rows, bar, view: Math.max(1, el.clientHeight - top) };
      place.current.v = Math.min(place.current.v, Math.max(0, rows - scale.current.view));
      setBar();
      tell.current?.(place.current.v, false);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(el);
    return () => observer.disconnect();
  }, [scroller, rows, bar, top, setBar]);

  const reset = useCallback(() => {
    place.current.v = 0;
    setBar(true);
    tell.current?.(0, false);
  }, [setBar]);

  /** Moves so that a row is whole on screen. */
  const show = useCallback(
    (index: number) => {
      const { v } = place.current;
      const { view } = scale.current;
      const y = index * rowHeight;
      if (y < v) place.current.v = y;
      else if (y + rowHeight > v + view) place.current.v = y + rowHeight - view;
      else return;
      setBar(true);
      tell.current?.(place.current.v, false);
    },
    [rowHeight, setBar],
  );

  const items = virtual.getVirtualItems();
  // Rows stand where they stand in their thousand, and all move together: while the list moves only
  // that shift changes, not every row. Without a scale it is nothing.
  const base = rows <= bar ? 0 : (items[0]?.index ?? 0) - ((items[0]?.index ?? 0) % BLOCK);
  const shift = rows <= bar ? 0 : base * rowHeight - place.current.v + place.current.s;
  /** Where a row is drawn, in pixels below the shift. */
  const y = (index: number) => (index - base) * rowHeight;
  return { items, bar, y, shift, show, reset, firstVisible: () => Math.floor(place.current.v / rowHeight) };
}
