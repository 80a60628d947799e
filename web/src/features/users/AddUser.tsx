// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError } from "@/lib/client";
import { t } from "@/lib/strings/settings";
import type { Role } from "@/lib/types";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { addUser, userKeys } from "./api";
import { RoleSelect } from "./RoleSelect";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onLink: (url: string) => void;
}

export function AddUser({ open, onOpenChange, onLink }: Props) {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("rep");
  const send = useMutation({
    mutationFn: () => addUser({ name: name.trim(), email: email.trim(), role }),
    onSuccess: (u) => {
      setName("");
      setEmail("");
      onOpenChange(false);
      if (u.invite_url) onLink(u.invite_url);
      return queries.invalidateQueries({ queryKey: userKeys.users });
    },
  });
  const error = send.error instanceof ApiError ? send.error : null;
  function submit(e: FormEvent) {
    e.preventDefault();
    send.mutate();
  }
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t.users.add}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        {error && error.errors.length === 0 && (
          <Notice tone="bad" role="alert" title={error.title}>
            {error.detail}
          </Notice>
        )}
        <TextField label={t.users.name} value={name} onChange={(e) => setName(e.target.value)} error={error?.fault("/name")} autoFocus required />
        <TextField label={t.users.email} type="email" value={email} onChange={(e) => setEmail(e.target.value)} error={error?.fault("/email")} required />
        <RoleSelect label={t.users.role} value={role} onChange={setRole} full />
        <div className="mt-1 flex justify-end gap-2">
          <Button onClick={() => onOpenChange(false)}>{t.actions.cancel}</Button>
          <Button type="submit" variant="primary" busy={send.isPending}>
            {t.users.add}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
