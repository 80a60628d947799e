// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { MonitorSmartphone } from "lucide-react";
import { ago, fullTime } from "@/lib/format";
import { t } from "@/lib/strings/settings";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Chip } from "@/ui/Chip";
import { ErrorState, SkeletonLines } from "@/ui/states";
import { toast } from "@/ui/toast";
import { device } from "./device";
import { endOtherSessions, endSession, sessionsQuery, userKeys } from "./api";

export function SessionsCard() {
  const queries = useQueryClient();
  const sessions = useQuery(sessionsQuery);
  const end = useMutation({
    mutationFn: (id: string | null) => (id ? endSession(id) : endOtherSessions()),
    onSuccess: () => toast({ tone: "good", title: t.account.ended }),
    onSettled: () => queries.invalidateQueries({ queryKey: userKeys.sessions }),
  });
  const items = sessions.data?.items ?? [];
  return (
    <Card
      title={t.account.sessions}
      about={sessions.data ? t.account.sessionsAbout(items.length) : undefined}
      actions={
        items.length > 1 && (
          <Button size="sm" busy={end.isPending} onClick={() => end.mutate(null)}>
            {t.account.endOthers}
          </Button>
        )
      }
    >
      {sessions.data ? (
        <ul className="divide-y">
          {items.map((s) => (
            <li key={s.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2">
              <MonitorSmartphone aria-hidden className="size-4 text-soft" />
              <span className="foreign min-w-40 flex-1" title={s.agent}>{[device(s.agent), s.address].filter(Boolean).join(" · ") || s.id}</span>
              {s.current && <Chip tone="good">{t.account.thisOne}</Chip>}
              <span className="text-sm text-soft" title={fullTime(s.seen_at)}>
                {t.account.lastSeen(ago(s.seen_at ?? s.created_at))}
              </span>
              {!s.current && (
                <Button size="sm" variant="ghost" onClick={() => end.mutate(s.id)}>
                  {t.account.endOne}
                </Button>
              )}
            </li>
          ))}
        </ul>
      ) : sessions.error ? (
        <ErrorState error={sessions.error} retry={() => void sessions.refetch()} />
      ) : (
        <SkeletonLines lines={3} />
      )}
    </Card>
  );
}
