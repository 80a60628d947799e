// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link } from "react-router";
import { ApiError } from "@/lib/client";
import { useServerEvents } from "@/lib/events";
import { paths } from "@/lib/paths";
import { t } from "@/lib/strings/model";
import type { Job } from "@/lib/types";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Checkbox, SelectField, TextArea, TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { Progress } from "@/ui/Progress";
import { SkeletonLines } from "@/ui/states";
import { jobQuery, modelKeys, stopJob, type TrainRequest, train, uploadOf } from "./api";

interface Props {
  /** An upload to learn from; null: the leads that are kept. */
  upload: string | null;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function TrainDialog({ upload, open, onOpenChange }: Props) {
  const [job, setJob] = useState<string | null>(null);
  const file = useQuery({ ...uploadOf(upload ?? ""), enabled: open && upload !== null });
  function close(next: boolean) {
    onOpenChange(next);
    if (!next) setJob(null);
  }
  return (
    <Dialog open={open} onOpenChange={close} title={t.model.trainTitle} about={t.model.trainAbout} sticky>
      {job ? (
        <Follow id={job} onClose={() => close(false)} />
      ) : upload && file.isLoading ? (
        <SkeletonLines lines={5} />
      ) : (
        <Choose upload={upload} file={file.data} onStart={setJob} />
      )}
    </Dialog>
  );
}

const lines = (text: string) => text.split("\n").map((s) => s.trim()).filter(Boolean);

interface ChooseProps {
  upload: string | null;
  file: { filename?: string; outcome?: { column: string; won?: string[]; lost?: string[] } } | undefined;
  onStart: (job: string) => void;
}

function Choose({ upload, file, onStart }: ChooseProps) {
  const [from, setFrom] = useState(upload ? "upload" : "leads");
  const [f, setF] = useState({
    target: file?.outcome?.column ?? "",
    won: (file?.outcome?.won ?? []).join("\n"),
    lost: (file?.outcome?.lost ?? []).join("\n"),
    drop: "",
    keep: "",
    budget: "60",
  });
  const [verdicts, setVerdicts] = useState(false);
  const set = (key: keyof typeof f) => (e: { target: { value: string } }) => setF({ ...f, [key]: e.target.value });
  const request = (): TrainRequest => ({
    ...(from === "upload" && upload
      ? { upload, target: f.target.trim(), won: lines(f.won), ...(lines(f.lost).length > 0 ? { lost: lines(f.lost) } : {}) }
      : { leads: "", verdicts }),
    ...(lines(f.drop).length > 0 ? { drop: lines(f.drop) } : {}),
    ...(lines(f.keep).length > 0 ? { keep: lines(f.keep) } : {}),
    budget_s: Number(f.budget),
  });
  const start = useMutation({ mutationFn: () => train(request()), onSuccess: (r) => onStart(r.job.id) });
  const error = start.error instanceof ApiError ? start.error : null;
  function submit(e: FormEvent) {
    e.preventDefault();
    start.mutate();
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {error && (
        <Notice tone="bad" role="alert" title={error.title}>
          {error.detail}
          {error.errors.map((x) => (
            <span key={x.pointer} className="block">
              {x.pointer}: {x.detail}
            </span>
          ))}
        </Notice>
      )}
      <SelectField label={t.model.trainFrom} value={from} onChange={(e) => setFrom(e.target.value)}>
        <option value="leads">{t.model.trainLeads}</option>
        {upload && <option value="upload">{t.model.trainUpload(file?.filename ?? upload)}</option>}
      </SelectField>
      {from === "upload" ? (
        <>
          <TextField label={t.model.trainTarget} value={f.target} onChange={set("target")} error={error?.fault("/target")} required />
          <div className="grid gap-4 sm:grid-cols-2">
            <TextArea label={t.model.trainWon} value={f.won} onChange={set("won")} rows={2} />
            <TextArea label={t.model.trainLost} hint={t.model.trainLostHint} value={f.lost} onChange={set("lost")} rows={2} />
          </div>
        </>
      ) : (
        <Checkbox label={t.model.trainVerdicts} checked={verdicts} onChange={(e) => setVerdicts(e.target.checked)} />
      )}
      <details>
        <summary className="font-medium text-accent">{t.model.trainMore}</summary>
        <div className="mt-3 flex flex-col gap-4">
          <TextArea label={t.model.trainDrop} value={f.drop} onChange={set("drop")} rows={2} />
          <TextArea label={t.model.trainKeep} hint={t.model.trainKeepHint} value={f.keep} onChange={set("keep")} rows={2} />
          <TextField label={t.model.trainBudget} type="number" min={1} max={3600} value={f.budget} onChange={set("budget")} error={error?.fault("/budget_s")} />
        </div>
      </details>
      <Button type="submit" variant="primary" busy={start.isPending} className="self-end">
        {t.model.trainRun}
      </Button>
    </form>
  );
}

function Follow({ id, onClose }: { id: string; onClose: () => void }) {
  const queries = useQueryClient();
  const { queryKey } = jobQuery(id);
  const job = useQuery(jobQuery(id));
  const stop = useMutation({ mutationFn: () => stopJob(id) });
  const over = job.data !== undefined && !["queued", "running"].includes(job.data.state);
  function learn(next: Job) {
    queries.setQueryData(queryKey, next);
    if (next.state === "done") void queries.invalidateQueries({ queryKey: modelKeys.all });
  }
  useServerEvents<Job>({ url: over ? null : `/jobs/${id}/events`, event: "job", onData: learn, poll: () => void job.refetch().then((r) => r.data && learn(r.data)) });
  const j = job.data;
  const result = (j?.result ?? {}) as { version?: string; warnings?: string[] };
  if (j?.state === "done" && result.version)
    return (
      <div className="flex flex-col gap-4">
        <Notice tone="good" role="status" title={t.model.trained(result.version)}>
          {t.model.trainedText}
        </Notice>
        {result.warnings && result.warnings.length > 0 && (
          <Notice tone="caution" title={t.model.trainWarnings}>
            {result.warnings.map((w) => (
              <span key={w} className="foreign block">
                {w}
              </span>
            ))}
          </Notice>
        )}
        <Link to={paths.modelOne(result.version)} onClick={onClose} className="self-end font-medium text-accent hover:underline">
          {t.model.trainedShow}
        </Link>
      </div>
    );
  if (over)
    return (
      <Notice tone="bad" role="alert" title={j?.error?.title ?? t.model.trainFailed}>
        {j?.error?.detail}
      </Notice>
    );
  return (
    <div role="status" className="flex flex-col gap-3">
      <Progress label={t.model.training} value={j?.progress} />
      <div className="flex items-center justify-between gap-3 text-sm text-soft">
        <span className="foreign">{j?.step ?? j?.message ?? t.model.training}</span>
        <Button size="sm" busy={stop.isPending} disabled={stop.isSuccess} onClick={() => stop.mutate()}>
          {t.model.trainStop}
        </Button>
      </div>
    </div>
  );
}
