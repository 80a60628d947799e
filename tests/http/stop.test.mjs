// SPDX-License-Identifier: Apache-2.0
// How the server ends: open requests are finished, nothing new is taken, and never later than it promises.
import assert from "node:assert/strict";
import fs from "node:fs";
import https from "node:https";
import os from "node:os";
import path from "node:path";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { raw, SLOW, start, statuses, waitFor } from "./lib.mjs";

test("TERM: what has begun is finished, idle connections are closed, events end", async () => {
  const s = await start();
  const idle = raw(s.port, "GET /t/hello HTTP/1.1\r\nHost: localhost\r\n\r\n", { waitMs: 5000 });
  const slow = fetch(`${s.url}/t/slow?ms=800`);
  const stream = fetch(`${s.url}/t/stream?n=20&pause_ms=50`).then((a) => a.text());
  const events = fetch(`${s.url}/t/events?n=1&fail=1`).then((a) => a.text());
  await waitFor("all to be in flight", async () => {
    const state = await (await fetch(`${s.url}/t/state`)).json();
    return state.streams === 1 && state.events === 1;
  });
  const began = Date.now();
  const ended = s.stop();
  const answer = await slow;
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("connection"), "close");
  assert.equal((await stream).trim().split("\n").length, 20);
  assert.ok((await events).endsWith("\n\n"));
  assert.ok((await idle).closed);
  assert.deepEqual(await ended, { code: 0, signal: null });
  console.log(`stopped ${Date.now() - began} ms after TERM, with 3 requests in flight`);
  await assert.rejects(fetch(`${s.url}/t/hello`));
});

test("TERM: what does not end in time is told so, and cut", async () => {
  const s = await start("drain_s=1");
  const slow = fetch(`${s.url}/t/slow?ms=60000`).then((a) => a.status).catch(() => "cut");
  // It has begun before the end is: an answer that says "Connection: close" counts as whole for fetch, wherever it ends.
  const reader = (await fetch(`${s.url}/t/stream?n=1000000000`)).body.getReader();
  assert.ok(!(await reader.read()).done);
  const stream = (async () => {
    for (;;) if ((await reader.read()).done) return "whole";
  })().catch(() => "cut");
  const upload = raw(s.port, "POST /t/upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nabc", { waitMs: 10000 });
  await waitFor("all to be in flight", async () => (await (await fetch(`${s.url}/t/state`)).json()).streams === 1);
  const began = Date.now();
  assert.deepEqual(await s.stop(), { code: 0, signal: null });
  const took = Date.now() - began;
  assert.ok(took >= 900 && took < 4000 * SLOW, `${took} ms`);
  // Half a second for the last words is not always enough for a build that is several times slower.
  assert.ok([503, SLOW > 1 ? "cut" : 503].includes(await slow));
  assert.equal(await stream, "cut");
  assert.ok((await upload).closed);
});

test("a client that ends in the middle of its body is let go at once, and keeps no stop waiting", async () => {
  const s = await start();
  const head = "POST /t/json HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  const halves = [`${head}Content-Length: 10\r\n\r\n{"a"`, `${head}Transfer-Encoding: chunked\r\n\r\n7\r\n{"a"`, `${head}Content-Length: 10\r\n\r\n`];
  const began = Date.now();
  // The last bytes and the end come in one.
  const ends = await Promise.all(Array.from({ length: 30 }, (_, i) => raw(s.port, halves[i % 3], { waitMs: 10000 * SLOW, halfClose: true })));
  const took = Date.now() - began;
  assert.ok(ends.every((e) => e.closed), "left open");
  assert.ok(took < 10000 * SLOW, `${took} ms`);
  const stopping = Date.now();
  assert.deepEqual(await s.stop(), { code: 0, signal: null });
  console.log(`${ends.length} half bodies: all closed within ${took} ms; stopped in ${Date.now() - stopping} ms`);
});

test("stopping a hundred times under load never hangs and never fails", { timeout: 120000 }, async () => {
  const times = process.env.TEST_SLOWNESS ? 10 : 25;
  for (let i = 0; i < times; i++) {
    const s = await start("drain_s=1", "connections_per_address=1000");
    const asks = [];
    for (let k = 0; k < 20; k++) {
      const p = ["/t/hello", "/t/hello-worker", "/t/stream?n=100000", "/t/events?n=1&fail=1", "/t/slow?ms=50"][k % 5];
      asks.push(fetch(s.url + p).then((a) => a.text()).catch(() => "cut"));
    }
    await new Promise((resolve) => setTimeout(resolve, (i * 7) % 40));
    assert.deepEqual(await s.stop(), { code: 0, signal: null });
    await Promise.all(asks);
  }
});

test("TLS: HTTPS with HSTS, and a certificate that is replaced while running", async () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "heatscore-tls-"));
  const cert = path.join(dir, "cert.pem"), key = path.join(dir, "key.pem");
  const make = (name) => execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
    "-out", cert, "-days", "2", "-subj", `/CN=${name}`, "-addext", "subjectAltName=DNS:localhost"], { stdio: "ignore" });
  make("first");
  const s = await start("--tls", cert, key);
  const ask = () => new Promise((resolve, reject) => {
    https.get(`${s.url}/t/hello`, { rejectUnauthorized: false, agent: false, headers: { Host: "localhost" } }, (a) => {
      const name = a.socket.getPeerCertificate().subject.CN;
      a.resume();
      a.on("end", () => resolve({ status: a.statusCode, name, hsts: a.headers["strict-transport-security"], version: a.socket?.getProtocol?.() }));
    }).on("error", reject);
  });
  const first = await ask();
  assert.equal(first.status, 200);
  assert.equal(first.name, "first");
  assert.equal(first.hsts, "max-age=31536000; includeSubDomains");
  make("second");
  s.kill("SIGHUP");
  await waitFor("the new certificate", async () => (await ask()).name === "second");
  fs.writeFileSync(cert, "rubbish");
  s.kill("SIGHUP");
  await waitFor("the complaint", async () => /is no certificate/.test(s.log()));
  assert.equal((await ask()).name, "second");
  const { text } = await raw(s.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", { waitMs: 500 });
  assert.deepEqual(statuses(text), [], "no plain HTTP on that port");
  assert.deepEqual(await s.stop(), { code: 0, signal: null });
  fs.rmSync(dir, { recursive: true });
});
