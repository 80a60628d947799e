// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError } from "@/lib/client";
import { t } from "@/lib/strings/session";
import type { Me } from "@/lib/types";
import { Button, ButtonAnchor } from "@/ui/Button";
import { TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { login, methodsQuery, oidcStart } from "./api";

interface Props {
  onDone: (me: Me) => void;
  /** Where another provider sends the user back to; null offers no such way. */
  back: string | null;
  /** Known already, as when a session has ended. */
  email?: string;
}

/** Email and password, then a code where the account asks for one. */
export function LoginForm({ onDone, back, email: known = "" }: Props) {
  const methods = useQuery(methodsQuery);
  const [email, setEmail] = useState(known);
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [codeAsked, setCodeAsked] = useState(false);
  const send = useMutation({
    mutationFn: () => login({ email: email.trim(), password, ...(codeAsked ? { totp: code.replace(/\s/g, "") } : {}) }),
    onSuccess: onDone,
    onError: (e) => {
      if (e instanceof ApiError && e.problem.totp_required === true) setCodeAsked(true);
    },
  });
  const error = send.error instanceof ApiError ? send.error : null;
  // Being asked for the code is a step, not a failure.
  const quiet = error?.problem.totp_required === true && code === "";

  function submit(e: FormEvent) {
    e.preventDefault();
    send.mutate();
  }
  const oidc = methods.data?.oidc;
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {error && !quiet && <Failure error={error} />}
      {codeAsked ? (
        <TextField
          key="code"
          label={t.login.code}
          hint={t.login.codeHint}
          value={code}
          onChange={(e) => setCode(e.target.value)}
          autoComplete="one-time-code"
          inputMode="text"
          autoFocus
          required
        />
      ) : (
        <>
          <TextField
            label={t.login.email}
            type="email"
            value={email}
            onChange={(e) => setEmail(e.target.value)}
            autoComplete="username"
            autoFocus={!known}
            required
          />
          <TextField
            label={t.login.password}
            type="password"
            value={password}
            onChange={(e) => setPassword(e.target.value)}
            autoComplete="current-password"
            autoFocus={Boolean(known)}
            required
          />
        </>
      )}
      <Button type="submit" variant="primary" busy={send.isPending} className="w-full">
        {codeAsked ? t.login.verify : t.login.submit}
      </Button>
      {codeAsked && (
        <Button
          variant="ghost"
          onClick={() => {
            setCodeAsked(false);
            setCode("");
            send.reset();
          }}
        >
          {t.login.otherAccount}
        </Button>
      )}
      {oidc && back !== null && !codeAsked && (
        <>
          <p className="flex items-center gap-3 text-sm text-soft before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
            {t.login.or}
          </p>
          <ButtonAnchor href={oidcStart(back)} className="w-full">
            {t.login.oidc(oidc.name)}
          </ButtonAnchor>
        </>
      )}
    </form>
  );
}

function Failure({ error }: { error: ApiError }) {
  const wait = error.status === 429 && error.retryAfter !== undefined;
  return (
    <Notice tone="bad" role="alert" title={wait ? t.login.wait(error.retryAfter ?? 0) : error.title}>
      {wait ? undefined : error.detail}
    </Notice>
  );
}
