// SPDX-License-Identifier: Apache-2.0
// What is loaded before Leads is usable, and under which content policy.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { useApp } from "./harness.mjs";

const app = useApp({ leads: 60 });
const BUDGET = 170_000;
/** Each file waits for its turn: many small ones are slower than their bytes. */
const FILES = 12;

/** Address and gzip size of every script that the page has asked for so far. */
function watchScripts(page) {
  const sizes = new Map();
  const pending = [];
  page.on("response", (r) => {
    if (r.request().resourceType() === "script")
      pending.push(r.body().then((body) => sizes.set(new URL(r.url()).pathname, gzipSync(body, { level: 9 }).length)));
  });
  return async () => {
    await Promise.all(pending);
    return sizes;
  };
}

describe("what is loaded", () => {
  it(`at most ${BUDGET / 1000} kB of script before Leads is usable; charts, overlays and palette on demand`, async (t) => {
    await app.page({}, async (page) => {
      const scripts = watchScripts(page);
      await page.goto("/leads");
      await page.locator('[role=row][data-index="0"] a').waitFor();
      await page.waitForLoadState("networkidle");
      const first = new Map(await scripts());
      const bytes = [...first.values()].reduce((a, b) => a + b, 0);
      t.diagnostic(`${first.size} scripts, ${(bytes / 1000).toFixed(1)} kB gzip`);
      assert.ok(bytes <= BUDGET, `${bytes} bytes of script: ${JSON.stringify([...first])}`);
      assert.ok(first.size <= FILES, `${first.size} scripts: ${[...first.keys()].join(" ")}`);
      const early = [...first.keys()].filter((name) => /Chart|chart|Palette|DialogImpl|MenuImpl|PopoverImpl|ToasterImpl|ShortcutHelp/.test(name));
      assert.deepEqual(early, []);
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox", { name: /Go to a page/ }).waitFor();
      assert.ok([...(await scripts()).keys()].some((name) => name.includes("CommandPalette")));
    });
  });

  it("comes under a policy without unsafe-inline, with a nonce that no two pages share", async () => {
    await app.page({}, async (page) => {
      const nonces = new Set();
      for (let i = 0; i < 3; i++) {
        const r = await page.goto("/");
        const policy = r.headers()["content-security-policy"];
        assert.match(policy, /default-src 'none'/);
        assert.match(policy, /script-src 'self'(;|$)/);
        assert.doesNotMatch(policy, /unsafe/);
        const nonce = /style-src 'self' 'nonce-([^']+)'/.exec(policy)?.[1];
        assert.ok(nonce, policy);
        assert.equal(await page.locator('meta[name="csp-nonce"]').getAttribute("content"), nonce);
        nonces.add(nonce);
      }
      assert.equal(nonces.size, 3);
    });
  });

  it("locks scrolling behind a dialog by a style that the nonce lets in", async () => {
    await app.page({}, async (page) => {
      await page.goto("/");
      await page.getByRole("heading", { name: "Overview" }).waitFor();
      await page.keyboard.press("?");
      await page.getByRole("dialog").waitFor();
      assert.equal(await page.evaluate(() => getComputedStyle(document.body).overflowY), "hidden");
    });
  });
});
