// SPDX-License-Identifier: Apache-2.0
// Names for the ids of users that records carry. Only admins may list users; to others it is "you" or
// "a colleague".
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { api } from "@/lib/client";
import { t } from "@/lib/strings";
import type { Me, Page } from "@/lib/types";

interface Person {
  id: string;
  name?: string;
  email?: string;
}

export function usePeople() {
  const me = useQuery<Me>({ queryKey: ["me"], queryFn: ({ signal }) => api.get<Me>("/me", { signal }), staleTime: 5 * 60_000 });
  const users = useQuery({
    queryKey: ["people"],
    queryFn: ({ signal }) => api.get<Page<Person>>("/users", { signal }),
    enabled: me.data?.role === "admin" && me.data.id !== "local",
    staleTime: 5 * 60_000,
    retry: false,
  });
  const own = me.data?.id;
  const items = users.data?.items;
  return useCallback(
    (id: string | undefined) => {
      if (id !== undefined && id === own) return t.unit.you;
      const person = items?.find((p) => p.id === id);
      return person?.name || person?.email || t.unit.colleague;
    },
    [own, items],
  );
}
