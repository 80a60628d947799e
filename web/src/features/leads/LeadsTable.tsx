// SPDX-License-Identifier: Apache-2.0
import { rowSortingFeature, tableFeatures, useTable, type ColumnDef } from "@tanstack/react-table";
import { ArrowDown, ArrowUp, ChevronsUpDown, SearchX, Upload } from "lucide-react";
import { type CSSProperties, type RefObject, useEffect, useMemo, useRef, useState } from "react";
import { useLocation, useNavigate, useSearchParams } from "react-router";
import { cx } from "@/lib/cx";
import { leadName } from "@/lib/lead";
import { paths } from "@/lib/paths";
import { useShortcuts } from "@/lib/shortcuts";
import { t } from "@/lib/strings";
import type { Lead } from "@/lib/types";
import { Button, ButtonLink } from "@/ui/Button";
import { EmptyState, ErrorState, Skeleton, StaleNotice } from "@/ui/states";
import { Cell, isNumeric, NameCell } from "./cells";
import { type ColumnId, fieldOf, labelOf } from "./fields";
import { cleared, isFiltered, nextSort, readSort } from "./query";
import type { useLeadRows } from "./useLeadRows";
import { useScaledScroll } from "./useScaledScroll";
import type { Selection } from "./useSelection";

export type Density = "comfortable" | "compact";
const ROW: Record<Density, number> = { comfortable: 44, compact: 34 };
const HEAD = 38;

const features = tableFeatures({ rowSortingFeature });
type Column = ColumnDef<typeof features, Lead>;

interface Props {
  query: string;
  columns: ColumnId[];
  rows: ReturnType<typeof useLeadRows>;
  selection: Selection;
  density: Density;
  firstIndex: number;
  /** Told where the reader is, to come back to. */
  onPlace: (index: number, total: number) => void;
}

function template(columns: ColumnId[]) {
  const sizes = columns.map((id) => {
    const f = fieldOf(id);
    const width = `${f?.width ?? 150}px`;
    return f?.grow ? `minmax(${width}, 1fr)` : width;
  });
  return ["var(--check)", "minmax(var(--name), 0.6fr)", ...sizes].join(" ");
}

/** Below this width the list scrolls sideways; in pixels, because fractions would widen it. */
const leastWidth = (columns: ColumnId[]) =>
  `calc(var(--check) + var(--name) + ${columns.reduce((sum, id) => sum + (fieldOf(id)?.width ?? 150), 0)}px)`;

export function LeadsTable({ query, columns, rows, selection, density, firstIndex, onPlace }: Props) {
  const [params, setParams] = useSearchParams();
  const scroller = useRef<HTMLDivElement>(null);
  const { list, total, row, look } = rows;
  const rowHeight = ROW[density];
  const scroll = useScaledScroll({ scroller, count: total, rowHeight, top: HEAD, firstIndex });
  const { items, show } = scroll;
  const sort = readSort(params);

  // Another question is read from its top.
  const asked = useRef(query);
  useEffect(() => {
    if (asked.current === query) return;
    asked.current = query;
    scroll.reset();
  });

  const from = items[0]?.index ?? 0;
  const to = items.at(-1)?.index ?? 0;
  useEffect(() => look(from, to), [from, to, look]);
  useEffect(() => onPlace(scroll.firstVisible(), total));

  const visible = items.map((item) => ({ index: item.index, lead: row(item.index) }));
  const defs = useMemo<Column[]>(() => ["name", ...columns].map((id) => ({ id, accessorFn: (lead: Lead) => lead.id })), [columns]);
  const data = visible.flatMap((v) => v.lead ?? []);
  const table = useTable({
    features,
    columns: defs,
    data,
    getRowId: (lead: Lead) => lead.id,
    manualSorting: true,
    state: { sorting: [sort] },
    onSortingChange: () => undefined,
  });

  const [current, setCurrent] = useRowKeys({ scroller, total, row, show, selection, from: scroll.firstVisible });

  if (list.isPending && !list.data)
    return <Frame scroller={scroller} columns={columns}>{<SkeletonRows height={rowHeight} columns={columns} />}</Frame>;
  if (list.error && !list.data)
    return <ErrorState error={list.error} retry={() => void list.refetch()} className="my-auto" />;
  if (total === 0) return <Nothing filtered={isFiltered(params)} clear={() => setParams(cleared(params))} />;

  function sortBy(id: string) {
    const next = new URLSearchParams(params);
    const kind = fieldOf(id)?.kind;
    next.set("sort", nextSort(params, id, kind !== "text" && kind !== "choice"));
    setParams(next);
  }

  const ids = data.map((l) => l.id);
  const allOn = ids.length > 0 && ids.every(selection.has);
  return (
    <>
      {list.error && <StaleNotice error={list.error} retry={() => void (list.isFetchNextPageError ? list.fetchNextPage() : list.refetch())} />}
      <Frame scroller={scroller} columns={columns} busy={list.isFetching}>
        <div role="table" aria-label={t.leads.caption} aria-rowcount={rows.exact ? total + 1 : -1} aria-colcount={columns.length + 2} className="min-w-(--least)">
          <div role="rowgroup" className="sticky top-0 z-20">
            <div role="row" aria-rowindex={1} className="grid border-b bg-sunken" style={{ height: HEAD, gridTemplateColumns: "var(--columns)" }}>
              <span role="columnheader" className="sticky left-0 z-10 flex items-center justify-center bg-sunken">
                <input
                  type="checkbox"
                  aria-label={t.leads.selectPage}
                  checked={allOn}
                  ref={(el) => {
                    if (el) el.indeterminate = !allOn && ids.some(selection.has);
                  }}
                  onChange={() => selection.set(ids, !allOn)}
                  className="size-4"
                />
              </span>
              {table.getHeaderGroups()[0]!.headers.map((header) => (
                <HeaderCell key={header.id} id={header.id} sorted={header.column.getIsSorted()} sort={() => sortBy(header.id)} />
              ))}
            </div>
          </div>
          <div role="rowgroup" className="relative" style={{ height: scroll.bar }}>
            {visible.map(({ index, lead }) => (
              <Row
                key={index}
                index={index}
                lead={lead}
                columns={columns}
                y={scroll.y(index)}
                height={rowHeight}
                current={index === current}
                selected={lead !== undefined && selection.has(lead.id)}
                toggle={selection.toggle}
                onFocus={setCurrent}
              />
            ))}
          </div>
        </div>
      </Frame>
    </>
  );
}

function Frame({ scroller, columns, busy, children }: { scroller: RefObject<HTMLDivElement | null>; columns: ColumnId[]; busy?: boolean; children: React.ReactNode }) {
  return (
    <div
      ref={scroller}
      aria-busy={busy}
      tabIndex={-1}
      className="min-h-0 flex-1 overflow-auto overscroll-contain rounded-xl border bg-panel shadow-panel [--check:2.25rem] [--name:8rem] [overflow-anchor:none] sm:[--check:2.75rem] sm:[--name:13.5rem]"
      style={{ "--columns": template(columns), "--least": leastWidth(columns) } as CSSProperties}
    >
      {children}
    </div>
  );
}

function HeaderCell({ id, sorted, sort }: { id: ColumnId; sorted: false | "asc" | "desc"; sort: () => void }) {
  const sortable = fieldOf(id)?.sortable !== false;
  const Icon = sorted === "asc" ? ArrowUp : sorted === "desc" ? ArrowDown : ChevronsUpDown;
  const numeric = isNumeric(id);
  const label = <span className="truncate">{labelOf(id)}</span>;
  return (
    <div
      role="columnheader"
      aria-sort={sorted ? (sorted === "asc" ? "ascending" : "descending") : sortable ? "none" : undefined}
      className={cx(
        "flex min-w-0 items-center text-sm font-medium text-soft",
        numeric ? "justify-end" : "justify-start",
        id === "name" && "sticky left-(--check) z-10 bg-sunken",
        !sortable && "px-3",
      )}
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
    </div>
  );
}

interface RowProps {
  index: number;
  lead: Lead | undefined;
  columns: ColumnId[];
  y: number;
  height: number;
  current: boolean;
  selected: boolean;
  toggle: (id: string) => void;
  onFocus: (index: number) => void;
}

function Row({ index, lead, columns, y, height, current, selected, toggle, onFocus }: RowProps) {
  const navigate = useNavigate();
  const location = useLocation();
  const state = { from: location.pathname + location.search };
  const ground = selected ? "bg-tint" : "bg-panel group-hover:bg-hover";
  const rowGround = selected ? "bg-tint" : "hover:bg-hover";
  return (
    <div
      role="row"
      data-index={index}
      aria-rowindex={index + 2}
      aria-selected={lead ? selected : undefined}
      aria-busy={lead ? undefined : true}
      onFocus={() => onFocus(index)}
      onClick={(e) => {
        // The whole row opens the lead; what is in it keeps its own meaning, and so does marking text.
        if (!lead || (e.target as Element).closest("a, input, button, label") || String(window.getSelection())) return;
        void navigate(paths.lead(lead.id), { state });
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
        {lead ? <NameCell lead={lead} state={state} /> : <Skeleton className="h-4 w-32" />}
      </div>
      {columns.map((id) => (
        <div key={id} role="cell" className={cx("min-w-0 overflow-hidden px-3", isNumeric(id) ? "tnum text-right" : "text-left")}>
          {lead ? <Cell lead={lead} id={id} /> : <Skeleton className="h-4 w-3/4" />}
        </div>
      ))}
    </div>
  );
}

function SkeletonRows({ height, columns }: { height: number; columns: ColumnId[] }) {
  return (
    <div role="status" className="min-w-(--least)">
      <span className="sr-only">{t.app.loading}</span>
      <div className="border-b bg-sunken" style={{ height: HEAD }} />
      {Array.from({ length: 24 }, (_, i) => (
        <div key={i} className="grid items-center border-b" style={{ height, gridTemplateColumns: "var(--columns)" }}>
          <span />
          {["name", ...columns].map((id) => (
            <div key={id} className="px-3">
              <Skeleton className="h-4 w-3/4" />
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}

function Nothing({ filtered, clear }: { filtered: boolean; clear: () => void }) {
  return filtered ? (
    <EmptyState icon={SearchX} title={t.leads.noMatchTitle} action={<Button onClick={clear}>{t.leads.clearFilters}</Button>} className="my-auto">
      {t.leads.noMatchText}
    </EmptyState>
  ) : (
    <EmptyState
      icon={Upload}
      title={t.leads.emptyTitle}
      className="my-auto"
      action={
        <ButtonLink variant="primary" to={paths.upload}>
          {t.leads.emptyAction}
        </ButtonLink>
      }
    >
      {t.leads.emptyText}
    </EmptyState>
  );
}

interface RowKeys {
  scroller: RefObject<HTMLElement | null>;
  total: number;
  row: (index: number) => Lead | undefined;
  show: (index: number) => void;
  selection: Selection;
  from: () => number;
}

/** j and k walk the rows, x selects, Enter opens, Escape lets go. The focus follows. */
function useRowKeys({ scroller, total, row, show, selection, from }: RowKeys) {
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
