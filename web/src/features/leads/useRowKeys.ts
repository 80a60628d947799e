// SPDX-License-Identifier: Apache-2.0
import { type RefObject, useEffect, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { paths } from "@/lib/paths";
import { useShortcuts } from "@/lib/shortcuts";
import type { Lead } from "@/lib/types";
import type { Selection } from "./useSelection";

interface RowKeys {
  scroller: RefObject<HTMLElement | null>;
  total: number;
  row: (index: number) => Lead | undefined;
  show: (index: number) => void;
  selection: Selection;
  from: () => number;
}

/** j and k walk the rows, x selects, Enter opens, Escape lets go. The focus follows. */
export function useRowKeys({ scroller, total, row, show, selection, from }: RowKeys) {
  const navigate = useNavigate();
  const location = useLocation();
  const [current, setCurrent] = useState(-1);
  const wanted = useRef(-1);

  // The row may have to be drawn first, or loaded.
  useEffect(() => {
    if (wanted.current < 0) return;
    const link = scroller.current?.querySelector<HTMLElement>(`[data-index="${wanted.current}"] a`);
    if (!link) return;
    wanted.current = -1;
    link.focus({ preventScroll: true });
  });

  function step(by: number) {
    const next = current < 0 ? from() : Math.min(total - 1, Math.max(0, current + by));
    wanted.current = next;
    setCurrent(next);
    show(next);
  }

  useShortcuts({
    j: () => step(1),
    k: () => step(-1),
    x: () => {
      const lead = row(current);
      if (lead) selection.toggle(lead.id);
    },
    Enter: (e) => {
      const lead = row(current);
      if (lead && e.target === document.body) void navigate(paths.lead(lead.id), { state: { from: location.pathname + location.search } });
    },
    Escape: () => {
      if (selection.count > 0) selection.clear();
      else setCurrent(-1);
    },
  });
  return [current, setCurrent] as const;
}
