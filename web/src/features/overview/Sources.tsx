// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { Signpost } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { number, percent } from "@/lib/format";
import { paths } from "@/lib/paths";
import { t } from "@/lib/strings/overview";
import type { SourceRow } from "@/lib/types";
import { Card } from "@/ui/Card";
import { CsvButton } from "@/ui/CsvButton";
import { SelectField } from "@/ui/Field";
import { heatFill, HEATS } from "@/ui/heat";
import { EmptyState, ErrorState, Skeleton } from "@/ui/states";
import { Table, Td, Th, Tr } from "@/ui/Table";
import { sourcesQuery } from "./api";

type Group = keyof typeof t.overview.groups;
const SHOWN = 8;

const address = (field: string, value: string) =>
  `${paths.leads}?${value ? `${field}=${encodeURIComponent(value)}` : `${field}[empty]=true`}`;

function best(rows: SourceRow[]) {
  // The lower end of the interval, so that two lucky leads do not win.
  const told = rows.filter((r) => r.conversion !== undefined && r.won + r.lost > 0);
  return told.sort((a, b) => (b.low ?? b.conversion ?? 0) - (a.low ?? a.conversion ?? 0))[0];
}

/** The funnel by source: how many leads, how hot they are, how many were won. */
export function SourcesCard() {
  const [field, setField] = useState<Group>("source");
  const query = useQuery(sourcesQuery(field));
  const rows = query.data?.items ?? [];
  const top = best([...rows]);
  return (
    <Card
      flush
      title={t.overview.sources}
      about={t.overview.sourcesAbout}
      actions={
        <>
        {rows.length > 0 && (
          <CsvButton
            title={`${t.overview.sources} ${t.overview.groups[field]}`}
            head={[t.overview.groups[field], t.chart.leads, ...HEATS.map((h) => t.heat[h]), t.overview.won, t.overview.lost, t.overview.conversion]}
            rows={rows.map((r) => [r.value, r.leads, ...HEATS.map((h) => r[h]), r.won, r.lost, r.conversion])}
          />
        )}
        <SelectField
          label={t.overview.sourcesBy}
          hideLabel
          value={field}
          onChange={(e) => setField(e.target.value as Group)}
          className="w-36"
        >
          {(Object.keys(t.overview.groups) as Group[]).map((g) => (
            <option key={g} value={g}>
              {t.overview.groups[g]}
            </option>
          ))}
        </SelectField>
        </>
      }
    >
      {query.data ? (
        rows.length > 0 ? (
          <>
            <SourceTable field={field} rows={rows.slice(0, SHOWN)} />
            <p className="px-5 pt-2 pb-5 text-sm text-soft">
              {top
                ? t.overview.sourcesSummary(top.value || t.overview.none, percent(top.conversion ?? 0))
                : t.overview.sourcesSummaryNone}
            </p>
          </>
        ) : (
          <EmptyState icon={Signpost} title={t.overview.sourcesEmpty} />
        )
      ) : query.error ? (
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      ) : (
        <div className="flex flex-col gap-3 px-5 pb-5">
          {Array.from({ length: SHOWN }, (_, i) => (
            <Skeleton key={i} className="h-7" />
          ))}
        </div>
      )}
    </Card>
  );
}

function SourceTable({ field, rows }: { field: Group; rows: SourceRow[] }) {
  return (
    <Table
      caption={t.overview.sources}
      head={
        <>
          <Th>{t.overview.groups[field]}</Th>
          <Th numeric>{t.chart.leads}</Th>
          <Th className="w-1/3">{t.heat.label}</Th>
          <Th numeric>{t.overview.conversion}</Th>
        </>
      }
    >
      {rows.map((r) => (
        <Tr key={r.value}>
          <Td className="foreign max-w-48 min-w-20 sm:min-w-32">
            <Link to={address(field, r.value)} className="font-medium underline-offset-2 hover:underline">
              {r.value || t.overview.none}
            </Link>
          </Td>
          <Td numeric>{number(r.leads)}</Td>
          <Td className="align-middle!">
            <div className="flex h-3 min-w-14 gap-0.5 sm:min-w-20 overflow-hidden rounded-full" role="img" aria-label={HEATS.map((h) => `${t.heat[h]} ${number(r[h])}`).join(", ")}>
              {HEATS.map((h) => (
                <div key={h} className={heatFill[h]} style={{ flexGrow: r[h], flexBasis: 0 }} />
              ))}
            </div>
          </Td>
          <Td numeric title={typeof r.low === "number" && typeof r.high === "number" ? t.unit.range(percent(r.low), percent(r.high)) : undefined}>
            {r.conversion === undefined || r.won + r.lost === 0 ? "–" : percent(r.conversion)}
          </Td>
        </Tr>
      ))}
    </Table>
  );
}
