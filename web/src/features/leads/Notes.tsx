// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { ago, fullTime } from "@/lib/format";
import { usePeople } from "@/lib/people";
import { t } from "@/lib/strings/detail";
import { Button, IconButton } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { TextArea } from "@/ui/Field";
import { ErrorState, SkeletonLines } from "@/ui/states";
import { toast } from "@/ui/toast";
import { notesQuery, useAddNote, useDropNote } from "./api";

export function Notes({ id, canWrite }: { id: string; canWrite: boolean }) {
  const query = useQuery(notesQuery(id));
  const add = useAddNote(id);
  const drop = useDropNote(id);
  const who = usePeople();
  const [text, setText] = useState("");
  const failed = (e: Error) => toast({ tone: "bad", title: t.errors.notSaved, text: e.message });

  function submit(e: FormEvent) {
    e.preventDefault();
    // What was typed stays until the server has it.
    if (text.trim()) add.mutate(text.trim(), { onSuccess: () => setText(""), onError: failed });
  }
  return (
    <Card title={t.detail.notes}>
      {canWrite && (
        <form onSubmit={submit} className="mb-4 flex flex-col gap-2">
          <TextArea label={t.detail.noteNew} hideLabel placeholder={t.detail.noteNew} rows={2} maxLength={10_000} value={text} onChange={(e) => setText(e.target.value)} />
          <Button type="submit" size="sm" busy={add.isPending} disabled={!text.trim()} className="self-end">
            {t.detail.noteAdd}
          </Button>
        </form>
      )}
      {query.data ? (
        query.data.items.length > 0 ? (
          <ul className="flex flex-col gap-3">
            {query.data.items.map((note) => (
              <li key={note.id} className="group rounded-lg bg-sunken px-3 py-2">
                <p className="foreign whitespace-pre-wrap">{note.text}</p>
                <p className="mt-1 flex items-center justify-between gap-2 text-sm text-soft">
                  <span>
                    {note.by && <span className="foreign">{who(note.by)} · </span>}
                    <time dateTime={note.created_at} title={fullTime(note.created_at)}>
                      {ago(note.created_at)}
                    </time>
                  </span>
                  {canWrite && (
                    <IconButton size="sm" icon={Trash2} label={t.detail.noteDelete} onClick={() => drop.mutate(note.id, { onError: failed })} />
                  )}
                </p>
              </li>
            ))}
          </ul>
        ) : (
          <p className="text-soft">{t.detail.noteNone}</p>
        )
      ) : query.error ? (
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      ) : (
        <SkeletonLines lines={2} />
      )}
    </Card>
  );
}
