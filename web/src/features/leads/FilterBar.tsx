// SPDX-License-Identifier: Apache-2.0
import { ListFilter, X } from "lucide-react";
import { lazy, Suspense } from "react";
import { useSearchParams } from "react-router";
import { cx } from "@/lib/cx";
import { date } from "@/lib/format";
import { t } from "@/lib/strings";
import type { Heat, Outcome } from "@/lib/types";
import { Button } from "@/ui/Button";
import { SelectField } from "@/ui/Field";
import { HEATS, HeatIcon } from "@/ui/heat";
import { Popover } from "@/ui/Popover";
import { SkeletonLines } from "@/ui/states";
import { fieldOf, labelOf } from "./fields";
import { cleared, type Filter, isFiltered, readFilters, sameFilter, toggleValue, valuesOf, withFilters } from "./query";

const FilterForm = lazy(() => import("./FilterForm"));

const OUTCOMES: Outcome[] = ["open", "won", "lost"];

export function FilterBar() {
  const [params, setParams] = useSearchParams();
  const filters = readFilters(params);
  const q = params.get("q")?.trim();
  const heats = valuesOf(filters, "heat");
  const outcome = valuesOf(filters, "outcome");
  // Heat and outcome have controls of their own; in other forms (heat[ne]) they are chips too.
  const chips = filters.filter((f) => !((f.field === "heat" || f.field === "outcome") && (f.op === "eq" || f.op === "in")));

  function setOutcome(value: string) {
    const rest = filters.filter((f) => f.field !== "outcome");
    setParams(withFilters(params, value ? [...rest, { field: "outcome", op: "eq", value }] : rest));
  }
  function dropSearch() {
    const next = new URLSearchParams(params);
    next.delete("q");
    setParams(next);
  }
  return (
    <div role="group" aria-label={t.leads.filters} className="flex flex-wrap items-center gap-2">
      <div role="group" aria-label={t.leads.heatFilter} className="flex rounded-lg border bg-sunken p-0.5">
        {HEATS.map((h: Heat) => (
          <button
            key={h}
            type="button"
            aria-pressed={heats.includes(h)}
            onClick={() => setParams(toggleValue(params, "heat", h))}
            className={cx(
              "inline-flex h-7 items-center gap-1.5 rounded-md px-2.5 text-sm font-medium",
              heats.includes(h) ? "bg-tint text-accent" : "text-soft hover:text-ink",
            )}
          >
            <HeatIcon heat={h} className="size-3.5" />
            {t.heat[h]}
          </button>
        ))}
      </div>
      <SelectField
        label={t.leads.outcomeFilter}
        hideLabel
        value={outcome.length === 1 ? outcome[0] : ""}
        onChange={(e) => setOutcome(e.target.value)}
        className="w-36"
      >
        <option value="">{t.leads.anyOutcome}</option>
        {OUTCOMES.map((o) => (
          <option key={o} value={o}>
            {t.outcome[o]}
          </option>
        ))}
      </SelectField>
      <Popover button={<Button icon={ListFilter}>{t.leads.addFilter}</Button>} label={t.leads.addFilter}>
        {(close) => (
          <Suspense fallback={<SkeletonLines lines={6} />}>
            <FilterForm
              add={(f) => {
                setParams(withFilters(params, [...filters.filter((x) => !sameFilter(x, f)), f]));
                close();
              }}
            />
          </Suspense>
        )}
      </Popover>
      {q && <FilterChip text={t.leads.searchChip(q)} label={t.leads.removeSearch} remove={dropSearch} />}
      {chips.map((f) => {
        const text = describe(f);
        return (
          <FilterChip
            key={text}
            text={text}
            label={t.leads.removeFilter(text)}
            remove={() => setParams(withFilters(params, filters.filter((x) => !sameFilter(x, f))))}
          />
        );
      })}
      {isFiltered(params) && (
        <Button variant="ghost" size="sm" onClick={() => setParams(cleared(params))}>
          {t.leads.clearFilters}
        </Button>
      )}
    </div>
  );
}

function FilterChip({ text, label, remove }: { text: string; label: string; remove: () => void }) {
  return (
    <span className="inline-flex max-w-full items-center gap-1 rounded-lg bg-tint py-0.5 pr-0.5 pl-2.5 text-sm text-accent">
      <span className="foreign min-w-0 truncate">{text}</span>
      <button type="button" aria-label={label} title={label} onClick={remove} className="flex size-6 shrink-0 items-center justify-center rounded-md hover:bg-panel">
        <X aria-hidden className="size-3.5" />
      </button>
    </span>
  );
}

/** A filter in words: "Value is at least 1,000". */
function describe({ field, op, value }: Filter) {
  const label = labelOf(field);
  if (op === "empty") return `${label} ${value === "false" ? t.leads.ops.filled : t.leads.ops.empty}`;
  const isDate = fieldOf(field)?.kind === "date";
  const word = isDate && op in t.leads.opsDate ? t.leads.opsDate[op as keyof typeof t.leads.opsDate] : t.leads.ops[op];
  const shown = isDate && /^\d{4}-/.test(value) ? date(value) || value : value.split(",").join(", ");
  return `${label} ${word} ${shown}`;
}
