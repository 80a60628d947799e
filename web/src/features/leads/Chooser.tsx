// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, FoldHorizontal, Pin, PinOff, UnfoldHorizontal } from "lucide-react";
import { useSearchParams } from "react-router";
import { t } from "@/lib/strings";
import { Button, IconButton } from "@/ui/Button";
import { Checkbox } from "@/ui/Field";
import { attributesQuery } from "./api";
import { DEFAULT_COLUMNS, FIELDS, labelOf } from "./fields";
import { resetLayout, setWidth, togglePin, useColumnLayout, WIDTH_STEP, widthOf } from "./layout";
import { readColumns, writeColumns } from "./query";

export default function Chooser() {
  const [params, setParams] = useSearchParams();
  const attributes = useQuery(attributesQuery);
  const columns = readColumns(params);
  const layout = useColumnLayout();
  const put = (next: string[]) => setParams(writeColumns(params, next), { replace: true });
  const others = [...FIELDS.map((f) => f.id).filter((id) => id !== "name"), ...(attributes.data?.items ?? []).map((a) => `attr.${a.name}`)].filter(
    (id) => !columns.includes(id),
  );

  function move(i: number, by: number) {
    const next = [...columns];
    const [id] = next.splice(i, 1);
    next.splice(i + by, 0, id!);
    put(next);
  }
  return (
    <div className="flex flex-col gap-2">
      <div className="flex items-center justify-between gap-2">
        <p className="font-semibold">{t.leads.columns}</p>
        <Button size="sm" variant="ghost" onClick={() => {
            put(DEFAULT_COLUMNS);
            resetLayout();
          }}>
          {t.leads.columnsReset}
        </Button>
      </div>
      <ul>
        {columns.map((id, i) => {
          const label = labelOf(id);
          const pinned = layout.pinned.includes(id);
          return (
            <li key={id} className="flex items-center">
              <Checkbox className="min-w-0 flex-1 py-1" label={<span className="foreign">{label}</span>} checked onChange={() => put(columns.filter((c) => c !== id))} />
              <IconButton size="sm" icon={ArrowUp} label={t.leads.columnUp(label)} disabled={i === 0} onClick={() => move(i, -1)} />
              <IconButton size="sm" icon={ArrowDown} label={t.leads.columnDown(label)} disabled={i === columns.length - 1} onClick={() => move(i, 1)} />
              <IconButton size="sm" icon={FoldHorizontal} label={t.leads.columnNarrower(label)} onClick={() => setWidth(id, widthOf(layout, id) - WIDTH_STEP)} />
              <IconButton size="sm" icon={UnfoldHorizontal} label={t.leads.columnWider(label)} onClick={() => setWidth(id, widthOf(layout, id) + WIDTH_STEP)} />
              <IconButton size="sm" icon={pinned ? PinOff : Pin} aria-pressed={pinned} label={t.leads.columnPin(label)} className={pinned ? "text-accent" : ""} onClick={() => togglePin(id)} />
            </li>
          );
        })}
      </ul>
      <hr />
      <ul>
        {others.map((id) => (
          <li key={id}>
            <Checkbox className="py-1" label={<span className="foreign">{labelOf(id)}</span>} checked={false} onChange={() => put([...columns, id])} />
          </li>
        ))}
      </ul>
    </div>
  );
}
