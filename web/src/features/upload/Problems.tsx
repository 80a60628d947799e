// SPDX-License-Identifier: Apache-2.0
import { ArrowLeftRight, CircleAlert, CircleCheck, type LucideIcon, TriangleAlert } from "lucide-react";
import { number } from "@/lib/format";
import { t } from "@/lib/strings/upload";
import { IconButton } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Segmented } from "@/ui/Segmented";
import { Table, Td, Th, Tr } from "@/ui/Table";
import type { Decision, Format, UploadCheck, UploadProblem } from "./api";

/** What is wrong with a row as a whole keeps it out; the rest comes in. */
const REJECTED = ["short row", "long row", "zero byte", "encoding", "open quote", "large row", "repeated header", "set aside"];
const rejects = (p: UploadProblem) => p.kind !== undefined && REJECTED.includes(p.kind);

interface Props {
  check: UploadCheck;
  decision: Decision;
  onChange: (d: Decision) => void;
}

/** What is wrong, by what mends it; a rule for a whole column is chosen right here. */
export function Problems({ check, decision, onChange }: Props) {
  const problems = check.problems ?? [];
  const settled = Object.entries(decision.formats ?? {});
  const settle = (column: string, format: Format) => onChange({ ...decision, formats: { ...decision.formats, [column]: { ...decision.formats?.[column], ...format } } });
  return (
    <>
      {settled.length > 0 && (
        <ul aria-label={t.upload.settled} className="flex flex-wrap gap-2">
          {settled.map(([column, format]) => (
            <Settled key={column} column={column} format={format} onSwap={(f) => settle(column, f)} />
          ))}
        </ul>
      )}
      {problems.length === 0 ? (
        <p className="flex items-center gap-2 text-base text-good">
          <CircleCheck aria-hidden className="size-4" /> {t.upload.noProblems}
        </p>
      ) : (
        <>
          <List icon={CircleAlert} ink="text-bad" title={t.upload.errors} problems={problems.filter(rejects)} onSettle={settle} />
          <List icon={TriangleAlert} ink="text-warm" title={t.upload.warnings} problems={problems.filter((p) => !rejects(p))} onSettle={settle} />
        </>
      )}
    </>
  );
}

interface ListProps {
  icon: LucideIcon;
  ink: string;
  title: string;
  problems: UploadProblem[];
  onSettle: (column: string, f: Format) => void;
}

function List({ icon: Icon, ink, title, problems, onSettle }: ListProps) {
  if (problems.length === 0) return null;
  return (
    <Card
      flush
      title={
        <span className="flex items-center gap-2">
          <Icon aria-hidden className={`size-5 ${ink}`} />
          {title}
        </span>
      }
    >
      <Table
        caption={title}
        head={
          <>
            <Th>{t.upload.column}</Th>
            <Th numeric>{t.upload.rowsHead}</Th>
            <Th>{t.upload.found}</Th>
            <Th>{t.upload.fix}</Th>
          </>
        }
      >
        {problems.map((p, i) => (
          <Problem key={i} p={p} onSettle={(f) => p.column !== undefined && onSettle(p.column, f)} />
        ))}
      </Table>
    </Card>
  );
}

function Problem({ p, onSettle }: { p: UploadProblem; onSettle: (f: Format) => void }) {
  return (
    <Tr>
      <Td className="min-w-24">
        <span className="foreign font-medium">{p.column ?? t.upload.wholeRow}</span>
        {p.line !== undefined && <span className="block text-sm text-soft">{(p.count ?? 1) > 1 ? t.upload.fromLine(p.line) : t.upload.line(p.line)}</span>}
      </Td>
      <Td numeric>{p.count !== undefined ? number(p.count) : ""}</Td>
      <Td className="foreign max-w-80 min-w-52">
        {p.detail ?? p.found}
        {p.detail && p.found && (
          <span className="block text-sm text-soft">
            {t.upload.such(p.found)}
          </span>
        )}
        {p.expected && (
          <span className="block text-sm text-soft">
            {t.upload.expected}: {p.expected}
          </span>
        )}
      </Td>
      <Td className="foreign max-w-72 min-w-44 text-sm">
        {p.kind === "date order" ? (
          <Segmented
            label={t.upload.orderOf(p.column ?? "")}
            value=""
            options={(["day first", "month first"] as const).map((o) => ({ value: o, label: t.upload.orders[o] }))}
            onChange={(o) => onSettle({ date_order: o as "day first" | "month first" })}
          />
        ) : p.kind === "decimal mark" ? (
          <Segmented
            label={t.upload.markOf(p.column ?? "")}
            value=""
            options={([".", ","] as const).map((m) => ({ value: m, label: t.upload.marks[m] }))}
            onChange={(m) => onSettle({ decimal_mark: m as "." | "," })}
          />
        ) : (
          p.fix
        )}
      </Td>
    </Tr>
  );
}

/** What was said of a column, to be turned round. */
function Settled({ column, format, onSwap }: { column: string; format: Format; onSwap: (f: Format) => void }) {
  const words = [format.date_order && t.upload.orders[format.date_order], format.decimal_mark && t.upload.marks[format.decimal_mark]];
  const swapped: Format = {
    ...(format.date_order ? { date_order: format.date_order === "day first" ? "month first" : "day first" } : {}),
    ...(format.decimal_mark ? { decimal_mark: format.decimal_mark === "." ? "," : "." } : {}),
  };
  return (
    <li className="flex items-center gap-1 rounded-lg border bg-panel py-0.5 pr-1 pl-3 text-sm">
      <span className="foreign">
        <span className="font-medium">{column}</span>: {words.filter(Boolean).join(", ")}
      </span>
      <IconButton size="sm" icon={ArrowLeftRight} label={t.upload.swap(column)} onClick={() => onSwap(swapped)} />
    </li>
  );
}
