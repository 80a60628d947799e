// SPDX-License-Identifier: Apache-2.0
import type { LucideIcon } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { Link } from "react-router";
import { cx } from "@/lib/cx";
import { Spinner } from "./Spinner";

export type ButtonVariant = "primary" | "secondary" | "ghost" | "danger";
export type ButtonSize = "sm" | "md";

const BASE =
  "inline-flex shrink-0 items-center justify-center gap-1.5 rounded-lg font-medium whitespace-nowrap select-none transition-colors disabled:opacity-55 aria-disabled:opacity-55";
const VARIANT: Record<ButtonVariant, string> = {
  primary: "bg-accent text-on-accent hover:bg-accent-strong",
  secondary: "border border-mute bg-panel text-ink hover:bg-hover",
  ghost: "text-soft hover:bg-hover hover:text-ink",
  danger: "border border-bad-fill bg-panel text-bad hover:bg-bad-tint",
};
const SIZE: Record<ButtonSize, string> = { sm: "h-8 px-2.5 text-sm", md: "h-9 px-3.5 text-base" };

export const buttonClass = (variant: ButtonVariant = "secondary", size: ButtonSize = "md", extra?: string) =>
  cx(BASE, VARIANT[variant], SIZE[size], extra);

interface Look {
  variant?: ButtonVariant;
  size?: ButtonSize;
  icon?: LucideIcon | undefined;
  children?: ReactNode;
}

export function Button({
  variant,
  size,
  icon: Icon,
  busy = false,
  className,
  children,
  disabled,
  ...rest
}: Look & { busy?: boolean } & ComponentProps<"button">) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      className={buttonClass(variant, size, className)}
    >
      {busy ? <Spinner /> : Icon && <Icon aria-hidden className="size-4" />}
      {children}
    </button>
  );
}

export function ButtonLink({
  variant,
  size,
  icon: Icon,
  className,
  children,
  ...rest
}: Look & ComponentProps<typeof Link>) {
  return (
    <Link {...rest} className={buttonClass(variant, size, className)}>
      {Icon && <Icon aria-hidden className="size-4" />}
      {children}
    </Link>
  );
}

/** A link that leaves the app: a download, a page of the server. */
export function ButtonAnchor({
  variant,
  size,
  icon: Icon,
  className,
  children,
  ...rest
}: Look & ComponentProps<"a">) {
  return (
    <a {...rest} className={buttonClass(variant, size, className)}>
      {Icon && <Icon aria-hidden className="size-4" />}
      {children}
    </a>
  );
}

/** A button that shows only an icon; the label is its name and its tooltip. */
export function IconButton({
  icon: Icon,
  label,
  className,
  size = "md",
  ...rest
}: { icon: LucideIcon; label: string; size?: ButtonSize } & ComponentProps<"button">) {
  return (
    <button
      type="button"
      title={label}
      {...rest}
      aria-label={label}
      className={cx(
        "inline-flex shrink-0 items-center justify-center rounded-lg text-soft transition-colors hover:bg-hover hover:text-ink disabled:opacity-55",
        size === "sm" ? "size-7" : "size-9",
        className,
      )}
    >
      <Icon aria-hidden className={size === "sm" ? "size-4" : "size-[1.125rem]"} />
    </button>
  );
}
