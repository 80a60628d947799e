// SPDX-License-Identifier: Apache-2.0
// Which leads are selected: some by id, or all that fit but some. A million ids are never listed.
import { useCallback, useMemo, useState } from "react";
import type { BulkTarget } from "./api";

interface State {
  all: boolean;
  /** The selected ones, or with ${all} the ones left out. */
  ids: ReadonlySet<string>;
}

const NONE: State = { all: false, ids: new Set() };

export interface Selection {
  count: number;
  all: boolean;
  has: (id: string) => boolean;
  toggle: (id: string) => void;
  set: (ids: string[], on: boolean) => void;
  selectAll: () => void;
  clear: () => void;
  target: BulkTarget;
}

/** Another query means other leads: nothing stays selected unseen. */
export function useSelection(query: string, total: number): Selection {
  const [kept, setKept] = useState({ query, state: NONE });
  const state = kept.query === query ? kept.state : NONE;
  const put = useCallback((state: State) => setKept({ query, state }), [query]);

  return useMemo(() => {
    const set = (ids: string[], on: boolean) => {
      const next = new Set(state.ids);
      for (const id of ids) {
        if (on !== state.all) next.add(id);
        else next.delete(id);
      }
      put({ all: state.all, ids: next });
    };
    const has = (id: string) => state.ids.has(id) !== state.all;
    return {
      count: state.all ? Math.max(0, total - state.ids.size) : state.ids.size,
      all: state.all,
      has,
      set,
      toggle: (id: string) => set([id], !has(id)),
      selectAll: () => put({ all: true, ids: new Set() }),
      clear: () => put(NONE),
      target: state.all ? { filter: query, except: [...state.ids] } : { ids: [...state.ids] },
    };
  }, [state, total, query, put]);
}
