// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError } from "@/lib/client";
import { t } from "@/lib/strings/settings";
import type { Role } from "@/lib/types";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Checkbox, TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { addKey, userKeys } from "./api";

/** The least role that each right needs. */
const SCOPES: [scope: string, role: Role][] = [
  ["score", "viewer"],
  ["read", "viewer"],
  ["write", "rep"],
  ["upload", "rep"],
  ["models", "manager"],
  ["admin", "admin"],
];
const RANK: Role[] = ["viewer", "rep", "manager", "admin"];

export const roleFor = (scopes: string[]) =>
  RANK[Math.max(0, ...SCOPES.filter(([s]) => scopes.includes(s)).map(([, r]) => RANK.indexOf(r)))]!;

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onMade: (key: string) => void;
}

export function AddKey({ open, onOpenChange, onMade }: Props) {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<string[]>(["score"]);
  const send = useMutation({
    mutationFn: () => addKey({ name: name.trim(), scopes, role: roleFor(scopes) }),
    onSuccess: (k) => {
      setName("");
      setScopes(["score"]);
      onOpenChange(false);
      onMade(k.key);
      return queries.invalidateQueries({ queryKey: userKeys.keys });
    },
  });
  const error = send.error instanceof ApiError ? send.error : null;
  function submit(e: FormEvent) {
    e.preventDefault();
    send.mutate();
  }
  const toggle = (scope: string, on: boolean) => setScopes(on ? [...scopes, scope] : scopes.filter((s) => s !== scope));
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t.keys.add}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        {error && error.errors.length === 0 && (
          <Notice tone="bad" role="alert" title={error.title}>
            {error.detail}
          </Notice>
        )}
        <TextField
          label={t.keys.name}
          hint={t.keys.nameHint}
          value={name}
          onChange={(e) => setName(e.target.value)}
          error={error?.fault("/name")}
          autoFocus
          required
        />
        <fieldset className="flex flex-col gap-1">
          <legend className="mb-1.5 text-sm font-medium">{t.keys.scopes}</legend>
          {SCOPES.map(([scope]) => (
            <Checkbox
              key={scope}
              checked={scopes.includes(scope)}
              onChange={(e) => toggle(scope, e.target.checked)}
              label={t.keys.scopeHints[scope]}
            />
          ))}
          {scopes.length === 0 && <p className="text-sm text-bad">{t.keys.none}</p>}
        </fieldset>
        <div className="mt-1 flex justify-end gap-2">
          <Button onClick={() => onOpenChange(false)}>{t.actions.cancel}</Button>
          <Button type="submit" variant="primary" busy={send.isPending} disabled={scopes.length === 0}>
            {t.keys.add}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
