// SPDX-License-Identifier: Apache-2.0
// Pictures of every page, light and dark, wide and narrow, with long, empty and right-to-left values,
// to be looked at by a person: script/web look [DIR]. Tests nothing; ONLY=pattern takes those pages only.
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { leadsCsv } from "./data.mjs";
import { until, useApp } from "./harness.mjs";

const OUT = path.resolve(process.env.LOOK_DIR ?? "build/look");
const ONLY = process.env.ONLY;
const LONG = { timeout: 60_000 };
const heading = (page, name) => page.getByRole("heading", { name });
const rows = (page) => page.locator('[role=row][data-index="0"] a').waitFor(LONG);
const press = (page, name) => page.getByRole("button", { name, exact: true }).first().click();

await mkdir(OUT, { recursive: true });

const find = async (api, q) => `/leads/${(await api.get(`/leads?limit=1&${q}`)).items[0].id}`;

async function send(api, name, csv) {
  const { id } = await api.post(`/upload?filename=${encodeURIComponent(name)}`, Buffer.from(csv));
  await until("the file to be read", async () => (await api.get(`/uploads/${id}`)).state === "review");
  return `/upload/${id}`;
}

function damaged() {
  const lines = leadsCsv(300, { seed: 11, tag: "N" }).trimEnd().split("\r\n");
  lines.splice(40, 0, "L-cut,Half a");
  lines.splice(80, 0, `${lines[90]},and,too,many`);
  // Dates that may begin with the day or the month, and one that is none.
  const odd = lines.map((l) => l.replace(/,(\d{4})-(\d\d)-(\d\d),/, (_, y, m, d) => `,${m}/${String((Number(d) % 12) + 1).padStart(2, "0")}/${y},`));
  odd[20] = odd[20].replace(/,\d\d\/\d\d\/\d{4},/, ",last spring,");
  return odd.join("\r\n");
}

/** name, address, and what brings the page to what is to be seen. */
const FULL = [
  ["overview", () => "/", (p) => heading(p, "Where good leads come from").waitFor(LONG)],
  ["leads", () => "/leads", rows],
  ["leads-filtered", () => "/leads?heat=hot,warm&outcome=open&cols=probability,company,attr.Page%20Views", rows],
  ["leads-selected", () => "/leads", async (p) => {
    await rows(p);
    await p.locator("body").press("j");
    await p.locator("body").press("x");
    await p.locator("body").press("j");
    await p.locator("body").press("x");
  }],
  ["leads-no-match", () => "/leads?q=zzzzqqqqxxxx", (p) => p.getByText("No lead fits").waitFor(LONG)],
  ["leads-filter", () => "/leads", async (p) => { await rows(p); await press(p, "Filter"); }],
  ["leads-columns", () => "/leads", async (p) => { await rows(p); await press(p, "Columns"); }],
  ["leads-views", () => "/leads", async (p) => { await rows(p); await press(p, "All leads"); }],
  ["leads-export", () => "/leads", async (p) => { await rows(p); await press(p, "Export"); await p.getByRole("dialog").waitFor(LONG); }],
  ["lead", (api) => find(api, "sort=-score"), (p) => heading(p, "Why this score").waitFor(LONG)],
  ["lead-long", (api) => find(api, "company[contains]=Umbrella&sort=-score"), (p) => heading(p, "Why this score").waitFor(LONG)],
  ["lead-rtl", (api) => find(api, "name[contains]=%D8%A7%D9%84&company[contains]=%D8%A7%D9%84&sort=score"), (p) => heading(p, "Why this score").waitFor(LONG)],
  ["lead-markup", (api) => find(api, "external_id=L-1"), (p) => heading(p, "Why this score").waitFor(LONG)],
  ["upload", () => "/upload", (p) => p.getByRole("table", { name: "Earlier uploads" }).waitFor(LONG)],
  ["upload-map", (api) => send(api, "leads of the autumn fair.csv", damaged()), (p) => heading(p, "What is in each column?").waitFor(LONG)],
  ["upload-read", (api) => send(api, "leads of the autumn fair.csv", damaged()), async (p) => { await heading(p, "What is in each column?").waitFor(LONG); await press(p, "Read it differently"); }],
  ["upload-outcome", async (api) => `${await send(api, "leads of the autumn fair.csv", damaged())}?step=outcome`, (p) => heading(p, "How did these leads end?").waitFor(LONG)],
  ["upload-check", async (api) => `${await send(api, "leads of the autumn fair.csv", damaged())}?step=check`, (p) => p.getByRole("button", { name: /^Import \d+ leads$/ }).waitFor(LONG)],
  ["upload-result", async (api) => `/upload/${(await api.get("/uploads?limit=20")).items.filter((u) => u.state === "done").at(-1).id}`, (p) => p.getByRole("button", { name: "Undo this import" }).waitFor(LONG)],
  ["model", async (api) => (await api.patch("/settings", { capacity_per_day: 40 }), "/model"), (p) => heading(p, /^Version v/).waitFor(LONG)],
  ["model-train", () => "/model", async (p) => { await heading(p, /^Version v/).waitFor(LONG); await press(p, "Train a model"); await p.getByText("More choices").click(); }],
  ...["account", "users", "keys", "schedule", "server", "audit"].map((tab) => [`settings-${tab}`, () => `/settings/${tab}`, (p) => heading(p, "Settings").first().waitFor(LONG)]),
  ["jobs", () => "/", async (p) => { await heading(p, "Where good leads come from").waitFor(LONG); await p.getByRole("button", { name: /^Jobs/ }).click(); await p.getByRole("dialog").waitFor(LONG); }],
  ["palette", () => "/", async (p) => { await heading(p, "Where good leads come from").waitFor(LONG); await p.keyboard.press("Control+k"); await p.getByRole("combobox", { name: /Go to a page/ }).fill("lea"); }],
  ["help", () => "/", async (p) => { await heading(p, "Where good leads come from").waitFor(LONG); await p.keyboard.press("?"); await p.getByRole("dialog").waitFor(LONG); }],
  ["not-found", () => "/nowhere", (p) => heading(p, "There is no such page").waitFor(LONG)],
];
const EMPTY = [
  ["empty-overview", () => "/", (p) => p.getByText("No leads yet").waitFor(LONG)],
  ["empty-leads", () => "/leads", (p) => p.getByText("No leads yet").waitFor(LONG)],
  ["empty-model", () => "/model", (p) => p.getByText("No model yet").waitFor(LONG)],
  ["empty-upload", () => "/upload", (p) => p.getByText("Earlier uploads").waitFor(LONG)],
];
const DOOR = [
  ["login", () => "/login", (p) => heading(p, "Sign in").waitFor(LONG)],
  ["setup", () => "/setup", (p) => heading(p, "Set up Lead HeatScore").waitFor(LONG)],
  ["invite", () => "/invite#token=00000000", (p) => heading(p, "Choose your password").waitFor(LONG)],
];

function pictures(app, pages, options = {}) {
  for (const dark of [false, true])
    for (const width of [1440, 360])
      it(`${dark ? "dark" : "light"}, ${width}`, async () => {
        for (const [name, where, ready] of pages.filter(([n]) => !ONLY || new RegExp(ONLY).test(n)))
          await app.page({ dark, width, expect: [401, 404], ...options }, async (page, api) => {
            await page.goto(await where(api));
            await ready(page);
            await until("the shapes of loading to go", async () => (await page.getByText("Loading…").count()) === 0);
            // Charts are drawn when they come near.
            for (let y = 0; y < (await page.evaluate(() => document.body.scrollHeight)); y += 600) {
              await page.evaluate((to) => window.scrollTo(0, to), y);
              await page.waitForTimeout(30);
            }
            await page.evaluate(() => window.scrollTo(0, 0));
            await page.waitForLoadState("networkidle");
            await page.screenshot({ path: path.join(OUT, `${name}-${dark ? "dark" : "light"}-${width}.png`), fullPage: true });
          }).catch((e) => console.error(`${name} ${dark} ${width}: ${e.message}`));
      });
}

describe("with leads and a model", () => pictures(useApp({ leads: Number(process.env.LEADS ?? 1500), model: true }), FULL));
describe("with nothing yet", () => pictures(useApp(), EMPTY));
describe("before the door", () => pictures(useApp(), DOOR, { user: null }));
