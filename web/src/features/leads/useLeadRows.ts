// SPDX-License-Identifier: Apache-2.0
// Rows of a list that may have millions. Pages follow each other by cursor from an anchor, so that
// none is skipped or repeated; a far jump of the scroll bar sets a new anchor, which the server finds
// as a fraction of the sorted list.
import { infiniteQueryOptions, keepPreviousData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { api } from "@/lib/client";
import type { Lead, Page } from "@/lib/types";
import { leadKeys } from "./api";

export const PAGE = 100;
const SETTLE_MS = 90;
const AFTER_MS = 150;

/** Rows of the page that is waited for: a screen of the smallest rows and what is above and below it.
 * What comes next follows at once, when they can be seen already. */
export const firstPage = () => Math.min(PAGE, Math.max(50, Math.ceil(window.innerHeight / 34) + 25));

interface Start {
  index: number;
  limit: number;
  cursor?: string;
}

type Loaded = Page<Lead> & { index: number };

async function fetchPage(query: string, extra: string, start: Start, total: number, signal: AbortSignal): Promise<Loaded> {
  const params = new URLSearchParams(query);
  for (const [key, value] of new URLSearchParams(extra)) params.append(key, value);
  params.set("limit", String(start.limit));
  if (start.cursor) params.set("cursor", start.cursor);
  // The middle of the row's share: rounding cannot fall to the row before.
  else if (start.index > 0 && total > 0) params.set("at", String(Math.min(1, (start.index + 0.5) / total)));
  const page = await api.get<Page<Lead>>("/leads", { signal, params });
  return { ...page, index: start.index };
}

/** Where to anchor for a look at these rows: a little above them, so that one page has all on screen;
 * on the way up much above, for what comes next is there. */
export function anchorFor(first: number, total: number, up = false) {
  const page = up ? PAGE : firstPage();
  return Math.min(Math.max(0, first - Math.floor(up ? page * 0.6 : page / 4)), Math.max(0, total - page));
}

const startFor = (first: number, total: number, up = false): Start => ({ index: anchorFor(first, total, up), limit: up ? PAGE : firstPage() });

/** The pages from one anchor on. ${total}: how many there are, as far as that is known. */
const pagesFrom = (query: string, extra: string, start: Start, total: () => number) =>
  infiniteQueryOptions({
    queryKey: leadKeys.list(query, extra, start.index),
    queryFn: ({ pageParam, signal }) => fetchPage(query, extra, pageParam, total(), signal),
    initialPageParam: start,
    getNextPageParam: (last): Start | undefined =>
      last.next_cursor ? { index: last.index + last.items.length, limit: PAGE, cursor: last.next_cursor } : undefined,
    getPreviousPageParam: () => undefined,
    maxPages: 40,
  });

/** The top of a list, for who knows that it will be asked for. */
export const topOf = (query: string, extra: string) => pagesFrom(query, extra, startFor(0, 0), () => 0);

/** ${from}: the row to begin at, and how many there were when that was its number. */
export function useLeadRows(query: string, extra: string, from: { index: number; total: number }) {
  const queries = useQueryClient();
  const [place, setPlace] = useState({ query, start: startFor(from.index, from.total) });
  // Another question starts at the top, in the same render.
  const start = place.query === query ? place.start : startFor(0, 0);
  const known = useRef(from.total);

  const list = useInfiniteQuery({ ...pagesFrom(query, extra, start, () => known.current), placeholderData: keepPreviousData });

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
  const begin = first?.index ?? 0;
  const isNear = useCallback((a: number) => a >= begin && a <= end + PAGE, [begin, end]);
  const placeAt = useCallback((a: number) => ({ query, start: startFor(a, total, a < begin && a > begin - PAGE) }), [query, total, begin]);

  /** Told of a jump of the scroll bar before anything is drawn: one jump is asked for at once; while the
   * bar moves on, where it comes to rest. */
  const jump = useCallback(
    (a: number) => {
      if (total === 0 || isPlaceholderData || isNear(a) || performance.now() - jumped.current <= 3 * SETTLE_MS) return;
      jumped.current = performance.now();
      clearTimeout(timer.current);
      const next = placeAt(a);
      void queries.prefetchInfiniteQuery(pagesFrom(query, extra, next.start, () => known.current));
      setPlace(next);
    },
    [total, isPlaceholderData, isNear, placeAt, queries, query, extra],
  );

  /** Told which rows are on screen: fetches what is missing there. */
  const look = useCallback(
    (a: number, b: number) => {
      if (total === 0 || isPlaceholderData) return;
      clearTimeout(timer.current);
      if (isNear(a)) {
        // Behind the first page not before that has been painted.
        if (b + PAGE / 2 > end && hasNextPage && !isFetching) timer.current = setTimeout(() => void fetchNextPage(), b < end && pages.length === 1 ? AFTER_MS : 0);
        return;
      }
      // One jump is asked for at once; while the scroll bar moves on, where it stops, not at every place it passes.
      const since = performance.now() - jumped.current;
      jumped.current = performance.now();
      timer.current = setTimeout(() => setPlace(placeAt(a)), since > 3 * SETTLE_MS ? 0 : SETTLE_MS);
    },
    [total, end, pages.length, hasNextPage, isFetching, isPlaceholderData, fetchNextPage, isNear, placeAt],
  );

  return { list, row, total, exact: told !== null, look, jump };
}
