// SPDX-License-Identifier: Apache-2.0
import { ListChecks } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { percent } from "@/lib/format";
import { t } from "@/lib/strings";
import type { Job } from "@/lib/types";
import { IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { EmptyState, ErrorState, SkeletonLines } from "@/ui/states";
import { isRunning, useJobs } from "./api";

const JobRow = lazy(() => import("./JobRow").then((m) => ({ default: m.JobRow })));

/** The button in the bar, with how many run, and the drawer it opens. */
export function Jobs() {
  const [open, setOpen] = useState(false);
  const jobs = useJobs();
  const running = (jobs.data?.items ?? []).filter(isRunning);
  useTitleProgress(running);
  return (
    <>
      <span className="relative">
        <IconButton
          icon={ListChecks}
          label={t.jobs.open(running.length)}
          aria-haspopup="dialog"
          onClick={() => setOpen(true)}
        />
        {running.length > 0 && (
          <span
            aria-hidden
            className="tnum absolute -top-0.5 -right-0.5 flex h-4 min-w-4 items-center justify-center rounded-full bg-accent px-1 text-xs font-semibold text-on-accent"
          >
            {running.length}
          </span>
        )}
      </span>
      <Dialog open={open} onOpenChange={setOpen} title={t.jobs.title} about={t.jobs.about} shape="side">
        {jobs.data ? (
          jobs.data.items.length === 0 ? (
            <EmptyState icon={ListChecks} title={t.jobs.emptyTitle}>
              {t.jobs.emptyText}
            </EmptyState>
          ) : (
            <Suspense fallback={<SkeletonLines lines={6} />}>
              <ul className="-mx-2 divide-y">
                {jobs.data.items.map((job) => (
                  <JobRow key={job.id} job={job} onLeave={() => setOpen(false)} />
                ))}
              </ul>
            </Suspense>
          )
        ) : jobs.error ? (
          <ErrorState error={jobs.error} retry={() => void jobs.refetch()} />
        ) : (
          <SkeletonLines lines={6} />
        )}
      </Dialog>
    </>
  );
}

/** The window's title says how far the work is, for those who look at another tab meanwhile. */
function useTitleProgress(running: Job[]) {
  const sum = running.reduce((s, j) => s + j.progress, 0);
  const share = running.length > 0 ? Math.floor((sum / running.length) * 100) / 100 : null;
  useEffect(() => {
    if (share === null) return;
    const own = document.title;
    const marked = `${t.jobs.working(percent(share, 0))} ${own}`;
    document.title = marked;
    return () => {
      if (document.title === marked) document.title = own;
    };
  }, [share]);
}
