// SPDX-License-Identifier: Apache-2.0
// What every view shows before its data, without any, with a part of it, and instead of it: each state
// looked over by axe in both themes. pages.e2e.mjs has the full ones.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { axe, fail, fitsWidth, hold, until, useApp } from "./harness.mjs";

const LONG = { timeout: 60_000 };
const heading = (page, name) => page.getByRole("heading", { name });

// Loading is looked at in dark and failing in light, what is rarer in both; all in both with
// HEATSCORE_E2E=full.
const FULL = process.env.HEATSCORE_E2E === "full";

async function axeIn(schemes, page, what) {
  for (const scheme of FULL ? ["dark", "light"] : schemes) {
    await page.emulateMedia({ colorScheme: scheme });
    await until(`${scheme} colours`, () => page.evaluate((s) => document.documentElement.dataset.theme === s, scheme));
    await axe(page, `${what}, ${scheme}`);
  }
  await fitsWidth(page, what);
}
const axeInBothThemes = (page, what) => axeIn(["dark", "light"], page, what);

describe("with leads and a model", () => {
  const app = useApp({ leads: 200, model: true });
  const lead = async (api) => `/leads/${(await api.get("/leads?limit=1&sort=-score")).items[0].id}`;
  // The view, what it waits for, and what stands there in the end. Overview and Leads: pages.e2e.mjs.
  const VIEWS = [
    ["a lead", lead, /\/api\/v1\/leads\/[0-9a-f]{32}$/, (p) => heading(p, "Why this score")],
    ["the model", () => "/model", "**/api/v1/models", (p) => heading(p, /^Version v/)],
    ["uploads", () => "/upload", "**/api/v1/uploads?*", (p) => p.getByRole("table", { name: "Earlier uploads" })],
    ["audit", () => "/settings/audit", "**/api/v1/audit?*", (p) => p.getByRole("table", { name: "Audit" })],
  ].concat(FULL ? [
    ["users", () => "/settings/users", "**/api/v1/users*", (p) => p.getByRole("table", { name: "Users" })],
    ["API keys", () => "/settings/keys", "**/api/v1/api-keys*", (p) => heading(p, "API keys")],
    ["the schedule", () => "/settings/schedule", "**/api/v1/schedule", (p) => heading(p, "Training again")],
    ["the server", () => "/settings/server", "**/api/v1/settings", (p) => heading(p, "Server settings")],
  ] : []);
  for (const [name, where, api, full] of VIEWS)
    it(`${name}: shapes while loading; after a failure the request's name and a way to try again`, async () => {
      await app.page({ expect: [422] }, async (page, call) => {
        const address = await where(call);
        const release = await hold(page, api);
        await page.goto(address);
        await page.getByRole("heading", { level: 1 }).waitFor(LONG);
        await page.locator("main").getByText("Loading…").first().waitFor({ state: "attached", ...LONG });
        await axeIn(["dark"], page, `${name}, loading`);
        release();
        await full(page).first().waitFor(LONG);
        await page.unroute(api);
        // What the server means is not asked for again by itself.
        await fail(page, api, 422);
        await page.goto("about:blank");
        await page.goto(address);
        await page.getByText("The store is away").first().waitFor(LONG);
        await page.getByText("Request 01E2EREQUEST").first().waitFor();
        await axeIn(["light"], page, `${name}, failed`);
        await page.unroute(api);
        await page.getByRole("button", { name: "Try again" }).first().click();
        await full(page).first().waitFor(LONG);
      });
    });

  it("a part that is missing leaves the rest: an overview without its analytics, a lead without its explanation", async () => {
    await app.page({ expect: [422], width: 360 }, async (page, call) => {
      await fail(page, "**/api/v1/analytics/**", 422);
      await fail(page, "**/api/v1/queue*", 422);
      await page.goto("/");
      await heading(page, "My queue today").waitFor(LONG);
      await page.getByText("The store is away").first().waitFor(LONG);
      await heading(page, "Heat now").waitFor();
      await axeInBothThemes(page, "overview, partial");
      const address = await lead(call);
      await fail(page, "**/explanation*", 422);
      await page.goto(address);
      await heading(page, "Work this lead").waitFor(LONG);
      await page.getByText("The store is away").first().waitFor(LONG);
      await axeInBothThemes(page, "a lead, partial");
    });
  });

  it("jobs: the drawer while loading, and what has run", async () => {
    await app.page({}, async (page) => {
      await page.goto("/model");
      await heading(page, /^Version v/).waitFor(LONG);
      await page.getByRole("button", { name: /^Jobs/ }).click();
      const drawer = page.getByRole("dialog", { name: "Jobs" });
      await drawer.getByText("Import").first().waitFor(LONG);
      await axeInBothThemes(page, "jobs");
      await page.keyboard.press("Escape");
      await drawer.waitFor({ state: "detached" });
      await until("the focus to be back where it came from", () => page.getByRole("button", { name: /^Jobs/ }).evaluate((b) => b === document.activeElement));
    });
  });
});

describe("with nothing yet", () => {
  const app = useApp();
  const EMPTY = [
    ["/", "No leads yet", "Upload leads"],
    ["/leads", "No leads yet", "Upload leads"],
    ["/model", "No model yet", "Upload leads"],
  ];
  it("every view says what is missing and offers one thing to do", async () => {
    await app.page({}, async (page) => {
      for (const [address, said, offered] of EMPTY) {
        await page.goto(address);
        await page.getByText(said).waitFor(LONG);
        await page.locator("main").getByRole("link", { name: offered }).first().waitFor();
        await axeInBothThemes(page, `${address}, empty`);
      }
      await page.goto("/upload");
      await page.getByText("Earlier uploads").waitFor(LONG);
      await axeInBothThemes(page, "/upload, empty");
    });
  });

  it("a viewer is told whom to ask", async () => {
    await app.page({ user: { email: "viewer@example.com", password: "third-horse-battery-staple-44" } }, async (page) => {
      await page.goto("/leads");
      await page.getByText("Ask a colleague who may upload leads").waitFor(LONG);
      assert.equal(await page.getByRole("link", { name: "Upload leads" }).count(), 0);
    });
  });
});
