// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { Funnel as FunnelIcon } from "lucide-react";
import { number, percent } from "@/lib/format";
import { t } from "@/lib/strings/overview";
import { Card } from "@/ui/Card";
import { CsvButton } from "@/ui/CsvButton";
import { RateBar } from "@/ui/RateBar";
import { EmptyState } from "@/ui/states";
import { Table, Td, Th, Tr } from "@/ui/Table";
import { funnelQuery } from "./api";
import { ChartCard } from "./Charts";

export function FunnelCard() {
  const query = useQuery(funnelQuery);
  return (
    <ChartCard
      query={query}
      title={t.overview.funnel}
      empty={({ stages }) => !(stages[0]?.count) && <EmptyState icon={FunnelIcon} title={t.overview.nothingNew} />}
    >
      {({ stages }) => {
        const max = Math.max(1, ...stages.map((s) => s.count));
        const all = stages[0]?.count ?? 0;
        const last = stages.at(-1);
        return (
          <Card
            flush
            title={t.overview.funnel}
            about={t.overview.funnelAbout}
            actions={
              <CsvButton
                title={t.overview.funnel}
                head={[t.overview.funnelStage, t.chart.leads, "%"]}
                rows={stages.map((s) => [s.name, s.count, all > 0 ? s.count / all : null])}
              />
            }
          >
            <Table
              caption={t.overview.funnel}
              head={
                <>
                  <Th>{t.overview.funnelStage}</Th>
                  <Td className="w-2/5" aria-hidden />
                  <Th numeric>{t.chart.leads}</Th>
                  <Th numeric>%</Th>
                </>
              }
            >
              {stages.map((s) => (
                <Tr key={s.name}>
                  <Td className="foreign min-w-24 font-medium sm:min-w-28">{t.overview.funnelStages[s.name] ?? s.name}</Td>
                  <Td className="align-middle!">
                    <RateBar rate={s.count} max={max} />
                  </Td>
                  <Td numeric>{number(s.count)}</Td>
                  <Td numeric className="text-soft">{all > 0 ? percent(s.count / all) : "–"}</Td>
                </Tr>
              ))}
            </Table>
            {last && all > 0 && <p className="px-5 pt-2 pb-5 text-sm text-soft">{t.overview.funnelSummary(percent(last.count / all))}</p>}
          </Card>
        );
      }}
    </ChartCard>
  );
}
