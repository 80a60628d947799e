// SPDX-License-Identifier: Apache-2.0
import { Ban, CircleAlert, CircleCheck, Clock, type LucideIcon } from "lucide-react";
import { Link } from "react-router";
import { ApiError } from "@/lib/client";
import { cx } from "@/lib/cx";
import { ago, fullTime } from "@/lib/format";
import { paths } from "@/lib/paths";
import { t } from "@/lib/strings";
import type { Job } from "@/lib/types";
import { Button } from "@/ui/Button";
import { Progress } from "@/ui/Progress";
import { Spinner } from "@/ui/Spinner";
import { toast } from "@/ui/toast";
import { isRunning, kindName, useCancelJob, useUndoJob } from "./api";

const ICON: Record<Exclude<Job["state"], "running">, { icon: LucideIcon; ink: string }> = {
  queued: { icon: Clock, ink: "text-soft" },
  done: { icon: CircleCheck, ink: "text-good" },
  failed: { icon: CircleAlert, ink: "text-bad" },
  dead: { icon: CircleAlert, ink: "text-bad" },
  cancelled: { icon: Ban, ink: "text-soft" },
};

export function JobRow({ job, onLeave }: { job: Job; onLeave: () => void }) {
  const cancel = useCancelJob();
  const undo = useUndoJob();
  const name = kindName(job);
  const running = isRunning(job);
  const planned = job.state === "queued" && !running;
  const to = target(job);
  const look = job.state === "running" ? null : ICON[job.state];
  const onError = (e: Error) => toast({ tone: "bad", title: e instanceof ApiError ? e.title : t.errors.title, text: e.message });
  const stop = () => cancel.mutate(job.id, { onError });
  return (
    <li className="flex gap-3 px-2 py-3">
      <span className={cx("mt-0.5 shrink-0", look?.ink ?? "text-accent")}>
        {look ? <look.icon aria-hidden className="size-4" /> : <Spinner />}
      </span>
      <div className="min-w-0 flex-1">
        <div className="flex items-baseline justify-between gap-2">
          <p className="font-medium">{name}</p>
          <time dateTime={job.created_at} title={fullTime(job.created_at)} className="shrink-0 text-sm text-soft">
            {ago(planned ? job.run_at : (job.finished_at ?? job.started_at ?? job.created_at))}
          </time>
        </div>
        <p className="foreign text-sm text-soft">
          {[planned ? t.jobs.planned : t.jobs.states[job.state], job.state === "done" ? undefined : (job.step ?? job.message), took(job)].filter(Boolean).join(" · ")}
        </p>
        {job.error && !running && <p className="foreign mt-1 text-sm text-bad">{job.error.detail ?? job.error.title}</p>}
        {running && (
          <div className="mt-2 flex items-center gap-3">
            <Progress label={t.jobs.progressOf(name)} value={job.state === "running" ? job.progress : 0} />
            <Button
              size="sm"
              variant="ghost"
              aria-label={t.jobs.stopOf(name)}
              disabled={cancel.isPending || cancel.isSuccess}
              onClick={stop}
            >
              {cancel.isSuccess ? t.jobs.stopping : t.jobs.stop}
            </Button>
          </div>
        )}
        {job.kind === "bulk" && job.result?.undo === true && !undo.isSuccess && (
          <Button size="sm" className="mt-1.5" busy={undo.isPending} onClick={() => undo.mutate(job.id, { onError })}>
            {t.jobs.undo}
          </Button>
        )}
        {to && !running && (
          <Link to={to.path} onClick={onLeave} className="mt-1 inline-block text-sm font-medium text-accent hover:underline">
            {to.label}
          </Link>
        )}
      </div>
    </li>
  );
}

function took(job: Job) {
  if (!job.started_at || !job.finished_at) return "";
  const s = (Date.parse(job.finished_at) - Date.parse(job.started_at)) / 1000;
  return s >= 1 ? t.jobs.took(s) : "";
}

function target(job: Job) {
  const version = typeof job.result?.version === "string" ? job.result.version : job.model;
  if (version) return { path: paths.modelOne(version), label: t.jobs.model(version) };
  if (job.upload_id) return { path: paths.uploadOne(job.upload_id), label: t.jobs.show };
  return null;
}
