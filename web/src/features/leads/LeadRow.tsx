// SPDX-License-Identifier: Apache-2.0
import { memo } from "react";
import { cx } from "@/lib/cx";
import { leadName } from "@/lib/lead";
import { t } from "@/lib/strings";
import type { Lead } from "@/lib/types";
import { Skeleton } from "@/ui/states";
import { Cell, isNumeric, NameCell } from "./cells";
import type { ColumnId } from "./fields";
import { type ColumnLayout, pinnedAt } from "./layout";

interface RowProps {
  index: number;
  lead: Lead | undefined;
  columns: ColumnId[];
  layout: ColumnLayout;
  y: number;
  height: number;
  current: boolean;
  selected: boolean;
  toggle: (id: string) => void;
  onFocus: (index: number) => void;
  /** Opens a lead, and the address to come back to. */
  open: (lead: Lead) => void;
  from: string;
}

/** Most rows stay as they are while the list moves: they are drawn anew only when something of theirs changes. */
export const LeadRow = memo(function LeadRow({ index, lead, columns, layout, y, height, current, selected, toggle, onFocus, open, from }: RowProps) {
  const ground = selected ? "bg-tint" : "bg-panel group-hover:bg-hover";
  const rowGround = selected ? "bg-tint" : "hover:bg-hover";
  return (
    <div
      role="row"
      data-index={index}
      data-tall={height > 40 || undefined}
      aria-rowindex={index + 2}
      aria-selected={lead ? selected : undefined}
      aria-busy={lead ? undefined : true}
      onFocus={() => onFocus(index)}
      onClick={(e) => {
        // The whole row opens the lead; what is in it keeps its own meaning, and so does marking text.
        if (!lead || (e.target as Element).closest("a, input, button, label") || String(window.getSelection())) return;
        open(lead);
      }}
      className={cx("group absolute inset-x-0 top-0 grid items-center border-b", lead && "cursor-pointer", rowGround)}
      style={{ height, transform: `translateY(${y}px)`, gridTemplateColumns: "var(--columns)" }}
    >
      <div role="cell" className={cx("sticky left-0 z-10 flex h-full items-center justify-center", ground, current && "shadow-[inset_3px_0_0_var(--color-accent)]")}>
        {lead && (
          <label className="flex size-full items-center justify-center">
            <input type="checkbox" aria-label={t.leads.select(leadName(lead))} checked={selected} onChange={() => toggle(lead.id)} className="size-4" />
          </label>
        )}
      </div>
      <div role="cell" className={cx("sticky left-(--check) z-10 flex h-full min-w-0 items-center px-3", ground)}>
        {lead ? <NameCell lead={lead} from={from} /> : <Skeleton className="h-4 w-32" />}
      </div>
      {columns.map((id) => {
        const left = pinnedAt(layout, columns, id);
        return (
          <div
            key={id}
            role="cell"
            style={left === undefined ? undefined : { left }}
            className={cx(
              "min-w-0 overflow-hidden px-3",
              isNumeric(id) ? "tnum text-right" : "text-left",
              left !== undefined && cx("z-10 flex h-full items-center sm:sticky", isNumeric(id) && "justify-end", ground),
            )}
          >
            {lead ? <Cell lead={lead} id={id} /> : <Skeleton className="h-4 w-3/4" />}
          </div>
        );
      })}
    </div>
  );
});
