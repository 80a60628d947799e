// SPDX-License-Identifier: Apache-2.0
import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "@/lib/cx";

export type Tone = "info" | "good" | "caution" | "bad";

const LOOK = {
  info: { box: "border-line bg-tint", icon: Info, ink: "text-accent" },
  good: { box: "border-good-fill/40 bg-good-tint", icon: CircleCheck, ink: "text-good" },
  caution: { box: "border-caution-line bg-caution", icon: TriangleAlert, ink: "text-warm" },
  bad: { box: "border-bad-fill/50 bg-bad-tint", icon: CircleAlert, ink: "text-bad" },
} as const;

interface Props {
  tone?: Tone;
  title?: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
  className?: string;
  role?: "status" | "alert";
}

export function Notice({ tone = "info", title, children, action, className, role }: Props) {
  const { box, icon: Icon, ink } = LOOK[tone];
  return (
    <div role={role} className={cx("flex flex-wrap items-start gap-x-3 gap-y-2 rounded-lg border px-3.5 py-2.5", box, className)}>
      <Icon aria-hidden className={cx("mt-0.5 size-4 shrink-0", ink)} />
      <div className="min-w-0 flex-1 basis-48">
        {title && <p className="foreign font-medium">{title}</p>}
        {children && <div className="foreign text-sm">{children}</div>}
      </div>
      {action}
    </div>
  );
}
