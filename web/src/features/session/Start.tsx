// SPDX-License-Identifier: Apache-2.0
import { useMutation } from "@tanstack/react-query";
import { FileSpreadsheet, type LucideIcon, Sparkles } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import { ApiError, api } from "@/lib/client";
import { useServerEvents } from "@/lib/events";
import { paths } from "@/lib/paths";
import { t } from "@/lib/strings/session";
import type { Job, Page } from "@/lib/types";
import { Button, ButtonLink } from "@/ui/Button";
import { Notice } from "@/ui/Notice";
import { Progress } from "@/ui/Progress";

const UNDERWAY = ["received", "profiling", "importing"];

/** The demo's files are read in jobs of their own: a queue that grows under one's hands would puzzle. */
async function imported() {
  for (let i = 0; i < 240; i++) {
    const { items } = await api.get<Page<{ state: string }>>("/uploads", { params: { limit: 5 } });
    if (!items.some((u) => UNDERWAY.includes(u.state))) return;
    await new Promise((done) => setTimeout(done, 250));
  }
}

/** The two ways to begin on an empty server. */
export function Start({ onReady }: { onReady: () => void }) {
  const [job, setJob] = useState<Job | null>(null);
  const load = useMutation({
    mutationFn: () => api.post<{ job: Job }>("/demo"),
    onSuccess: (r) => setJob(r.job),
  });
  const waiting = useRef(false);
  const over = job !== null && !["queued", "running"].includes(job.state);
  function learn(next: Job) {
    setJob(next);
    if (next.state === "done" && !waiting.current) {
      waiting.current = true;
      void imported().catch(() => undefined).then(onReady);
    }
  }
  useServerEvents<Job>({
    url: job && !over ? `/jobs/${job.id}/events` : null,
    event: "job",
    onData: learn,
    poll: () => job && void api.get<Job>(`/jobs/${job.id}`).then(learn, () => undefined),
  });
  const failed = load.error instanceof ApiError ? load.error.detail : job?.state === "failed" || job?.state === "dead" ? job.error?.detail : null;
  const running = load.isPending || (job !== null && (!over || job.state === "done"));
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Way icon={Sparkles} title={t.setup.demoTitle} text={t.setup.demoText}>
        {failed !== null && (
          <Notice tone="bad" role="alert" title={t.setup.demoFailed} className="mb-3">
            {failed}
          </Notice>
        )}
        {running ? (
          <div role="status">
            <Progress label={t.setup.demoRunning} value={job?.progress} />
            <p className="mt-2 text-sm text-soft">{t.setup.demoRunning}</p>
          </div>
        ) : (
          <Button onClick={() => load.mutate()} className="w-full">
            {t.setup.demoRun}
          </Button>
        )}
      </Way>
      <Way icon={FileSpreadsheet} title={t.setup.csvTitle} text={t.setup.csvText}>
        <ButtonLink variant="primary" to={paths.upload} className="w-full">
          {t.setup.csvRun}
        </ButtonLink>
      </Way>
    </div>
  );
}

function Way({ icon: Icon, title, text, children }: { icon: LucideIcon; title: string; text: string; children: ReactNode }) {
  return (
    <section className="flex flex-col rounded-xl border bg-panel p-5 shadow-panel">
      <span className="mb-3 flex size-10 items-center justify-center rounded-full bg-tint text-accent">
        <Icon aria-hidden className="size-5" />
      </span>
      <h2 className="text-lg font-semibold">{title}</h2>
      <p className="mt-1 mb-5 flex-1 text-base text-soft">{text}</p>
      {children}
    </section>
  );
}
