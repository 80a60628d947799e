// SPDX-License-Identifier: Apache-2.0
import { X } from "lucide-react";
import { Toast as Radix } from "radix-ui";
import { t } from "@/lib/strings";
import { IconButton } from "./Button";
import { Notice } from "./Notice";
import { type Toast, toastStore } from "./toast";

export default function ToasterImpl({ toasts }: { toasts: Toast[] }) {
  return (
    <Radix.Provider duration={7000} swipeDirection="right">
      {toasts.map((x) => (
        <Radix.Root key={x.id} onOpenChange={(open) => !open && toastStore.drop(x.id)} className="animate-pop">
          <Notice
            tone={x.tone}
            className="bg-panel! shadow-pop"
            title={<Radix.Title asChild>{<span>{x.title}</span>}</Radix.Title>}
            action={
              <span className="flex items-center gap-1">
                {x.action && (
                  <Radix.Action
                    altText={x.action.label}
                    onClick={x.action.run}
                    className="rounded-md px-2 py-1 text-sm font-medium text-accent hover:bg-hover"
                  >
                    {x.action.label}
                  </Radix.Action>
                )}
                <Radix.Close asChild>
                  <IconButton size="sm" icon={X} label={t.actions.dismiss} />
                </Radix.Close>
              </span>
            }
          >
            {x.text && <Radix.Description>{x.text}</Radix.Description>}
          </Notice>
        </Radix.Root>
      ))}
      <Radix.Viewport className="fixed right-4 bottom-4 z-60 flex w-[min(26rem,calc(100vw-2rem))] flex-col gap-2 outline-none" />
    </Radix.Provider>
  );
}
