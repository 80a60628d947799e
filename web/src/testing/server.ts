// SPDX-License-Identifier: Apache-2.0
// Stands in for the API in component tests: handlers by "METHOD /path" below /api/v1, with ":name" for
// one part of the path. A request that no handler knows fails the test that made it.
import { afterEach, beforeEach, vi } from "vitest";

export interface Call {
  method: string;
  path: string;
  params: Record<string, string>;
  query: URLSearchParams;
  body: unknown;
  headers: Headers;
}

type Answer = Response | object | undefined;
type Handler = (call: Call) => Answer | Promise<Answer>;

export function problem(status: number, title: string, more: object = {}) {
  return new Response(JSON.stringify({ type: "about:blank", status, title, request_id: "01TESTREQUEST", ...more }), {
    status,
    headers: { "Content-Type": "application/problem+json" },
  });
}

function matches(pattern: string, path: string): Record<string, string> | null {
  const a = pattern.split("/");
  const b = path.split("/");
  if (a.length !== b.length) return null;
  const params: Record<string, string> = {};
  for (const [i, part] of a.entries()) {
    if (part.startsWith(":")) params[part.slice(1)] = decodeURIComponent(b[i]!);
    else if (part !== b[i]) return null;
  }
  return params;
}

async function bodyOf(request: Request) {
  const text = await request.text();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Call at the top of a test file; handlers set in a test are forgotten after it. */
export function mockServer(base: Record<string, Handler> = {}) {
  let handlers: Record<string, Handler> = {};
  const calls: Call[] = [];
  const unknown: string[] = [];

  async function answer(input: URL, init?: RequestInit): Promise<Response> {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const path = url.pathname.replace(/^\/api\/v1/, "");
    for (const [key, handler] of Object.entries({ ...base, ...handlers }).reverse()) {
      const [method, pattern] = key.split(" ") as [string, string];
      const params = method === request.method ? matches(pattern, path) : null;
      if (!params) continue;
      const call = { method, path, params, query: url.searchParams, body: await bodyOf(request), headers: request.headers };
      calls.push(call);
      const out = await handler(call);
      if (out instanceof Response) return out;
      if (out === undefined) return new Response(null, { status: 204 });
      return new Response(JSON.stringify(out), { headers: { "Content-Type": "application/json" } });
    }
    unknown.push(`${request.method} ${path}`);
    return problem(599, "No handler in this test");
  }

  beforeEach(() => {
    handlers = {};
    calls.length = 0;
    unknown.length = 0;
    vi.stubGlobal("fetch", answer);
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    if (unknown.length > 0) throw new Error(`requests that no handler knows: ${unknown.join(", ")}`);
  });
  return {
    calls,
    on(key: string, handler: Handler) {
      // Later ones win, also over an earlier one of the same name.
      const { [key]: _, ...rest } = handlers;
      handlers = { ...rest, [key]: handler };
    },
    sent: (key: string) => calls.filter((c) => `${c.method} ${c.path}` === key),
  };
}
