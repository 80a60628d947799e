// SPDX-License-Identifier: Apache-2.0
import { number } from "@/lib/format";

/** A few figures side by side, each under its name. */
export function Counts({ items }: { items: [label: string, n: number][] }) {
  return (
    <dl className="grid grid-cols-2 gap-3 sm:grid-cols-4">
      {items.map(([label, n]) => (
        <div key={label} className="rounded-lg border px-4 py-3">
          <dt className="text-sm text-soft">{label}</dt>
          <dd className="tnum text-2xl font-semibold">{number(n)}</dd>
        </div>
      ))}
    </dl>
  );
}
