// SPDX-License-Identifier: Apache-2.0
import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { useState } from "react";
import { cx } from "@/lib/cx";
import { t } from "@/lib/strings";
import type { DialogProps } from "./Dialog";
import { IconButton } from "./Button";

const SHAPE = {
  centre: "top-[12vh] left-1/2 w-[min(32rem,calc(100vw-2rem))] max-h-[76vh] -translate-x-1/2 rounded-2xl",
  wide: "top-[6vh] left-1/2 w-[min(60rem,calc(100vw-2rem))] max-h-[88vh] -translate-x-1/2 rounded-2xl",
  side: "top-0 right-0 h-dvh w-[min(26rem,100vw)] rounded-l-2xl",
};

export default function DialogImpl({ open, onOpenChange, title, about, children, shape = "centre", sticky }: DialogProps) {
  const [opener] = useState(() => document.activeElement);
  // The focus goes back to what opened it; an item of a menu is gone by then.
  function goBack(e: Event) {
    e.preventDefault();
    const to = opener?.isConnected && opener !== document.body ? opener : document.querySelector("[data-page-heading]");
    (to as HTMLElement | null)?.focus({ preventScroll: true });
  }
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <Radix.Content
          {...(about ? {} : { "aria-describedby": undefined })}
          onCloseAutoFocus={goBack}
          onPointerDownOutside={(e) => sticky && e.preventDefault()}
          className={cx("fixed z-50 flex animate-pop flex-col bg-panel shadow-pop focus:outline-none", SHAPE[shape])}
        >
          <header className="flex items-start justify-between gap-4 px-5 pt-4 pb-3">
            <div className="min-w-0">
              <Radix.Title className="foreign text-lg font-semibold tracking-tight">{title}</Radix.Title>
              {about && <Radix.Description className="foreign text-sm text-soft">{about}</Radix.Description>}
            </div>
            <Radix.Close asChild>
              <IconButton icon={X} label={t.actions.close} className="-mt-1 -mr-2" />
            </Radix.Close>
          </header>
          <div className="-mt-1 min-h-0 flex-1 overflow-y-auto px-5 pt-1 pb-5">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
