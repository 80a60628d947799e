// SPDX-License-Identifier: Apache-2.0
import { type FormEvent, useState } from "react";
import { ApiError } from "@/lib/client";
import { t } from "@/lib/strings";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Checkbox, TextField } from "@/ui/Field";

export default function SaveDialog({ close, save }: { close: () => void; save: (v: { name: string; shared: boolean }) => Promise<void> }) {
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  async function submit(e: FormEvent) {
    e.preventDefault();
    setBusy(true);
    try {
      await save({ name: name.trim(), shared });
      close();
    } catch (x) {
      setError(x instanceof ApiError ? (x.fault("/name") ?? x.message) : String(x));
      setBusy(false);
    }
  }
  return (
    <Dialog open onOpenChange={close} title={t.leads.saveView.replace("…", "")} about={t.leads.viewAbout}>
      <form onSubmit={(e) => void submit(e)} className="flex flex-col gap-4">
        <TextField label={t.leads.viewName} required autoFocus maxLength={100} value={name} onChange={(e) => setName(e.target.value)} error={error} />
        <Checkbox label={t.leads.viewShared} checked={shared} onChange={(e) => setShared(e.target.checked)} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>{t.actions.cancel}</Button>
          <Button type="submit" variant="primary" busy={busy}>
            {t.actions.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
