// SPDX-License-Identifier: Apache-2.0
import { useMutation } from "@tanstack/react-query";
import { FileUp } from "lucide-react";
import { type DragEvent, useId, useRef, useState } from "react";
import { ApiError } from "@/lib/client";
import { cx } from "@/lib/cx";
import { bytes, percent } from "@/lib/format";
import { t } from "@/lib/strings/upload";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Notice } from "@/ui/Notice";
import { Progress } from "@/ui/Progress";
import { sendFile, type Upload } from "./api";

/** A labelled file input, and around it a place to drop a file on. */
export function CsvUpload({ onSent }: { onSent: (u: Upload) => void }) {
  const id = useId();
  const stop = useRef<AbortController | null>(null);
  const [file, setFile] = useState<File | null>(null);
  const [done, setDone] = useState(0);
  const [over, setOver] = useState(false);
  const send = useMutation({
    mutationFn: (f: File) => {
      stop.current = new AbortController();
      setFile(f);
      setDone(0);
      return sendFile(f, stop.current.signal, setDone);
    },
    onSuccess: onSent,
  });
  const take = (files: FileList | null) => {
    const f = files?.[0];
    if (f && !send.isPending) send.mutate(f);
  };
  function drop(e: DragEvent) {
    e.preventDefault();
    setOver(false);
    take(e.dataTransfer.files);
  }
  const error = send.error instanceof ApiError ? send.error : null;
  return (
    <Card>
      {error && (
        <Notice tone="bad" role="alert" title={error.title} className="mb-4">
          {error.detail}
        </Notice>
      )}
      {send.isPending && file ? (
        <div role="status" className="flex flex-col gap-2 py-6">
          <p className="foreign font-medium">
            {t.upload.sending(file.name)} <span className="font-normal text-soft">({bytes(file.size)})</span>
          </p>
          <Progress label={t.upload.sending(file.name)} value={done} />
          <div className="flex items-center justify-between text-sm text-soft">
            <span className="tnum">{t.upload.sent(percent(done, 0))}</span>
            <Button size="sm" onClick={() => stop.current?.abort()}>
              {t.upload.stopSending}
            </Button>
          </div>
        </div>
      ) : (
        <div
          onDragOver={(e) => {
            e.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
          className={cx(
            "flex flex-col items-center rounded-xl border-2 border-dashed px-4 py-10 text-center transition-colors",
            over ? "border-accent bg-tint" : "border-mute",
          )}
        >
          <span className="mb-3 flex size-11 items-center justify-center rounded-full bg-tint text-accent">
            <FileUp aria-hidden className="size-5" />
          </span>
          <label htmlFor={id} className="text-lg font-semibold">
            {t.upload.file}
          </label>
          <input
            id={id}
            type="file"
            accept=".csv,.tsv,.txt,.gz,.xlsx,text/csv"
            aria-describedby={`${id}-hint`}
            onChange={(e) => {
              take(e.target.files);
              e.target.value = "";
            }}
            className="my-3 max-w-full text-base file:mr-3 file:h-9 file:cursor-pointer file:rounded-lg file:border-0 file:bg-accent file:px-3.5 file:font-medium file:text-on-accent hover:file:bg-accent-strong"
          />
          <p className="text-base text-soft">{t.upload.drop}</p>
          <p id={`${id}-hint`} className="mt-2 text-sm text-soft">
            {t.upload.fileHint}
          </p>
        </div>
      )}
    </Card>
  );
}
