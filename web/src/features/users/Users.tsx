// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, UserPlus } from "lucide-react";
import { useState } from "react";
import { ApiError } from "@/lib/client";
import { ago, fullTime } from "@/lib/format";
import { t } from "@/lib/strings/settings";
import type { Role } from "@/lib/types";
import { Button, IconButton } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Chip } from "@/ui/Chip";
import { Confirm } from "@/ui/Confirm";
import { Dialog } from "@/ui/Dialog";
import { Menu } from "@/ui/Menu";
import { Secret } from "@/ui/Secret";
import { Table, Td, Th, Tr } from "@/ui/Table";
import { ErrorState, SkeletonLines } from "@/ui/states";
import { toast } from "@/ui/toast";
import { AddUser } from "./AddUser";
import { changeUser, endSessionsOf, removeUser, resetUser, type User, userKeys, usersQuery } from "./api";
import { RoleSelect } from "./RoleSelect";

export function Users() {
  const users = useQuery(usersQuery);
  const [adding, setAdding] = useState(false);
  const [link, setLink] = useState<string | null>(null);
  return (
    <Card
      title={t.users.title}
      about={t.users.about}
      flush
      actions={
        <Button variant="primary" icon={UserPlus} onClick={() => setAdding(true)}>
          {t.users.add}
        </Button>
      }
    >
      {users.data ? (
        <Table
          caption={t.users.title}
          head={
            <>
              <Th>{t.users.name}</Th>
              <Th>{t.users.role}</Th>
              <Th>{t.users.state}</Th>
              <Th>{t.users.lastLogin}</Th>
              <Th>
                <span className="sr-only">{t.actions.more}</span>
              </Th>
            </>
          }
        >
          {users.data.items.map((u) => (
            <UserRow key={u.id} user={u} onLink={setLink} />
          ))}
        </Table>
      ) : users.error ? (
        <ErrorState error={users.error} retry={() => void users.refetch()} />
      ) : (
        <SkeletonLines lines={5} className="p-5" />
      )}
      <AddUser open={adding} onOpenChange={setAdding} onLink={setLink} />
      <Dialog open={link !== null} onOpenChange={() => setLink(null)} title={t.users.invited_} about={t.users.inviteText} sticky>
        <Secret label={t.settings.once} text={link ?? ""} />
      </Dialog>
    </Card>
  );
}

function UserRow({ user, onLink }: { user: User; onLink: (url: string) => void }) {
  const queries = useQueryClient();
  const [removing, setRemoving] = useState(false);
  const who = user.name || user.email;
  const reload = () => queries.invalidateQueries({ queryKey: userKeys.users });
  const act = useMutation({
    mutationFn: (run: () => Promise<unknown>) => run(),
    onSuccess: (r) => {
      const made = r as { invite_url?: string; reset_url?: string } | undefined;
      const url = made?.reset_url ?? made?.invite_url;
      if (url) onLink(url);
      else toast({ tone: "good", title: t.settings.saved });
    },
    onError: (e) => toast({ tone: "bad", title: t.settings.notSaved, text: e instanceof ApiError ? e.message : undefined }),
    onSettled: reload,
  });
  return (
    <Tr>
      <Td className="min-w-44 align-middle!">
        <span className="foreign font-medium">{who}</span>
        {user.name && <span className="foreign block text-sm text-soft">{user.email}</span>}
      </Td>
      <Td className="min-w-36 align-middle!">
        <RoleSelect
          label={t.users.roleOf(who)}
          value={user.role}
          onChange={(role: Role) => act.mutate(() => changeUser(user.id, { role }))}
          disabled={act.isPending}
        />
      </Td>
      <Td className="align-middle! whitespace-nowrap">
        <Chip tone={user.disabled ? "plain" : user.invited ? "info" : "good"}>
          {user.disabled ? t.users.disabled : user.invited ? t.users.invited : t.users.active}
        </Chip>
      </Td>
      <Td className="align-middle! whitespace-nowrap" title={fullTime(user.last_login_at)}>{ago(user.last_login_at) || t.settings.never}</Td>
      <Td className="text-right align-middle!">
        <Menu
          button={<IconButton icon={Ellipsis} label={t.settings.actionsFor(who)} />}
          groups={[
            {
              items: [
                {
                  label: user.disabled ? t.users.enable : t.users.disable,
                  onSelect: () => act.mutate(() => changeUser(user.id, { disabled: !user.disabled })),
                },
                { label: t.users.reset, onSelect: () => act.mutate(() => resetUser(user.id)) },
                { label: t.users.endSessions, onSelect: () => act.mutate(() => endSessionsOf(user.id)) },
              ],
            },
            { items: [{ label: t.users.remove, danger: true, onSelect: () => setRemoving(true) }] },
          ]}
        />
        <Confirm
          open={removing}
          onOpenChange={setRemoving}
          title={t.users.removeTitle(who)}
          confirm={t.users.remove}
          danger
          run={async () => {
            await removeUser(user.id);
            await reload();
          }}
        >
          {t.users.removeText}
        </Confirm>
      </Td>
    </Tr>
  );
}

