// SPDX-License-Identifier: Apache-2.0
// The columns that leads have; attributes of uploaded files come on top as "attr.HEADER".
import { t } from "@/lib/strings";

export type FieldKind = "text" | "number" | "share" | "money" | "date" | "choice";
export type ColumnId = string;

export interface LeadField {
  id: ColumnId;
  kind: FieldKind;
  width: number;
  /** Takes its part of the room that is left. */
  grow?: boolean;
  sortable?: boolean;
  /** The words a choice may have. */
  values?: readonly string[];
}

const field = (id: string, kind: FieldKind, width: number, more: Partial<LeadField> = {}): LeadField => ({
  id, kind, width, sortable: true, ...more,
});

export const FIELDS: LeadField[] = [
  field("name", "text", 220, { grow: true }),
  field("heat", "choice", 92, { values: ["hot", "warm", "cold"] }),
  field("score", "number", 76),
  field("probability", "share", 170),
  field("confidence", "share", 110),
  field("reason", "text", 300, { grow: true, sortable: false }),
  field("company", "text", 168),
  field("role", "text", 160),
  field("email", "text", 220),
  field("phone", "text", 150),
  field("mobile", "text", 150),
  field("source", "text", 120),
  field("campaign", "text", 150),
  field("region", "text", 120),
  field("country", "text", 110),
  field("city", "text", 120),
  field("postal_code", "text", 110),
  field("industry", "text", 140),
  field("company_size", "text", 120),
  field("website", "text", 180),
  field("owner", "text", 116),
  field("stage", "text", 130),
  field("status", "text", 130),
  field("value", "money", 110),
  field("tags", "text", 160),
  field("outcome", "choice", 100, { values: ["open", "won", "lost"] }),
  field("outcome_at", "date", 120),
  field("lost_reason", "text", 150),
  field("created_at", "date", 120),
  field("last_activity_at", "date", 126),
  field("verdict", "choice", 110, { values: ["good", "was_hot", "junk"] }),
  field("model", "text", 84),
  field("scored_at", "date", 120),
  field("inserted_at", "date", 120),
  field("updated_at", "date", 120),
  field("external_id", "text", 140),
];

const BY_ID = new Map(FIELDS.map((f) => [f.id, f]));

/** Beside the name, which is always first. */
export const DEFAULT_COLUMNS: ColumnId[] = ["heat", "score", "reason", "company", "source", "owner", "last_activity_at", "outcome"];

export const isAttribute = (id: ColumnId) => id.startsWith("attr.");

export function fieldOf(id: ColumnId): LeadField | undefined {
  return BY_ID.get(id) ?? (isAttribute(id) ? { id, kind: "text", width: 150, sortable: true } : undefined);
}

export function labelOf(id: ColumnId) {
  if (isAttribute(id)) return id.slice(5);
  return (t.fields as Record<string, string>)[id] ?? id;
}
