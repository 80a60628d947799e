// SPDX-License-Identifier: Apache-2.0
import { type ReactNode, useId } from "react";
import { cx } from "@/lib/cx";

interface Props {
  title?: ReactNode;
  /** One quiet line under the title. */
  about?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
  /** Content that brings its own padding: tables, lists. */
  flush?: boolean;
}

export function Card({ title, about, actions, children, className, flush = false }: Props) {
  const id = useId();
  return (
    <section
      aria-labelledby={title ? id : undefined}
      className={cx("min-w-0 rounded-xl border bg-panel shadow-panel", className)}
    >
      {title && (
        <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 px-5 pt-4 pb-3">
          <div className="min-w-0">
            <h2 id={id} className="text-lg font-semibold tracking-tight">
              {title}
            </h2>
            {about && <p className="text-sm text-soft">{about}</p>}
          </div>
          {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
        </header>
      )}
      <div className={cx(!flush && "px-5 pb-5", !title && !flush && "pt-5")}>{children}</div>
    </section>
  );
}
