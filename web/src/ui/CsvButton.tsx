// SPDX-License-Identifier: Apache-2.0
import { Download } from "lucide-react";
import { downloadText, toCsv } from "@/lib/csv";
import { t } from "@/lib/strings";
import { IconButton } from "./Button";

export type ChartCell = string | number | null | undefined;

/** What a chart or a table of figures is drawn from, as a file. */
export function CsvButton({ title, head, rows }: { title: string; head: string[]; rows: ChartCell[][] }) {
  return (
    <IconButton
      size="sm"
      icon={Download}
      label={t.actions.csvOf(title)}
      onClick={() => downloadText(`${title.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.csv`, toCsv(head, rows))}
    />
  );
}
