// SPDX-License-Identifier: Apache-2.0
import { type FormEvent, useState } from "react";
import { cx } from "@/lib/cx";
import { number } from "@/lib/format";
import { t } from "@/lib/strings/upload";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Checkbox, inputClass } from "@/ui/Field";
import { Segmented } from "@/ui/Segmented";
import { Table, Td, Th, Tr } from "@/ui/Table";
import { PreviewRows } from "./PreviewRows";
import type { Decision, ProblemRow, Upload, UploadCheck } from "./api";

type Fixes = NonNullable<Decision["fixes"]>;
type Which = "problems" | "first";

interface Props {
  upload: Upload;
  check: UploadCheck;
  decision: Decision;
  onChange: (d: Decision) => void;
}

/** The rows themselves: only those with problems, whose cells can be mended here, or the first ones. */
export function Rows({ upload, check, decision, onChange }: Props) {
  const bad = check.shown_rows ?? [];
  const total = check.problem_rows ?? bad.length;
  const mended = Object.keys(decision.fixes ?? {}).length;
  const [which, setWhich] = useState<Which>(bad.length > 0 ? "problems" : "first");
  const [draft, setDraft] = useState<Fixes>({});
  const names = (upload.columns ?? []).map((c) => c.name);
  // Columns that cannot be read come first: in a wide file they would be out of sight.
  const flagged = new Set(bad.flatMap((r) => r.columns));
  const columns = names
    .map((name, at) => ({ name, at }))
    .sort((a, b) => (which === "problems" ? Number(flagged.has(b.name)) - Number(flagged.has(a.name)) : 0) || a.at - b.at);
  const edits = Object.keys(draft).length;
  function submit(e: FormEvent) {
    e.preventDefault();
    if (edits > 0) onChange({ ...decision, fixes: { ...decision.fixes, ...draft } });
  }
  const edit = (line: number, cells: Record<string, string> | undefined) => {
    const { [line]: _, ...rest } = draft;
    setDraft(cells ? { ...rest, [line]: cells } : rest);
  };
  if (bad.length === 0 && mended === 0) return null;
  return (
    <Card
      flush
      title={t.upload.rowsTitle}
      about={which === "problems" && total > bad.length ? t.upload.rowsSome(bad.length, total) : t.upload.rowsAbout}
      actions={
        <Segmented
          label={t.upload.rowsTitle}
          value={which}
          options={[
            { value: "problems", label: `${t.upload.onlyProblems} (${number(total)})` },
            { value: "first", label: t.upload.preview },
          ]}
          onChange={setWhich}
        />
      }
    >
      <form onSubmit={submit}>
        <Table
          caption={t.upload.rowsTitle}
          head={
            <>
              {which === "problems" && <Th>{t.upload.problem}</Th>}
              {columns.map((c) => (
                <Th key={c.name} className="foreign max-w-48 truncate">
                  {c.name}
                </Th>
              ))}
            </>
          }
        >
          {which === "problems"
            ? bad.map((r) => <BadRow key={r.line} row={r} columns={columns} cells={draft[r.line]} onChange={(cells) => edit(r.line, cells)} />)
            : <PreviewRows rows={upload.preview} />}
        </Table>
        <div className="flex flex-wrap items-center gap-3 border-t px-5 py-3">
          <Button type="submit" variant="primary" disabled={edits === 0}>
            {t.upload.checkAgain}
          </Button>
          <span role="status" className="text-sm text-soft">
            {edits > 0 ? t.upload.edited(edits) : mended > 0 && t.upload.mended(mended)}
          </span>
          {mended > 0 && (
            <Button size="sm" variant="ghost" onClick={() => onChange({ ...decision, fixes: {} })}>
              {t.upload.unmend}
            </Button>
          )}
        </div>
      </form>
    </Card>
  );
}

interface BadProps {
  row: ProblemRow;
  columns: { name: string; at: number }[];
  /** What was typed into it; undefined: nothing, and the row is not taken. */
  cells: Record<string, string> | undefined;
  onChange: (cells: Record<string, string> | undefined) => void;
}

function BadRow({ row, columns, cells, onChange }: BadProps) {
  // Where the row as a whole is wrong, each of its cells may be.
  const open = (name: string) => row.fixable && (row.reason !== undefined || row.columns.includes(name));
  return (
    <Tr>
      <Td className="min-w-52 text-sm">
        <span className="font-medium">{t.upload.line(row.line)}</span>
        <span className="foreign block text-soft">{row.reason ?? t.upload.unreadable(row.columns.join(", "))}</span>
        {!row.fixable && <span className="block text-soft">{t.upload.mendInFile}</span>}
        {row.fixable && row.reason !== undefined && (
          <Checkbox label={t.upload.takeSo} checked={cells !== undefined} onChange={(e) => onChange(e.target.checked ? {} : undefined)} className="mt-1 text-sm" />
        )}
      </Td>
      {columns.map(({ name, at }) => (
        <Td key={name} className={cx("text-sm", open(name) ? "min-w-36" : "max-w-48 truncate")}>
          {open(name) ? (
            <input
              aria-label={t.upload.cellOf(name, row.line)}
              aria-invalid={row.columns.includes(name) && cells?.[name] === undefined ? true : undefined}
              dir="auto"
              value={cells?.[name] ?? row.cells[at] ?? ""}
              onChange={(e) => onChange({ ...cells, [name]: e.target.value })}
              className={cx(inputClass, "h-8 px-2 text-sm")}
            />
          ) : (
            <span title={row.cells[at]}>{row.cells[at]}</span>
          )}
        </Td>
      ))}
    </Tr>
  );
}
