// SPDX-License-Identifier: Apache-2.0
import type { LucideIcon } from "lucide-react";
import { cloneElement, lazy, type ReactElement, type ReactNode, Suspense, useState } from "react";

export interface MenuItem {
  label: ReactNode;
  icon?: LucideIcon;
  /** Where it leads, within the app; or what it does. */
  to?: string;
  onSelect?: () => void;
  danger?: boolean;
  disabled?: boolean;
  /** Draws a radio or check mark. */
  checked?: boolean;
  hint?: string;
}

/** Groups are set apart by a line, with an optional heading. */
export interface MenuGroup {
  label?: string;
  items: MenuItem[];
}

export interface OverlayButtonProps {
  onClick?: () => void;
  onPointerEnter?: () => void;
  "aria-haspopup"?: "menu" | "dialog";
  "aria-expanded"?: boolean;
}

export interface MenuProps {
  /** The button that opens it: one of ui/Button, or a plain button. */
  button: ReactElement<OverlayButtonProps>;
  groups: MenuGroup[];
  align?: "start" | "end";
}

const load = () => import("./MenuImpl");
const Impl = lazy(load);

/** A menu whose code is fetched when it is first opened. */
export function Menu(props: MenuProps) {
  const [wanted, setWanted] = useState(false);
  const closed = cloneElement(props.button, {
    onClick: () => setWanted(true),
    onPointerEnter: () => void load(),
    "aria-haspopup": "menu",
    "aria-expanded": false,
  });
  if (!wanted) return closed;
  return (
    <Suspense fallback={closed}>
      <Impl {...props} />
    </Suspense>
  );
}
