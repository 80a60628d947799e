// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { Scale } from "lucide-react";
import { list, number, percent } from "@/lib/format";
import { t } from "@/lib/strings/overview";
import type { BandRow } from "@/lib/types";
import { Card } from "@/ui/Card";
import { HeatBadge, heatFill } from "@/ui/heat";
import { CsvButton } from "@/ui/CsvButton";
import { RateBar } from "@/ui/RateBar";
import { Table, Td, Th, Tr } from "@/ui/Table";
import { EmptyState } from "@/ui/states";
import { bandsQuery } from "./api";
import { ChartCard } from "./Charts";

const decided = (r: BandRow) => r.won + r.lost;
const isDecided = (r: BandRow): r is BandRow & { conversion: number } => r.conversion !== undefined && decided(r) > 0;

/** How many of the hot, warm and cold leads were really won. */
export function BandsCard() {
  const query = useQuery(bandsQuery);
  return (
    <ChartCard
      query={query}
      title={t.overview.bands}
      empty={({ items }) => items.every((r) => decided(r) === 0) && <EmptyState icon={Scale} title={t.overview.reliabilityEmptyTitle}>{t.overview.bandsEmpty}</EmptyState>}
    >
      {({ items }) => {
        const max = Math.max(0.05, ...items.map((r) => r.high ?? r.conversion ?? 0));
        const told = items.filter(isDecided);
        return (
          <Card
            flush
            title={t.overview.bands}
            about={t.overview.bandsAbout}
            actions={
              <CsvButton
                title={t.overview.bands}
                head={[t.heat.label, t.chart.leads, t.overview.won, t.overview.lost, t.overview.conversion, t.chart.intervalLow, t.chart.intervalHigh]}
                rows={items.map((r) => [r.heat, r.leads, r.won, r.lost, r.conversion, r.low, r.high])}
              />
            }
          >
            <Table
              caption={t.overview.bands}
              head={
                <>
                  <Th>{t.heat.label}</Th>
                  <Th numeric>{t.chart.leads}</Th>
                  <Th numeric>{t.overview.conversion}</Th>
                  <Th className="w-2/5">{t.chart.interval}</Th>
                </>
              }
            >
              {items.map((r) => (
                <Tr key={r.heat}>
                  <Td className="align-middle">
                    <HeatBadge heat={r.heat} />
                  </Td>
                  <Td numeric className="align-middle">{number(r.leads)}</Td>
                  <Td numeric className="align-middle font-semibold">{isDecided(r) ? percent(r.conversion) : "–"}</Td>
                  <Td className="align-middle">
                    {isDecided(r) && (
                      <>
                        <RateBar rate={r.conversion} low={r.low} high={r.high} max={max} fill={heatFill[r.heat]} />
                        {typeof r.low === "number" && typeof r.high === "number" && (
                          <span className="tnum text-xs text-soft">{t.unit.range(percent(r.low), percent(r.high))}</span>
                        )}
                      </>
                    )}
                  </Td>
                </Tr>
              ))}
            </Table>
            <p className="px-5 pt-2 pb-5 text-sm text-soft">
              {t.overview.bandsSummary(list(told.map((r) => t.overview.bandsPart(t.heat[r.heat].toLowerCase(), percent(r.conversion), decided(r)))))}
            </p>
          </Card>
        );
      }}
    </ChartCard>
  );
}
