// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { Check, Minus, TriangleAlert } from "lucide-react";
import { percent } from "@/lib/format";
import { t } from "@/lib/strings/upload";
import type { Field } from "@/lib/types";
import { Card } from "@/ui/Card";
import { Chip } from "@/ui/Chip";
import { SelectField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { Table, Td, Th, Tr } from "@/ui/Table";
import { type Decision, fieldsQuery, type Upload, type UploadColumn } from "./api";
import { clashes, hasKey, KEYS } from "./decision";

interface Props {
  upload: Upload;
  decision: Decision;
  onChange: (d: Decision) => void;
}

export function MapColumns({ upload, decision, onChange }: Props) {
  const fields = useQuery(fieldsQuery);
  const columns = upload.columns ?? [];
  const label = (name: string) => fields.data?.items.find((f) => f.name === name)?.label ?? name;
  const twice = clashes(decision.mapping, columns);
  const set = (column: string, field: string) => onChange({ ...decision, mapping: { ...decision.mapping, [column]: field } });
  return (
    <Card title={t.upload.mapTitle} about={t.upload.mapAbout} flush>
      <div className="flex flex-col gap-3 px-5 pb-3 empty:hidden">
        {upload.remembered_mapping && <Notice title={t.upload.remembered} />}
        {twice.map(({ field, names }) => (
          <Notice key={field} tone="bad" role="alert" title={t.upload.clash(label(field), names.join(", "))} />
        ))}
        {!hasKey(decision.mapping) && <Notice tone="caution" title={t.upload.noKey} />}
        <Wanted mapping={decision.mapping} label={label} />
      </div>
      <Table
        caption={t.upload.mapTitle}
        head={
          <>
            <Th>{t.upload.column}</Th>
            <Th className="max-sm:hidden">{t.upload.samples}</Th>
            <Th numeric className="max-sm:hidden">{t.upload.filled}</Th>
            <Th className="sm:min-w-52 lg:min-w-80">{t.upload.becomes}</Th>
          </>
        }
      >
        {columns.map((c) => (
          <Column
            key={c.name}
            column={c}
            field={decision.mapping[c.name] ?? c.field}
            fields={fields.data?.items ?? []}
            clash={twice.some((x) => x.names.includes(c.name))}
            onChange={(f) => set(c.name, f)}
          />
        ))}
      </Table>
    </Card>
  );
}

/** What every file should bring, and whether this one does: one of the first two, and an outcome to learn from. */
function Wanted({ mapping, label }: { mapping: Decision["mapping"]; label: (name: string) => string }) {
  return (
    <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-soft">
      <span>{t.upload.wanted}</span>
      {KEYS.map((field) => {
        const there = Object.values(mapping).includes(field);
        return (
          <span key={field} className="inline-flex items-center gap-1">
            {there ? <Check aria-hidden className="size-3.5 text-good" /> : <Minus aria-hidden className="size-3.5" />}
            {there ? t.upload.wantedThere(label(field)) : t.upload.wantedMissing(label(field))}
          </span>
        );
      })}
    </p>
  );
}

interface ColumnProps {
  column: UploadColumn;
  field: string;
  fields: Field[];
  clash: boolean;
  onChange: (field: string) => void;
}

function Column({ column: c, field, fields, clash, onChange }: ColumnProps) {
  // The server's own choice is a guess too, also where another column has the field that fits it.
  const own = field !== c.field;
  // Until the list of fields is there, what is chosen must still be among the options.
  const samples = c.samples.length > 0 ? c.samples.join(" · ") : t.upload.empty;
  const known = fields.some((f) => f.name === field) || field === "attribute" || field === "ignore";
  return (
    <Tr>
      <Td className="min-w-28">
        <span className="foreign font-medium">{c.name}</span>
        {c.kind && <span className="block text-sm text-soft">{t.upload.kinds[c.kind] ?? c.kind}</span>}
        <span className="foreign line-clamp-1 text-sm text-soft sm:hidden">{samples}</span>
        {c.leak?.suspect && (
          <span className="mt-1 flex items-start gap-1.5 text-sm text-warm">
            <TriangleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
            <span className="foreign">{c.leak.evidence ?? t.upload.leak}</span>
          </span>
        )}
      </Td>
      <Td className="max-w-72 min-w-40 max-sm:hidden">
        <span className="foreign line-clamp-2 text-sm text-soft">{samples}</span>
      </Td>
      <Td numeric className="max-sm:hidden">
        {percent(c.filled, 0)}
      </Td>
      <Td>
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <SelectField
            className="w-40 sm:w-48"
            label={t.upload.becomesOf(c.name)}
            hideLabel
            value={field}
            aria-invalid={clash || undefined}
            onChange={(e) => onChange(e.target.value)}
          >
            <option value="attribute">{t.upload.attribute}</option>
            <option value="ignore">{t.upload.ignore}</option>
            {!known && <option value={field}>{field}</option>}
            <optgroup label={t.upload.fields}>
              {fields.map((f) => (
                <option key={f.name} value={f.name}>
                  {f.label}
                </option>
              ))}
            </optgroup>
          </SelectField>
          {own ? <Chip tone="info">{t.upload.yours}</Chip> : c.confidence && <Chip tone={c.confidence === "unsure" ? "caution" : "plain"}>{t.upload.guessed(t.upload.guess[c.confidence])}</Chip>}
        </div>
      </Td>
    </Tr>
  );
}
