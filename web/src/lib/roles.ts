// SPDX-License-Identifier: Apache-2.0
import type { Me, Role } from "@/lib/types";

const RANK: Record<Role, number> = { viewer: 0, rep: 1, manager: 2, admin: 3 };

/** Whether a user has at least this role. The server decides; this only hides what would be refused. */
export const atLeast = (me: Me | undefined, role: Role) => me !== undefined && RANK[me.role] >= RANK[role];
