// SPDX-License-Identifier: Apache-2.0
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError } from "@/lib/client";
import { t } from "@/lib/strings/settings";
import type { Me } from "@/lib/types";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Dialog } from "@/ui/Dialog";
import { TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { Secret } from "@/ui/Secret";
import { confirmTotp, startTotp, stopTotp } from "./api";

type Step = { name: "idle" } | { name: "scan"; secret: string; uri: string } | { name: "codes"; codes: string[] } | { name: "stop" };

interface Props {
  me: Me;
  onMe: (me: Me) => void;
}

export function TotpCard({ me, onMe }: Props) {
  const [step, setStep] = useState<Step>({ name: "idle" });
  const start = useMutation({
    mutationFn: startTotp,
    onSuccess: (s) => setStep({ name: "scan", ...s }),
  });
  const close = () => setStep({ name: "idle" });
  return (
    <Card title={t.account.totp} about={me.totp ? t.account.totpOn : t.account.totpOff}>
      {start.error && <Failure error={start.error} />}
      {me.totp ? (
        <Button onClick={() => setStep({ name: "stop" })}>{t.account.totpStop}</Button>
      ) : (
        <Button variant="primary" busy={start.isPending} onClick={() => start.mutate()}>
          {t.account.totpStart}
        </Button>
      )}
      <Dialog open={step.name === "scan"} onOpenChange={close} title={t.account.totp} about={t.account.totpScan} sticky>
        {step.name === "scan" && (
          <div className="flex flex-col gap-4">
            <Secret label={t.account.totpSecret} text={step.secret} />
            <a href={step.uri} className="text-sm font-medium text-accent hover:underline">
              {t.account.totpLink}
            </a>
            <Ask
              label={t.account.totpCode}
              action={t.account.totpConfirm}
              autoComplete="one-time-code"
              send={confirmTotp}
              onDone={(r) => {
                onMe({ ...me, totp: true });
                setStep({ name: "codes", codes: r.recovery_codes });
              }}
            />
          </div>
        )}
      </Dialog>
      <Dialog open={step.name === "codes"} onOpenChange={close} title={t.account.totpIsOn} about={t.account.recoveryText} sticky>
        {step.name === "codes" && (
          <div className="flex flex-col gap-4">
            <Secret label={t.account.recovery} text={step.codes.join("  ")} />
            <Button variant="primary" onClick={close} className="self-end">
              {t.account.recoveryDone}
            </Button>
          </div>
        )}
      </Dialog>
      <Dialog open={step.name === "stop"} onOpenChange={close} title={t.account.totpStop}>
        <Ask
          label={t.account.current}
          action={t.account.totpStop}
          type="password"
          autoComplete="current-password"
          send={stopTotp}
          onDone={() => {
            onMe({ ...me, totp: false });
            close();
          }}
        />
      </Dialog>
    </Card>
  );
}

function Failure({ error }: { error: unknown }) {
  const e = error instanceof ApiError ? error : null;
  return (
    <Notice tone="bad" role="alert" title={e?.title ?? t.errors.title} className="mb-3">
      {e?.detail}
    </Notice>
  );
}

interface AskProps<R> {
  label: string;
  action: string;
  type?: string;
  autoComplete: string;
  send: (text: string) => Promise<R>;
  onDone: (r: R) => void;
}

/** One field and one button. */
function Ask<R>({ label, action, type = "text", autoComplete, send, onDone }: AskProps<R>) {
  const [text, setText] = useState("");
  const run = useMutation({ mutationFn: () => send(text.trim()), onSuccess: onDone });
  function submit(e: FormEvent) {
    e.preventDefault();
    run.mutate();
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      {run.error && <Failure error={run.error} />}
      <TextField label={label} type={type} value={text} onChange={(e) => setText(e.target.value)} autoComplete={autoComplete} autoFocus required />
      <Button type="submit" variant="primary" busy={run.isPending} className="self-end">
        {action}
      </Button>
    </form>
  );
}
