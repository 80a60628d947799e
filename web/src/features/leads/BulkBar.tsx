// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from "@tanstack/react-query";
import { CircleCheck, Download, Hand, RefreshCw, Tag, Trash2, UserRound, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { followJob } from "@/lib/follow";
import { t } from "@/lib/strings";
import type { Me } from "@/lib/types";
import { atLeast } from "@/lib/roles";
import { Button, IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { SelectField, TextField } from "@/ui/Field";
import { Menu, type MenuItem } from "@/ui/Menu";
import { Notice } from "@/ui/Notice";
import { toast } from "@/ui/toast";
import { type BulkAction, startBulk, undoBulk } from "./api";
import type { Selection } from "./useSelection";

interface Props {
  selection: Selection;
  /** All leads that fit, in words; undefined when they are selected already. */
  allText: string | undefined;
  me: Me | undefined;
  /** Opens the export of what is selected. */
  onExport: () => void;
}

/** Floats over the list while something is selected, so that no row moves. */
export function BulkBar({ selection, allText, me, onExport }: Props) {
  const [action, setAction] = useState<BulkAction | null>(null);
  const item = (a: BulkAction, icon: MenuItem["icon"], more: Partial<MenuItem> = {}): MenuItem => ({
    label: t.leads.bulkActions[a], icon: icon!, onSelect: () => setAction(a), ...more,
  });
  return (
    <>
      {selection.count > 0 && (
        <div
          role="region"
          aria-label={t.leads.bulk}
          className="absolute inset-x-2 bottom-3 z-20 mx-auto flex w-fit max-w-full flex-wrap items-center justify-center gap-1.5 rounded-xl border bg-panel px-3 py-2 shadow-pop max-sm:px-2"
        >
          <span role="status" className="px-1.5 font-semibold whitespace-nowrap">
            {t.leads.selected(selection.count)}
          </span>
          {allText && (
            <Button size="sm" variant="ghost" onClick={selection.selectAll}>
              {t.leads.selectAll(allText)}
            </Button>
          )}
          <Button size="sm" icon={Download} aria-label={t.leads.exportPickedTitle} onClick={onExport}>
            {t.leads.export}
          </Button>
          {atLeast(me, "rep") && (
            <>
              <Button size="sm" icon={UserRound} onClick={() => setAction("owner")} className="max-sm:hidden">
                {t.leads.bulkActions.owner}
              </Button>
              <Button size="sm" icon={Tag} onClick={() => setAction("tag")} className="max-sm:hidden">
                {t.leads.bulkActions.tag}
              </Button>
              <Menu
                button={<Button size="sm">{t.nav.more}</Button>}
                groups={[
                  { items: [item("owner", UserRound), item("tag", Tag), item("untag", Tag), item("outcome", CircleCheck), item("override", Hand), item("verdict", CircleCheck), item("rescore", RefreshCw)] },
                  { items: [item("delete", Trash2, { danger: true, disabled: !atLeast(me, "manager") })] },
                ]}
              />
            </>
          )}
          <IconButton size="sm" icon={X} label={t.leads.clearSelection} onClick={selection.clear} />
        </div>
      )}
      {action && <BulkDialog action={action} selection={selection} close={() => setAction(null)} />}
    </>
  );
}

/** From so many on, deleting asks for their number: it cannot be taken back. */
const TYPED_FROM = 10;

const CHOICES: Partial<Record<BulkAction, () => [string, string][]>> = {
  outcome: () => [["won", t.outcome.won], ["lost", t.outcome.lost], ["open", t.outcome.open]],
  override: () => [["hot", t.heat.hot], ["warm", t.heat.warm], ["cold", t.heat.cold], ["", t.leads.overrideNone]],
  verdict: () => [["good", t.verdict.good], ["was_hot", t.verdict.was_hot], ["junk", t.verdict.junk]],
};

function BulkDialog({ action, selection, close }: { action: BulkAction; selection: Selection; close: () => void }) {
  const queries = useQueryClient();
  const choices = CHOICES[action]?.();
  const [value, setValue] = useState(choices?.[0]?.[0] ?? "");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const word = t.leads.bulkActions[action];
  const many = t.leads.total(selection.count);
  const [typed, setTyped] = useState("");
  const sure = action !== "delete" || selection.count < TYPED_FROM || typed.replace(/\D/g, "") === String(selection.count);

  async function watch(id: string) {
    const job = await followJob(id);
    await Promise.all([queries.invalidateQueries({ queryKey: ["leads"] }), queries.invalidateQueries({ queryKey: ["overview"] })]);
    if (job.state === "done")
      toast({
        tone: "good",
        title: t.leads.bulkDone(word, many),
        ...(job.result?.undo === true ? { action: { label: t.jobs.undo, run: () => void takeBack(job.id) } } : {}),
      });
    else toast({ tone: "bad", title: t.leads.bulkFailed(word), text: job.error?.detail ?? job.error?.title });
  }
  async function takeBack(id: string) {
    try {
      const job = await followJob((await undoBulk(id)).job.id);
      await Promise.all([queries.invalidateQueries({ queryKey: ["leads"] }), queries.invalidateQueries({ queryKey: ["overview"] }), queries.invalidateQueries({ queryKey: ["jobs"] })]);
      if (job.state === "done") toast({ tone: "good", title: t.jobs.undone(Number(job.result?.restored ?? 0), Number(job.result?.kept ?? 0)) });
      else toast({ tone: "bad", title: t.leads.bulkFailed(t.jobs.undo), text: job.error?.detail ?? job.error?.title });
    } catch (x) {
      toast({ tone: "bad", title: t.leads.bulkFailed(t.jobs.undo), text: x instanceof Error ? x.message : undefined });
    }
  }
  async function submit(e: FormEvent) {
    e.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const plain = action === "rescore" || action === "delete";
      const { job } = await startBulk(action, selection.target, plain ? undefined : value.trim());
      toast({ title: t.leads.bulkStarted(word, many) });
      void queries.invalidateQueries({ queryKey: ["jobs"] });
      selection.clear();
      close();
      watch(job.id).catch(() => toast({ tone: "bad", title: t.leads.bulkFailed(word) }));
    } catch (x) {
      setError(x instanceof Error ? x.message : String(x));
      setBusy(false);
    }
  }
  const danger = action === "delete";
  return (
    <Dialog open onOpenChange={close} title={t.leads.bulkTitle(word, many)}>
      <form onSubmit={(e) => void submit(e)} className="flex flex-col gap-4">
        {danger && <p className="text-soft">{t.leads.bulkDeleteText}</p>}
        {danger && selection.count >= TYPED_FROM && (
          <TextField label={t.leads.bulkDeleteType(selection.count)} inputMode="numeric" autoComplete="off" autoFocus required value={typed} onChange={(e) => setTyped(e.target.value)} />
        )}
        {action === "rescore" && <p className="text-soft">{t.leads.bulkRescoreText}</p>}
        {choices && (
          <SelectField label={word} value={value} onChange={(e) => setValue(e.target.value)}>
            {choices.map(([v, label]) => (
              <option key={v} value={v}>
                {label}
              </option>
            ))}
          </SelectField>
        )}
        {(action === "owner" || action === "tag" || action === "untag") && (
          <TextField label={word} required={action !== "owner"} autoFocus value={value} onChange={(e) => setValue(e.target.value)} />
        )}
        {error && (
          <Notice tone="bad" role="alert">
            {error}
          </Notice>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={close}>{t.actions.cancel}</Button>
          <Button type="submit" variant={danger ? "danger" : "primary"} busy={busy} disabled={!sure}>
            {danger ? t.leads.bulkDelete(many) : t.leads.bulkGo(many)}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
