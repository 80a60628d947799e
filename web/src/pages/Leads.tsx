// SPDX-License-Identifier: Apache-2.0
import type { QueryClient } from "@tanstack/react-query";
import { Download, Rows3, Rows4 } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useLocation, useNavigate, useNavigationType, useSearchParams } from "react-router";
import type { BulkTarget } from "@/features/leads/api";
import { ColumnChooser } from "@/features/leads/ColumnChooser";
import { isAttribute } from "@/features/leads/fields";
import { FilterBar } from "@/features/leads/FilterBar";
import { type Density, LeadsTable } from "@/features/leads/LeadsTable";
import { asked, isFiltered, joinNames, readColumns } from "@/features/leads/query";
import { columnLayout, pinnedFirst, useColumnLayout } from "@/features/leads/layout";
import { topOf, useLeadRows } from "@/features/leads/useLeadRows";
import { useSelection } from "@/features/leads/useSelection";
import { Views } from "@/features/leads/Views";
import { meQuery, useMe, usePreferences } from "@/features/session/api";
import { atLeast } from "@/lib/roles";
import { t } from "@/lib/strings";
import { Button, IconButton } from "@/ui/Button";
import { PageHeader } from "@/ui/PageHeader";

const BulkBar = lazy(() => import("@/features/leads/BulkBar").then((m) => ({ default: m.BulkBar })));
const ExportDialog = lazy(() => import("@/features/leads/ExportDialog").then((m) => ({ default: m.ExportDialog })));

interface Place {
  index: number;
  total: number;
}

/** Where the reader was in each list of this visit: coming back from a lead lands on the same rows. */
const places = new Map<string, Place>();

/** The same in the address, behind its "#", for a link that shows a colleague the same rows. */
function linkedPlace(): Place | undefined {
  const [, index, total] = /^#row-(\d+)-of-(\d+)$/.exec(window.location.hash) ?? [];
  return index === undefined ? undefined : { index: Number(index) - 1, total: Number(total) };
}

function linkPlace({ index, total }: Place) {
  const hash = index > 0 ? `#row-${index + 1}-of-${total}` : "";
  if (hash === window.location.hash) return;
  // Not by the router, which would draw the page anew.
  window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search + hash);
}
const LINK_MS = 400;
const DENSITY_KEY = "heatscore.density";

function keptDensity(): Density {
  try {
    return localStorage.getItem(DENSITY_KEY) === "compact" ? "compact" : "comfortable";
  } catch {
    return "comfortable";
  }
}

/** The view that a user wants first, where the list is opened without saying which; not on the way back. */
function useFirstView() {
  const [preferences, keep] = usePreferences();
  const first = typeof preferences.leads_view === "string" ? preferences.leads_view : "";
  const { search, key } = useLocation();
  const navigate = useNavigate();
  const opened = useNavigationType() === "PUSH" || key === "default";
  const [due, setDue] = useState(opened && search === "" && first !== "");
  useEffect(() => {
    if (!due) return;
    setDue(false);
    void navigate({ search: first }, { replace: true });
  }, [due, first, navigate]);
  return { due, first, setFirst: (leads_view: string) => keep.mutate({ leads_view }) };
}

/** Asks for the top of the list that the address means, before it is drawn; or the user's first view. */
export async function preload(queries: QueryClient) {
  if (window.location.hash) return; // another place
  let { search } = window.location;
  if (!search) {
    const me = await queries.fetchQuery(meQuery);
    if (typeof me.preferences?.leads_view === "string") search = me.preferences.leads_view;
  }
  const params = new URLSearchParams(search);
  const columns = pinnedFirst(columnLayout(), readColumns(params));
  void queries.prefetchInfiniteQuery(topOf(asked(params).toString(), extraOf(columns)));
}

export default function Leads() {
  const { due, ...views } = useFirstView();
  return due ? null : <List views={views} />;
}

function List({ views }: { views: Parameters<typeof Views>[0] }) {
  const [params] = useSearchParams();
  const me = useMe();
  const query = useMemo(() => asked(params), [params]);
  const key = query.toString();
  const layout = useColumnLayout();
  // The same list for the same columns, whatever else is in the address.
  const cols = params.get("cols") ?? "";
  const columns = useMemo(() => pinnedFirst(layout, readColumns(new URLSearchParams({ cols }))), [layout, cols]);
  const extra = useMemo(() => extraOf(columns), [columns]);
  const [start] = useState(() => linkedPlace() ?? places.get(key) ?? { index: 0, total: 0 });
  const rows = useLeadRows(key, extra, start);
  const selection = useSelection(key, rows.total);
  // What goes into the export, fixed when its dialog opens: the view, or what is selected.
  const [exporting, setExporting] = useState<{ picked: BulkTarget | null; count: string } | null>(null);
  // Once something was selected the bar stays, invisible: a change it has started is told of at its end.
  const [picked, setPicked] = useState(false);
  if (selection.count > 0 && !picked) setPicked(true);
  const [density, setDensity] = useState(keptDensity);
  const resting = useRef<ReturnType<typeof setTimeout>>(undefined);
  const onPlace = useCallback(
    (index: number, total: number) => {
      places.set(key, { index, total });
      clearTimeout(resting.current);
      if (total > 0) resting.current = setTimeout(() => linkPlace({ index, total }), LINK_MS);
    },
    [key],
  );
  useEffect(() => () => clearTimeout(resting.current), []);

  const known = rows.list.data !== undefined;
  const count = rows.exact ? t.leads.total(rows.total) : t.leads.atLeast(rows.total);
  function exportSelected() {
    const { target } = selection;
    const whole = "except" in target && target.except.length === 0;
    setExporting({ picked: whole ? null : target, count: whole ? count : t.leads.total(selection.count) });
  }
  function toggleDensity() {
    const next = density === "compact" ? "comfortable" : "compact";
    setDensity(next);
    try {
      localStorage.setItem(DENSITY_KEY, next);
    } catch {
      // Not kept then.
    }
  }
  return (
    <div className="relative -mb-12 flex h-[calc(100dvh-4.8125rem)] min-h-96 flex-col gap-3 pb-4">
      <div className="-mb-5">
        <PageHeader
          title={t.leads.title}
          about={<span role="status">{known ? (isFiltered(params) ? t.leads.matching(count) : count) : t.leads.counting}</span>}
          actions={
            <>
              <Views {...views} />
              <ColumnChooser />
              <IconButton
                icon={density === "compact" ? Rows4 : Rows3}
                label={`${t.leads.density}: ${t.leads[density]}`}
                onClick={toggleDensity}
              />
              <Button icon={Download} disabled={!known || rows.total === 0} onClick={() => setExporting({ picked: null, count })}>
                <span className="max-sm:sr-only">{t.leads.export}</span>
              </Button>
            </>
          }
        />
      </div>
      <FilterBar />
      <LeadsTable
        query={key}
        columns={columns}
        rows={rows}
        selection={selection}
        density={density}
        firstIndex={start.index}
        mayUpload={atLeast(me.data, "rep")}
        onPlace={onPlace}
      />
      <Suspense fallback={null}>
        {picked && <BulkBar selection={selection} allText={selection.all ? undefined : count} me={me.data} onExport={exportSelected} />}
        {exporting && <ExportDialog query={query} columns={columns} {...exporting} close={() => setExporting(null)} />}
      </Suspense>
    </div>
  );
}

/** What the shown columns need beyond the usual: reasons, and the attributes by name. */
function extraOf(columns: string[]) {
  const extra = new URLSearchParams();
  if (columns.includes("reason")) extra.set("reason", "1");
  const attributes = columns.filter(isAttribute);
  if (attributes.length > 0) extra.set("fields", joinNames(attributes));
  return extra.toString();
}
