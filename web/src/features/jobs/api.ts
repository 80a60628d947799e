// SPDX-License-Identifier: Apache-2.0
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import { api } from "@/lib/client";
import { useServerEvents } from "@/lib/events";
import { t } from "@/lib/strings";
import type { Job, Page } from "@/lib/types";
import { toast } from "@/ui/toast";

export const jobKeys = { all: ["jobs"] as const, list: ["jobs", "list"] as const };

export const jobsQuery = queryOptions({
  queryKey: jobKeys.list,
  queryFn: ({ signal }) => api.get<Page<Job>>("/jobs", { signal, params: { limit: 30 } }),
});

/** In work or about to be; what waits for its hour of the night is not. */
export const isRunning = (job: Job) =>
  job.state === "running" || (job.state === "queued" && !(job.run_at && Date.parse(job.run_at) > Date.now() + 60_000));
const isOver = (job: Job) => job.state !== "running" && job.state !== "queued";
/** A file is looked at by the same kind of job that imports it; only the import has taken rows. */
const reads = (job: Job) => job.kind === "import" && job.state === "done" && !job.result?.read;
export const kindName = (job: Job) => (reads(job) ? t.jobs.reading : (t.jobs.kinds[job.kind] ?? job.kind));

/** What other views have loaded and a finished job has changed. */
const STALE: Record<string, string[]> = {
  train: ["models", "overview"],
  retrain: ["models", "overview", "leads"],
  drift: ["models", "overview"],
};

/** The newest jobs, kept up to date; tells when one ends. */
export function useJobs() {
  const queries = useQueryClient();
  const jobs = useQuery(jobsQuery);
  const seen = useRef(new Map<string, Job["state"]>());

  const learn = useCallback(
    (job: Job) => {
      queries.setQueryData<Page<Job>>(jobKeys.list, (old) => {
        const items = old?.items ?? [];
        const at = items.findIndex((x) => x.id === job.id);
        const next = at < 0 ? [job, ...items] : items.map((x, i) => (i === at ? job : x));
        return { next_cursor: null, ...old, items: next };
      });
    },
    [queries],
  );
  useServerEvents<Job>({ url: "/jobs/events", event: "job", onData: learn, poll: () => void jobs.refetch() });

  const items = jobs.data?.items;
  useEffect(() => {
    for (const job of items ?? []) {
      const before = seen.current.get(job.id);
      seen.current.set(job.id, job.state);
      if ((before !== "queued" && before !== "running") || !isOver(job)) continue;
      const done = job.state === "done";
      if (job.state !== "cancelled")
        toast({
          tone: done ? "good" : "bad",
          title: done ? t.jobs.finished(kindName(job)) : t.jobs.failed(kindName(job)),
          text: job.error?.detail ?? job.message,
        });
      for (const key of STALE[job.kind] ?? ["leads", "overview", "uploads"])
        void queries.invalidateQueries({ queryKey: [key] });
    }
  }, [items, queries]);
  return jobs;
}

/** Takes a change of many leads back. */
export function useUndoJob() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api.post<unknown>(`/jobs/${encodeURIComponent(id)}/undo`),
    onSettled: () => queries.invalidateQueries({ queryKey: jobKeys.list }),
  });
}

export function useCancelJob() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api.post<unknown>(`/jobs/${encodeURIComponent(id)}/cancel`),
    onSettled: () => queries.invalidateQueries({ queryKey: jobKeys.list }),
  });
}
