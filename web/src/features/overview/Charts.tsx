// SPDX-License-Identifier: Apache-2.0
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { ChartNoAxesColumn, Ruler } from "lucide-react";
import { lazy, type ReactNode } from "react";
import { dayMonth, number, percent } from "@/lib/format";
import { paths } from "@/lib/paths";
import { t } from "@/lib/strings/overview";
import { filledBins } from "@/lib/types";
import { ButtonLink } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { ChartFrame } from "@/ui/ChartFrame";
import { EmptyState, ErrorState, Skeleton } from "@/ui/states";
import { reliabilityQuery, trendQuery } from "./api";

const TrendChart = lazy(() => import("./TrendChart"));
const ReliabilityChart = lazy(() => import("@/ui/ReliabilityChart"));
const HEIGHT = 260;
const DAYS = 90;

/** A chart's card while it loads, when it failed, and when there is nothing to draw. */
export function ChartCard<T>({
  query,
  title,
  empty,
  children,
}: {
  query: UseQueryResult<T>;
  title: string;
  /** What to show when the data say nothing. */
  empty: (data: T) => ReactNode;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) {
    const nothing = empty(query.data);
    return nothing ? <Card title={title}>{nothing}</Card> : children(query.data);
  }
  return (
    <Card title={title}>
      {query.error ? <ErrorState error={query.error} retry={() => void query.refetch()} /> : <Skeleton className="h-[19.5rem]" />}
    </Card>
  );
}

export function ReliabilityCard() {
  const query = useQuery(reliabilityQuery);
  return (
    <ChartCard
      query={query}
      title={t.overview.reliability}
      empty={(r) =>
        filledBins(r.bins).length === 0 && (
          <EmptyState
            icon={Ruler}
            title={t.overview.reliabilityEmptyTitle}
            action={<ButtonLink to={paths.model}>{t.actions.trainModel}</ButtonLink>}
          >
            {t.overview.reliabilityEmpty}
          </EmptyState>
        )
      }
    >
      {(r) => {
        const bins = filledBins(r.bins);
        const n = bins.reduce((sum, b) => sum + b.n, 0);
        return (
          <ChartFrame
            title={t.overview.reliability}
            about={t.overview.reliabilityAbout(r.source === "live" ? t.overview.live : t.overview.holdout, r.model)}
            summary={t.overview.reliabilitySummary(percent(r.ece ?? 0), n)}
            height={HEIGHT}
            head={[t.chart.promised, t.chart.seen, t.chart.intervalLow, t.chart.intervalHigh, t.chart.leads]}
            rows={bins.map((b) => [b.mean, b.rate, b.rate_low, b.rate_high, b.n])}
            shown={bins.map((b) => [percent(b.mean), percent(b.rate), ...[b.rate_low, b.rate_high].map((p) => (p === undefined ? "" : percent(p))), number(b.n)])}
          >
            <ReliabilityChart bins={bins} />
          </ChartFrame>
        );
      }}
    </ChartCard>
  );
}

export function TrendCard() {
  const query = useQuery(trendQuery(DAYS));
  return (
    <ChartCard
      query={query}
      title={t.overview.trend}
      empty={(d) => d.items.length === 0 && <EmptyState icon={ChartNoAxesColumn} title={t.overview.nothingNew} />}
    >
      {({ items }) => {
        const sum = (key: "new" | "won" | "lost") => items.reduce((n, d) => n + d[key], 0);
        return (
          <ChartFrame
            title={t.overview.trend}
            about={t.overview.trendAbout(DAYS)}
            summary={t.overview.trendSummary(sum("new"), sum("won"), sum("lost"))}
            height={HEIGHT}
            head={[t.overview.day, t.overview.trendNew, t.overview.won, t.overview.lost]}
            rows={items.map((d) => [d.day, d.new, d.won, d.lost])}
            shown={items.map((d) => [dayMonth(d.day), number(d.new), number(d.won), number(d.lost)])}
          >
            <TrendChart days={items} />
          </ChartFrame>
        );
      }}
    </ChartCard>
  );
}
