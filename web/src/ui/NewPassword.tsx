// SPDX-License-Identifier: Apache-2.0
import { Eye, EyeOff } from "lucide-react";
import { useState } from "react";
import { t } from "@/lib/strings/session";
import { IconButton } from "./Button";
import { TextField } from "./Field";

/** As the server demands without a second factor. */
export const PASSWORD_MIN = 15;

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
}

/** A new password, with how long it is so far; it can be looked at, and pasted. */
export function NewPassword({ label, value, onChange, error }: Props) {
  const [shown, setShown] = useState(false);
  const enough = value.length >= PASSWORD_MIN;
  return (
    <div>
      <div className="flex items-end gap-1">
        <TextField
          label={label}
          type={shown ? "text" : "password"}
          value={value}
          onChange={(e) => onChange(e.target.value)}
          autoComplete="new-password"
          minLength={PASSWORD_MIN}
          maxLength={128}
          error={error}
          required
          className="flex-1"
        />
        {!error && (
          <IconButton
            icon={shown ? EyeOff : Eye}
            label={t.login.showPassword}
            aria-pressed={shown}
            onClick={() => setShown(!shown)}
          />
        )}
      </div>
      <div
        role="meter"
        aria-label={t.setup.strength}
        aria-valuemin={0}
        aria-valuemax={PASSWORD_MIN}
        aria-valuenow={Math.min(PASSWORD_MIN, value.length)}
        className="mt-2 h-1.5 overflow-hidden rounded-full bg-grid"
      >
        <div
          className={enough ? "h-full bg-good-fill" : "h-full bg-edge"}
          style={{ width: `${Math.min(100, (value.length / PASSWORD_MIN) * 100)}%` }}
        />
      </div>
      <p className="mt-1.5 text-sm text-soft">{t.setup.passwordHint(PASSWORD_MIN)}</p>
    </div>
  );
}
