// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it, vi } from "vitest";
import { meQuery } from "@/features/session/api";
import { makeLeads, makeMe, makeOverview } from "@/testing/factories";
import { mockServer } from "@/testing/server";
import { makeQueryClient } from "@/lib/query";
import { begin, loadOverview } from "./begin";

let answerMe = () => {};
const server = mockServer({
  "GET /me": () => new Promise((resolve) => (answerMe = () => resolve(makeMe()))),
  "GET /overview": () => makeOverview(),
  "GET /leads": () => ({ items: makeLeads(3), next_cursor: null, total: 3 }),
  "GET /queue": () => ({ items: makeLeads(3), next_cursor: null }),
});

describe("the start", () => {
  it("asks for the overview while it is not yet known who looks", async () => {
    const queries = makeQueryClient();
    begin(queries, "/");
    await vi.waitFor(() => expect([...server.calls].map((c) => c.path).sort()).toEqual(["/me", "/overview", "/queue"]));
    expect(queries.getQueryData(meQuery.queryKey)).toBeUndefined();
    answerMe();
    await vi.waitFor(() => expect(queries.getQueryData(meQuery.queryKey)).toEqual(makeMe()));
  });

  it("asks for the top of the list that the address means, once it is known whose first view that may be", async () => {
    const queries = makeQueryClient();
    begin(queries, "/leads");
    await vi.waitFor(() => expect([...server.calls].map((c) => c.path)).toEqual(["/me"]));
    answerMe();
    await vi.waitFor(() => expect([...server.calls].map((c) => c.path)).toEqual(["/me", "/leads"]));
    expect(server.calls[1]?.query.toString()).toBe("reason=1&limit=50");
  });

  it("asks for nothing where a visitor is not signed in", async () => {
    begin(makeQueryClient(), "/login");
    await loadOverview();
    expect(server.calls).toEqual([]);
  });
});
