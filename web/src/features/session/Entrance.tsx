// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from "react";
import { cx } from "@/lib/cx";
import { Logo } from "@/ui/Logo";
import { PageHeader } from "@/ui/PageHeader";

/** The page of someone who is not in yet: one column in the middle, the name above. */
export function Entrance({ title, about, wide = false, children }: { title: string; about?: ReactNode; wide?: boolean; children: ReactNode }) {
  return (
    <main id="main" className="flex min-h-dvh flex-col items-center px-4 py-[9vh]">
      <div className={cx("w-full", wide ? "max-w-2xl" : "max-w-sm")}>
        <div className="mb-8"><Logo /></div>
        <PageHeader title={title} about={about} />
        {children}
      </div>
    </main>
  );
}
