// SPDX-License-Identifier: Apache-2.0
import { type ReactNode, useState } from "react";
import { ApiError } from "@/lib/client";
import { t } from "@/lib/strings";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { Notice } from "./Notice";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  children?: ReactNode;
  confirm: string;
  danger?: boolean;
  run: () => Promise<unknown>;
}

/** Asks once before something that cannot be taken back; stays open and says why when it fails. */
export function Confirm({ open, onOpenChange, title, children, confirm, danger = false, run }: Props) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  async function go() {
    setBusy(true);
    setError(null);
    try {
      await run();
      onOpenChange(false);
    } catch (e) {
      setError(e);
    } finally {
      setBusy(false);
    }
  }
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={title}>
      <div className="foreign text-base text-soft">{children}</div>
      {error !== null && (
        <Notice tone="bad" role="alert" className="mt-3" title={error instanceof ApiError ? error.title : t.errors.title}>
          {error instanceof ApiError ? error.detail : undefined}
        </Notice>
      )}
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={() => onOpenChange(false)}>{t.actions.cancel}</Button>
        <Button variant={danger ? "danger" : "primary"} busy={busy} onClick={() => void go()}>
          {confirm}
        </Button>
      </div>
    </Dialog>
  );
}
