// SPDX-License-Identifier: Apache-2.0
// A plain table for short lists: settings, figures, chart data.
import type { ComponentProps, ReactNode } from "react";
import { cx } from "@/lib/cx";

interface Props {
  caption: ReactNode;
  hideCaption?: boolean;
  head: ReactNode;
  children: ReactNode;
  className?: string;
}

export function Table({ caption, hideCaption = true, head, children, className }: Props) {
  return (
    <div className={cx("relative max-w-full overflow-x-auto", className)} tabIndex={0} role="group" aria-label={typeof caption === "string" ? caption : undefined}>
      <table className="w-full border-collapse text-left">
        <caption className={hideCaption ? "sr-only" : "pb-2 text-left text-sm text-soft"}>{caption}</caption>
        <thead>
          <tr className="border-b text-sm text-soft">{head}</tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

interface CellProps {
  /** Figures stand on the right, in columns of equal width. */
  numeric?: boolean;
}

export function Th({ numeric, className, ...rest }: CellProps & ComponentProps<"th">) {
  return <th scope="col" {...rest} className={cx("px-2 py-2 font-medium whitespace-nowrap first:pl-5 last:pr-5 sm:px-3", numeric && "text-right", className)} />;
}

export function Td({ numeric, className, ...rest }: CellProps & ComponentProps<"td">) {
  return <td {...rest} className={cx("px-2 py-2 align-baseline first:pl-5 last:pr-5 sm:px-3", numeric && "tnum text-right whitespace-nowrap", className)} />;
}

export function Tr({ className, ...rest }: ComponentProps<"tr">) {
  return <tr {...rest} className={cx("border-b last:border-b-0", className)} />;
}
