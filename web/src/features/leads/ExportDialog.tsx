// SPDX-License-Identifier: Apache-2.0
import { Download } from "lucide-react";
import { useState } from "react";
import { t } from "@/lib/strings";
import { Button, buttonClass } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";
import { type BulkTarget, type ExportForm, exportPicked, exportUrl } from "./api";

interface Props {
  query: URLSearchParams;
  columns: string[];
  /** The selected leads; null: all of the view. */
  picked: BulkTarget | null;
  /** How many rows it will have, in words. */
  count: string;
  close: () => void;
}

const forms = () => [
  { value: "full" as const, label: t.leads.exportFull, hint: t.leads.exportFullHint },
  { value: "writeback" as const, label: t.leads.exportWriteback, hint: t.leads.exportWritebackHint },
  { value: "heat" as const, label: t.leads.exportHeat, hint: t.leads.exportHeatHint },
];

export function ExportDialog({ query, columns, picked, count, close }: Props) {
  const [form, setForm] = useState<ExportForm>("full");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const all = ["name", ...columns];

  async function save(target: BulkTarget) {
    setBusy(true);
    setError(null);
    try {
      await exportPicked(target, query, all, form);
      close();
    } catch (x) {
      setError(x instanceof Error ? x.message : String(x));
      setBusy(false);
    }
  }
  return (
    <Dialog
      open
      onOpenChange={close}
      title={picked ? t.leads.exportPickedTitle : t.leads.exportTitle}
      about={picked ? t.leads.exportPickedAbout(count) : t.leads.exportAbout(count)}
    >
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-1.5 text-sm font-medium">{t.leads.exportForm}</legend>
        {forms().map((f) => (
          <label key={f.value} className="flex cursor-pointer items-start gap-3 rounded-lg border px-3 py-2.5 has-checked:border-accent has-checked:bg-tint">
            <input type="radio" name="form" value={f.value} checked={form === f.value} onChange={() => setForm(f.value)} className="mt-1 size-4 shrink-0" />
            <span>
              <span className="block font-medium">{f.label}</span>
              <span className="block text-sm text-soft">{picked && f.value === "writeback" ? t.leads.exportWritebackPicked : f.hint}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {error && (
        <Notice tone="bad" role="alert" className="mt-4">
          {error}
        </Notice>
      )}
      <div className="mt-5 flex justify-end">
        {picked ? (
          <Button variant="primary" icon={Download} busy={busy} onClick={() => void save(picked)}>
            {t.leads.exportGo}
          </Button>
        ) : (
          <a href={exportUrl(query, all, form)} download onClick={() => setTimeout(close)} className={buttonClass("primary")}>
            <Download aria-hidden className="size-4" />
            {t.leads.exportGo}
          </a>
        )}
      </div>
    </Dialog>
  );
}
