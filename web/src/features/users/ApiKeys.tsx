// SPDX-License-Identifier: Apache-2.0
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { ago, date, fullTime } from "@/lib/format";
import { t } from "@/lib/strings/settings";
import { Button, IconButton } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Chip } from "@/ui/Chip";
import { Confirm } from "@/ui/Confirm";
import { Dialog } from "@/ui/Dialog";
import { Menu } from "@/ui/Menu";
import { Secret } from "@/ui/Secret";
import { Table, Td, Th, Tr } from "@/ui/Table";
import { EmptyState, ErrorState, SkeletonLines } from "@/ui/states";
import { AddKey } from "./AddKey";
import { type ApiKey, keysQuery, revokeKey, rotateKey, userKeys } from "./api";

export function ApiKeys() {
  const keys = useQuery(keysQuery);
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<string | null>(null);
  return (
    <Card
      title={t.keys.title}
      about={t.keys.about}
      flush
      actions={
        <Button variant="primary" icon={Plus} onClick={() => setAdding(true)}>
          {t.keys.add}
        </Button>
      }
    >
      {keys.data ? (
        keys.data.items.length === 0 ? (
          <EmptyState icon={KeyRound} title={t.keys.emptyTitle}>
            {t.keys.emptyText}
          </EmptyState>
        ) : (
          <Table
            caption={t.keys.title}
            head={
              <>
                <Th>{t.keys.name}</Th>
                <Th>{t.keys.scopes}</Th>
                <Th>{t.keys.state}</Th>
                <Th>{t.keys.lastUsed}</Th>
                <Th>{t.keys.expires}</Th>
                <Th>
                  <span className="sr-only">{t.actions.more}</span>
                </Th>
              </>
            }
          >
            {keys.data.items.map((k) => (
              <KeyRow key={k.id} k={k} onMade={setMade} />
            ))}
          </Table>
        )
      ) : keys.error ? (
        <ErrorState error={keys.error} retry={() => void keys.refetch()} />
      ) : (
        <SkeletonLines lines={4} className="p-5" />
      )}
      <AddKey open={adding} onOpenChange={setAdding} onMade={setMade} />
      <Dialog open={made !== null} onOpenChange={() => setMade(null)} title={t.keys.madeTitle} sticky>
        <Secret label={t.settings.once} text={made ?? ""} />
      </Dialog>
    </Card>
  );
}

function stateOf(k: ApiKey) {
  if (k.revoked_at) return { tone: "plain", word: t.keys.revoked } as const;
  if (k.expires_at && Date.parse(k.expires_at) < Date.now()) return { tone: "caution", word: t.keys.expired } as const;
  return { tone: "good", word: t.keys.active } as const;
}

function KeyRow({ k, onMade }: { k: ApiKey; onMade: (key: string) => void }) {
  const queries = useQueryClient();
  const [asking, setAsking] = useState<"rotate" | "revoke" | null>(null);
  const reload = () => queries.invalidateQueries({ queryKey: userKeys.keys });
  const state = stateOf(k);
  const over = Boolean(k.revoked_at);
  return (
    <Tr>
      <Td>
        <span className="foreign font-medium">{k.name}</span>
        <span className="block text-sm text-soft">{t.roles[k.role]}</span>
      </Td>
      <Td>
        <span className="flex flex-wrap gap-1">
          {k.scopes.map((s) => (
            <Chip key={s}>
              <code>{s}</code>
            </Chip>
          ))}
        </span>
      </Td>
      <Td className="whitespace-nowrap">
        <Chip tone={state.tone}>{state.word}</Chip>
      </Td>
      <Td title={fullTime(k.last_used_at)}>{ago(k.last_used_at) || t.settings.never}</Td>
      <Td title={fullTime(k.expires_at)}>{date(k.expires_at) || t.settings.never}</Td>
      <Td className="text-right">
        <Menu
          button={<IconButton icon={Ellipsis} label={t.settings.actionsFor(k.name)} disabled={over} />}
          groups={[
            {
              items: [
                { label: t.keys.rotate, onSelect: () => setAsking("rotate") },
                { label: t.keys.revoke, danger: true, onSelect: () => setAsking("revoke") },
              ],
            },
          ]}
        />
        <Confirm
          open={asking === "rotate"}
          onOpenChange={() => setAsking(null)}
          title={t.keys.rotateTitle(k.name)}
          confirm={t.keys.rotate}
          run={async () => {
            onMade((await rotateKey(k.id)).key);
            await reload();
          }}
        >
          {t.keys.rotateText}
        </Confirm>
        <Confirm
          open={asking === "revoke"}
          onOpenChange={() => setAsking(null)}
          title={t.keys.revokeTitle(k.name)}
          confirm={t.keys.revoke}
          danger
          run={async () => {
            await revokeKey(k.id);
            await reload();
          }}
        >
          {t.keys.revokeText}
        </Confirm>
      </Td>
    </Tr>
  );
}
