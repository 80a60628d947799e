// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { Download, ScrollText, ShieldCheck } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { ApiError } from "@/lib/client";
import { dateTime, fullTime, number } from "@/lib/format";
import { usePeople } from "@/lib/people";
import { t } from "@/lib/strings/settings";
import { Button, ButtonAnchor } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { Table, Td, Th, Tr } from "@/ui/Table";
import { EmptyState, ErrorState, SkeletonLines } from "@/ui/states";
import { type AuditEntry, auditCsv, auditQuery, verifyAudit } from "./api";

export function Audit() {
  const [actor, setActor] = useState("");
  const [action, setAction] = useState("");
  const filter = useDeferredValue({ actor: actor.trim(), action: action.trim() });
  const audit = useInfiniteQuery({ ...auditQuery(filter), placeholderData: keepPreviousData });
  const items = audit.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <div className="flex flex-col gap-5">
      <Card title={t.audit.title} about={t.audit.about} flush actions={<ButtonAnchor icon={Download} href={auditCsv(filter)} download>{t.audit.export}</ButtonAnchor>}>
        <div className="flex flex-wrap gap-3 px-5 pb-4">
          <TextField label={t.audit.filterActor} value={actor} onChange={(e) => setActor(e.target.value)} className="w-56" />
          <TextField label={t.audit.filterAction} value={action} onChange={(e) => setAction(e.target.value)} className="w-56" />
        </div>
        {audit.data ? (
          items.length === 0 ? (
            <EmptyState icon={ScrollText} title={t.audit.emptyTitle}>
              {t.audit.emptyText}
            </EmptyState>
          ) : (
            <Entries items={items} />
          )
        ) : audit.error ? (
          <ErrorState error={audit.error} retry={() => void audit.refetch()} />
        ) : (
          <SkeletonLines lines={8} className="p-5" />
        )}
        {audit.hasNextPage && (
          <div className="border-t p-3 text-center">
            <Button variant="ghost" busy={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>
              {t.audit.more}
            </Button>
          </div>
        )}
      </Card>
      <Verify />
    </div>
  );
}

/** "user 01M8…" by name where the name is known; the id stays in the tooltip. */
function Party({ text }: { text: string | undefined }) {
  const people = usePeople();
  const id = /^user (\S+)$/.exec(text ?? "")?.[1];
  const name = id ? people(id) : undefined;
  return <span title={id}>{name === undefined || name === t.unit.colleague ? text : name}</span>;
}

const word = (v: unknown): string => (typeof v === "string" ? v : JSON.stringify(v));

/** {"role":"rep"} as "role: rep". */
function inWords(detail: AuditEntry["detail"]) {
  if (typeof detail !== "object" || detail === null) return detail === undefined ? "" : word(detail);
  return Object.entries(detail).map(([key, v]) => `${key}: ${word(v)}`).join(", ");
}

function Entries({ items }: { items: AuditEntry[] }) {
  return (
    <Table
      caption={t.audit.title}
      head={
        <>
          <Th numeric>#</Th>
          <Th>{t.audit.when}</Th>
          <Th>{t.audit.who}</Th>
          <Th>{t.audit.what}</Th>
          <Th>{t.audit.on}</Th>
          <Th>{t.audit.detail}</Th>
        </>
      }
    >
      {items.map((a) => (
        <Tr key={a.seq}>
          <Td numeric>{number(a.seq)}</Td>
          <Td title={fullTime(a.at)} className="whitespace-nowrap">
            {dateTime(a.at)}
          </Td>
          <Td className="foreign min-w-40"><Party text={a.actor} /></Td>
          <Td className="font-mono text-sm whitespace-nowrap">{a.action}</Td>
          <Td className="foreign min-w-40"><Party text={a.object} /></Td>
          <Td className="foreign min-w-56 text-sm text-soft">{inWords(a.detail)}</Td>
        </Tr>
      ))}
    </Table>
  );
}

function Verify() {
  const check = useMutation({ mutationFn: verifyAudit });
  const error = check.error instanceof ApiError ? check.error : null;
  return (
    <div className="flex flex-col items-start gap-3" aria-live="polite">
      <Button icon={ShieldCheck} busy={check.isPending} onClick={() => check.mutate()}>
        {t.audit.verify}
      </Button>
      {check.data?.ok && <Notice tone="good" title={t.audit.sound(check.data.checked)} />}
      {check.data && !check.data.ok && (
        <Notice tone="bad" title={t.audit.broken(check.data.first_bad ?? 0)}>
          {t.audit.brokenText}
        </Notice>
      )}
      {error && (
        <Notice tone="bad" title={error.title}>
          {error.detail}
        </Notice>
      )}
    </div>
  );
}
