// SPDX-License-Identifier: Apache-2.0
// Rows of a list that may have millions. Pages follow each other by cursor from an anchor, so that
// none is skipped or repeated; a far jump of the scroll bar sets a new anchor, which the server finds
// as a fraction of the sorted list.
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { api } from "@/lib/client";
import type { Lead, Page } from "@/lib/types";
import { leadKeys } from "./api";

export const PAGE = 100;
const SETTLE_MS = 90;

interface Start {
  index: number;
  cursor?: string;
}

type Loaded = Page<Lead> & { index: number };

async function fetchPage(query: string, extra: string, start: Start, total: number, signal: AbortSignal): Promise<Loaded> {
  const params = new URLSearchParams(query);
  for (const [key, value] of new URLSearchParams(extra)) params.append(key, value);
  params.set("limit", String(PAGE));
  if (start.cursor) params.set("cursor", start.cursor);
  // The middle of the row's share: rounding cannot fall to the row before.
  else if (start.index > 0 && total > 0) params.set("at", String(Math.min(1, (start.index + 0.5) / total)));
  const page = await api.get<Page<Lead>>("/leads", { signal, params });
  return { ...page, index: start.index };
}

/** Where to anchor for a look at these rows: a little above them, so that one page has all on screen;
 * on the way up much above, for what comes next is there. */
export function anchorFor(first: number, total: number, up = false) {
  return Math.min(Math.max(0, first - Math.floor(up ? PAGE * 0.6 : PAGE / 4)), Math.max(0, total - PAGE));
}

/** ${from}: the row to begin at, and how many there were when that was its number. */
export function useLeadRows(query: string, extra: string, from: { index: number; total: number }) {
  const [place, setPlace] = useState({ query, anchor: from.index > 0 ? anchorFor(from.index, from.total) : 0 });
  // Another question starts at the top, in the same render.
  const anchor = place.query === query ? place.anchor : 0;
  const known = useRef(from.total);

  const list = useInfiniteQuery({
    queryKey: leadKeys.list(query, extra, anchor),
    queryFn: ({ pageParam, signal }) => fetchPage(query, extra, pageParam, known.current, signal),
    initialPageParam: { index: anchor } as Start,
    getNextPageParam: (last): Start | undefined =>
      last.next_cursor ? { index: last.index + last.items.length, cursor: last.next_cursor } : undefined,
    maxPages: 40,
    getPreviousPageParam: () => undefined,
    placeholderData: keepPreviousData,
  });

  const pages = useMemo(() => list.data?.pages ?? [], [list.data]);
  const first = pages[0];
  const last = pages.at(-1);
  const end = last ? last.index + last.items.length : 0;
  const told = first?.total ?? null;
  const total = told ?? Math.max(first?.total_at_least ?? 0, end + (last?.next_cursor ? PAGE : 0));
  useEffect(() => {
    known.current = total;
  }, [total]);

  const row = useCallback(
    (index: number): Lead | undefined => {
      for (const page of pages) {
        const i = index - page.index;
        if (i >= 0 && i < page.items.length) return page.items[i];
      }
      return undefined;
    },
    [pages],
  );

  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const jumped = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);

  const { hasNextPage, isFetching, isPlaceholderData, fetchNextPage } = list;
  const start = first?.index ?? 0;

  /** Told which rows are on screen: fetches what is missing there. */
  const look = useCallback(
    (a: number, b: number) => {
      if (total === 0 || isPlaceholderData) return;
      clearTimeout(timer.current);
      const near = a >= start && a <= end + PAGE;
      if (near) {
        if (b + PAGE / 2 > end && hasNextPage && !isFetching) void fetchNextPage();
        return;
      }
      // One jump is asked for at once; while the scroll bar moves on, where it stops, not at every place it passes.
      const since = performance.now() - jumped.current;
      jumped.current = performance.now();
      timer.current = setTimeout(() => setPlace({ query, anchor: anchorFor(a, total, a < start && a > start - PAGE) }), since > 3 * SETTLE_MS ? 0 : SETTLE_MS);
    },
    [total, start, end, hasNextPage, isFetching, isPlaceholderData, fetchNextPage, query],
  );

  return { list, row, total, exact: told !== null, look };
}
