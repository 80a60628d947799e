// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { lazy } from "react";
import { dateTime, number } from "@/lib/format";
import { t } from "@/lib/strings/detail";
import { Card } from "@/ui/Card";
import { ChartFrame } from "@/ui/ChartFrame";
import { ErrorState, Skeleton } from "@/ui/states";
import { historyQuery } from "./api";

const HistoryChart = lazy(() => import("./HistoryChart"));
const HEIGHT = 190;

/** The score over time, with the moments when another model took over. */
export function History({ id }: { id: string }) {
  const query = useQuery(historyQuery(id));
  if (!query.data)
    return (
      <Card title={t.detail.history}>
        {query.error ? <ErrorState error={query.error} retry={() => void query.refetch()} /> : <Skeleton className="h-56" />}
      </Card>
    );
  const points = [...query.data.items].sort((a, b) => a.at.localeCompare(b.at));
  if (points.length < 2)
    return (
      <Card title={t.detail.history}>
        <p className="text-soft">{t.detail.historyOne}</p>
      </Card>
    );
  const scores = points.map((p) => p.score);
  return (
    <ChartFrame
      title={t.detail.history}
      summary={t.detail.historySummary(points.length, Math.min(...scores), Math.max(...scores))}
      height={HEIGHT}
      head={[t.detail.when, t.fields.score, t.heat.label, t.detail.model]}
      rows={points.map((p) => [p.at, p.score, p.heat, p.model])}
      shown={points.map((p) => [dateTime(p.at), number(p.score), p.heat ? t.heat[p.heat] : "", p.model])}
    >
      <HistoryChart points={points} />
    </ChartFrame>
  );
}
