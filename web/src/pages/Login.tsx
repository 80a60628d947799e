// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearchParams } from "react-router";
import { Entrance } from "@/features/session/Entrance";
import { LoginForm } from "@/features/session/LoginForm";
import { sessionKeys } from "@/features/session/api";
import { paths } from "@/lib/paths";
import { t } from "@/lib/strings/session";
import type { Me } from "@/lib/types";

/** Only a path of ours: "//elsewhere" and "/\elsewhere" would leave. */
export const safeReturn = (to: string | null) => (to && /^\/(?![/\\])/.test(to) ? to : paths.overview);

export default function Login() {
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const back = safeReturn(params.get("return"));
  function done(me: Me) {
    queries.clear();
    queries.setQueryData(sessionKeys.me, me);
    void navigate(back, { replace: true });
  }
  return (
    <Entrance title={t.login.title} about={t.login.about}>
      <LoginForm onDone={done} back={back} />
    </Entrance>
  );
}
