// SPDX-License-Identifier: Apache-2.0
import { cloneElement, lazy, type ReactElement, type ReactNode, Suspense, useState } from "react";
import type { OverlayButtonProps } from "./Menu";

export interface PopoverProps {
  button: ReactElement<OverlayButtonProps>;
  /** Names the pop-up for screen readers. */
  label: string;
  /** Given a way to close itself. */
  children: (close: () => void) => ReactNode;
  align?: "start" | "end";
  className?: string;
}

const load = () => import("./PopoverImpl");
const Impl = lazy(load);

/** A small form beside its button; its code is fetched when it is first opened. */
export function Popover(props: PopoverProps) {
  const [wanted, setWanted] = useState(false);
  const closed = cloneElement(props.button, {
    onClick: () => setWanted(true),
    onPointerEnter: () => void load(),
    "aria-haspopup": "dialog",
    "aria-expanded": false,
  });
  if (!wanted) return closed;
  return (
    <Suspense fallback={closed}>
      <Impl {...props} />
    </Suspense>
  );
}
