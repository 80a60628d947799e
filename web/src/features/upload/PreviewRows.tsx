// SPDX-License-Identifier: Apache-2.0
import { Td, Tr } from "@/ui/Table";

/** The first rows of a file, as they are read. */
export function PreviewRows({ rows }: { rows: string[][] | undefined }) {
  return rows?.map((row, i) => (
    <Tr key={i}>
      {row.map((cell, j) => (
        <Td key={j} className="max-w-48 truncate text-sm" title={cell}>
          {cell}
        </Td>
      ))}
    </Tr>
  ));
}
