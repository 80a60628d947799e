// SPDX-License-Identifier: Apache-2.0
import { t } from "@/lib/strings/settings";
import type { Role } from "@/lib/types";
import { SelectField } from "@/ui/Field";

export const ROLES: Role[] = ["viewer", "rep", "manager", "admin"];

interface Props {
  label: string;
  value: Role;
  onChange: (role: Role) => void;
  disabled?: boolean;
  /** With the label on show and what the role may do beneath. */
  full?: boolean;
}

export function RoleSelect({ label, value, onChange, disabled, full = false }: Props) {
  return (
    <SelectField
      label={label}
      hideLabel={!full}
      hint={full ? t.users.roleHints[value] : undefined}
      value={value}
      onChange={(e) => onChange(e.target.value as Role)}
      disabled={disabled}
    >
      {ROLES.map((r) => (
        <option key={r} value={r}>
          {t.roles[r]}
        </option>
      ))}
    </SelectField>
  );
}
