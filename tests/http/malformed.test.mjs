// SPDX-License-Identifier: Apache-2.0
// One meaning per request (RFC 9112), or none: every request here is one that some server reads differently from
// another. Each is refused and the connection closed, and the request hidden behind it is never answered.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { metric, raw, start, statuses } from "./lib.mjs";
import { cases } from "./malformed.mjs";

let s;
before(async () => { s = await start("connections_per_address=4000"); });
after(async () => assert.deepEqual(await s.stop(), { code: 0, signal: null }));

const refusals = new Set([400, 405, 413, 414, 417, 431, 501, 505]);

test(`${cases.length} malformed requests are refused, and what hides behind them is never read`, async () => {
  assert.ok(cases.length >= 250, `${cases.length} cases`);
  const wrong = [], seen = {};
  const look = async ({ name, bytes }) => {
    const { text, closed } = await raw(s.port, bytes, { waitMs: 1500, halfClose: true });
    const got = statuses(text);
    const ok = closed && got.length <= 1 && got.every((status) => refusals.has(status)) && !text.includes('"worked"');
    const key = got.length === 0 ? "closed" : got.join("+");
    seen[key] = (seen[key] || 0) + 1;
    if (!ok) wrong.push(`${name}: ${got.join(", ") || "nothing"}${closed ? "" : ", left open"}`);
  };
  for (let i = 0; i < cases.length; i += 20) await Promise.all(cases.slice(i, i + 20).map(look));
  console.log(`malformed requests: ${cases.length - wrong.length}/${cases.length} refused; ${JSON.stringify(seen)}`);
  assert.deepEqual(wrong, []);
});

test("the same server still reads what is right, also pipelined and in pieces", async () => {
  const one = "GET /t/hello HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const send = `POST /t/json HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n3;ext=1\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n`;
  const last = "GET /t/hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  const { text, closed } = await raw(s.port, one + send + one + last);
  assert.deepEqual(statuses(text), [200, 200, 200, 200]);
  assert.ok(closed);
  const old = await raw(s.port, "GET /t/hello HTTP/1.0\r\n\r\n");
  assert.deepEqual([statuses(old.text), old.closed], [[200], true]);
  const patient = await raw(s.port, "POST /t/json HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 7\r\nExpect: 100-continue\r\n\r\n",
    { waitMs: 300 });
  assert.deepEqual(statuses(patient.text), [100]);
  assert.ok((await metric(s, "heatscore_http_malformed_requests_total")) > 0);
});
