// SPDX-License-Identifier: Apache-2.0
// Each limit just below, at, and just past it; and memory that does not follow the size of a body.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import { test } from "node:test";
import { FULL, metric, raw, start, statuses, waitFor } from "./lib.mjs";

const line = (path, headers = "") => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}Connection: close\r\n\r\n`;
const status = async (s, bytes) => statuses((await raw(s.port, bytes)).text)[0];
const stop = async (s) => assert.deepEqual(await s.stop(), { code: 0, signal: null });
const json = { "Content-Type": "application/json" };

test("address, header line, header block, header fields", async () => {
  const s = await start();
  const path = (n) => `/t/hello?${"x".repeat(n - 9)}`; // an unknown parameter: 400 when it is read at all
  assert.deepEqual([await status(s, line(path(8191))), await status(s, line(path(8192))), await status(s, line(path(8193)))], [400, 400, 414]);
  // A field counts with its colon, blank and line end.
  const field = (n) => `X: ${"a".repeat(n - 5)}\r\n`;
  assert.deepEqual([await status(s, line("/t/hello", field(8191))), await status(s, line("/t/hello", field(8192))),
    await status(s, line("/t/hello", field(8193)))], [200, 200, 431]);
  const rest = "Host: localhost\r\nConnection: close\r\n".length;
  const block = (n) => field(8000) + field(5000) + field(n - 13000 - rest);
  assert.deepEqual([await status(s, line("/t/hello", block(16383))), await status(s, line("/t/hello", block(16384))),
    await status(s, line("/t/hello", block(16385)))], [200, 200, 431]);
  const fields = (n) => "X: a\r\n".repeat(n - 2);
  assert.deepEqual([await status(s, line("/t/hello", fields(99))), await status(s, line("/t/hello", fields(100))),
    await status(s, line("/t/hello", fields(101)))], [200, 200, 431]);
  // As many fields as may be, all of them as long as may be: what a connection's memory must hold.
  const widest = field(163).repeat(97) + field(16384 - rest - 97 * 163);
  assert.equal(await status(s, line("/t/hello", widest)), 200);
  assert.equal(await status(s, line(path(8192), widest)), 431); // an address at its limit as well is too much
  await stop(s);
});

test("JSON bodies, told by a length or in chunks", async () => {
  const s = await start("json_body=1000");
  const body = (n) => `{"a":"${"x".repeat(n - 8)}"}`;
  const send = async (n, chunked) => (await fetch(`${s.url}/t/json`, { method: "POST", headers: json, duplex: "half",
    body: chunked ? new Blob([body(n)]).stream() : body(n) })).status;
  for (const chunked of [false, true]) {
    assert.deepEqual([await send(999, chunked), await send(1000, chunked), await send(1001, chunked)], [200, 200, 413]);
  }
  // Ten megabytes that nobody wants are not read to the end, and the refusal arrives all the same.
  const { text } = await raw(s.port, `POST /t/json HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10000000\r\n\r\n${"x".repeat(5000000)}`);
  assert.deepEqual(statuses(text), [413]);
  assert.ok(await metric(s, 'heatscore_http_limit_rejections_total{limit="json_body"}') >= 3);
  await stop(s);
});

// Who has read an export to its end, or was refused one, may ask for the next at once on another line.
test("an export's turn is over before its end can be read", async () => {
  const s = await start("api_rate=100000", "api_burst=100000");
  const sockets = [0, 1].map(() => net.connect({ port: s.port, host: "127.0.0.1", noDelay: true }).setEncoding("latin1"));
  const whole = (text) => text.endsWith(/^transfer-encoding: chunked/im.test(text) ? "0\r\n\r\n" : "}");
  const ask = (i, query) => new Promise((resolve) => {
    let got = "";
    sockets[i].removeAllListeners("data").on("data", (piece) => {
      if (whole(got += piece)) resolve(statuses(got)[0]);
    }).write(`GET /t/export?${query} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  });
  const seen = { 200: 0, 422: 0 };
  for (let i = 0; i < 2000; i++) {
    const status = await ask(i % 2, i % 3 === 2 ? "n=no" : "n=1");
    seen[status] = (seen[status] ?? 0) + 1;
    assert.ok(status !== 429, `refused after ${JSON.stringify(seen)}`);
  }
  assert.deepEqual(seen, { 200: 1334, 422: 666 });
  for (const x of sockets) x.destroy();
  await stop(s);
});

test("uploads: size, at once per caller, at once in all", async () => {
  const s = await start("--auth", "upload_body=100000", "uploads=3", "uploads_per_caller=2");
  const headers = { "Content-Type": "text/csv", Authorization: "Bearer rep" };
  const send = async (n) => (await fetch(`${s.url}/t/upload`, { method: "POST", headers, body: "x".repeat(n) })).status;
  assert.deepEqual([await send(99999), await send(100000), await send(100001)], [200, 200, 413]);
  const hold = (who) => new Promise((resolve) => {
    const r = http.request(`${s.url}/t/upload`, { method: "POST", headers: { ...headers, Authorization: `Bearer ${who}`, "Content-Length": 1000 } });
    r.on("response", (a) => { a.resume(); resolve({ status: a.statusCode, retry: a.headers["retry-after"], end: () => r.destroy() }); });
    r.on("error", () => {});
    r.write("x".repeat(500));
    setTimeout(() => resolve({ status: 0, end: () => r.destroy() }), 400);
  });
  const a = await hold("rep"), b = await hold("rep"), c = await hold("rep");
  assert.deepEqual([a.status, b.status, c.status], [0, 0, 429]);
  assert.ok(Number(c.retry) >= 1);
  const d = await hold("manager"), e = await hold("manager");
  assert.deepEqual([d.status, e.status], [0, 429]);
  for (const x of [a, b, d]) x.end();
  await waitFor("the places to be free again", async () => (await send(10)) === 200);
  await stop(s);
});

test("requests per connection", async () => {
  const s = await start("keep_alive_requests=5");
  const one = "GET /t/hello HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const { text, closed } = await raw(s.port, one.repeat(8));
  assert.deepEqual(statuses(text), [200, 200, 200, 200, 200]);
  assert.ok(closed);
  await stop(s);
});

test("connections: of one address and in all", async () => {
  const s = await start("connections_per_address=4", "connections=6");
  const open = [];
  const hold = (from) => new Promise((resolve) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1, localAddress: from });
    http.get({ port: s.port, host: "127.0.0.1", path: "/t/hello", agent, localAddress: from }, (a) => {
      a.resume();
      a.on("end", () => resolve([a.statusCode, a.headers.connection, a.headers["retry-after"]]));
    }).on("error", () => resolve(["error"]));
    open.push(agent);
  });
  for (let i = 0; i < 4; i++) assert.equal((await hold("127.0.0.2"))[0], 200);
  assert.deepEqual(await hold("127.0.0.2"), [503, "close", "5"]);
  assert.equal((await hold("127.0.0.3"))[0], 200);
  assert.equal((await hold("127.0.0.3"))[0], 200);
  assert.deepEqual(await hold("127.0.0.4"), [503, "close", "5"]);
  for (const agent of open) agent.destroy();
  await waitFor("the places to be free again", async () => (await hold("127.0.0.2"))[0] === 200);
  open.pop().destroy();
  await stop(s);
});

test("rates: a caller's and an address's", async () => {
  const s = await start("--auth", "api_rate=1", "api_burst=5", "login_rate=3");
  const ask = (path, key, method = "GET") => fetch(s.url + path, { method, headers: key ? { Authorization: `Bearer ${key}` } : {} });
  const many = async (n, ...args) => {
    const got = [];
    for (let i = 0; i < n; i++) got.push(await ask(...args));
    return got;
  };
  const a = await many(7, "/t/hello", "rep");
  assert.deepEqual(a.map((x) => x.status), [200, 200, 200, 200, 200, 429, 429]);
  assert.equal(a[6].headers.get("retry-after"), "1");
  assert.equal((await ask("/t/hello", "admin")).status, 200, "others are not held back");
  const b = await many(4, "/t/login", undefined, "POST");
  assert.deepEqual(b.map((x) => x.status), [200, 200, 200, 429]);
  assert.ok(Number(b[3].headers.get("retry-after")) > 10);
  await waitFor("a token", async () => (await ask("/t/hello", "rep")).status === 200, 3000);
  await stop(s);
});

test("handler deadline, queue, streams, events", async () => {
  const s = await start("handler_s=1", "workers=2", "queue=2", "streams=2", "events=2", "connections_per_address=100");
  const ask = (path) => fetch(s.url + path);
  const late = await ask("/t/slow?ms=60000");
  assert.equal(late.status, 503);
  assert.ok(late.headers.get("retry-after"));
  // Two run and two wait; what comes at once may find the queue full before a worker has taken from it, so on a
  // busy machine fewer get in, never more.
  const six = await Promise.all(Array.from({ length: 6 }, () => ask("/t/slow?ms=300")));
  const served = six.filter((a) => a.status === 200).length;
  assert.ok(served >= 2 && served <= 4, `${served} served`);
  assert.equal(six.filter((a) => a.status === 503).length, 6 - served);
  const control = new AbortController();
  const open = (path) => fetch(s.url + path, { signal: control.signal });
  for (const [path, n] of [["/t/stream?n=1000000&pause_ms=50", 2], ["/t/events?n=1&fail=1", 2]]) {
    for (let i = 0; i < n; i++) assert.equal((await open(path)).status, 200);
    assert.equal((await open(path)).status, 503, path);
  }
  control.abort();
  await waitFor("both to end", async () => {
    const state = await (await ask("/t/state")).json();
    return state.streams === 0 && state.events === 0;
  });
  for (const limit of ["handler_deadline", "queue", "streams", "events"]) {
    assert.ok(await metric(s, `heatscore_http_limit_rejections_total{limit="${limit}"}`) > 0, limit);
  }
  await stop(s);
});

test("memory does not follow the size of a body", async () => {
  const mib = FULL ? 1024 : 96;
  const s = await start();
  await (await fetch(`${s.url}/t/hello`)).text();
  const before = s.rssMiB();
  const piece = Buffer.alloc(1024 * 1024, "some,lead,with,columns,2026-01-01\n");
  const began = Date.now();
  const answer = await new Promise((resolve, reject) => {
    const r = http.request(`${s.url}/t/upload`, { method: "POST", headers: { "Content-Type": "text/csv", "Content-Length": mib * piece.length } });
    r.on("response", (a) => {
      let text = "";
      a.on("data", (x) => { text += x; });
      a.on("end", () => resolve(JSON.parse(text)));
    });
    r.on("error", reject);
    let sent = 0;
    const more = () => {
      while (sent < mib) {
        sent++;
        if (!r.write(piece)) return r.once("drain", more);
      }
      r.end();
    };
    more();
  });
  assert.equal(answer.bytes, mib * piece.length);
  const s1 = (Date.now() - began) / 1000, peak = s.peakMiB();
  console.log(`upload of ${mib} MiB: ${(mib / s1).toFixed(0)} MiB/s, resident ${before.toFixed(0)} MiB before, ${peak.toFixed(0)} MiB at most`);
  if (!process.env.TEST_SLOWNESS) assert.ok(peak <= 128, `${peak} MiB resident`);
  await stop(s);
});

test("without descriptors for more connections it waits, says so, and goes on when there are some", async () => {
  const t = await start("--log", "connections_per_address=4000");
  const open = () => fs.readdirSync(`/proc/${t.pid}/fd`).length;
  const cpu = () => fs.readFileSync(`/proc/${t.pid}/stat`, "latin1").split(") ")[1].split(" ").slice(11, 13).reduce((a, b) => a + Number(b) * 10, 0);
  const most = open() + 1; // for one of its threads, so that another has none
  assert.equal(spawnSync("prlimit", [`--nofile=${most}`, "--pid", String(t.pid)]).status, 0);
  const sockets = Array.from({ length: 100 }, () => net.connect(t.port, "127.0.0.1").on("error", () => {}));
  await waitFor("the warning", async () => /http\.descriptors/.test(t.log()));
  const before = cpu(), from = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const busy = (cpu() - before) / (performance.now() - from);
  for (const s of sockets) s.destroy();
  const good = "GET /t/hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  await waitFor("an answer", async () => statuses((await raw(t.port, good)).text)[0] === 200);
  assert.ok(busy < 0.25, `${(busy * 100).toFixed(0)} % of a processor, with nothing to do`);
  assert.equal(t.log().match(/http\.descriptors/g).length <= 2, true, "it does not say so again and again");
  assert.deepEqual(await t.stop(), { code: 0, signal: null });
  console.log(`100 connections with one descriptor: ${(busy * 100).toFixed(0)} % of a processor; answers again when they are gone`);
});
