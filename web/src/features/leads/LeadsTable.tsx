// SPDX-License-Identifier: Apache-2.0
import { rowSortingFeature, tableFeatures, useTable, type ColumnDef } from "@tanstack/react-table";
import { SearchX, Upload } from "lucide-react";
import { type CSSProperties, type RefObject, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useLocation, useNavigate, useSearchParams } from "react-router";
import { cx } from "@/lib/cx";
import { paths } from "@/lib/paths";
import { t } from "@/lib/strings";
import type { Lead } from "@/lib/types";
import { Button, ButtonLink } from "@/ui/Button";
import { EmptyState, ErrorState, Skeleton, StaleNotice } from "@/ui/states";
import { type ColumnId, fieldOf } from "./fields";
import { HeaderCell } from "./HeaderCell";
import { LeadRow } from "./LeadRow";
import { columnStyle, pinnedAt, useColumnLayout } from "./layout";
import { cleared, isFiltered, nextSort, readSort } from "./query";
import type { useLeadRows } from "./useLeadRows";
import { useRowKeys } from "./useRowKeys";
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
  mayUpload: boolean;
  /** Told where the reader is, to come back to. */
  onPlace: (index: number, total: number) => void;
}

export function LeadsTable({ query, columns, rows, selection, density, firstIndex, mayUpload, onPlace }: Props) {
  const [params, setParams] = useSearchParams();
  const scroller = useRef<HTMLDivElement>(null);
  const { list, total, row, look, jump } = rows;
  const layout = useColumnLayout();
  const rowHeight = ROW[density];
  const scroll = useScaledScroll({ scroller, count: total, rowHeight, top: HEAD, firstIndex, onJump: jump });
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

  // Rows of the question before, shown until the new ones come, keep the address they were under.
  const navigate = useNavigate();
  const { pathname, search } = useLocation();
  const [address, setAddress] = useState(pathname + search);
  if (!list.isPlaceholderData && address !== pathname + search) setAddress(pathname + search);
  const open = useCallback((lead: Lead) => void navigate(paths.lead(lead.id), { state: { from: address } }), [navigate, address]);

  const [current, setCurrent] = useRowKeys({ scroller, total, row, show, selection, from: scroll.firstVisible });

  if (list.isPending && !list.data)
    return <Frame scroller={scroller} columns={columns}>{<SkeletonRows height={rowHeight} columns={columns} />}</Frame>;
  if (list.error && !list.data)
    return <ErrorState error={list.error} retry={() => void list.refetch()} className="my-auto" />;
  if (total === 0) return <Nothing filtered={isFiltered(params)} mayUpload={mayUpload} clear={() => setParams(cleared(params))} />;

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
      <Frame scroller={scroller} columns={columns} busy={list.isFetching && !list.isFetchingNextPage}>
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
                <HeaderCell key={header.id} id={header.id} sorted={header.column.getIsSorted()} sort={() => sortBy(header.id)} left={pinnedAt(layout, columns, header.id)} />
              ))}
            </div>
          </div>
          <div role="rowgroup" className="relative" style={{ height: scroll.bar }}>
            <div role="none" className={cx("absolute inset-x-0 top-0 transition-opacity", list.isPlaceholderData && "opacity-60 delay-200")} style={{ transform: `translateY(${scroll.shift}px)` }}>
              {visible.map(({ index, lead }) => (
                <LeadRow
                  key={index}
                  index={index}
                  lead={lead}
                  columns={columns}
                  layout={layout}
                  y={scroll.y(index)}
                  height={rowHeight}
                  current={index === current}
                  selected={lead !== undefined && selection.has(lead.id)}
                  toggle={selection.toggle}
                  onFocus={setCurrent}
                  open={open}
                  from={address}
                />
              ))}
            </div>
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
      className="min-h-0 flex-1 overflow-auto overscroll-contain rounded-xl border bg-panel shadow-panel [--check:2.25rem] [--name:8rem] [overflow-anchor:none] [scroll-padding-left:calc(var(--check)+var(--name))] [scroll-padding-top:2.5rem] sm:[--check:2.75rem] sm:[--name:13.5rem]"
      style={columnStyle(useColumnLayout(), columns) as CSSProperties}
    >
      {children}
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

function Nothing({ filtered, mayUpload, clear }: { filtered: boolean; mayUpload: boolean; clear: () => void }) {
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
        mayUpload && (
          <ButtonLink variant="primary" to={paths.upload}>
            {t.leads.emptyAction}
          </ButtonLink>
        )
      }
    >
      {mayUpload ? t.leads.emptyText : t.leads.emptyAsk}
    </EmptyState>
  );
}
