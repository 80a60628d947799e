// SPDX-License-Identifier: Apache-2.0
import { type ReactNode, useId } from "react";
import { cx } from "@/lib/cx";

interface Props<V extends string> {
  label: string;
  value: V;
  options: { value: V; label: ReactNode }[];
  onChange: (value: V) => void;
  className?: string;
}

/** A few choices side by side, of which one holds. Radio buttons underneath: arrows move. */
export function Segmented<V extends string>({ label, value, options, onChange, className }: Props<V>) {
  const name = useId();
  return (
    <fieldset className={cx("inline-flex max-w-full flex-wrap rounded-lg border bg-sunken p-0.5", className)}>
      <legend className="sr-only">{label}</legend>
      {options.map((o) => (
        <label
          key={o.value}
          className="inline-flex h-7 cursor-pointer items-center gap-1 rounded-md px-2.5 text-sm font-medium text-soft hover:text-ink has-checked:bg-tint has-checked:text-accent has-focus-visible:outline-2 has-focus-visible:outline-accent"
        >
          <input
            type="radio"
            name={name}
            value={o.value}
            checked={o.value === value}
            onChange={() => onChange(o.value)}
            className="sr-only"
          />
          {o.label}
        </label>
      ))}
    </fieldset>
  );
}
