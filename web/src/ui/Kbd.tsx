// SPDX-License-Identifier: Apache-2.0
export function Kbd({ children }: { children: string }) {
  return (
    <kbd className="inline-flex h-5 min-w-5 items-center justify-center rounded border border-mute bg-sunken px-1 text-xs font-medium text-soft">
      {children}
    </kbd>
  );
}
