// SPDX-License-Identifier: Apache-2.0
// Routes, parameters, bodies, answers: what every handler relies on.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { raw, start, statuses, waitFor } from "./lib.mjs";

let s;
before(async () => { s = await start("--log", "uploads_per_caller=20", "uploads=20", "connections_per_address=1000"); });
after(async () => assert.deepEqual(await s.stop(), { code: 0, signal: null }));

const get = (path, options) => fetch(s.url + path, options);
const post = (path, body, headers = { "Content-Type": "application/json" }) =>
  fetch(s.url + path, { method: "POST", body, headers });
const problem = async (answer, status) => {
  const text = await answer.text();
  assert.equal(answer.status, status, text);
  assert.equal(answer.headers.get("content-type"), "application/problem+json");
  const p = JSON.parse(text);
  assert.equal(p.status, status);
  assert.equal(p.request_id, answer.headers.get("x-request-id"));
  assert.ok(p.type && p.title && p.detail);
  return p;
};

test("a route answers, with the security headers and a request id", async () => {
  const a = await get("/t/hello");
  assert.equal(a.status, 200);
  assert.deepEqual(await a.json(), { hello: "world" });
  assert.equal(a.headers.get("x-content-type-options"), "nosniff");
  assert.equal(a.headers.get("referrer-policy"), "no-referrer");
  assert.equal(a.headers.get("cross-origin-opener-policy"), "same-origin");
  assert.equal(a.headers.get("cross-origin-resource-policy"), "same-origin");
  assert.equal(a.headers.get("cache-control"), "no-store");
  assert.match(a.headers.get("content-security-policy"), /^default-src 'none'; script-src 'self';.*frame-ancestors 'none'$/);
  assert.match(a.headers.get("x-request-id"), /^[0-9A-HJKMNP-TV-Z]{26}$/);
});

test("answers that are used again keep nothing of the request before", async () => {
  const texts = Array.from({ length: 24 }, (_, i) => JSON.stringify({ n: i, text: "x".repeat(i % 6) }));
  const ids = new Set(), names = new Set();
  const one = async (i) => {
    const a = await post("/t/json", texts[i % texts.length]);
    const body = await a.json();
    assert.deepEqual(body, { members: 2 });
    assert.equal(a.headers.get("content-type"), "application/json");
    ids.add(a.headers.get("x-request-id"));
    names.add([...a.headers.keys()].filter((k) => k !== "date").join(" "));
    const r = await get(`/t/items/${"y".repeat(1 + (i % 9))}${i}`); // of many lengths
    assert.equal((await r.json()).id, `${"y".repeat(1 + (i % 9))}${i}`);
    ids.add(r.headers.get("x-request-id"));
    names.add([...r.headers.keys()].filter((k) => k !== "date").join(" "));
  };
  for (let round = 0; round < 10; round++) await Promise.all(Array.from({ length: 16 }, (_, k) => one(round * 16 + k)));
  assert.equal(ids.size, 320);
  assert.equal(names.size, 1, [...names].join("\n"));
});

test("an answer that is used again says the date of now", async () => {
  const fixed = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT$/;
  const seen = new Set();
  for (const end = Date.now() + 2500; Date.now() < end; await setTimeout(100)) {
    const from = Math.floor(Date.now() / 1000) * 1000;
    const a = await post("/t/json", '{"n":1}');
    await a.arrayBuffer();
    const date = a.headers.get("date"), at = Date.parse(date);
    assert.match(date, fixed);
    assert.equal(new Date(at).toUTCString(), date); // the day of the week among them
    assert.ok(at >= from - 1000 && at <= Date.now(), `${date} at ${new Date().toUTCString()}`);
    seen.add(date);
  }
  assert.ok(seen.size >= 2, [...seen].join());
});

test("HEAD, OPTIONS, the wrong method and the wrong path", async () => {
  const head = await get("/t/hello", { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(head.headers.get("content-length"), "17");
  const options = await get("/t/tagged", { method: "OPTIONS" });
  assert.equal(options.status, 204);
  assert.equal(options.headers.get("allow"), "OPTIONS, GET, HEAD, PATCH");
  const wrong = await get("/t/tagged", { method: "DELETE" });
  await problem(wrong, 405);
  assert.equal(wrong.headers.get("allow"), "OPTIONS, GET, HEAD, PATCH");
  await problem(await get("/api/v1/nothing"), 404);
  await problem(await post("/nothing", "{}"), 404);
});

test("a literal segment beats a name, and names are decoded", async () => {
  assert.deepEqual(await (await get("/t/items/special")).json(), { hello: "world" });
  assert.equal((await (await get("/t/items/a%2Fb%20%C3%A9")).json()).id, "a/b é");
  await problem(await get("/t/items/"), 404);
  const bad = await raw(s.port, "GET /t/items/%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  assert.deepEqual(statuses(bad.text), [400]);
});

test("query parameters are typed", async () => {
  const a = await (await get("/t/items/1?limit=500&at=0.5&q=a+b%20c&sort=-name&heat=hot,cold&since=1970-01-02T12:00:00Z" +
    "&score%5Bgte%5D=5&city=Bonn&attr.x[y]%5Bin%5D=a,b")).json();
  assert.deepEqual(a, { id: "1", limit: 500, at: 0.5, q: "a b c", sort: 1, heat: 5, since: 1.5,
    filters: [["score", "gte", "5"], ["city", "eq", "Bonn"], ["attr.x[y]", "in", "a,b"]] });
  assert.equal((await (await get("/t/items/1")).json()).limit, 50);
});

test("query parameters that do not fit are named, all at once", async () => {
  const p = await problem(await get("/t/items/1?limit=501&at=nan&heat=tepid&since=2026-02-30&sort=x&q=" + "x".repeat(21)), 422);
  assert.deepEqual(p.errors.map((x) => x.pointer).sort(), ["?at", "?heat", "?limit", "?q", "?since", "?sort"]);
  for (const bad of ["limit=0", "limit=1.0", "limit=1e2x", "limit=", "limit=0x10", "at=1.5", "at=inf", "q=%01"]) {
    await problem(await get(`/t/items/1?${bad}`), 422);
  }
  await problem(await get("/t/items/1?limit=1&limit=2"), 400);
  await problem(await get("/t/hello?nonsense=1"), 400);
  await problem(await get("/t/items/1?q=%ff"), 400);
  await problem(await get("/t/items/1?q=%00"), 400);
  await problem(await get("/t/big"), 422);
});

test("JSON bodies", async () => {
  for (const path of ["/t/json", "/t/json-worker"]) {
    assert.deepEqual(await (await post(path, '{"a":1,"b":[2]}')).json(), { members: 2 });
    await problem(await post(path, ""), 400);
    await problem(await post(path, '{"a":1,"a":2}'), 400);
    await problem(await post(path, "[".repeat(33) + "]".repeat(33)), 400);
    await problem(await post(path, '{"a":1e999}'), 400);
    await problem(await post(path, '{"a":"\ud800"}'.slice(0, 6)), 400);
    await problem(await post(path, "{}", { "Content-Type": "text/plain" }), 415);
    await problem(await post(path, "{}", {}), 415);
    await problem(await post(path, "{}", { "Content-Type": "application/json", "Content-Encoding": "gzip" }), 415);
    const thousand = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`k${i}`, i]));
    assert.deepEqual(await (await post(path, JSON.stringify(thousand))).json(), { members: 1000 });
    await problem(await post(path, JSON.stringify({ ...thousand, more: 1 })), 400);
  }
  assert.equal((await post("/t/json", "{}", { "Content-Type": "application/json; charset=utf-8" })).status, 200);
  await problem(await post("/t/hello", "{}"), 405);
});

test("forms", async () => {
  const a = await post("/t/form", "a=1+2&b=%C3%A9&c", { "Content-Type": "application/x-www-form-urlencoded" });
  assert.deepEqual(await a.json(), { a: "1 2", b: "é" });
});

test("problems from handlers carry faults", async () => {
  const p = await problem(await post("/t/made?refuse=1", "{}"), 422);
  assert.deepEqual(p.errors, [{ pointer: "/a/b", detail: "not like this" }]);
  const failed = await problem(await post("/t/made?fail=1", "{}"), 500);
  assert.equal(failed.detail, "as asked");
  const line = await waitFor("the log line", async () => s.log().split("\n").find((l) => l.includes(failed.request_id) && l.includes("http.request")));
  assert.equal(JSON.parse(line).status, 500, "a fault of ours is in the log, under the id that the client was told");
});

test("created things have a Location", async () => {
  const a = await post("/t/made", "{}");
  assert.equal(a.status, 201);
  assert.equal(a.headers.get("location"), "/t/made/1");
});

test("ETags", async () => {
  const a = await get("/t/tagged");
  assert.equal(a.headers.get("etag"), '"v1"');
  for (const tag of ['"v1"', 'W/"v1"', '"x", "v1"', "*"]) {
    assert.equal((await get("/t/tagged", { headers: { "If-None-Match": tag } })).status, 304, tag);
  }
  assert.equal((await get("/t/tagged", { headers: { "If-None-Match": '"v2"' } })).status, 200);
  const patch = (tag) => get("/t/tagged", { method: "PATCH", headers: tag ? { "If-Match": tag } : {} });
  assert.equal((await patch()).status, 204);
  assert.equal((await patch('"v1"')).status, 204);
  const p = await problem(await patch('"v2"'), 412);
  assert.deepEqual(p.current, { version: 1 });
  await problem(await patch('W/"v1"'), 412);
});

test("uploads: the bytes themselves, with a name", async () => {
  const bytes = Buffer.alloc(3 * 1024 * 1024 + 17, "lead,score\n");
  const a = await post("/t/upload?filename=C%3A%5Cmy%5Cleads.csv", bytes, { "Content-Type": "text/csv" });
  assert.equal(a.status, 200);
  assert.deepEqual(await a.json(), { name: "leads.csv", type: "text/csv", bytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"), mapping: "" });
});

test("uploads: multipart, with other parts", async () => {
  const bytes = Buffer.from("a,b\r\n--not-the-boundary\r\n".repeat(40000));
  const f = new FormData();
  f.append("mapping", '{"a":"email"}');
  f.append("file", new Blob([bytes], { type: "text/csv" }), "../élan.csv");
  const a = await fetch(`${s.url}/t/upload`, { method: "POST", body: f });
  const b = await a.json();
  assert.equal(a.status, 200, JSON.stringify(b));
  assert.deepEqual(b, { name: "élan.csv", type: "text/csv", bytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"), mapping: '{"a":"email"}' });
});

test("uploads: malformed multipart is refused", async () => {
  const type = { "Content-Type": "multipart/form-data; boundary=x" };
  const part = 'Content-Disposition: form-data; name="file"; filename="a"\r\n\r\n';
  for (const body of ["", "--x", "--x\r\n", `--x\r\n${part}abc`, `--x\r\n${part}abc\r\n--x`, `--x\r\n${part}abc\r\n--xy--`,
    `--x\nContent-Disposition: form-data; name="file"\n\nabc\n--x--`, `junk\r\n--x\r\n${part}abc\r\n--x--`,
    `--x\r\n${part}abc\r\n--x--junk`, `--x\r\nno colon\r\n\r\nabc\r\n--x--`, `--x\r\nContent-Type: a/b\r\n\r\nabc\r\n--x--`,
    `--x\r\n${part}abc\r\n--x\r\n${part}abc\r\n--x--`, `--x\r\nX: ${"y".repeat(9000)}\r\n\r\n`]) {
    await problem(await post("/t/upload", body, type), 400);
  }
  await problem(await post("/t/upload", "x", { "Content-Type": "multipart/form-data" }), 400);
  await problem(await post("/t/upload", "x", { "Content-Type": "multipart/mixed; boundary=x" }), 415);
});

test("idempotency keys: once, replayed, refused for another body, busy meanwhile", async () => {
  const worked = async () => (await (await get("/t/state")).json()).worked;
  const send = (key, body = "{}", query = "") =>
    post(`/t/made${query}`, body, { "Content-Type": "application/json", "Idempotency-Key": key });
  const before = await worked();
  const first = await send("k1");
  const second = await send("k1");
  assert.deepEqual([first.status, second.status], [201, 201]);
  assert.equal(await first.text(), await second.text());
  assert.equal(first.headers.get("idempotency-replayed"), null);
  assert.equal(second.headers.get("idempotency-replayed"), "true");
  assert.equal(second.headers.get("location"), "/t/made/1");
  await problem(await send("k1", '{"other":1}'), 422);
  await problem(await send("k1", "{}", "?sleep_ms=1"), 422);
  assert.equal(await worked(), before + 1);
  // A failure of ours is the answer of that key; a refusal is not kept.
  assert.equal((await send("k2", "{}", "?fail=1")).status, 500);
  assert.equal((await send("k2", "{}", "?fail=1")).headers.get("idempotency-replayed"), "true");
  assert.equal((await send("k3", "{}", "?refuse=1")).status, 422);
  assert.equal((await send("k3", "{}", "?refuse=1")).headers.get("idempotency-replayed"), null);
  await problem(await send("x".repeat(256)), 400);
  // Ten at once: one does it, nine are told to wait.
  const start = await worked();
  const ten = await Promise.all(Array.from({ length: 10 }, () => send("k4", "{}", "?sleep_ms=300")));
  assert.deepEqual(ten.map((a) => a.status).sort(), [201, ...Array(9).fill(409)]);
  assert.equal(await worked(), start + 1);
});

test("streams: all of it, in order; a client that leaves is noticed; a failure cuts the line", async () => {
  const a = await get("/t/stream?n=200000");
  assert.match(a.headers.get("content-disposition"), /^attachment; filename="r__sum__ _1_\.csv"; filename\*=UTF-8''r%C3%A9sum%C3%A9%20%221%22\.csv$/);
  const lines = (await a.text()).trimEnd().split("\n");
  assert.equal(lines.length, 200000);
  assert.ok(lines.every((line, i) => line === `row ${String(i).padStart(8, "0")} of a long answer`));
  const control = new AbortController();
  const b = await get("/t/stream?n=1000000000", { signal: control.signal });
  await b.body.getReader().read();
  control.abort();
  const c = await get("/t/stream?n=1000000&pause_ms=100", { signal: AbortSignal.timeout(300) });
  await assert.rejects(c.text());
  await waitFor("the producers to be told", async () => (await (await get("/t/state")).json()).streams === 0);
  const d = await get("/t/stream?n=3&fail=1");
  await assert.rejects(d.text(), "an answer that is not whole must not look whole");
});

test("events: as they come, each once; a client that leaves is noticed", async () => {
  const a = await get("/t/events?n=3");
  assert.equal(a.headers.get("content-type"), "text/event-stream");
  const text = await a.text();
  assert.equal(text, "retry: 2000\n\n" + [1, 2, 3].map((i) => `id: ${i}\nevent: tick\ndata: {"a":1,\ndata: "b":2}\n\n`).join(""));
  const open = await Promise.all(Array.from({ length: 40 }, () => {
    const control = new AbortController();
    return get("/t/events?n=1&fail=1", { signal: control.signal }).then(() => control);
  }));
  assert.equal((await (await get("/t/state")).json()).events, 40);
  // None of them takes a worker: others are answered as ever.
  assert.equal((await get("/t/hello-worker")).status, 200);
  for (const control of open) control.abort();
  await waitFor("the clients to be missed", async () => (await (await get("/t/state")).json()).events === 0);
});

test("trace ids that come in are kept in the log, wrong ones are not", async () => {
  const id = "4bf92f3577b34da6a3ce929d0e0e4736";
  const a = await get("/t/hello-worker", { headers: { traceparent: `00-${id}-00f067aa0ba902b7-01` } });
  await get("/t/hello-worker", { headers: { traceparent: `00-${id.replace("4", "Z")}-00f067aa0ba902b7-01` } });
  const request = a.headers.get("x-request-id");
  const line = await waitFor("the log line", async () => s.log().split("\n").find((l) => l.includes(request)));
  const entry = JSON.parse(line);
  assert.equal(entry.trace_id, id);
  assert.equal(entry.event, "http.request");
  assert.equal(entry.route, "/t/hello-worker");
  assert.equal(entry.status, 200);
  assert.ok(!s.log().includes("Zbf92"));
  for (const l of s.log().trim().split("\n").slice(1)) JSON.parse(l);
});

test("while nobody is set up, pages of other sites may do nothing here", async () => {
  const ask = (method, headers) => raw(s.port, `${method} /t/whoami HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`)
    .then((a) => statuses(a.text)[0]);
  assert.equal(await ask("GET", `Host: 127.0.0.1:${s.port}\r\n`), 200);
  assert.equal(await ask("GET", "Host: localhost\r\n"), 200);
  assert.equal(await ask("GET", "Host: [::1]:80\r\n"), 200);
  assert.equal(await ask("GET", "Host: evil.example\r\n"), 403);
  assert.equal(await ask("GET", "Host: 127.evil.example\r\n"), 403);
  const send = (extra) => post("/t/json", "{}", { "Content-Type": "application/json", ...extra });
  assert.equal((await send({ "Sec-Fetch-Site": "cross-site" })).status, 403);
  assert.equal((await send({ "Sec-Fetch-Site": "same-site" })).status, 403);
  assert.equal((await send({ Origin: "http://evil.example" })).status, 403);
  assert.equal((await send({ Origin: s.url })).status, 200);
});
