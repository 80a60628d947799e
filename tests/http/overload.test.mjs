// SPDX-License-Identifier: Apache-2.0
// Overload degrades, never collapses: requests that need a worker come at 1, 2, 5 and 10 times what the workers
// can do. What is too much is refused at once, what is taken is answered, and probes are answered throughout.
import assert from "node:assert/strict";
import http from "node:http";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { FULL, percentile, SLOW, start } from "./lib.mjs";

const WORK_MS = 20, WORKERS = 4, CAPACITY = (WORKERS * 1000) / WORK_MS;
const seconds = FULL ? 20 : 3;

// Open loop: a request every so often, however long the answers take.
async function load(s, rate) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 2000 });
  const count = { ok: 0, refused: 0, other: 0 }, pending = [];
  const began = Date.now();
  let sent = 0;
  while (Date.now() < began + seconds * 1000) {
    for (const due = ((Date.now() - began) * rate) / 1000; sent < due; sent++) {
      pending.push(new Promise((resolve) => {
        http.get(`${s.url}/t/slow?ms=${WORK_MS}`, { agent }, (a) => {
          if (a.statusCode === 200) count.ok++;
          else if (a.statusCode === 503 && a.headers["retry-after"]) count.refused++;
          else count.other++;
          a.resume();
          a.on("end", resolve);
        }).on("error", () => { count.other++; resolve(); });
      }));
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await Promise.all(pending);
  const took = (Date.now() - began) / 1000;
  agent.destroy();
  return { ...count, sent, goodput: count.ok / took };
}

const probes = (s, forSeconds) => new Promise((resolve, reject) => {
  new Worker(new URL("./good.mjs", import.meta.url), { workerData: { url: s.url, forSeconds, path: "/t/state" } }).on("message", resolve).on("error", reject);
});

test("goodput holds at ten times the capacity, and probes do not notice", { timeout: 200000 }, async () => {
  const s = await start(`workers=${WORKERS}`, "queue=50", "connections_per_address=4000", "keep_alive_requests=1000000");
  let peak = 0, last;
  for (const times of [1, 2, 5, 10]) {
    const probing = probes(s, seconds);
    const got = await load(s, times * CAPACITY);
    const { times: waits, errors } = await probing;
    peak = Math.max(peak, got.goodput);
    console.log(`${times} x capacity (${(times * CAPACITY).toFixed(0)}/s): goodput ${got.goodput.toFixed(0)}/s, refused ${got.refused} of ${got.sent}, ` +
      `failed ${got.other}; probe p99 ${percentile(waits, 0.99).toFixed(1)} ms, ${errors} errors`);
    assert.equal(got.other, 0);
    assert.equal(errors, 0);
    assert.ok(percentile(waits, 0.99) <= 250 * SLOW, `probes waited ${percentile(waits, 0.99)} ms`);
    last = got;
  }
  assert.ok(last.refused > 0);
  // The generator shares the processors with the server and with other tests; a server that gives way falls to nearly nothing.
  assert.ok(last.goodput >= 0.5 * peak, `${last.goodput} of ${peak} a second at ten times the capacity`);
  const began = Date.now();
  assert.equal((await fetch(`${s.url}/t/slow?ms=1`)).status, 200);
  console.log(`recovered ${Date.now() - began} ms after the load ended`);
  assert.ok(Date.now() - began <= 5000);
  assert.deepEqual(await s.stop(), { code: 0, signal: null });
});
