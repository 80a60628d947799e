// SPDX-License-Identifier: Apache-2.0
// Every page in both themes, wide and narrow: nothing that axe finds, nothing on the console, nothing
// that jumps, nothing wider than the window. And the states that a page has before, without and after
// its data.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { axe, fail, fitsWidth, growsIn, hold, layoutShift, until, useApp } from "./harness.mjs";

const app = useApp({ leads: 400, model: true });
const SHIFT = 0.05;
// HEATSCORE_E2E=full: every page in each theme at each width. Otherwise light is wide and dark narrow.
const FULL = process.env.HEATSCORE_E2E === "full";
const LOOKS = FULL
  ? [{ dark: false, widths: [1440, 360] }, { dark: true, widths: [1440, 360] }]
  : [{ dark: false, widths: [1440] }, { dark: true, widths: [360] }];

async function firstLead(api) {
  return (await api.get("/leads?limit=1&sort=-score")).items[0];
}

const PAGES = [
  { name: "overview", path: () => "/", ready: (p) => p.getByRole("heading", { name: "Where good leads come from" }).waitFor() },
  { name: "leads", path: () => "/leads", ready: (p) => p.locator('[role=row][data-index="0"] a').waitFor() },
  { name: "leads, filtered", path: () => "/leads?heat=hot,warm&outcome=open&cols=probability,company,attr.Page%20Views", ready: (p) => p.getByRole("table").waitFor() },
  { name: "a lead", path: async (api) => `/leads/${(await firstLead(api)).id}`, ready: (p) => p.getByRole("row", { name: /^Score/ }).waitFor() },
  { name: "no such lead", path: () => "/leads/00000000000000000000000000000000", expect: [404], ready: (p) => p.getByText("There is no such lead").waitFor() },
  { name: "no such page", path: () => "/nowhere/at/all", ready: (p) => p.getByRole("heading", { name: "There is no such page" }).waitFor() },
];

describe("pages", () => {
  for (const { dark, widths } of LOOKS)
    for (const { name, path, ready, expect } of PAGES)
      it(`${name}, ${dark ? "dark" : "light"}, ${widths.join(" and ")} wide`, async () => {
        await app.page({ dark, expect }, async (page, api) => {
          const address = await path(api);
          for (const width of widths) {
            await page.setViewportSize({ width, height: 900 });
            await page.goto(address);
            await ready(page);
            await page.waitForLoadState("networkidle");
            // Charts are drawn when they come near.
            await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
            await page.waitForLoadState("networkidle");
            assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), dark ? "dark" : "light");
            await fitsWidth(page, `${name} at ${width}`);
            await axe(page, `${name} at ${width}`);
            const shift = await layoutShift(page);
            assert.ok(shift <= SHIFT, `${name} at ${width} jumps: ${shift.toFixed(3)}`);
            await growsIn(page, `${name} at ${width}`);
          }
        });
      });
});

const STATES = [
  { name: "overview", path: "/", api: "**/api/v1/overview", ready: (p) => p.getByRole("heading", { name: "My queue today" }) },
  { name: "leads", path: "/leads", api: "**/api/v1/leads?*", ready: (p) => p.locator('[role=row][data-index="0"] a') },
];

describe("states", () => {
  for (const dark of FULL ? [false, true] : [true]) {
    const theme = dark ? "dark" : "light";
    for (const { name, path, api, ready } of STATES) {
      it(`${name} while loading, ${theme}: shapes where the data will be`, async () => {
        await app.page({ dark }, async (page) => {
          const release = await hold(page, api);
          await page.goto(path);
          await page.getByRole("heading", { level: 1 }).waitFor();
          await page.locator("main").getByText("Loading…").first().waitFor({ state: "attached" });
          await axe(page, `${name} loading`);
          release();
          await ready(page).waitFor();
        });
      });
      it(`${name} after a failure, ${theme}: names the request, and a retry mends it`, async () => {
        await app.page({ dark, expect: [503] }, async (page) => {
          await fail(page, api);
          await page.goto(path);
          await page.getByText("The store is away").waitFor({ timeout: 20_000 });
          await page.getByText("Request 01E2EREQUEST").waitFor();
          await axe(page, `${name} failed`);
          await page.unroute(api);
          await page.getByRole("button", { name: "Try again" }).first().click();
          await ready(page).waitFor();
        });
      });
    }
    it(`leads that nothing fits, ${theme}: one way out`, async () => {
      await app.page({ dark }, async (page) => {
        await page.goto("/leads?q=zzzzqqqqxxxx");
        await page.getByText("No lead fits").waitFor();
        await axe(page, "no match");
        await page.getByRole("button", { name: "Clear all filters" }).first().click();
        await page.locator('[role=row][data-index="0"] a').waitFor();
      });
    });
    it(`overlays, ${theme}: palette, help, menus, filter, columns, export`, async () => {
      await app.page({ dark }, async (page) => {
        await page.goto("/leads");
        await page.locator('[role=row][data-index="0"] a').waitFor();
        await page.keyboard.press("Control+k");
        await page.getByRole("combobox", { name: /Go to a page/ }).waitFor();
        await axe(page, "palette");
        await page.keyboard.press("Escape");
        await page.keyboard.press("?");
        await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
        await axe(page, "help");
        await page.keyboard.press("Escape");
        for (const [button, shown] of [["Columns", "dialog"], ["Filter", "dialog"], ["All leads", "menu"]]) {
          await page.getByRole("button", { name: button, exact: true }).click();
          await page.getByRole(shown).waitFor();
          await axe(page, button);
          await page.keyboard.press("Escape");
          await page.getByRole(shown).waitFor({ state: "detached" });
        }
        await page.getByRole("button", { name: "Export" }).click();
        await page.getByRole("dialog", { name: "Export exactly this view" }).waitFor();
        await axe(page, "export");
      });
    });
  }

  it("keeps the last good figures on screen when asking again fails", async () => {
    await app.page({ expect: [503] }, async (page) => {
      await page.clock.install();
      await page.goto("/");
      await page.getByRole("heading", { name: "Heat now" }).waitFor();
      await fail(page, "**/api/v1/overview");
      // The figures are asked for every minute, and a failure is tried twice more.
      await until("the notice", async () => {
        await page.clock.fastForward(20_000);
        return page.getByText("Showing what was loaded before.").isVisible();
      });
      await page.getByRole("heading", { name: "Heat now" }).waitFor();
    });
  });
});
