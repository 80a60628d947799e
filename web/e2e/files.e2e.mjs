// SPDX-License-Identifier: Apache-2.0
// Files on their way in: a real export, a damaged one that is mended, one that is no table, text that
// would be markup, and a server that ends in the middle of an import and comes back.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { after, describe, it } from "node:test";
import { leadsCsv, XSS } from "./data.mjs";
import { ADMIN, addUser, apiOf, freePort, startServer, until, useApp } from "./harness.mjs";

const SHARED = process.env.HEATSCORE_SHARED ?? path.resolve(import.meta.dirname, "../../../shared");
// HEATSCORE_E2E=full: all samples, not every fourth.
const FULL = process.env.HEATSCORE_E2E === "full";
const LONG = { timeout: 120_000 };
const heading = (page, name) => page.getByRole("heading", { name });
const button = (page, name) => page.getByRole("button", { name, exact: typeof name === "string" });
const count = (page, label) => page.locator("dl > div", { has: page.locator("dt", { hasText: new RegExp(`^${label}$`) }) }).first().locator("dd");
const figure = async (page, label) => Number((await count(page, label).textContent()).replaceAll(",", ""));
const send = (page, name, text) =>
  page.getByLabel("CSV or Excel file").setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text) });

/** An export that somebody made: X Education's where the data sets are, else one as long of our own. */
function realExport() {
  const file = path.join(SHARED, "data/leads/x_education/train.csv");
  return existsSync(file)
    ? { text: readFileSync(file, "utf8"), outcome: "Converted", rows: 7392 }
    : { text: leadsCsv(7392, { tag: "X" }), outcome: "Status", rows: 7392 };
}

async function toCheck(page) {
  await heading(page, "What is in each column?").waitFor(LONG);
  await button(page, "Next").click();
  await heading(page, "How did these leads end?").waitFor(LONG);
  await button(page, "Next").click();
  await button(page, /^Import [\d,]+ leads$/).and(page.locator(":enabled")).waitFor(LONG);
}

describe("files", () => {
  const app = useApp();

  it("a real export: columns guessed, tried once, imported, undone", async (t) => {
    const { text, outcome, rows } = realExport();
    await app.page({}, async (page, api) => {
      let tried = 0;
      page.on("request", (r) => (tried += r.method() === "POST" && r.url().endsWith("/check")));
      await page.goto("/upload");
      const began = performance.now();
      await send(page, "Leads.csv", text);
      await heading(page, "What is in each column?").waitFor(LONG);
      await button(page, "Next").click();
      await heading(page, "How did these leads end?").waitFor(LONG);
      assert.equal(await page.getByRole("combobox", { name: "Column that says so" }).inputValue(), outcome);
      await button(page, "Next").click();
      await button(page, `Import ${rows.toLocaleString("en-GB")} leads`).click(LONG);
      await button(page, "Undo this import").waitFor(LONG);
      t.diagnostic(`${rows} rows from the file to leads in ${((performance.now() - began) / 1000).toFixed(1)} s`);
      assert.equal(tried, 1, "the import was tried once");
      assert.equal(await page.getByText(/: failed$/).count(), 0, "what is planned for the night is not told as failed");
      assert.equal((await api.get("/leads?limit=1")).total, rows);
      await button(page, "Undo this import").click();
      await page.getByRole("dialog").getByRole("button", { name: "Undo this import" }).click();
      await heading(page, "Undone").waitFor(LONG);
      assert.equal((await api.get("/leads?limit=1")).total, 0);
    });
  });

  it("a damaged export: what is wrong is named, mended, sent again, and makes no doubles", async () => {
    const good = leadsCsv(90, { seed: 5, tag: "D" }).trimEnd().split("\r\n");
    const bad = [...good];
    bad[30] = bad[30].split(",").slice(0, 3).join(",");
    bad[60] += ",one,too,many";
    await app.page({}, async (page, api) => {
      await page.goto("/upload");
      await send(page, "damaged.csv", bad.join("\r\n"));
      await toCheck(page);
      const rejected = await figure(page, "Rejected");
      assert.ok(rejected >= 1, "the check names what is damaged");
      await page.getByRole("table", { name: "Rows that are left out" }).waitFor();
      await button(page, /^Import \d+ leads$/).click();
      await button(page, "Undo this import").waitFor(LONG);
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Rejected rows as CSV" }).click()]);
      assert.match(await readFile(await download.path(), "utf8"), /line/i);
      const first = (await api.get("/leads?limit=1")).total;
      assert.equal(first, 90 - rejected);
      await page.getByRole("link", { name: "Upload another file" }).click();
      await send(page, "mended.csv", good.join("\r\n"));
      await toCheck(page);
      assert.equal(await figure(page, "New leads"), rejected);
      assert.equal(await figure(page, "Rejected"), 0);
      await button(page, /^Import \d+ leads?$/).click();
      await button(page, "Undo this import").waitFor(LONG);
      assert.equal((await api.get("/leads?limit=1")).total, 90);
    });
  });

  for (const [what, text, said] of [
    ["only tabs", "\t\t\t\n\t\t\n\t\n", /nothing but blank lines/],
    ["no table at all", Buffer.from([...Array(3000).keys()].map((i) => (i * 151) % 256)), /binary file/],
  ])
    it(`a file of ${what}: says so, and offers another`, async () => {
      await app.page({}, async (page) => {
        await page.goto("/upload");
        await send(page, "odd.csv", text);
        await page.getByRole("alert").getByText(said).waitFor(LONG);
        await page.getByRole("link", { name: "Upload another file" }).click();
        await page.getByLabel("CSV or Excel file").waitFor();
      });
    });

  it("text from a file is never markup: list, lead, queue, filters, wizard", async (t) => {
    const file = path.join(SHARED, "data/safety/xss.jsonl");
    const samples = existsSync(file)
      ? readFileSync(file, "utf8").trim().split("\n").filter((_, i) => FULL || i % 4 === 0).map((l) => JSON.parse(l).text)
      : XSS.flatMap((x) => [x, x.toUpperCase(), ` ${x} `, `a"${x}`]);
    const cell = (v) => `"${v.replace(/[\u0000-\u001f\u007f]/g, " ").replaceAll('"', '""')}"`;
    const csv = ["Lead Id,Name,Company,Lead Source,Notes,Status", ...samples.map((s, i) => [`X-${i}`, s, s, s, s, "Open"].map(cell).join(","))].join("\r\n");
    // The last address asks for an order that there is not.
    await app.page({ expect: [422] }, async (page, api) => {
      // Every element and every place a script could run is as many as with harmless text.
      await page.addInitScript(() => {
        for (const name of ["alert", "confirm", "prompt", "print", "open"]) window[name] = () => (window.__ran = name);
        document.addEventListener("securitypolicyviolation", (e) => ((window.__policy ??= []).push(`${e.violatedDirective} ${e.blockedURI}`)));
      });
      const strangers = () =>
        page.evaluate(() => {
          const own = ["/assets/", "/theme.js", "/favicon.svg"].flatMap((p) => [p, location.origin + p]);
          const odd = [...document.querySelectorAll("script, img, iframe, object, embed, base, form[action], link, video, audio, marquee, style, a[href]")].filter((el) => {
            const at = el.getAttribute("src") ?? el.getAttribute("href") ?? el.getAttribute("action") ?? el.getAttribute("nonce") ?? el.nonce ?? "";
            if (el.tagName === "STYLE") return !el.nonce;
            if (el.tagName === "A") return !at.startsWith("/") && !at.startsWith("#");
            return !(el.tagName === "SCRIPT" || el.tagName === "LINK") || !own.some((p) => at.startsWith(p));
          });
          const handlers = [...document.querySelectorAll("*")].filter((el) => [...el.attributes].some((a) => a.name.startsWith("on") || a.name === "srcdoc"));
          return { odd: odd.map((e) => e.outerHTML.slice(0, 120)), handlers: handlers.map((e) => e.outerHTML.slice(0, 120)), ran: window.__ran ?? null, policy: window.__policy ?? null };
        });
      const clean = { odd: [], handlers: [], ran: null, policy: null };
      await page.goto("/upload");
      await send(page, `<img src=x onerror=alert(1)>.csv`, csv);
      await heading(page, "What is in each column?").waitFor(LONG);
      await page.getByText(/The first \d+ rows as read/).click();
      assert.deepEqual(await strangers(), clean, "wizard");
      await toCheck(page);
      await button(page, /^Import [\d,]+ leads$/).click();
      await button(page, "Undo this import").waitFor(LONG);
      assert.deepEqual(await strangers(), clean, "result");
      await page.goto("/leads?sort=external_id&cols=company,source,notes");
      const rows = page.locator("[role=row][data-index]");
      await rows.first().locator("a").waitFor(LONG);
      const scroller = page.getByRole("table").locator("xpath=..");
      const seen = new Set();
      await until("every sample in the list", async () => {
        for (const text of await rows.evaluateAll((rs) => rs.filter((r) => r.querySelector("a")).map((r) => r.querySelector("a").textContent))) seen.add(text);
        const here = await strangers();
        assert.deepEqual(here, clean, "list");
        return scroller.evaluate((el) => {
          const end = el.scrollTop + el.clientHeight >= el.scrollHeight - 2;
          el.scrollTop += el.clientHeight * 0.8;
          return end;
        });
      });
      t.diagnostic(`${samples.length} samples, ${seen.size} different names seen in the list`);
      assert.ok(seen.size > 0.5 * new Set(samples).size, "the list was walked to its end");
      for (const lead of (await api.get("/leads?external_id[starts]=X-&limit=8&sort=external_id")).items) {
        await page.goto(`/leads/${lead.id}`);
        await heading(page, "Work this lead").waitFor(LONG);
        if (lead.name) assert.equal(await page.locator("[data-page-heading]").textContent(), lead.name);
        assert.deepEqual(await strangers(), clean, "lead");
      }
      await page.goto("/");
      await heading(page, "Where good leads come from").waitFor(LONG);
      assert.deepEqual(await strangers(), clean, "overview");
      const q = samples.find((s) => s.startsWith("<"));
      await page.goto(`/leads?q=${encodeURIComponent(q)}&source=${encodeURIComponent(q)}&sort=<b>`);
      await page.getByRole("group", { name: "Filters" }).waitFor(LONG);
      assert.deepEqual(await strangers(), clean, "filters from the address");
    });
  });
});

describe("a server that ends in the middle of an import", () => {
  const state = {};
  const ROWS = 30_000;
  after(async () => {
    await state.browser?.close();
    await state.server?.stop();
  });

  it("goes on where it was when it is back, on the same page, without doubles", async () => {
    const { chromium } = await import("playwright-core");
    const port = await freePort();
    const args = ["--listen", `127.0.0.1:${port}`];
    state.server = await startServer({ args });
    addUser(state.server.data, ADMIN, "admin");
    state.browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--headless", "--no-sandbox", "--disable-gpu"] });
    const context = await state.browser.newContext({ baseURL: state.server.url, locale: "en-GB" });
    const api = apiOf(context, state.server.url);
    await api.post("/auth/login", ADMIN);
    const page = await context.newPage();
    const errors = [];
    page.on("pageerror", (e) => errors.push(e.message));
    await page.goto("/upload");
    await send(page, "long.csv", leadsCsv(ROWS, { tag: "R" }));
    await toCheck(page);
    await button(page, /^Import [\d,]+ leads$/).click();
    await page.getByText("You may leave this page").or(button(page, "Undo this import")).waitFor(LONG);
    await until("some rows to be written", async () => (await figure(page, "New leads").catch(() => 0)) > 0 || (await button(page, "Undo this import").count()) > 0);
    const { data } = state.server;
    await state.server.stop({ keep: true, signal: "SIGKILL" });
    state.server = await startServer({ data, args });
    await button(page, "Undo this import").waitFor(LONG);
    assert.equal((await api.get("/leads?limit=1")).total, ROWS);
    assert.equal(await figure(page, "New leads"), ROWS);
    assert.deepEqual(errors, []);
  });
});
