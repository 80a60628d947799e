// SPDX-License-Identifier: Apache-2.0
import { t } from "@/lib/strings";
import type { Lead } from "@/lib/types";

/** What a lead is called: its name, else what is nearest to one. */
export function leadName(lead: Pick<Lead, "id" | "name" | "first_name" | "last_name" | "email" | "company" | "external_id">) {
  const full = [lead.first_name, lead.last_name].filter(Boolean).join(" ");
  return lead.name || full || lead.email || lead.company || lead.external_id || t.leads.unnamed(lead.id.slice(0, 8));
}
