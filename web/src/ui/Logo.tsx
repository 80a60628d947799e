// SPDX-License-Identifier: Apache-2.0
import { t } from "@/lib/strings";

export function Logo({ word = true }: { word?: boolean }) {
  return (
    <span className="inline-flex items-center gap-2">
      <svg aria-hidden viewBox="0 0 32 32" className="size-7 shrink-0">
        <rect width="32" height="32" rx="9" className="fill-accent" />
        <path d="M8 23h4v-5.500H8zM14 23h4V13h-4zM20 23h4V8h-4z" className="fill-on-accent" />
      </svg>
      <span className={word ? "text-lg font-semibold tracking-tight max-lg:sr-only" : "sr-only"}>{t.app.name}</span>
    </span>
  );
}
