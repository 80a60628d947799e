// SPDX-License-Identifier: Apache-2.0
// web_table.mjs [ROWS]: how long a reader waits in the list of leads, in real Chromium on the real
// server, with made leads. Run by
//
//	HEATSCORE_BIN=build/heatscore HEATSCORE_WEB=web/dist node bench/web_table.mjs 1000000
//
// From the click, key or scroll to the first frame after every row on screen is there again. Ten of
// each kind; LIGHTHOUSE=FOLDER (where "npm install lighthouse" was run) adds its scores of Overview
// and Leads, in its desktop and its mobile setting, once there are 100,000 leads.
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { leadsCsv } from "../web/e2e/data.mjs";
import { ADMIN, addUser, apiOf, freePort, startServer, until } from "../web/e2e/harness.mjs";

const { chromium } = createRequire(new URL("../web/package.json", import.meta.url))("playwright-core");
const ROWS = Number(process.argv[2] ?? 1_000_000);
const PART = 100_000;
const TIMES = 10;
const say = (...cells) => console.log(`| ${cells.join(" | ")} |`);

const server = await startServer();
addUser(server.data, ADMIN, "admin");
const port = await freePort();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", `--remote-debugging-port=${port}`],
});
const context = await browser.newContext({ baseURL: server.url, viewport: { width: 1440, height: 900 }, locale: "en-GB" });
const api = apiOf(context, server.url);

async function load(part) {
  const { id } = await api.post(`/upload?filename=part${part}.csv&commit=auto`, Buffer.from(leadsCsv(Math.min(PART, ROWS), { seed: part + 1, tag: `${part}-` })));
  const u = await until("the import", async () => {
    const now = await api.get(`/uploads/${id}`);
    return ["done", "failed"].includes(now.state) && now;
  }, 600_000);
  if (u.state !== "done") throw new Error(JSON.stringify(u.error));
  return id;
}

/** Runs in the page: does something and says after how many milliseconds the rows asked for were painted. */
async function timed(page, act, want) {
  await page.evaluate((w) => {
    window.__done = new Promise((resolve, reject) => {
      let from = 0;
      const start = (e) => (from ||= e.timeStamp);
      for (const kind of ["pointerdown", "keydown", "wheel"]) addEventListener(kind, start, { capture: true, once: true });
      window.__start = () => (from ||= performance.now());
      const table = () => document.querySelector('[role=table]');
      const here = () => {
        const el = table();
        if (!el || el.parentElement.getAttribute("aria-busy") === "true") return false;
        if (w.sort && !el.querySelector(`[aria-sort=${w.sort}]`)) return false;
        if (w.search && !location.search.includes(w.search)) return false;
        const rows = [...el.querySelectorAll("[role=row][data-index]")];
        if (rows.length === 0 || rows.some((r) => r.getAttribute("aria-busy") === "true")) return false;
        return w.near === undefined || rows.some((r) => Math.abs(Number(r.dataset.index) - w.near) < 30);
      };
      const look = () => {
        // A frame in which all is there, and the one after it: then it has been painted.
        if (from && here()) requestAnimationFrame((t) => resolve(t - from));
        else if (from && performance.now() - from > 20_000) reject(new Error(`${JSON.stringify(w)} never came: ${location.search}, ${table()?.parentElement.getAttribute("aria-busy")}, rows ${[...(table()?.querySelectorAll("[role=row][data-index]") ?? [])].map((r) => r.dataset.index).join()}`));
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
  }, want);
  await act();
  return page.evaluate(() => window.__done);
}

const stats = (all) => {
  const s = [...all].sort((a, b) => a - b);
  return [s[Math.floor(s.length / 2)], s[Math.floor(s.length * 0.95)], s.at(-1)].map((n) => n.toFixed(0));
};

async function table(rows) {
  const page = await context.newPage();
  const settle = () => page.waitForTimeout(300);
  await page.goto("/leads");
  await page.locator('[role=row][data-index="0"] a').waitFor({ timeout: 60_000 });
  const total = (await api.get("/leads?limit=1")).total;
  const scroller = page.getByRole("table").locator("xpath=..");
  const height = 44;
  const results = {};
  const run = async (name, act, want) => {
    await settle();
    (results[name] ??= []).push(await timed(page, act, want));
  };
  const head = (name) => page.getByRole("columnheader", { name }).getByRole("button").click();
  const heat = (name) => page.getByRole("button", { name, exact: true }).click();
  for (let i = 0; i < TIMES; i++) {
    await run("sort", () => head("Company"), { sort: i % 2 ? "descending" : "ascending" });
    await run("filter", () => heat("Hot"), i % 2 ? { search: "sort=" } : { search: "heat=hot" });
  }
  await page.goto("/leads");
  await page.locator('[role=row][data-index="0"] a').waitFor();
  for (let i = 0; i < TIMES; i++) {
    await run("next screen (Page Down)", async () => {
      await scroller.focus();
      await page.keyboard.press("PageDown");
    }, {});
    const share = ((i * 37) % 97) / 97;
    await run("scroll jump", () => scroller.evaluate((el, s) => {
      window.__start();
      el.scrollTop = (el.scrollHeight - el.clientHeight) * s;
    }, share), { near: Math.round(share * (total - 700 / height)) });
  }
  for (const q of ["lovelace", "globex", "zhang", "hooli", "turing"]) {
    await run("search", async () => {
      const box = page.getByRole("searchbox", { name: "Search leads" });
      await box.fill(q);
      await box.press("Enter");
    }, { search: `q=${q}` });
  }
  for (const [name, all] of Object.entries(results)) say(rows.toLocaleString("en-GB"), name, ...stats(all));
  await page.close();
}

async function lighthouse(rows) {
  const folder = process.env.LIGHTHOUSE;
  if (!folder) return;
  const at = (p) => import(pathToFileURL(path.join(path.resolve(folder), "node_modules/lighthouse", p)));
  const [{ default: run }, { default: desktop }] = await Promise.all([at("core/index.js"), at("core/config/desktop-config.js")]);
  const cookie = (await context.cookies()).map((c) => `${c.name}=${c.value}`).join("; ");
  for (const [name, config] of [["desktop", desktop], ["mobile", undefined]])
    for (const page of ["/", "/leads"]) {
      const scores = [];
      for (let i = 0; i < 3; i++) {
        const r = await run(server.url + page, { port, output: "json", logLevel: "error", extraHeaders: { Cookie: cookie }, onlyCategories: ["performance", "accessibility", "best-practices"] }, config);
        scores.push(r.lhr);
      }
      const best = scores.sort((a, b) => a.categories.performance.score - b.categories.performance.score)[1];
      const audit = (id) => best.audits[id].displayValue;
      say(rows.toLocaleString("en-GB"), page === "/" ? "Overview" : "Leads", name,
        ...["performance", "accessibility", "best-practices"].map((c) => Math.round(best.categories[c].score * 100)),
        audit("largest-contentful-paint"), audit("total-blocking-time"), audit("cumulative-layout-shift"));
      for (const c of Object.values(best.categories))
        for (const a of c.auditRefs) if (a.weight > 0 && best.audits[a.id].score !== null && best.audits[a.id].score < 0.9) console.error(`  ${page} ${name}: ${a.id} ${best.audits[a.id].score} ${best.audits[a.id].displayValue ?? ""}`);
    }
}

try {
  await api.post("/auth/login", ADMIN);
  const first = await load(0);
  const { job } = await api.post("/models/train", { upload: first, target: "Status", won: ["Won"], lost: ["Lost"], budget_s: 5 });
  const { result } = await api.job(job.id);
  await api.post(`/models/${result.version}/publish`, { force: true });
  await until("the scores of the model", async () => (await api.get("/overview")).stale_scores === 0, 600_000);
  if (ROWS >= PART) await lighthouse(PART);
  await table(Math.min(PART, ROWS));
  for (let part = 1; part * PART < ROWS; part++) await load(part);
  if (ROWS > PART) await table(ROWS);
} finally {
  await browser.close();
  await server.stop();
}
