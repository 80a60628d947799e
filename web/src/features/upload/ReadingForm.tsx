// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { number } from "@/lib/format";
import { t } from "@/lib/strings/upload";
import { Button } from "@/ui/Button";
import { SelectField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { fieldsQuery, readAgain, type Reading, type Upload } from "./api";

const LINES = 20;
const NO_HEADER = "none";

interface Props {
  upload: Upload;
  onChange: (u: Upload) => void;
  onClose?: () => void;
}

/** How the file is to be read, where what was found out is not right. */
export function ReadingForm({ upload, onChange, onClose }: Props) {
  const found = upload.dialect;
  const fields = useQuery(fieldsQuery);
  const [as, setAs] = useState<Reading>(upload.asked ?? {});
  const again = useMutation({
    mutationFn: () => readAgain(upload.id, as),
    onSuccess: (u) => {
      onClose?.();
      onChange(u);
    },
  });
  const set = (key: keyof Reading, value: Reading[keyof Reading]) => {
    const { [key]: _, ...rest } = as;
    setAs(value === undefined || value === "" ? rest : { ...rest, [key]: value });
  };
  function setHeader(value: string) {
    const { header: _, header_line: __, ...rest } = as;
    setAs(value === "" ? rest : value === NO_HEADER ? { ...rest, header: false } : { ...rest, header: true, header_line: Number(value) });
  }
  function submit(e: FormEvent) {
    e.preventDefault();
    again.mutate();
  }
  // What was found is named only where nobody has said otherwise.
  const foundOut = (key: keyof Reading, value: string | undefined): ReactNode =>
    value && upload.asked?.[key] === undefined ? t.upload.foundOut(value) : t.upload.findOut;
  const header = as.header === false ? NO_HEADER : as.header_line ? String(as.header_line) : "";
  const headerFound = found && (found.has_header === false ? t.upload.headerNoneShort : t.upload.headerLine(found.header_line ?? 1));
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <div className="grid gap-4 sm:grid-cols-3">
        {!found?.xlsx && (
          <>
            <SelectField label={t.upload.encoding} value={as.encoding ?? ""} onChange={(e) => set("encoding", e.target.value)}>
              <option value="">{foundOut("encoding", found?.encoding)}</option>
              {Object.entries(t.upload.encodings).map(([name, label]) => (
                <option key={name} value={name}>
                  {label}
                </option>
              ))}
            </SelectField>
            <SelectField label={t.upload.delimiter} value={as.delimiter ?? ""} onChange={(e) => set("delimiter", e.target.value)}>
              <option value="">{foundOut("delimiter", found?.delimiter && (t.upload.delimiters[found.delimiter] ?? found.delimiter))}</option>
              {Object.entries(t.upload.delimiters).map(([mark, label]) => (
                <option key={mark} value={mark}>
                  {label}
                </option>
              ))}
            </SelectField>
          </>
        )}
        <SelectField label={t.upload.headerRow} value={header} onChange={(e) => setHeader(e.target.value)}>
          <option value="">{foundOut("header", headerFound)}</option>
          <option value={NO_HEADER}>{t.upload.headerNone}</option>
          {Array.from({ length: LINES }, (_, i) => (
            <option key={i} value={i + 1}>
              {t.upload.headerLine(i + 1)}
            </option>
          ))}
          {Number(header) > LINES && <option value={header}>{number(Number(header))}</option>}
        </SelectField>
        <SelectField label={t.upload.footer} value={as.footer === false ? "rows" : ""} onChange={(e) => set("footer", e.target.value === "" ? undefined : false)}>
          <option value="">{foundOut("footer", found && t.upload.footerLines(found.footer_lines ?? 0))}</option>
          <option value="rows">{t.upload.footerNone}</option>
        </SelectField>
        <SelectField label={t.upload.product} value={as.product ?? ""} onChange={(e) => set("product", e.target.value)}>
          <option value="">{foundOut("product", found && (found.product ?? t.upload.productNone))}</option>
          <option value="none">{t.upload.productNone}</option>
          {(fields.data?.products ?? []).map((p) => (
            <option key={p} value={p}>
              {p}
            </option>
          ))}
        </SelectField>
      </div>
      {again.error && <Notice tone="bad" role="alert" title={again.error.message} />}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" busy={again.isPending}>
          {t.upload.readAgain}
        </Button>
        {onClose && (
          <Button variant="ghost" onClick={onClose}>
            {t.actions.cancel}
          </Button>
        )}
      </div>
    </form>
  );
}
