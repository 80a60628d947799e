// SPDX-License-Identifier: Apache-2.0
import { Popover as Radix } from "radix-ui";
import { useState } from "react";
import { cx } from "@/lib/cx";
import type { PopoverProps } from "./Popover";

export default function PopoverImpl({ button, label, children, align = "start", className }: PopoverProps) {
  const [open, setOpen] = useState(true);
  return (
    <Radix.Root open={open} onOpenChange={setOpen}>
      <Radix.Trigger asChild>{button}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={align}
          sideOffset={6}
          collisionPadding={8}
          aria-label={label}
          className={cx(
            "z-50 flex max-h-(--radix-popover-content-available-height) w-80 max-w-[calc(100vw-1rem)] animate-pop flex-col overflow-y-auto rounded-xl border bg-panel p-4 shadow-pop focus:outline-none",
            className,
          )}
        >
          {children(() => setOpen(false))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
