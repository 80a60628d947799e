// SPDX-License-Identifier: Apache-2.0
import { plural } from "@/lib/format";

export const leads = {
  leads: {
    title: "Leads",
    unnamed: (id: string) => `Lead ${id}`,
    total: (n: number) => plural(n, "lead", "leads"),
    atLeast: (n: number) => `more than ${plural(n, "lead", "leads")}`,
    counting: "counting…",
    caption: "Leads, one row each; headers sort",
  },
};
