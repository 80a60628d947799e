// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { t } from "@/lib/strings";
import { Button } from "@/ui/Button";
import { SelectField, TextField } from "@/ui/Field";
import { attributesQuery } from "./api";
import { FIELDS, type FieldKind, fieldOf, labelOf } from "./fields";
import type { Filter, Op } from "./query";

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

export default function FilterForm({ add }: { add: (f: Filter) => void }) {
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
