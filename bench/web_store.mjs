// SPDX-License-Identifier: Apache-2.0
// web_store.mjs: the real server with made leads and a published model, and real Chromium signed in,
// for the benches of the dashboard. DATA=FOLDER keeps the store, so that the next run finds it there.
import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { leadsCsv } from "../web/e2e/data.mjs";
import { ADMIN, addUser, apiOf, freePort, startServer, until } from "../web/e2e/harness.mjs";

const { chromium } = createRequire(new URL("../web/package.json", import.meta.url))("playwright-core");
export const PART = 100_000;

export const say = (...cells) => console.log(`| ${cells.join(" | ")} |`);

async function load(api, part, rows) {
  const { id } = await api.post(`/upload?filename=part${part}.csv&commit=auto`, Buffer.from(leadsCsv(rows, { seed: part + 1, tag: `${part}-` })));
  const u = await until("the import", async () => {
    const now = await api.get(`/uploads/${id}`);
    return ["done", "failed"].includes(now.state) && now;
  }, 600_000);
  if (u.state !== "done") throw new Error(JSON.stringify(u.error));
  return id;
}

async function publish(api, upload) {
  const { job } = await api.post("/models/train", { upload, target: "Status", won: ["Won"], lost: ["Lost"], budget_s: 5 });
  const { result } = await api.job(job.id);
  await api.post(`/models/${result.version}/publish`, { force: true });
}

/** Starts all of it. grow(rows) then loads until there are so many leads, all scored by the model. */
export async function openStore() {
  const data = process.env.DATA ? path.resolve(process.env.DATA) : undefined;
  const fresh = data === undefined || !existsSync(data);
  if (data !== undefined) mkdirSync(data, { recursive: true });
  const server = await startServer({ data });
  if (fresh) addUser(server.data, ADMIN, "admin");
  const port = await freePort();
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", `--remote-debugging-port=${port}`],
  });
  const context = await browser.newContext({ baseURL: server.url, viewport: { width: 1440, height: 900 }, locale: "en-GB" });
  const api = apiOf(context, server.url);
  const total = async () => (await api.get("/leads?limit=1")).total;

  await api.post("/auth/login", ADMIN);
  return {
    server, port, browser, context, api, total,
    async grow(rows) {
      let have = await total();
      for (let part = Math.ceil(have / PART); have < rows; part++, have = await total()) {
        const upload = await load(api, part, Math.min(PART, rows - have));
        if (part === 0) await publish(api, upload);
      }
      await until("the scores of the model", async () => (await api.get("/overview")).stale_scores === 0, 600_000);
    },
    async close() {
      await browser.close();
      await server.stop({ keep: data !== undefined });
    },
  };
}
