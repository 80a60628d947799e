// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { t } from "@/lib/strings/upload";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Table, Th } from "@/ui/Table";
import { PreviewRows } from "./PreviewRows";
import { ReadingForm } from "./ReadingForm";
import type { Upload } from "./api";

/** How the file was read, changeable, with its first rows as they came out. */
export function FileLayout({ upload, onChange }: { upload: Upload; onChange: (u: Upload) => void }) {
  const [editing, setEditing] = useState(false);
  const notes = upload.dialect?.notes ?? [];
  return (
    <Card
      title={t.upload.layout}
      actions={
        !editing && (
          <Button size="sm" onClick={() => setEditing(true)}>
            {t.upload.readOtherwise}
          </Button>
        )
      }
    >
      {editing ? <ReadingForm upload={upload} onChange={onChange} onClose={() => setEditing(false)} /> : <Found upload={upload} />}
      {notes.length > 0 && (
        <ul className="mt-3 list-disc pl-5 text-sm text-soft">
          {notes.map((n) => (
            <li key={n} className="foreign">
              {n}
            </li>
          ))}
        </ul>
      )}
      {upload.preview && upload.preview.length > 0 && (
        <details open={editing || undefined} className="mt-4">
          <summary className="text-sm font-medium text-accent">{t.upload.previewOf(upload.preview.length)}</summary>
          <FirstRows upload={upload} />
        </details>
      )}
    </Card>
  );
}

function Found({ upload }: { upload: Upload }) {
  const d = upload.dialect ?? {};
  const facts: [string, string | undefined][] = [
    [t.upload.encoding, d.xlsx ? t.upload.workbook : d.encoding],
    [t.upload.delimiter, d.xlsx ? undefined : d.delimiter && (t.upload.delimiters[d.delimiter] ?? d.delimiter)],
    [t.upload.headerRow, d.has_header === false ? t.upload.headerNone : t.upload.headerLine(d.header_line ?? 1)],
    [t.upload.footer, d.footer_lines ? t.upload.footerLines(d.footer_lines) : undefined],
    [t.upload.product, d.product ?? t.upload.productNone],
  ];
  return (
    <dl className="flex flex-wrap gap-x-8 gap-y-2">
      {facts.map(([name, value]) => value && (
        <div key={name}>
          <dt className="text-sm text-soft">{name}</dt>
          <dd className="foreign font-medium">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function FirstRows({ upload }: { upload: Upload }) {
  return (
    <div className="-mx-5 mt-2 max-h-80 overflow-auto">
      <Table
        caption={t.upload.preview}
        head={(upload.columns ?? []).map((c) => (
          <Th key={c.name} className="foreign max-w-48 truncate">
            {c.name}
          </Th>
        ))}
      >
        <PreviewRows rows={upload.preview} />
      </Table>
    </div>
  );
}
