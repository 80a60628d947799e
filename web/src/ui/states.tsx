// SPDX-License-Identifier: Apache-2.0
// What a view shows when it has nothing to show: still loading, empty, failed.
import { CircleAlert, type LucideIcon, RefreshCw, ShieldAlert } from "lucide-react";
import type { ReactNode } from "react";
import { ApiError } from "@/lib/client";
import { cx } from "@/lib/cx";
import { t } from "@/lib/strings";
import { Button } from "./Button";

export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cx("animate-pulse-soft rounded-md bg-grid", className)} />;
}

/** Grey lines of the height that the text will have, announced once. */
export function SkeletonLines({ lines = 3, className }: { lines?: number; className?: string }) {
  return (
    <div role="status" className={cx("flex flex-col gap-2.5", className)}>
      <span className="sr-only">{t.app.loading}</span>
      {Array.from({ length: lines }, (_, i) => (
        <Skeleton key={i} className={cx("h-4", i % 3 === 2 ? "w-1/2" : i % 3 === 1 ? "w-5/6" : "w-full")} />
      ))}
    </div>
  );
}

interface EmptyProps {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
  /** The one next step. */
  action?: ReactNode;
  className?: string;
}

export function EmptyState({ icon: Icon, title, children, action, className }: EmptyProps) {
  return (
    <div className={cx("mx-auto flex max-w-md flex-col items-center px-4 py-10 text-center", className)}>
      <span className="mb-3 flex size-11 items-center justify-center rounded-full bg-tint text-accent">
        <Icon aria-hidden className="size-5" />
      </span>
      <p className="text-lg font-semibold">{title}</p>
      {children && <div className="mt-1 text-base text-soft">{children}</div>}
      {action && <div className="mt-4 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}

interface ErrorProps {
  error: unknown;
  retry?: (() => void) | undefined;
  className?: string;
}

/** In place of a view that could not be loaded at all. */
export function ErrorState({ error, retry, className }: ErrorProps) {
  const e = error instanceof ApiError ? error : null;
  const forbidden = e?.status === 403;
  const Icon = forbidden ? ShieldAlert : CircleAlert;
  return (
    <div role="alert" className={cx("mx-auto flex max-w-md flex-col items-center px-4 py-10 text-center", className)}>
      <span className="mb-3 flex size-11 items-center justify-center rounded-full bg-bad-tint text-bad">
        <Icon aria-hidden className="size-5" />
      </span>
      <p className="text-lg font-semibold">{forbidden ? t.errors.notAllowed : (e?.title ?? t.errors.title)}</p>
      <p className="foreign mt-1 text-base text-soft">{forbidden ? t.errors.notAllowedHint : e?.detail}</p>
      {e?.requestId && <p className="foreign mt-2 font-mono text-xs text-soft">{t.errors.request(e.requestId)}</p>}
      {retry && !forbidden && (
        <Button icon={RefreshCw} onClick={retry} className="mt-4">
          {t.actions.retry}
        </Button>
      )}
    </div>
  );
}

/** A bar above data that is still shown although asking again has failed. */
export function StaleNotice({ error, retry }: { error: unknown; retry: () => void }) {
  const e = error instanceof ApiError ? error : null;
  return (
    <div role="alert" className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-1 rounded-lg border border-caution-line bg-caution px-3 py-2 text-sm">
      <CircleAlert aria-hidden className="size-4 shrink-0" />
      <span className="foreign min-w-0 flex-1">
        {e?.title ?? t.errors.title}. {t.errors.stale}
        {e?.requestId && <span className="ml-2 font-mono text-xs">{t.errors.request(e.requestId)}</span>}
      </span>
      <Button size="sm" onClick={retry}>
        {t.actions.retry}
      </Button>
    </div>
  );
}
