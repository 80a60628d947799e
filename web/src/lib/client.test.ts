// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it, vi } from "vitest";
import { mockServer, problem } from "@/testing/server";
import { ApiError, api, onSessionEnd } from "./client";
import { shouldRetry } from "./query";

const server = mockServer();

async function failure(run: Promise<unknown>) {
  const e = await run.catch((x: unknown) => x);
  expect(e).toBeInstanceOf(ApiError);
  return e as ApiError;
}

describe("the API client", () => {
  it("turns problem details into one error with the faulty members by pointer", async () => {
    server.on("POST /leads", () => problem(422, "Not valid", { errors: [{ pointer: "/email", detail: "is no address" }] }));
    const e = await failure(api.post("/leads", {}));
    expect([e.status, e.title, e.requestId, e.fault("/email"), e.fault("/name")]).toEqual([422, "Not valid", "01TESTREQUEST", "is no address", undefined]);
  });

  it("says so when no answer comes", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
    const e = await failure(api.get("/me"));
    expect(e.offline).toBe(true);
    expect(shouldRetry(0, e)).toBe(true);
  });

  it("makes an error of an answer that is no problem document", async () => {
    server.on("GET /x", () => new Response("<h1>Bad gateway</h1>", { status: 502, headers: { "x-request-id": "r1" } }));
    const e = await failure(api.get("/x"));
    expect([e.status, e.requestId]).toEqual([502, "r1"]);
  });

  it("tells that the session ended, but not for a wrong password", async () => {
    const ended = vi.fn();
    const stop = onSessionEnd(ended);
    server.on("POST /auth/login", () => problem(401, "Wrong"));
    await failure(api.post("/auth/login", {}));
    expect(ended).not.toHaveBeenCalled();
    server.on("GET /leads", () => problem(401, "Signed out"));
    const e = await failure(api.get("/leads"));
    expect(ended).toHaveBeenCalledOnce();
    expect(shouldRetry(0, e)).toBe(false);
    stop();
  });

  it("gives every POST its own idempotency key", async () => {
    server.on("POST /leads", () => ({}));
    await api.post("/leads", {});
    await api.post("/leads", {});
    const keys = server.calls.map((c) => c.headers.get("idempotency-key"));
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(keys[0]).not.toBe(keys[1]);
  });

  it("sends a body only where something is said", async () => {
    const sent: unknown[] = [];
    vi.stubGlobal("fetch", (_: URL, o: RequestInit) => {
      sent.push(o.body);
      return Promise.resolve(new Response(null, { status: 204 }));
    });
    await api.post("/models/rollback");
    await api.post("/leads", {});
    expect(sent).toEqual([undefined, "{}"]);
  });
});
