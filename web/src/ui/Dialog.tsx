// SPDX-License-Identifier: Apache-2.0
import { lazy, type ReactNode, Suspense } from "react";

export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  about?: ReactNode;
  children: ReactNode;
  /** "side" comes in from the right over the full height. */
  shape?: "centre" | "wide" | "side";
  /** Elements that may act while the dialog is not to be left by a stray click. */
  sticky?: boolean;
}

const Impl = lazy(() => import("./DialogImpl"));

/** A modal dialog; its code is fetched when the first one opens. */
export function Dialog(props: DialogProps) {
  if (!props.open) return null;
  return (
    <Suspense fallback={null}>
      <Impl {...props} />
    </Suspense>
  );
}
