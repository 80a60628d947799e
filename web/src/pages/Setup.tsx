// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { Entrance } from "@/features/session/Entrance";
import { NewPassword } from "@/ui/NewPassword";
import { Start } from "@/features/session/Start";
import { sessionKeys, setup, setupQuery } from "@/features/session/api";
import { ApiError } from "@/lib/client";
import { paths } from "@/lib/paths";
import { t } from "@/lib/strings/session";
import type { Me } from "@/lib/types";
import { Button, ButtonLink } from "@/ui/Button";
import { TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { EmptyState, ErrorState, SkeletonLines } from "@/ui/states";

export default function Setup() {
  const [params] = useSearchParams();
  const state = useQuery(setupQuery);
  const [me, setMe] = useState<Me | null>(null);
  // Behind "#", so that it is in nobody's log; "?" is for links typed by hand.
  const token = new URLSearchParams(window.location.hash.slice(1)).get("token") ?? params.get("token") ?? "";
  if (me) return <Begin me={me} />;
  return (
    <Entrance title={t.setup.title} about={token && state.data?.needed ? t.setup.about : undefined}>
      {state.data ? (
        !state.data.needed ? (
          <EmptyState icon={KeyRound} title={t.setup.done} action={<ButtonLink variant="primary" to={paths.login}>{t.login.title}</ButtonLink>}>
            {t.setup.doneText}
          </EmptyState>
        ) : token ? (
          <FirstAdmin token={token} onDone={setMe} />
        ) : (
          <Notice title={t.setup.noToken}>{t.setup.noTokenText}</Notice>
        )
      ) : state.error ? (
        <ErrorState error={state.error} retry={() => void state.refetch()} />
      ) : (
        <SkeletonLines lines={6} />
      )}
    </Entrance>
  );
}

function FirstAdmin({ token, onDone }: { token: string; onDone: (me: Me) => void }) {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const send = useMutation({
    mutationFn: () => setup({ token, name: name.trim(), email: email.trim(), password }),
    onSuccess: (me) => {
      queries.clear();
      queries.setQueryData(sessionKeys.me, me);
      onDone(me);
    },
  });
  const error = send.error instanceof ApiError ? send.error : null;
  function submit(e: FormEvent) {
    e.preventDefault();
    send.mutate();
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {error && error.errors.length === 0 && (
        <Notice tone="bad" role="alert" title={error.title}>
          {error.detail}
        </Notice>
      )}
      <TextField label={t.setup.name} value={name} onChange={(e) => setName(e.target.value)} autoComplete="name" error={error?.fault("/name")} autoFocus required />
      <TextField label={t.setup.email} type="email" value={email} onChange={(e) => setEmail(e.target.value)} autoComplete="username" error={error?.fault("/email")} required />
      <NewPassword label={t.setup.password} value={password} onChange={setPassword} error={error?.fault("/password")} />
      <Button type="submit" variant="primary" busy={send.isPending} className="w-full">
        {t.setup.submit}
      </Button>
    </form>
  );
}

function Begin({ me }: { me: Me }) {
  const navigate = useNavigate();
  return (
    <Entrance title={t.setup.welcome(me.name || me.email || "")} about={t.setup.start} wide>
      <Start onReady={() => void navigate(paths.overview)} />
      <p className="mt-6 text-center">
        <ButtonLink variant="ghost" to={paths.overview}>
          {t.setup.later}
        </ButtonLink>
      </p>
    </Entrance>
  );
}
