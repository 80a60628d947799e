// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import {
  CircleCheck, Flame, Gauge, Hand, type LucideIcon, Pencil, StickyNote, ThumbsUp, Undo2, UserPlus, UserRound,
} from "lucide-react";
import { ago, fullTime } from "@/lib/format";
import { usePeople } from "@/lib/people";
import { t } from "@/lib/strings/detail";
import { Card } from "@/ui/Card";
import { ErrorState, SkeletonLines } from "@/ui/states";
import { timelineQuery } from "./api";

const ICON: Record<string, LucideIcon> = {
  created: UserPlus, updated: Pencil, scored: Gauge, band: Flame, outcome: CircleCheck, override: Hand,
  verdict: ThumbsUp, note: StickyNote, undo: Undo2, owner: UserRound,
};

export function Timeline({ id }: { id: string }) {
  const query = useQuery(timelineQuery(id));
  const who = usePeople();
  return (
    <Card title={t.detail.timeline}>
      {query.data ? (
        query.data.items.length > 0 ? (
          <ol className="relative flex flex-col gap-4 before:absolute before:inset-y-2 before:left-[0.8125rem] before:w-px before:bg-line">
            {query.data.items.map((item) => {
              const Icon = ICON[item.kind] ?? Pencil;
              return (
                <li key={item.id} className="relative flex gap-3">
                  <span className="z-1 flex size-6.5 shrink-0 items-center justify-center rounded-full border bg-panel text-soft">
                    <Icon aria-hidden className="size-3.5" />
                  </span>
                  <div className="min-w-0 pt-0.5">
                    <p className="foreign">{item.text}</p>
                    <p className="text-sm text-soft">
                      <time dateTime={item.at} title={fullTime(item.at)}>
                        {ago(item.at)}
                      </time>
                      {item.by && <span className="foreign"> {t.detail.by(who(item.by))}</span>}
                    </p>
                  </div>
                </li>
              );
            })}
          </ol>
        ) : (
          <p className="text-soft">{t.detail.timelineEmpty}</p>
        )
      ) : query.error ? (
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      ) : (
        <SkeletonLines lines={6} />
      )}
    </Card>
  );
}
