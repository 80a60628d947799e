// SPDX-License-Identifier: Apache-2.0
// web_lighthouse.mjs [ROWS]: Lighthouse's scores of Overview and Leads, with made leads. Run by
//
//	HEATSCORE_BIN=build/heatscore HEATSCORE_WEB=web/dist LIGHTHOUSE=FOLDER node bench/web_lighthouse.mjs 100000
//
// FOLDER is where "npm install lighthouse" was run. The middle of RUNS (3) of each, in its desktop
// preset (1350 x 940, 40 ms and 10 Mbit/s, processor not slowed) and with MOBILE=1 in its mobile one
// (150 ms, 1.6 Mbit/s, processor 4 times slower); both computed by Lighthouse from an unthrottled
// load ("simulate", its default). What costs points is printed to standard error.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { openStore, say } from "./web_store.mjs";

const ROWS = Number(process.argv[2] ?? 100_000);
const RUNS = Number(process.env.RUNS ?? 3);
const CATEGORIES = ["performance", "accessibility", "best-practices"];
const folder = path.resolve(process.env.LIGHTHOUSE ?? ".");
const at = (p) => import(pathToFileURL(path.join(folder, "node_modules/lighthouse", p)));
const { default: run } = await at("core/index.js");
const { default: desktop } = await at("core/config/desktop-config.js");
const settings = process.env.MOBILE ? [["desktop", desktop], ["mobile", undefined]] : [["desktop", desktop]];
const load = () => readFileSync("/proc/loadavg", "utf8").split(" ")[0];

const store = await openStore();
try {
  await store.grow(ROWS);
  const cookie = (await store.context.cookies()).map((c) => `${c.name}=${c.value}`).join("; ");
  for (const [name, config] of settings)
    for (const page of ["/", "/leads"]) {
      const runs = [];
      for (let failed = 0; runs.length < RUNS; ) {
        const options = { port: store.port, output: "json", logLevel: "error", extraHeaders: { Cookie: cookie }, onlyCategories: CATEGORIES };
        const { lhr } = await run(store.server.url + page, options, config);
        // A run of which Lighthouse itself says that it went wrong tells nothing about the page.
        if (!lhr.runtimeError) runs.push(lhr);
        else if (++failed > 3) throw new Error(`${page}: ${lhr.runtimeError.message}`);
      }
      runs.sort((a, b) => a.categories.performance.score - b.categories.performance.score);
      const middle = runs[Math.floor(RUNS / 2)];
      const points = (lhr, c) => Math.round(lhr.categories[c].score * 100);
      const audit = (id) => middle.audits[id].displayValue;
      say(page === "/" ? "Overview" : "Leads", name, ...CATEGORIES.map((c) => points(middle, c)),
        `${points(runs[0], "performance")} to ${points(runs.at(-1), "performance")}`,
        ...["first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "speed-index", "cumulative-layout-shift"].map(audit), load());
      for (const c of Object.values(middle.categories))
        for (const a of c.auditRefs)
          if (a.weight > 0 && middle.audits[a.id].score !== null && middle.audits[a.id].score < 0.9)
            console.error(`  ${page} ${name}: ${a.id} ${middle.audits[a.id].score} ${middle.audits[a.id].displayValue ?? ""}`);
      if (process.env.REPORTS) writeFileSync(path.join(process.env.REPORTS, `${name}-${page.slice(1) || "overview"}.json`), JSON.stringify(middle));
    }
} finally {
  await store.close();
}
