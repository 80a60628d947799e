// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";
import { Entrance } from "@/features/session/Entrance";
import { choosePassword, sessionKeys } from "@/features/session/api";
import { ApiError } from "@/lib/client";
import { paths } from "@/lib/paths";
import { t } from "@/lib/strings/session";
import { Button, ButtonLink } from "@/ui/Button";
import { NewPassword } from "@/ui/NewPassword";
import { Notice } from "@/ui/Notice";

/** Where the link of an invitation or of a reset leads: the token stands behind the #, so that it is
 * in no log of a server or proxy. */
export default function Invite() {
  const [token] = useState(() => new URLSearchParams(window.location.hash.slice(1)).get("token") ?? "");
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [password, setPassword] = useState("");
  const send = useMutation({
    mutationFn: () => choosePassword(token, password),
    onSuccess: (me) => {
      queries.clear();
      // Without a record the account has a second factor, which the link does not replace.
      if (me) queries.setQueryData(sessionKeys.me, me);
      void navigate(me ? paths.overview : paths.login, { replace: true });
    },
  });
  const error = send.error instanceof ApiError ? send.error : null;
  function submit(e: FormEvent) {
    e.preventDefault();
    send.mutate();
  }
  return (
    <Entrance title={t.invite.title} about={t.invite.about}>
      {token === "" ? (
        <Notice title={t.invite.noToken} action={<ButtonLink to={paths.login}>{t.login.title}</ButtonLink>} />
      ) : (
        <form onSubmit={submit} className="flex flex-col gap-4">
          {error && error.errors.length === 0 && (
            <Notice tone="bad" role="alert" title={error.status === 404 ? t.invite.used : error.title}>
              {error.status === 404 ? t.invite.usedText : error.detail}
            </Notice>
          )}
          <NewPassword label={t.setup.password} value={password} onChange={setPassword} error={error?.fault("/password")} />
          <Button type="submit" variant="primary" busy={send.isPending} className="w-full">
            {t.invite.submit}
          </Button>
        </form>
      )}
    </Entrance>
  );
}
