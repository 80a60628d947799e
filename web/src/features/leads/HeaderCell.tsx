// SPDX-License-Identifier: Apache-2.0
import { ArrowDown, ArrowUp, ChevronsUpDown } from "lucide-react";
import type { CSSProperties, PointerEvent } from "react";
import { cx } from "@/lib/cx";
import { t } from "@/lib/strings";
import { isNumeric } from "./cells";
import { type ColumnId, fieldOf, labelOf } from "./fields";
import { setWidth } from "./layout";

interface Props {
  id: ColumnId;
  sorted: false | "asc" | "desc";
  sort: () => void;
  /** Where it sticks, when it is pinned. */
  left: string | undefined;
}

export function HeaderCell({ id, sorted, sort, left }: Props) {
  const sortable = fieldOf(id)?.sortable !== false;
  const Icon = sorted === "asc" ? ArrowUp : sorted === "desc" ? ArrowDown : ChevronsUpDown;
  const numeric = isNumeric(id);
  const label = <span className="truncate">{labelOf(id)}</span>;
  return (
    <div
      role="columnheader"
      aria-sort={sorted ? (sorted === "asc" ? "ascending" : "descending") : sortable ? "none" : undefined}
      className={cx(
        "group/head relative flex min-w-0 items-center text-sm font-medium text-soft",
        numeric ? "justify-end" : "justify-start",
        id === "name" && "sticky left-(--check) z-10 bg-sunken",
        left !== undefined && "z-10 bg-sunken sm:sticky",
        !sortable && "px-3",
      )}
      style={left === undefined ? undefined : ({ left } as CSSProperties)}
    >
      {sortable ? (
        <button
          type="button"
          onClick={sort}
          title={t.leads.sort(labelOf(id))}
          className={cx(
            "group flex h-full min-w-0 items-center gap-1 px-3 -outline-offset-2 hover:text-ink",
            numeric && "flex-row-reverse",
            sorted && "text-ink",
          )}
        >
          {label}
          <Icon aria-hidden className={cx("size-3.5 shrink-0", !sorted && "opacity-0 group-hover:opacity-100 group-focus-visible:opacity-100")} />
        </button>
      ) : (
        label
      )}
      <Edge id={id} />
    </div>
  );
}

/** The right edge, to be dragged; twice clicked it goes back. The column chooser does it by keys. */
function Edge({ id }: { id: ColumnId }) {
  function down(e: PointerEvent<HTMLSpanElement>) {
    const edge = e.currentTarget;
    const before = edge.parentElement!.getBoundingClientRect().width;
    const from = e.clientX;
    e.preventDefault();
    edge.setPointerCapture(e.pointerId);
    const move = (m: globalThis.PointerEvent) => setWidth(id, before + m.clientX - from);
    const up = () => {
      edge.removeEventListener("pointermove", move);
      edge.removeEventListener("pointerup", up);
      edge.removeEventListener("pointercancel", up);
    };
    edge.addEventListener("pointermove", move);
    edge.addEventListener("pointerup", up);
    edge.addEventListener("pointercancel", up);
  }
  return (
    <span
      aria-hidden
      title={t.leads.drag}
      onPointerDown={down}
      onDoubleClick={() => setWidth(id, null)}
      className="absolute inset-y-1.5 right-0 w-2 cursor-col-resize touch-none border-r-2 border-transparent group-hover/head:border-edge hover:border-accent max-sm:hidden"
    />
  );
}
