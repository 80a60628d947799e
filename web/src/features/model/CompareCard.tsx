// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { percent } from "@/lib/format";
import { paths } from "@/lib/paths";
import { t } from "@/lib/strings/model";
import { Card } from "@/ui/Card";
import { SelectField } from "@/ui/Field";
import { HeatBadge } from "@/ui/heat";
import { Table, Td, Th, Tr } from "@/ui/Table";
import { ErrorState, SkeletonLines } from "@/ui/states";
import { compareQuery, type Comparison, type Version } from "./api";
import { Moves } from "./Publish";

export function CompareCard({ version, others, live }: { version: string; others: Version[]; live: string | null }) {
  const [other, setOther] = useState(live && live !== version ? live : "");
  return (
    <Card title={t.model.compare}>
      <SelectField label={t.model.compareWith} value={other} onChange={(e) => setOther(e.target.value)} className="max-w-56">
        <option value="">{t.model.compareNone}</option>
        {others.map((v) => (
          <option key={v.version} value={v.version}>
            {v.version}
          </option>
        ))}
      </SelectField>
      {other && <Result a={other} b={version} />}
    </Card>
  );
}

function Result({ a, b }: { a: string; b: string }) {
  const compare = useQuery(compareQuery(a, b));
  if (compare.error)
    return <ErrorState error={compare.error} retry={() => void compare.refetch()} />;
  if (!compare.data) return <SkeletonLines lines={5} className="mt-4" />;
  const c = compare.data;
  return (
    <div className="mt-4 flex flex-col gap-4">
      <p className="text-base text-soft">{t.model.compareText(c.leads_compared ?? c.leads.length)}</p>
      {c.heat_moves && (
        <div className="-mx-5">
          <Moves moves={c.heat_moves} />
        </div>
      )}
      {c.leads.length === 0 ? <p className="text-base">{t.model.compareSame}</p> : <Leads c={c} />}
    </div>
  );
}

function Leads({ c }: { c: Comparison }) {
  return (
    <div className="-mx-5 max-h-96 overflow-auto">
      <Table
        caption={t.model.compare}
        head={
          <>
            <Th>{t.model.compareHead[0]}</Th>
            <Th>{c.a}</Th>
            <Th>{c.b}</Th>
          </>
        }
      >
        {c.leads.map((l) => (
          <Tr key={l.id}>
            <Td>
              <Link to={paths.lead(l.id)} className="foreign text-accent hover:underline">
                {l.name ?? l.id.slice(0, 8)}
              </Link>
            </Td>
            <Td>
              <HeatBadge heat={l.heat_a} /> {percent(l.a)}
            </Td>
            <Td>
              <HeatBadge heat={l.heat_b} /> {percent(l.b)}
            </Td>
          </Tr>
        ))}
      </Table>
    </div>
  );
}
