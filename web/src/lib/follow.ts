// SPDX-License-Identifier: Apache-2.0
import { api } from "@/lib/client";
import type { Job } from "@/lib/types";

export const jobEnded = (job: Job) => !["queued", "running"].includes(job.state);

/** Waits for a job to end, asking ever more seldom; resolves with it, whatever became of it. */
export async function followJob(id: string, onProgress?: (job: Job) => void): Promise<Job> {
  for (let wait = 250; ; wait = Math.min(wait * 1.5, 3000)) {
    const job = await api.get<Job>(`/jobs/${encodeURIComponent(id)}`);
    onProgress?.(job);
    if (jobEnded(job)) return job;
    await new Promise((done) => setTimeout(done, wait));
  }
}
