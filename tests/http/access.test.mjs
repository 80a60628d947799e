// SPDX-License-Identifier: Apache-2.0
// Who may call what, and the files of the web app.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import zlib from "node:zlib";
import { after, before, test } from "node:test";
import { raw, start, statuses } from "./lib.mjs";

let s, dir;
before(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "heatscore-web-"));
  fs.mkdirSync(path.join(dir, "assets"));
  fs.writeFileSync(path.join(dir, "index.html"), '<meta name="csp-nonce" content="__CSP_NONCE__"><style nonce="__CSP_NONCE__"></style>app');
  fs.writeFileSync(path.join(dir, "assets/app-1a2b.js"), "let a = 1;\n".repeat(100));
  fs.writeFileSync(path.join(dir, "assets/app-1a2b.js.br"), zlib.brotliCompressSync("let a = 1;\n".repeat(100)));
  fs.writeFileSync(path.join(dir, "assets/app-1a2b.js.gz"), zlib.gzipSync("let a = 1;\n".repeat(100)));
  fs.writeFileSync(path.join(dir, "favicon.svg"), "<svg/>");
  fs.writeFileSync(path.join(dir, "secret.key"), "secret");
  fs.writeFileSync(path.join(dir, ".env"), "secret");
  fs.writeFileSync(path.join(dir, "..hidden.txt"), "secret");
  s = await start("--auth", "--web", dir, "api_burst=10000");
});
after(async () => {
  assert.deepEqual(await s.stop(), { code: 0, signal: null });
  fs.rmSync(dir, { recursive: true });
});

const ask = (path, key, method = "GET", headers = {}) =>
  fetch(s.url + path, { method, headers: key ? { Authorization: `Bearer ${key}`, ...headers } : headers });

test("roles are a ladder, scopes are for keys", async () => {
  const ladder = ["viewer", "rep", "manager", "admin"];
  for (const role of ladder) {
    assert.equal((await ask("/t/whoami", role)).status, 200);
    assert.equal((await ask("/t/admin", role)).status, role === "admin" ? 200 : 403, role);
    assert.equal((await ask("/t/upload?filename=a", role, "POST")).status, role === "viewer" ? 403 : 400, role);
  }
  assert.equal((await ask("/t/whoami", "key:read")).status, 200);
  assert.equal((await ask("/t/whoami", "key:score")).status, 403);
  assert.equal((await ask("/t/admin", "key:read")).status, 403);
  assert.equal((await ask("/t/admin", "key:admin")).status, 200);
  for (const wrong of [undefined, "nobody", "public"]) {
    const a = await ask("/t/whoami", wrong);
    assert.equal(a.status, 401);
    assert.equal(a.headers.get("www-authenticate"), 'Bearer realm="heatscore"');
  }
  assert.equal((await ask("/t/state")).status, 200, "public");
  assert.equal((await ask("/t/state", "nobody")).status, 200, "a stale session does not lock anyone out of public pages");
});

test("who may not, learns nothing of what else would be wrong", async () => {
  assert.equal((await ask("/t/items/1?limit=9999")).status, 401);
  const a = await raw(s.port, "POST /t/upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\nExpect: 100-continue\r\n\r\n");
  assert.deepEqual([statuses(a.text), a.closed], [[401], true], "refused before a byte of the body was asked for");
});

test("the app's files: types, compression, caching", async () => {
  const plain = await ask("/assets/app-1a2b.js", null, "GET", { "Accept-Encoding": "identity" });
  assert.equal(plain.status, 200);
  assert.equal(plain.headers.get("content-type"), "text/javascript; charset=utf-8");
  assert.equal(plain.headers.get("cache-control"), "public, max-age=31536000, immutable");
  assert.equal(plain.headers.get("vary"), "Accept-Encoding");
  assert.equal((await plain.text()).length, 1100);
  for (const [accept, encoding] of [["br, gzip", "br"], ["gzip", "gzip"], ["br;q=0, gzip", "gzip"], ["deflate", null], ["gzip;q=0", null]]) {
    const a = await ask("/assets/app-1a2b.js", null, "GET", { "Accept-Encoding": accept });
    assert.equal(a.headers.get("content-encoding"), encoding, accept);
    assert.equal((await a.text()).length, 1100);
  }
  const tag = plain.headers.get("etag");
  assert.equal((await ask("/assets/app-1a2b.js", null, "GET", { "If-None-Match": tag, "Accept-Encoding": "identity" })).status, 304);
  const head = await ask("/favicon.svg", null, "HEAD");
  assert.deepEqual([head.status, head.headers.get("content-length"), head.headers.get("cache-control")], [200, "6", "no-cache"]);
});

test("the app's pages: a fresh nonce each time, and nothing inline beside it", async () => {
  const nonces = new Set();
  for (const page of ["/", "/leads", "/leads/0123abcd", "/index.html"]) {
    const a = await ask(page), text = await a.text();
    const nonce = /content="([0-9a-f]{32})"/.exec(text)[1];
    assert.equal(text, `<meta name="csp-nonce" content="${nonce}"><style nonce="${nonce}"></style>app`);
    assert.ok(a.headers.get("content-security-policy").includes(`style-src 'self' 'nonce-${nonce}';`));
    assert.ok(a.headers.get("content-security-policy").includes("script-src 'self';"));
    assert.equal(a.headers.get("cache-control"), "no-store");
    nonces.add(nonce);
  }
  assert.equal(nonces.size, 4);
});

test("nothing but the app's files is ever served", async () => {
  for (const path of ["/secret.key", "/.env", "/..hidden.txt", "/assets/../secret.key", "/../../etc/passwd", "/assets/..%2f..%2fetc%2fpasswd", "/%2e%2e/etc/passwd",
    "/..%5csecret.key", "/assets/", "/assets/%00.js", "//etc/passwd.txt", "/assets/none.js", "/app.js", "/etc/passwd.txt", "/assets/app-1a2b.js/", "/index.html/x.js"]) {
    const { text } = await raw(s.port, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    assert.ok([400, 404].includes(statuses(text)[0]) || text.endsWith("app"), `${path}: ${text.slice(0, 100)}`);
    assert.ok(!text.includes("secret\r") && !text.endsWith("secret") && !text.includes("root:"), path);
  }
  assert.equal((await ask("/api/v1/anything")).status, 404);
  assert.equal((await ask("/leads", null, "POST")).status, 404);
});
