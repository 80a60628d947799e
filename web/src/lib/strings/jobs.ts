// SPDX-License-Identifier: Apache-2.0
import { duration, number, plural } from "@/lib/format";

export const jobs = {
  jobs: {
    title: "Jobs",
    about: "What the server works on, newest first. You may close this and go on.",
    open: (running: number) => (running > 0 ? `Jobs: ${plural(running, "is running", "are running")}` : "Jobs"),
    emptyTitle: "Nothing has run yet",
    emptyText: "Imports, trainings and bulk changes show up here.",
    kinds: {
      import: "Import",
      rescore: "Scoring all leads",
      train: "Training",
      bulk: "Bulk change",
      bulk_undo: "Taking a bulk change back",
      erase: "Erasing a person",
      undo: "Undoing an import",
      backup: "Backup",
      retrain: "Scheduled training",
      demo: "Demo leads",
      drift: "Drift check",
      check: "Checking a file",
    } as Record<string, string>,
    reading: "Reading a file",
    planned: "Planned",
    undo: "Take it back",
    undone: (restored: number, kept: number) =>
      kept > 0
        ? `${plural(restored, "lead is", "leads are")} as before, ${number(kept)} changed since and stayed`
        : `${plural(restored, "lead is", "leads are")} as before`,
    states: {
      queued: "Waiting",
      running: "Running",
      done: "Done",
      failed: "Failed",
      cancelled: "Stopped",
      dead: "Given up",
    },
    progressOf: (what: string) => `Progress of ${what}`,
    stop: "Stop",
    stopping: "Stopping…",
    stopOf: (what: string) => `Stop ${what}`,
    took: (seconds: number) => `took ${duration(seconds)}`,
    attempt: (n: number) => `try ${n}`,
    finished: (what: string) => `${what}: done`,
    failed: (what: string) => `${what}: failed`,
    show: "Show",
    model: (version: string) => `Model ${version}`,
    working: (percent: string) => `(${percent})`,
  },
};
