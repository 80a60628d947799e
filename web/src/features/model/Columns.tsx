// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { t } from "@/lib/strings/model";
import { Card } from "@/ui/Card";
import { Chip } from "@/ui/Chip";
import { Table, Td, Th, Tr } from "@/ui/Table";
import { ErrorState, SkeletonLines } from "@/ui/states";
import { versionQuery } from "./api";

/** What the version looks at, what it does not, and why. */
export function Columns({ version }: { version: string }) {
  const one = useQuery(versionQuery(version));
  const r = one.data?.report;
  const used = r?.used ?? [];
  const out = r?.left_out ?? [];
  const flagged = r?.flagged ?? [];
  return (
    <Card title={t.model.columns} about={r && t.model.columnsAbout(used.length, out.length)} flush>
      {one.data ? (
        <>
          {out.length > 0 && (
            <Table
              caption={t.model.leftOut}
              head={
                <>
                  <Th>{t.model.leftOut}</Th>
                  <Th>{t.model.reason}</Th>
                  <Th>{t.model.evidence}</Th>
                </>
              }
            >
              {out.map((c) => (
                <Tr key={c.column}>
                  <Td className="foreign min-w-40 font-medium">{c.column}</Td>
                  <Td className="whitespace-nowrap">
                    <Chip tone={c.reason === "leak" ? "caution" : "plain"}>{t.model.reasons[c.reason] ?? c.reason}</Chip>
                  </Td>
                  <Td className="foreign min-w-48 text-sm text-soft">{c.evidence}</Td>
                </Tr>
              ))}
            </Table>
          )}
          {flagged.length > 0 && (
            <div className="px-5 pt-4">
              <p className="font-medium">{t.model.flagged}</p>
              <ul className="mt-1 text-sm text-soft">
                {flagged.map((c) => (
                  <li key={c.column} className="foreign">
                    <span className="font-medium text-ink">{c.column}</span> {c.evidence}
                  </li>
                ))}
              </ul>
            </div>
          )}
          <div className="px-5 py-4">
            <p className="mb-2 font-medium">{t.model.used}</p>
            <p className="flex flex-wrap gap-1.5">
              {used.map((c) => (
                <Chip key={c}>{c}</Chip>
              ))}
            </p>
          </div>
        </>
      ) : one.error ? (
        <ErrorState error={one.error} retry={() => void one.refetch()} />
      ) : (
        <SkeletonLines lines={6} className="p-5" />
      )}
    </Card>
  );
}
