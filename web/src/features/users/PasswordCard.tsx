// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError } from "@/lib/client";
import { t } from "@/lib/strings/settings";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { TextField } from "@/ui/Field";
import { NewPassword } from "@/ui/NewPassword";
import { Notice } from "@/ui/Notice";
import { toast } from "@/ui/toast";
import { changePassword, userKeys } from "./api";

export function PasswordCard() {
  const queries = useQueryClient();
  const [current, setCurrent] = useState("");
  const [fresh, setFresh] = useState("");
  const send = useMutation({
    mutationFn: () => changePassword({ current, new: fresh }),
    onSuccess: () => {
      setCurrent("");
      setFresh("");
      toast({ tone: "good", title: t.account.changed });
      return queries.invalidateQueries({ queryKey: userKeys.sessions });
    },
  });
  const error = send.error instanceof ApiError ? send.error : null;
  function submit(e: FormEvent) {
    e.preventDefault();
    send.mutate();
  }
  return (
    <Card title={t.account.password}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        {error && error.errors.length === 0 && (
          <Notice tone="bad" role="alert" title={error.title}>
            {error.detail}
          </Notice>
        )}
        <TextField
          label={t.account.current}
          type="password"
          value={current}
          onChange={(e) => setCurrent(e.target.value)}
          autoComplete="current-password"
          error={error?.fault("/current")}
          required
        />
        <NewPassword label={t.account.fresh} value={fresh} onChange={setFresh} error={error?.fault("/new")} />
        <Button type="submit" busy={send.isPending} className="self-start">
          {t.account.change}
        </Button>
      </form>
    </Card>
  );
}
