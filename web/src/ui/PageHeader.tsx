// SPDX-License-Identifier: Apache-2.0
import { type ReactNode, useEffect, useRef } from "react";
import { useLocation } from "react-router";
import { cx } from "@/lib/cx";
import { t } from "@/lib/strings";

interface Props {
  /** Also the browser's title. */
  title: string;
  heading?: ReactNode;
  about?: ReactNode;
  /** What comes later into it may take two lines on a phone: room is kept for them. */
  twoLines?: boolean;
  actions?: ReactNode;
}

/** The page's h1, which takes the focus after each navigation, but not when the app has just started. */
export function PageHeader({ title, heading, about, twoLines, actions }: Props) {
  const h1 = useRef<HTMLHeadingElement>(null);
  const started = useLocation().key === "default";
  const focus = useRef(!started);
  useEffect(() => {
    if (focus.current) h1.current?.focus({ preventScroll: true });
    focus.current = false;
  }, []);
  useEffect(() => {
    document.title = t.app.title(title);
  }, [title]);
  return (
    <div className="mb-5 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <h1 ref={h1} tabIndex={-1} data-page-heading className="foreign text-2xl font-semibold tracking-tight">
          {heading ?? title}
        </h1>
        {about && <div className={cx("mt-0.5 text-base text-soft", twoLines && "max-sm:min-h-[2.625rem]")}>{about}</div>}
      </div>
      {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
    </div>
  );
}
