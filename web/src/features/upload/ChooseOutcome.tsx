// SPDX-License-Identifier: Apache-2.0
import { useId } from "react";
import { number } from "@/lib/format";
import { t } from "@/lib/strings/upload";
import { Card } from "@/ui/Card";
import { SelectField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { Segmented } from "@/ui/Segmented";
import { Table, Td, Th, Tr } from "@/ui/Table";
import type { Decision, Meaning, OutcomeValue, Upload } from "./api";
import { countsOf, guessedMeanings, meaningOf, withMeaning } from "./decision";

interface Props {
  upload: Upload;
  decision: Decision;
  onChange: (d: Decision) => void;
}

export function ChooseOutcome({ upload, decision, onChange }: Props) {
  const columns = upload.columns ?? [];
  const chosen = decision.outcome?.column ?? "";
  const values = valuesOf(upload, chosen);
  const known = upload.outcome?.column === chosen ? upload.outcome.counts : undefined;
  const leaks = columns.filter((c) => c.leak?.suspect && c.name !== chosen);
  function choose(column: string) {
    if (column === "") {
      const { outcome: _, ...rest } = decision;
      onChange(rest);
    } else {
      onChange({ ...decision, outcome: { column, ...guessedMeanings(valuesOf(upload, column)) } });
    }
  }
  return (
    <div className="flex flex-col gap-5">
      <Card title={t.upload.outcomeTitle} about={t.upload.outcomeAbout}>
        <SelectField label={t.upload.outcomeColumn} value={chosen} onChange={(e) => choose(e.target.value)} className="max-w-sm">
          <option value="">{t.upload.outcomeNone}</option>
          {columns.map((c) => (
            <option key={c.name} value={c.name}>
              {c.name}
            </option>
          ))}
        </SelectField>
        {chosen && values.length > 0 && <Values values={values} known={known} decision={decision} onChange={onChange} />}
        {chosen && upload.outcome?.column === chosen && upload.outcome.warning && (
          <Notice tone="caution" title={upload.outcome.warning} className="mt-4" />
        )}
      </Card>
      {chosen && leaks.length > 0 && (
        <Card title={t.upload.leaks} about={t.upload.leakHint}>
          <ul className="flex flex-col gap-2">
            {leaks.map((c) => (
              <li key={c.name}>
                <span className="foreign font-medium">{c.name}</span>
                <span className="foreign block text-sm text-soft">{c.leak?.evidence ?? t.upload.leak}</span>
              </li>
            ))}
          </ul>
        </Card>
      )}
    </div>
  );
}

/** Counted values where the server has counted this column, else the samples that were seen. */
function valuesOf(upload: Upload, column: string): OutcomeValue[] {
  if (upload.outcome?.column === column && upload.outcome.values) return upload.outcome.values;
  const c = upload.columns?.find((x) => x.name === column);
  return [...new Set(c?.samples ?? [])].map((value) => ({ value, count: 0 }));
}

interface ValuesProps {
  values: OutcomeValue[];
  known: { won: number; lost: number; open: number } | undefined;
  decision: Decision;
  onChange: (d: Decision) => void;
}

function Values({ values, known, decision, onChange }: ValuesProps) {
  const note = useId();
  const counts = countsOf(decision, values, known);
  const counted = values.some((v) => v.count > 0);
  const meanings: Meaning[] = ["won", "lost", "open"];
  const sided = decision.outcome && decision.outcome.won.length > 0 && decision.outcome.lost.length > 0;
  return (
    <>
      <div className="-mx-5 mt-4">
        <Table
          caption={t.upload.means}
          head={
            <>
              <Th>{t.upload.value}</Th>
              <Th numeric>{t.upload.count}</Th>
              <Th>{t.upload.means}</Th>
            </>
          }
        >
          {values.map((v) => (
            <Tr key={v.value}>
              <Td className="foreign font-medium">{v.value}</Td>
              <Td numeric>{v.count > 0 ? number(v.count) : ""}</Td>
              <Td>
                <Segmented
                  label={t.upload.meansOf(v.value)}
                  value={meaningOf(decision, v.value)}
                  options={meanings.map((m) => ({ value: m, label: t.outcome[m] }))}
                  onChange={(m) => onChange(withMeaning(decision, v.value, m))}
                />
              </Td>
            </Tr>
          ))}
        </Table>
      </div>
      <p id={note} aria-live="polite" className="mt-3 text-base font-medium">
        {counted && t.upload.counts(counts.won, counts.lost, counts.open)}{" "}
        <span className="font-normal text-soft">{t.upload.blank}</span>
      </p>
      {!sided && <Notice tone="caution" title={t.upload.oneSided} className="mt-3" />}
    </>
  );
}
