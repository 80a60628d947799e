// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { ListFilter, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useSearchParams } from "react-router";
import { cx } from "@/lib/cx";
import { date } from "@/lib/format";
import { t } from "@/lib/strings";
import type { Heat, Outcome } from "@/lib/types";
import { Button } from "@/ui/Button";
import { SelectField, TextField } from "@/ui/Field";
import { HEATS, HeatIcon } from "@/ui/heat";
import { Popover } from "@/ui/Popover";
import { attributesQuery } from "./api";
import { FIELDS, type FieldKind, fieldOf, labelOf } from "./fields";
import { cleared, type Filter, isFiltered, type Op, readFilters, sameFilter, toggleValue, valuesOf, withFilters } from "./query";

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
              heats.includes(h) ? "bg-panel shadow-panel" : "text-soft hover:text-ink",
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
          <FilterForm
            add={(f) => {
              setParams(withFilters(params, [...filters.filter((x) => !sameFilter(x, f)), f]));
              close();
            }}
          />
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

interface Choice {
  id: string;
  op: Op;
  label: string;
  /** The value, when the condition says it all. */
  fixed?: string;
}

const TEXT_OPS: Op[] = ["contains", "eq", "ne", "starts", "in", "nin"];
const NUMBER_OPS: Op[] = ["gte", "lte", "gt", "lt", "eq"];

function conditions(kind: FieldKind): Choice[] {
  const plain = (op: Op): Choice => ({ id: op, op, label: t.leads.ops[op] });
  const both: Choice[] = [
    { id: "filled", op: "empty", label: t.leads.ops.filled, fixed: "false" },
    { id: "empty", op: "empty", label: t.leads.ops.empty, fixed: "true" },
  ];
  if (kind === "date")
    return [
      { id: "within", op: "gte", label: t.leads.ops.within },
      { id: "after", op: "gte", label: t.leads.ops.after },
      { id: "before", op: "lt", label: t.leads.ops.before },
      ...both,
    ];
  if (kind === "choice") return [plain("eq"), plain("ne")];
  return [...(kind === "text" ? TEXT_OPS : NUMBER_OPS).map(plain), ...both];
}

function FilterForm({ add }: { add: (f: Filter) => void }) {
  const attributes = useQuery(attributesQuery);
  const [field, setField] = useState("company");
  const [condition, setCondition] = useState("contains");
  const [value, setValue] = useState("");
  const known = fieldOf(field)!;
  const attribute = attributes.data?.items.find((a) => `attr.${a.name}` === field);
  const kind: FieldKind = attribute?.kind === "number" ? "number" : known.kind;
  const choices = conditions(kind);
  const chosen = choices.find((c) => c.id === condition) ?? choices[0]!;

  function choose(id: string) {
    setField(id);
    const f = fieldOf(id)!;
    setCondition(conditions(f.kind)[0]!.id);
    setValue(f.values?.[0] ?? "");
  }
  function submit(e: FormEvent) {
    e.preventDefault();
    let text = chosen.fixed ?? value.trim();
    if (chosen.id === "within") text = `-${Math.max(1, Math.round(Number(text) || 7))}d`;
    else if (kind === "share" && !chosen.fixed) text = String(Number(text) / 100);
    if (text) add({ field, op: chosen.op, value: text });
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <SelectField label={t.leads.field} value={field} onChange={(e) => choose(e.target.value)}>
        {FIELDS.filter((f) => f.id !== "reason").map((f) => (
          <option key={f.id} value={f.id}>
            {labelOf(f.id)}
          </option>
        ))}
        {(attributes.data?.items.length ?? 0) > 0 && (
          <optgroup label={t.leads.attributesGroup}>
            {attributes.data!.items.map((a) => (
              <option key={a.name} value={`attr.${a.name}`}>
                {a.name}
              </option>
            ))}
          </optgroup>
        )}
      </SelectField>
      <SelectField label={t.leads.op} value={chosen.id} onChange={(e) => setCondition(e.target.value)}>
        {choices.map((c) => (
          <option key={c.id} value={c.id}>
            {c.label}
          </option>
        ))}
      </SelectField>
      {chosen.fixed === undefined && <ValueField kind={kind} chosen={chosen} field={field} value={value} setValue={setValue} />}
      <Button type="submit" variant="primary">
        {t.actions.apply}
      </Button>
    </form>
  );
}

interface ValueProps {
  kind: FieldKind;
  chosen: Choice;
  field: string;
  value: string;
  setValue: (v: string) => void;
}

function ValueField({ kind, chosen, field, value, setValue }: ValueProps) {
  if (kind === "choice") {
    const words = { ...t.heat, ...t.outcome, ...t.verdict } as Record<string, string>;
    return (
      <SelectField label={t.leads.value} value={value} onChange={(e) => setValue(e.target.value)}>
        {fieldOf(field)!.values?.map((v) => (
          <option key={v} value={v}>
            {words[v] ?? v}
          </option>
        ))}
      </SelectField>
    );
  }
  const number = kind === "number" || kind === "money" || kind === "share" || chosen.id === "within";
  return (
    <TextField
      label={chosen.op === "in" || chosen.op === "nin" ? t.leads.values : kind === "share" ? `${t.leads.value} (%)` : t.leads.value}
      type={number ? "number" : kind === "date" ? "date" : "text"}
      step="any"
      required
      value={value}
      onChange={(e) => setValue(e.target.value)}
    />
  );
}
