// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { date, number, percent } from "@/lib/format";
import { t } from "@/lib/strings/model";
import { Card } from "@/ui/Card";
import { HeatBadge } from "@/ui/heat";
import { Table, Td, Th, Tr } from "@/ui/Table";
import { ErrorState, Skeleton } from "@/ui/states";
import { type Capacity, Curves } from "./Curves";
import { FIGURES, type Figure, type Metrics, metricsQuery } from "./api";

export function Figures({ version, made, capacity }: { version: string; made: string | undefined; capacity: Capacity | undefined }) {
  const metrics = useQuery(metricsQuery(version));
  if (metrics.error && !metrics.data)
    return (
      <Card title={t.model.figures}>
        <ErrorState error={metrics.error} retry={() => void metrics.refetch()} />
      </Card>
    );
  if (!metrics.data) return <Skeleton className="h-96 rounded-xl" />;
  const m = metrics.data;
  return (
    <>
      <FigureTable m={m} />
      <Curves m={m} capacity={capacity} basis={t.model.basis(m.rows ?? 0, date(made))}>{m.lift && <Lift rows={m.lift} />}</Curves>
      <div className="grid items-start gap-5 lg:grid-cols-2">
        {m.by_heat && <ByHeat rows={m.by_heat} />}
        {m.confusion && <Confusion rows={m.confusion} />}
      </div>
      {m.groups && m.groups.length > 0 && <Groups groups={m.groups} />}
    </>
  );
}

const BASELINES = [
  ["logistic", (): string => t.model.logistic],
  ["recency", (): string => t.model.recency],
  ["base_rate", (): string => t.model.baseRate],
] as const;

/** The member of the baselines whose key begins so: logistic, logistic_regression. */
function baseline(m: Metrics, name: string) {
  const key = Object.keys(m.baselines ?? {}).find((k) => k.startsWith(name) || (name === "recency" && /recent/.test(k)));
  return key ? m.baselines?.[key] : undefined;
}

function FigureTable({ m }: { m: Metrics }) {
  return (
    <Card title={t.model.figures} about={t.model.figuresAbout(m.rows ?? 0)} flush>
      <Table
        caption={t.model.figures}
        head={
          <>
            <Th>{t.model.figure}</Th>
            <Th numeric>{t.model.thisModel}</Th>
            {BASELINES.map(([key, name]) => (
              <Th key={key} numeric>
                {name()}
              </Th>
            ))}
          </>
        }
      >
        {FIGURES.map((f) => (
          <Tr key={f}>
            <Td className="min-w-44">{t.model.names[f]}</Td>
            <Td numeric>
              <Value figure={m[f]} strong />
            </Td>
            {BASELINES.map(([key]) => (
              <Td key={key} numeric className="text-soft">
                <Value figure={baseline(m, key)?.[f]} />
              </Td>
            ))}
          </Tr>
        ))}
      </Table>
    </Card>
  );
}

function Value({ figure, strong = false }: { figure: Figure | undefined; strong?: boolean }) {
  if (!figure || typeof figure.value !== "number") return <span className="text-soft">–</span>;
  const spread = typeof figure.low === "number" && typeof figure.high === "number";
  return (
    <>
      <span className={strong ? "font-semibold" : undefined}>{number(figure.value, 4)}</span>
      {strong && spread && <span className="block text-sm text-soft">{t.model.interval(number(figure.low!, 4), number(figure.high!, 4))}</span>}
    </>
  );
}

function ByHeat({ rows }: { rows: NonNullable<Metrics["by_heat"]> }) {
  const p = (x: number | null | undefined) => (typeof x === "number" ? percent(x) : "–");
  return (
    <Card title={t.model.byHeat} flush>
      <Table caption={t.model.byHeat} head={t.model.byHeatHead.map((h, i) => <Th key={h} numeric={i > 0}>{h}</Th>)}>
        {rows.map((r) => (
          <Tr key={r.heat}>
            <Td>
              <HeatBadge heat={r.heat} />
            </Td>
            <Td numeric>{number(r.leads)}</Td>
            <Td numeric>{p(r.promised)}</Td>
            <Td numeric className="font-semibold">
              {p(r.conversion)}
            </Td>
            <Td numeric className="text-soft">
              {typeof r.low === "number" && typeof r.high === "number" ? t.unit.range(percent(r.low), percent(r.high)) : "–"}
            </Td>
          </Tr>
        ))}
      </Table>
    </Card>
  );
}

function Lift({ rows }: { rows: NonNullable<Metrics["lift"]> }) {
  const spread = (f: Figure) =>
    typeof f.low === "number" && typeof f.high === "number" ? t.unit.range(percent(f.low), percent(f.high)) : "";
  return (
    <Card title={t.model.lift} flush>
      <Table caption={t.model.lift} head={t.model.liftHead.map((h, i) => <Th key={h} numeric={i > 0}>{h}</Th>)}>
        {rows.map((r) => (
          <Tr key={r.share}>
            <Td className="min-w-28">
              {t.model.topShare(percent(r.share, 0))} <span className="text-sm text-soft">({t.unit.leads(r.k)})</span>
            </Td>
            <Td numeric>
              <span className="font-semibold">{percent(r.precision.value)}</span>
              <span className="block text-sm text-soft">{spread(r.precision)}</span>
            </Td>
            <Td numeric>{t.model.times(number(r.lift.value, 2))}</Td>
          </Tr>
        ))}
      </Table>
    </Card>
  );
}

function Confusion({ rows }: { rows: NonNullable<Metrics["confusion"]> }) {
  return (
    <Card title={t.model.confusion} about={t.model.confusionAbout} flush>
      <Table caption={t.model.confusion} head={t.model.confusionHead.map((h, i) => <Th key={h} numeric={i > 0}>{h}</Th>)}>
        {rows.map((r) => (
          <Tr key={r.band}>
            <Td className="min-w-28">{t.model.from(t.heat[r.band], percent(r.threshold))}</Td>
            <Td numeric>{number(r.true_won)}</Td>
            <Td numeric>{number(r.false_won)}</Td>
            <Td numeric>{number(r.false_lost)}</Td>
            <Td numeric>{number(r.true_lost)}</Td>
          </Tr>
        ))}
      </Table>
    </Card>
  );
}

function Groups({ groups }: { groups: NonNullable<Metrics["groups"]> }) {
  return (
    <Card title={t.model.groups} about={t.model.groupsAbout} flush>
      {groups.map((g) => (
        <details key={g.column} className="border-t px-5 py-2">
          <summary className="foreign font-medium">{g.column}</summary>
          <div className="-mx-5">
            <Table caption={g.column} head={t.model.groupHead.map((h, i) => <Th key={h} numeric={i > 0}>{h}</Th>)}>
              {g.values.map((v) => (
                <Tr key={v.value} className={v.small ? "text-soft" : undefined}>
                  <Td className="foreign">{v.value || t.unit.empty}</Td>
                  <Td numeric>{number(v.rows)}</Td>
                  <Td numeric>{percent(v.mean_probability)}</Td>
                  <Td numeric>{percent(v.rate)}</Td>
                  <Td numeric>{typeof v.roc_auc === "number" ? number(v.roc_auc, 3) : "–"}</Td>
                </Tr>
              ))}
            </Table>
          </div>
        </details>
      ))}
    </Card>
  );
}
