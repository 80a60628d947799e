// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Pencil } from "lucide-react";
import { type FormEvent, useState } from "react";
import { ApiError } from "@/lib/client";
import { t } from "@/lib/strings/settings";
import { Button, IconButton } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Chip } from "@/ui/Chip";
import { Dialog } from "@/ui/Dialog";
import { SelectField, TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { Table, Td, Th, Tr } from "@/ui/Table";
import { ErrorState, SkeletonLines } from "@/ui/states";
import { toast } from "@/ui/toast";
import { type Setting, saveSetting, settingsKeys, settingsQuery } from "./api";

export function ServerSettings() {
  const settings = useQuery(settingsQuery);
  const [editing, setEditing] = useState<Setting | null>(null);
  return (
    <Card title={t.server.title} about={t.server.about} flush>
      {settings.data ? (
        <Table
          caption={t.server.title}
          head={
            <>
              <Th>{t.server.name}</Th>
              <Th>{t.server.value}</Th>
              <Th>{t.server.source}</Th>
              <Th>
                <span className="sr-only">{t.actions.edit}</span>
              </Th>
            </>
          }
        >
          {settings.data.items.map((s) => (
            <Tr key={s.name}>
              <Td>
                <span className="font-mono text-sm">{s.name}</span>
                <span className="block text-sm text-soft">{s.help}</span>
              </Td>
              <Td className="foreign min-w-28">{shown(s)}</Td>
              <Td className="whitespace-nowrap">
                <Chip tone={s.source === "store" ? "info" : "plain"}>{t.server.sources[s.source] ?? s.source}</Chip>
              </Td>
              <Td className="text-right">
                {s.editable && <IconButton icon={Pencil} size="sm" label={t.server.edit(s.name)} onClick={() => setEditing(s)} />}
              </Td>
            </Tr>
          ))}
        </Table>
      ) : settings.error ? (
        <ErrorState error={settings.error} retry={() => void settings.refetch()} />
      ) : (
        <SkeletonLines lines={8} className="p-5" />
      )}
      <Dialog open={editing !== null} onOpenChange={() => setEditing(null)} title={editing ? t.server.edit(editing.name) : ""} about={editing?.help}>
        {editing && <Edit key={editing.name} setting={editing} onClose={() => setEditing(null)} />}
      </Dialog>
    </Card>
  );
}

function shown(s: Setting) {
  if (s.secret) return s.value ? t.server.secret : t.server.secretUnset;
  if (typeof s.value === "boolean") return s.value ? t.server.on : t.server.off;
  if (s.value === null || s.value === undefined || s.value === "") return t.server.secretUnset;
  const text = typeof s.value === "object" ? JSON.stringify(s.value) : String(s.value);
  return s.unit ? t.server.withUnit(text, s.unit) : text;
}

const isSwitch = (s: Setting) => typeof s.value === "boolean" || s.kind === "bool" || s.kind === "flag";
const choices = (s: Setting) => (isSwitch(s) ? ["true", "false"] : s.words ? s.words.split("|") : null);

function typed(s: Setting, text: string): unknown {
  if (isSwitch(s)) return text === "true";
  if (typeof s.value === "number" || ["int", "number", "seconds", "num"].includes(s.kind)) return text === "" ? null : Number(text);
  return text;
}

function Edit({ setting, onClose }: { setting: Setting; onClose: () => void }) {
  const queries = useQueryClient();
  const [text, setText] = useState(setting.secret || setting.value === null || setting.value === undefined ? "" : String(setting.value));
  const save = useMutation({
    mutationFn: () => saveSetting(setting.name, typed(setting, text.trim())),
    onSuccess: () => {
      toast({ tone: "good", title: t.settings.saved });
      onClose();
      return queries.invalidateQueries({ queryKey: settingsKeys.settings });
    },
  });
  const error = save.error instanceof ApiError ? save.error : null;
  const fault = error?.fault(`/${setting.name}`);
  const words = choices(setting);
  function submit(e: FormEvent) {
    e.preventDefault();
    save.mutate();
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {error && !fault && (
        <Notice tone="bad" role="alert" title={error.title}>
          {error.detail}
        </Notice>
      )}
      {words ? (
        <SelectField label={t.server.value} value={text} onChange={(e) => setText(e.target.value)} error={fault}>
          {words.map((w) => (
            <option key={w} value={w}>
              {w === "true" ? t.server.on : w === "false" ? t.server.off : w}
            </option>
          ))}
        </SelectField>
      ) : (
        <TextField
          label={t.server.value}
          type={setting.secret ? "password" : "text"}
          autoComplete="off"
          value={text}
          onChange={(e) => setText(e.target.value)}
          error={fault}
          autoFocus
        />
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{t.actions.cancel}</Button>
        <Button type="submit" variant="primary" busy={save.isPending}>
          {t.actions.save}
        </Button>
      </div>
    </form>
  );
}
