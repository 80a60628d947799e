// SPDX-License-Identifier: Apache-2.0
// Slow clients do not hurt fast ones: slow headers, slow bodies, slow readers and idle ones, many of each, beside one
// good client. Times are shortened on each commit; TEST_FULL=1 takes the real ones and a thousand of each kind.
import assert from "node:assert/strict";
import net from "node:net";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { FULL, metric, percentile, SLOW, start, waitFor } from "./lib.mjs";

const EACH = FULL ? 1000 : 100;
const header = FULL ? 10 : 2, seconds = FULL ? 60 : 6;
const limits = FULL ? [] : ["header_s=2", "body_idle_s=2", "body_grace_s=1", "body_window_s=2", "write_stall_s=2", "keep_alive_s=3"];

// Spread over addresses, so that the limit per address is not what answers.
const address = (i) => `127.0.${1 + Math.floor(i / 50)}.${1 + (i % 50)}`;

function slow(s, i, first, drip, everyMs, read = true) {
  const socket = net.connect({ port: s.port, host: "127.0.0.1", localAddress: address(i) });
  const began = Date.now();
  let timer;
  const state = { cutAfter: null, bytes: 0 };
  socket.on("connect", () => {
    socket.write(first);
    if (drip) timer = setInterval(() => socket.write(drip), everyMs);
    if (!read) socket.pause();
  });
  const end = () => {
    clearInterval(timer);
    if (state.cutAfter === null) state.cutAfter = (Date.now() - began) / 1000;
  };
  socket.on("data", (d) => { state.bytes += d.length; });
  socket.on("end", () => { end(); socket.destroy(); });
  socket.on("error", end);
  socket.on("close", end);
  state.destroy = () => socket.destroy();
  return state;
}

// The good client has a thread of its own, so that the work of being many slow ones does not count as its wait.
function good(s, forSeconds) {
  return new Promise((resolve, reject) => {
    new Worker(new URL("./good.mjs", import.meta.url), { workerData: { url: s.url, forSeconds } })
      .on("message", ({ times, errors }) => resolve({ errors, n: times.length, p50: percentile(times, 0.5), p99: percentile(times, 0.99) }))
      .on("error", reject);
  });
}

test(`${4 * EACH} slow clients of four kinds beside a good one`, async () => {
  const s = await start(...limits, "keep_alive_requests=1000000");
  const alone = await good(s, FULL ? 10 : 2);
  const rss = s.rssMiB();
  const some = (from, ...args) => Array.from({ length: EACH }, (_, i) => slow(s, from + i, ...args));
  const headers = some(0, "GET /t/hello HTTP/1.1\r\nHost: localhost\r\nX-A: ", "a", 500);
  const bodies = some(EACH, "POST /t/json HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n", "a", 500);
  const readers = some(2 * EACH, "GET /t/file HTTP/1.1\r\nHost: localhost\r\n\r\n", null, 0, false);
  const idle = some(3 * EACH, "", null, 0);
  const beside = await good(s, seconds);
  const grown = s.rssMiB() - rss;
  await waitFor("all to be cut", async () =>
    [...headers, ...bodies, ...idle].every((x) => x.cutAfter !== null), (FULL ? 60 : 15) * 1000);
  const range = (list) => `${Math.min(...list.map((x) => x.cutAfter)).toFixed(1)} to ${Math.max(...list.map((x) => x.cutAfter)).toFixed(1)} s`;
  console.log(`good client: alone p50 ${alone.p50.toFixed(1)} p99 ${alone.p99.toFixed(1)} ms; beside ${4 * EACH} slow ones p50 ${beside.p50.toFixed(1)} ` +
    `p99 ${beside.p99.toFixed(1)} ms, ${beside.errors} errors in ${beside.n}; resident grew ${grown.toFixed(0)} MiB`);
  console.log(`cut after: slow headers ${range(headers)} (limit ${header} s), slow bodies ${range(bodies)}, idle ${range(idle)}`);
  assert.equal(beside.errors, 0);
  for (const x of [...headers, ...idle]) {
    assert.ok(x.cutAfter >= header - 0.1 && x.cutAfter <= header + 1 * SLOW + 0.5, `cut after ${x.cutAfter} s`);
  }
  // On a machine that does other things as well, a quarter of a second is noise; a server that waits for slow clients waits for seconds.
  assert.ok(beside.p99 <= Math.max(2 * alone.p99, 250 * SLOW), `p99 ${beside.p99} ms beside, ${alone.p99} ms alone`);
  await waitFor("readers that take nothing to be cut", async () =>
    await metric(s, 'heatscore_http_limit_rejections_total{limit="write_stall"}') >= EACH, (FULL ? 90 : 20) * 1000);
  for (const x of readers) x.destroy();
  await waitFor("every connection to be closed", async () => await metric(s, "heatscore_http_connections") <= 2);
  assert.deepEqual(await s.stop(), { code: 0, signal: null });
});

test("a body that keeps coming, but too slowly, is cut; a fast one with a pause is not", async () => {
  const s = await start("body_idle_s=3", "body_grace_s=1", "body_window_s=1", "body_rate=1000");
  const head = "POST /t/json HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n";
  const dripping = slow(s, 0, head, "a".repeat(50), 100);
  const steady = slow(s, 1, head, "a".repeat(200), 100);
  await waitFor("the slow one to be cut", async () => dripping.cutAfter !== null);
  console.log(`500 bytes/s against a limit of 1000: cut after ${dripping.cutAfter.toFixed(1)} s`);
  assert.ok(dripping.cutAfter >= 1.5 && dripping.cutAfter < 5 * SLOW);
  await waitFor("the other to be answered", async () => steady.bytes > 0);
  steady.destroy();
  assert.equal(await metric(s, 'heatscore_http_limit_rejections_total{limit="body_rate"}'), 1);
  assert.deepEqual(await s.stop(), { code: 0, signal: null });
});

test("a kept connection is closed when it idles too long, and cut when its next request dawdles", async () => {
  const s = await start("keep_alive_s=2", "header_s=1");
  const first = "GET /t/hello HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const idle = slow(s, 0, first), dawdling = slow(s, 1, `${first}GET /t/hello HTTP/1.1\r\nX: `, "a", 200);
  await waitFor("both to be closed", async () => idle.cutAfter !== null && dawdling.cutAfter !== null);
  console.log(`closed after: idle ${idle.cutAfter.toFixed(1)} s (keep-alive 2 s), dawdling ${dawdling.cutAfter.toFixed(1)} s (2 + 1 s)`);
  assert.ok(idle.bytes > 0 && idle.cutAfter >= 1.9 && idle.cutAfter <= 2.6 + SLOW);
  assert.ok(dawdling.cutAfter >= 2.9 && dawdling.cutAfter <= 3.6 + SLOW);
  assert.deepEqual(await s.stop(), { code: 0, signal: null });
});

test("clients that never stop dripping are cut all the same", async () => {
  const s = await start("header_s=1", "keep_alive_s=1");
  const some = (from, text) => Array.from({ length: 40 }, (_, i) => slow(s, from + i, text, "a", 1 + i % 7));
  const all = [...some(0, "GET /t/hello HTTP/1.1\r\nX: "), ...some(40, "GET /t/hello HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\nX: ")];
  await waitFor("all to be cut", async () => all.every((x) => x.cutAfter !== null));
  console.log(`${all.length} clients that send a byte every 1 to 7 ms: the last cut after ${Math.max(...all.map((x) => x.cutAfter)).toFixed(1)} s`);
  assert.deepEqual(await s.stop(), { code: 0, signal: null });
});
