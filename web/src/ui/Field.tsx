// SPDX-License-Identifier: Apache-2.0
import { type ComponentProps, type ReactNode, useId } from "react";
import { cx } from "@/lib/cx";

export const inputClass =
  "h-9 w-full min-w-0 rounded-lg border border-edge bg-panel text-base text-ink transition-colors hover:border-soft disabled:bg-sunken disabled:text-soft aria-invalid:border-bad";

interface Frame {
  label: ReactNode;
  hint?: ReactNode;
  /** What the server or the form says is wrong; read out with the field. */
  error?: string | undefined;
  /** For screen readers only, where the place already says what the field is. */
  hideLabel?: boolean;
  className?: string;
}

function Wrap({ id, label, hint, error, hideLabel, className, children }: Frame & { id: string; children: ReactNode }) {
  return (
    <div className={cx("flex min-w-0 flex-col gap-1.5", className)}>
      <label htmlFor={id} className={hideLabel ? "sr-only" : "text-sm font-medium"}>
        {label}
      </label>
      {children}
      {hint && (
        <p id={`${id}-hint`} className="text-sm text-soft">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="text-sm text-bad">
          {error}
        </p>
      )}
    </div>
  );
}

function describedBy(id: string, { hint, error }: Pick<Frame, "hint" | "error">) {
  return [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
}

function split<P extends Frame>(props: P) {
  const { label, hint, error, hideLabel, className, ...rest } = props;
  return { frame: { label, hint, error, hideLabel, className }, rest };
}

export function TextField(props: Frame & ComponentProps<"input">) {
  const own = useId();
  const { frame, rest } = split(props);
  const id = rest.id ?? own;
  return (
    <Wrap id={id} {...frame}>
      <input
        type="text"
        {...rest}
        id={id}
        aria-invalid={frame.error ? true : undefined}
        aria-describedby={describedBy(id, frame)}
        className={cx(inputClass, "px-3")}
      />
    </Wrap>
  );
}

export function TextArea(props: Frame & ComponentProps<"textarea">) {
  const own = useId();
  const { frame, rest } = split(props);
  const id = rest.id ?? own;
  return (
    <Wrap id={id} {...frame}>
      <textarea
        rows={3}
        {...rest}
        id={id}
        aria-invalid={frame.error ? true : undefined}
        aria-describedby={describedBy(id, frame)}
        className={cx(inputClass, "h-auto resize-y px-3 py-2")}
      />
    </Wrap>
  );
}

export function SelectField({ children, ...props }: Frame & ComponentProps<"select">) {
  const own = useId();
  const { frame, rest } = split(props);
  const id = rest.id ?? own;
  return (
    <Wrap id={id} {...frame}>
      <select
        {...rest}
        id={id}
        aria-invalid={frame.error ? true : undefined}
        aria-describedby={describedBy(id, frame)}
        className={cx(inputClass, "pr-1.5 pl-2.5")}
      >
        {children}
      </select>
    </Wrap>
  );
}

export function Checkbox({ label, className, ...rest }: { label: ReactNode } & ComponentProps<"input">) {
  return (
    <label className={cx("flex min-h-6 items-start gap-2.5 text-base", className)}>
      <input type="checkbox" {...rest} className="mt-0.5 size-4 shrink-0" />
      <span className="min-w-0">{label}</span>
    </label>
  );
}
