// SPDX-License-Identifier: Apache-2.0
// A lead's fields, edited in place: Enter or a click edits, Enter saves, Tab saves and goes on to the
// next field, Escape cancels. When somebody else was faster (412), both values are shown and the reader chooses.
import { useQueryClient } from "@tanstack/react-query";
import { Pencil } from "lucide-react";
import { type KeyboardEvent, useRef, useState } from "react";
import { ApiError } from "@/lib/client";
import { date, fullTime, money } from "@/lib/format";
import { useShortcuts } from "@/lib/shortcuts";
import { t } from "@/lib/strings/detail";
import type { Lead } from "@/lib/types";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Dialog } from "@/ui/Dialog";
import { inputClass } from "@/ui/Field";
import { toast } from "@/ui/toast";
import { leadKeys, usePatchLead } from "./api";
import { rawValue } from "./cells";
import { fieldOf, labelOf } from "./fields";

const EDITABLE = [
  "name", "first_name", "last_name", "email", "phone", "mobile", "company", "role", "industry", "company_size", "website", "source",
  "campaign", "owner", "stage", "status", "value", "currency", "region", "country", "city", "postal_code", "tags", "lost_reason", "consent", "notes",
];
const READ_ONLY = ["created_at", "last_activity_at", "outcome_at", "inserted_at", "updated_at", "external_id"];

const isDate = (id: string) => fieldOf(id)?.kind === "date";

function written(lead: Lead, id: string) {
  const value = rawValue(lead, id);
  if (value === undefined || value === "") return "";
  if (id === "value") return money(Number(value), lead.currency);
  return isDate(id) ? date(String(value)) : String(value);
}

interface Conflict {
  field: string;
  mine: string;
  theirs: Lead;
}

export function Facts({ lead, canWrite }: { lead: Lead; canWrite: boolean }) {
  const [all, setAll] = useState(false);
  const [editing, setEditing] = useState<string | null>(null);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const queries = useQueryClient();
  const patch = usePatchLead(lead.id);
  const list = useRef<HTMLDListElement>(null);
  const filled = EDITABLE.filter((id) => written(lead, id) !== "");
  const empty = EDITABLE.length - filled.length;

  useShortcuts({
    e: (event) => {
      if (!canWrite || editing) return;
      event.preventDefault();
      const focused = document.activeElement?.closest<HTMLElement>("[data-field]")?.dataset.field;
      setEditing(focused ?? filled[0] ?? EDITABLE[0]!);
    },
  });

  /** ${step}: which field is edited next, as seen from this one. */
  function save(id: string, text: string, step = 0, version = lead.version) {
    const next = step === 0 ? undefined : shown[shown.indexOf(id) + step];
    setEditing(next ?? null);
    if (next === undefined) requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-field="${id}"] button`)?.focus());
    if (text === String(rawValue(lead, id) ?? "") && version === lead.version) return;
    const value = id === "value" ? (text === "" ? null : Number(text)) : text === "" ? null : text;
    const before = queries.getQueryData<Lead>(leadKeys.detail(lead.id));
    queries.setQueryData<Lead>(leadKeys.detail(lead.id), (l) => l && { ...l, [id]: value ?? undefined });
    patch.mutate(
      { patch: { [id]: value }, version },
      {
        onError: (e) => {
          queries.setQueryData(leadKeys.detail(lead.id), before);
          const current = e instanceof ApiError && e.status === 412 ? (e.problem.current as Lead | undefined) : undefined;
          if (current) setConflict({ field: id, mine: text, theirs: current });
          else toast({ tone: "bad", title: t.errors.notSaved, text: e instanceof ApiError ? (e.fault(`/${id}`) ?? e.message) : e.message });
        },
      },
    );
  }

  const shown = all ? EDITABLE : filled;
  const attributes = Object.entries(lead.attributes ?? {});
  const rows = [...shown, ...READ_ONLY.filter((id) => written(lead, id) !== "")];
  return (
    <Card title={t.detail.facts}>
      <dl ref={list} className="flex flex-col">
        {rows.map((id) => (
          <div key={id} data-field={id} className="group grid min-h-8 grid-cols-[6.5rem_minmax(0,1fr)] items-baseline gap-3 border-b py-0.5 last:border-b-0">
            <dt className="text-sm text-soft">{labelOf(id)}</dt>
            <dd className="min-w-0">
              {editing === id ? (
                <Editor key={id} id={id} start={String(rawValue(lead, id) ?? "")} save={(v, step) => save(id, v, step)} cancel={() => setEditing(null)} />
              ) : (
                <Value lead={lead} id={id} edit={canWrite && !READ_ONLY.includes(id) ? () => setEditing(id) : undefined} />
              )}
            </dd>
          </div>
        ))}
      </dl>
      {canWrite && empty > 0 && (
        <Button size="sm" variant="ghost" className="mt-2 -ml-2" onClick={() => setAll(!all)}>
          {all ? t.detail.hideEmpty : t.detail.showEmpty(empty)}
        </Button>
      )}
      {attributes.length > 0 && (
        <>
          <h3 className="mt-4 mb-1 text-sm font-semibold text-soft">{t.detail.attributes}</h3>
          <dl>
            {attributes.map(([name, value]) => (
              <div key={name} className="grid grid-cols-[6.5rem_minmax(0,1fr)] items-baseline gap-3 border-b py-1.5 last:border-b-0">
                <dt className="foreign text-sm text-soft">{name}</dt>
                <dd className="foreign">{value}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
      {conflict && (
        <ConflictDialog
          conflict={conflict}
          keep={() => save(conflict.field, conflict.mine, 0, conflict.theirs.version)}
          close={() => {
            setConflict(null);
            void queries.invalidateQueries({ queryKey: leadKeys.detail(lead.id) });
          }}
        />
      )}
    </Card>
  );
}

function Value({ lead, id, edit }: { lead: Lead; id: string; edit: (() => void) | undefined }) {
  const text = written(lead, id);
  const title = isDate(id) ? fullTime(String(rawValue(lead, id))) : undefined;
  if (!edit)
    return (
      <span className="foreign" title={title}>
        {text}
      </span>
    );
  return (
    <button
      type="button"
      onClick={edit}
      aria-label={`${t.detail.editField(labelOf(id))}: ${text || t.unit.empty}`}
      className="-mx-2 flex w-[calc(100%+1rem)] items-center gap-2 rounded-md px-2 py-1 text-left hover:bg-hover"
    >
      <span className="foreign min-w-0 flex-1">{text || <span className="text-soft">{t.unit.empty}</span>}</span>
      <Pencil aria-hidden className="size-3.5 shrink-0 text-soft opacity-0 group-focus-within:opacity-100 group-hover:opacity-100" />
    </button>
  );
}

function Editor({ id, start, save, cancel }: { id: string; start: string; save: (v: string, step?: number) => void; cancel: () => void }) {
  const [text, setText] = useState(start);
  const done = useRef(false);
  const finish = (run: () => void) => {
    if (done.current) return;
    done.current = true;
    run();
  };
  function onKeyDown(e: KeyboardEvent) {
    if (e.key === "Enter") finish(() => save(text.trim()));
    else if (e.key === "Tab" && !e.ctrlKey && !e.metaKey && !e.altKey) {
      e.preventDefault();
      finish(() => save(text.trim(), e.shiftKey ? -1 : 1));
    }
    else if (e.key === "Escape") {
      e.stopPropagation();
      finish(cancel);
    }
  }
  return (
    <input
      autoFocus
      aria-label={labelOf(id)}
      type={id === "value" ? "number" : id === "email" ? "email" : "text"}
      step="any"
      value={text}
      onChange={(e) => setText(e.target.value)}
      onKeyDown={onKeyDown}
      onBlur={() => finish(() => save(text.trim()))}
      className={`${inputClass} px-2`}
    />
  );
}

function ConflictDialog({ conflict, keep, close }: { conflict: Conflict; keep: () => void; close: () => void }) {
  const label = labelOf(conflict.field);
  const theirs = String(rawValue(conflict.theirs, conflict.field) ?? "") || t.unit.empty;
  return (
    <Dialog open onOpenChange={close} title={t.detail.conflict}>
      <p className="foreign">{t.detail.conflictText(label, theirs, conflict.mine)}</p>
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={close}>{t.detail.takeTheirs}</Button>
        <Button
          variant="primary"
          onClick={() => {
            close();
            keep();
          }}
        >
          {t.detail.keepMine}
        </Button>
      </div>
    </Dialog>
  );
}
