// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery } from "@tanstack/react-query";
import { Activity } from "lucide-react";
import { ago, number } from "@/lib/format";
import { t } from "@/lib/strings/model";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Chip } from "@/ui/Chip";
import { Table, Td, Th, Tr } from "@/ui/Table";
import { EmptyState, ErrorState, SkeletonLines } from "@/ui/states";
import { toast } from "@/ui/toast";
import { driftQuery, runDrift } from "./api";

const QUIET = "within chance";

export function DriftCard({ mayRun }: { mayRun: boolean }) {
  const drift = useQuery(driftQuery);
  const run = useMutation({
    mutationFn: runDrift,
    onError: (e) => toast({ tone: "bad", title: e.message }),
  });
  const d = drift.data;
  const moved = (d?.columns ?? []).filter((c) => c.verdict !== QUIET);
  return (
    <Card
      title={t.model.drift}
      about={d?.at ? t.model.driftAbout(ago(d.at)) : t.model.driftNever}
      flush
      actions={
        mayRun && (
          <Button size="sm" busy={run.isPending} onClick={() => run.mutate()}>
            {t.model.driftRun}
          </Button>
        )
      }
    >
      {d?.at ? (
        <>
          {[d.text, d.live?.text].map((text) => text && (
            <p key={text} className="foreign px-5 pb-3 text-base">
              {text}
            </p>
          ))}
          {moved.length > 0 ? (
            <Table caption={t.model.drift} head={t.model.driftHead.map((h, i) => <Th key={h} numeric={i === 3}>{h}</Th>)}>
              {moved.map((c) => (
                <Tr key={c.column}>
                  <Td className="foreign font-medium">{c.column}</Td>
                  <Td className="whitespace-nowrap">
                    <Chip tone={c.verdict === "strong" || c.verdict === "moved" ? "caution" : "plain"}>{c.verdict}</Chip>
                  </Td>
                  <Td className="foreign text-sm text-soft">{c.text}</Td>
                  <Td numeric>{typeof c.psi === "number" && number(c.psi, 2)}</Td>
                </Tr>
              ))}
            </Table>
          ) : (
            <p className="px-5 pb-5 text-base text-soft">{t.model.driftOk}</p>
          )}
        </>
      ) : d ? (
        <EmptyState icon={Activity} title={t.model.drift}>
          {t.model.driftNone}
        </EmptyState>
      ) : drift.error ? (
        <ErrorState error={drift.error} retry={() => void drift.refetch()} />
      ) : (
        <SkeletonLines lines={4} className="p-5" />
      )}
    </Card>
  );
}
