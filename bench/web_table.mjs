// SPDX-License-Identifier: Apache-2.0
// web_table.mjs [ROWS]: how long a reader waits in the list of leads, in real Chromium on the real
// server, with made leads. Run by
//
//	HEATSCORE_BIN=build/heatscore HEATSCORE_WEB=web/dist node bench/web_table.mjs 1000000
//
// TIMES (10) of each kind. From the click, key or scroll:
//   answered  the first frame after the one that shows that it was understood (the arrow in the
//             header, the pressed button, the rows' new places), as the web's measure of interaction
//             to next paint has it
//   event     the longest of what the browser itself counts for that (Event Timing, in steps of 8 ms,
//             nothing below 16)
//   server    between the request and the end of its answer, as the page sees it
//   rows      the first frame after the one with every row on screen there
// A frame is 17 ms, so nothing can be below that, and one more is counted to be sure of the painting.
import { readFileSync } from "node:fs";
import { openStore, say } from "./web_store.mjs";

const ROWS = Number(process.argv[2] ?? 1_000_000);
const TIMES = Number(process.env.TIMES ?? 10);
const ROW_PX = 44;

/** Runs in the page: waits for what ${w} says and tells how long it took. */
function watch(w) {
  window.__events = [];
  window.__observer ??= new PerformanceObserver((list) => window.__events.push(...list.getEntries().map((e) => e.duration)));
  window.__observer.observe({ type: "event", durationThreshold: 16 });
  performance.clearResourceTimings();
  const table = document.querySelector("[role=table]");
  const top = table?.parentElement.scrollTop;
  const focused = document.activeElement.closest("[role=row]");
  window.__done = new Promise((resolve, reject) => {
    const times = {};
    let from = 0;
    const end = performance.now() + 20_000;
    const start = (e) => (from ||= e.timeStamp);
    for (const kind of ["click", "keydown"]) addEventListener(kind, start, { capture: true, once: true });
    window.__start = () => (from ||= performance.now());
    const all = (selector) => [...document.querySelectorAll(`[role=table] ${selector}`)];
    const rows = () => all("[role=row][data-index]");
    const near = () => rows().some((r) => Math.abs(Number(r.dataset.index) - w.near) < 30);
    const tests = {
      sort: () => all(`[aria-sort=${w.sort}]`).length > 0,
      pressed: () => document.querySelector(`button[aria-pressed=${w.pressed}][data-bench]`) !== null,
      chip: () => document.querySelector("[role=group] .foreign")?.textContent.includes(w.chip),
      near,
      moved: () => document.querySelector("[role=table]").parentElement.scrollTop !== top,
      focus: () => document.activeElement.closest("[role=row]") !== focused,
      selected: () => all("[aria-selected=true]").length === w.selected,
    };
    const answered = () => Object.keys(w).every((name) => tests[name]());
    const whole = () => {
      const el = document.querySelector("[role=table]");
      const now = rows();
      return el !== null && el.parentElement.getAttribute("aria-busy") !== "true" && now.length > 0 && now.every((r) => r.getAttribute("aria-busy") !== "true");
    };
    const look = () => {
      if (performance.now() > end) return reject(new Error(`${JSON.stringify(w)} never came: ${location.search}, rows ${rows().map((r) => r.dataset.index).join()}`));
      if (from && times.answered === undefined && answered()) requestAnimationFrame((t) => (times.answered = t - from));
      if (from && answered() && whole())
        return requestAnimationFrame((t) => {
          const asked = performance.getEntriesByType("resource").filter((e) => e.name.includes("/api/v1/leads?") && e.startTime >= from - 5);
          setTimeout(() => resolve({ answered: t - from, ...times, rows: t - from, server: Math.max(0, ...asked.map((e) => e.responseEnd - e.requestStart)), trace: asked.map((e) => [e.startTime, e.requestStart, e.responseStart, e.responseEnd].map((x) => Math.round(x - from))), event: Math.max(0, ...window.__events) }), 60);
        });
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}

const store = await openStore();
try {
  await store.grow(ROWS);
  const total = await store.total();
  const page = await store.context.newPage();
  const results = {};
  const run = async (name, act, want) => {
    await page.waitForTimeout(300);
    await page.evaluate(watch, want);
    await act();
    (results[name] ??= []).push(await page.evaluate(() => window.__done));
  };
  const open = async (search = "") => {
    await page.goto(`/leads${search}`);
    await page.locator('[role=row][data-index="0"] a').waitFor({ timeout: 60_000 });
  };
  const head = (name) => page.getByRole("columnheader", { name, exact: true }).getByRole("button").click();

  // Opened anew each time, so that nothing is there from before.
  for (let i = 0; i < TIMES; i++) {
    await open("?cols=score,heat,company,email,source,last_activity_at");
    await run("sort by company", () => head("Company"), { sort: "ascending" });
    await run("sort by company, turned round", () => head("Company"), { sort: "descending" });
    await run("sort by email", () => head("Email"), { sort: "ascending" });
    await page.getByRole("button", { name: "Hot", exact: true }).evaluate((el) => (el.dataset.bench = "1"));
    await run("filter", () => page.getByRole("button", { name: "Hot", exact: true }).click(), { pressed: true });
    await run("filter taken back", () => page.getByRole("button", { name: "Hot", exact: true }).click(), { pressed: false });
  }

  await open();
  const scroller = page.getByRole("table").locator("xpath=..");
  for (let i = 0; i < TIMES; i++) {
    await run("next screen", async () => {
      await scroller.focus();
      await page.keyboard.press("PageDown");
    }, { moved: true });
    const share = ((i * 37 + 20) % 97) / 97;
    await run("far jump of the scroll bar", () => scroller.evaluate((el, s) => {
      window.__start();
      el.scrollTop = (el.scrollHeight - el.clientHeight) * s;
    }, share), { near: Math.round(share * (total - 700 / ROW_PX)) });
  }
  for (const sort of ["last_name", "email"]) {
    await open(`?sort=${sort}`);
    for (let i = 0; i < TIMES; i++) {
      const share = ((i * 37 + 20) % 97) / 97;
      await run(`far jump, by ${sort.replace("_", " ")}`, () => scroller.evaluate((el, s) => {
        window.__start();
        el.scrollTop = (el.scrollHeight - el.clientHeight) * s;
      }, share), { near: Math.round(share * (total - 700 / ROW_PX)) });
    }
  }

  await open();
  await page.keyboard.press("j");
  for (let i = 0; i < TIMES; i++) {
    await run("next row (j)", () => page.keyboard.press("j"), { focus: true });
    await run("select (x)", () => page.keyboard.press("x"), { selected: i + 1 });
  }
  for (const q of ["lovelace", "globex", "zhang", "hooli", "turing", "lead3-77", "ada kierkegaard"].slice(0, TIMES))
    await run("search", async () => {
      const box = page.getByRole("searchbox", { name: "Search leads" });
      await box.fill(q);
      await box.press("Enter");
    }, { chip: q });

  const middle = (all) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)];
  say("leads", "", "answered, median", "worst", "event, worst", "server, median", "rows, median", "worst", `load ${readFileSync("/proc/loadavg", "utf8").split(" ")[0]}`);
  for (const [name, all] of Object.entries(results)) {
    if (process.env.TRACE) console.error(name, JSON.stringify(all.map((r) => [r.trace, Math.round(r.rows)])));
    const of = (key) => all.map((r) => r[key]);
    say(total.toLocaleString("en-GB"), name, ...[middle(of("answered")), Math.max(...of("answered")), Math.max(...of("event")), middle(of("server")), middle(of("rows")), Math.max(...of("rows"))].map((n) => n.toFixed(0)));
  }
} finally {
  await store.close();
}
