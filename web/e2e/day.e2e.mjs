// SPDX-License-Identifier: Apache-2.0
// From the set-up link to the first lead, and what a manager, a viewer and a rep meet on the way: files,
// models, settings, a session that ends.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { leadsCsv } from "./data.mjs";
import { ADMIN, apiOf, axe, fitsWidth, growsIn, REP, until, useApp, VIEWER } from "./harness.mjs";

const LONG = { timeout: 60_000 };
const button = (page, name) => page.getByRole("button", { name, exact: true });
const heading = (page, name) => page.getByRole("heading", { name });
const count = (page, label) => page.locator("dl > div", { has: page.locator("dt", { hasText: new RegExp(`^${label}$`) }) }).first().locator("dd");

describe("a new server", () => {
  const app = useApp({ users: false });

  it("leads from its link to the first admin, demo leads, the queue and a lead", async () => {
    const link = await until("the set-up link", () => /https?:\/\/[^\s"]*\/setup#token=[^\s"]+/.exec(app.server.log())?.[0]);
    // A server without accounts answers 401 to who is not in yet.
    await app.page({ user: null, expect: [401] }, async (page) => {
      await page.goto(link);
      await page.getByRole("textbox", { name: "Your name" }).fill("Ada Admin");
      await page.getByRole("textbox", { name: "Email" }).fill(ADMIN.email);
      await page.getByLabel("Password", { exact: true }).fill(ADMIN.password);
      await axe(page, "set-up");
      await button(page, "Make the account").click();
      await heading(page, "Welcome, Ada Admin").waitFor(LONG);
      await axe(page, "welcome");
      await button(page, "Load demo leads").click();
      await heading(page, "My queue today").waitFor({ timeout: 180_000 });
      await page.getByText("Lead 1 of").waitFor(LONG);
      await page.keyboard.press("Enter");
      await page.waitForURL("**/leads/*", LONG);
      await heading(page, "Why this score").waitFor(LONG);
    });
  });

  it("takes its set-up link only once", async () => {
    await app.page({ user: null, expect: [401] }, async (page) => {
      await page.goto("/setup#token=00000000");
      await page.getByText("This server has been set up").waitFor(LONG);
      await axe(page, "set-up that is done");
    });
  });
});

describe("a team's day", () => {
  const app = useApp({ leads: 400, model: true });

  it("a damaged export: file, columns, outcome, check, import, the rejected rows, undo; by keys alone", async () => {
    await app.page({}, async (page, api) => {
      const before = (await api.get("/leads?limit=1")).total;
      const lines = leadsCsv(120, { seed: 11, tag: "N" }).trimEnd().split("\r\n");
      // A row cut off in its middle, one with too many fields.
      lines.splice(40, 0, "L-cut,Half a");
      lines.splice(80, 0, `${lines[90]},and,too,many`);
      const press = async (name) => {
        const b = button(page, name);
        await b.and(page.locator(":enabled")).waitFor(LONG);
        await b.focus();
        await page.keyboard.press("Enter");
      };
      await page.goto("/upload");
      await page.getByLabel("CSV or Excel file").setInputFiles({ name: "export.csv", mimeType: "text/csv", buffer: Buffer.from(lines.join("\r\n")) });
      await heading(page, "What is in each column?").waitFor(LONG);
      assert.equal(await page.getByRole("combobox", { name: "What Email becomes" }).inputValue(), "email");
      // Read with another delimiter it is one column; what was found out comes back.
      await press("Read it differently");
      await page.getByRole("combobox", { name: "Delimiter" }).selectOption("semicolon");
      await press("Read again");
      await until("one column", async () => (await page.getByRole("combobox", { name: /^What .* becomes$/ }).count()) === 1);
      await press("Read it differently");
      await page.getByRole("combobox", { name: "Delimiter" }).selectOption("");
      await axe(page, "reading");
      await press("Read again");
      await page.getByRole("combobox", { name: "What Email becomes" }).waitFor(LONG);
      await axe(page, "columns");
      await press("Next");
      await heading(page, "How did these leads end?").waitFor(LONG);
      assert.equal(await page.getByRole("combobox", { name: "Column that says so" }).inputValue(), "Status");
      await axe(page, "outcome");
      await press("Next");
      await heading(page, "What would happen").waitFor(LONG);
      await page.getByRole("button", { name: /^Import \d+ leads$/ }).waitFor(LONG);
      const rejected = Number(await count(page, "Rejected").textContent());
      assert.ok(rejected >= 1, "the check names the damaged rows");
      assert.equal((await api.get("/leads?limit=1")).total, before, "a check writes nothing");
      await axe(page, "check");
      // The row that was cut off is taken as it is; the other stays out.
      await page.getByRole("checkbox", { name: "Take the row as it is shown" }).first().check();
      await page.getByRole("textbox", { name: "Email in line 41" }).fill("half@example.com");
      await press("Check again");
      await page.getByText("1 row mended by you").waitFor(LONG);
      assert.equal(Number(await count(page, "Rejected").textContent()), rejected - 1);
      await press(await page.getByRole("button", { name: /^Import \d+ leads$/ }).textContent());
      await button(page, "Undo this import").waitFor(LONG);
      await axe(page, "result");
      assert.equal(Number(await count(page, "Rejected").textContent()), rejected - 1);
      assert.equal((await api.get("/leads?email=half@example.com")).items[0]?.name, "Half a");
      const created = Number(await count(page, "New leads").textContent());
      assert.equal((await api.get("/leads?limit=1")).total, before + created);
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Rejected rows as CSV" }).click()]);
      assert.match(await readFile(await download.path(), "utf8"), /line/i);
      await press("Undo this import");
      await page.getByRole("dialog").getByRole("button", { name: "Undo this import" }).focus();
      await page.keyboard.press("Enter");
      await heading(page, "Undone").waitFor(LONG);
      assert.equal((await api.get("/leads?limit=1")).total, before);
      await axe(page, "undone");
    });
  });

  it("a model: train, look at the gate, publish, compare, roll back", async () => {
    await app.page({}, async (page, api) => {
      const live = (await api.get("/models")).live;
      await page.goto("/model");
      await heading(page, `Version ${live}`).waitFor(LONG);
      await button(page, "Train a model").click();
      await page.getByText("More choices").click();
      await page.getByLabel("Effort in seconds").fill("1");
      await axe(page, "training");
      await button(page, "Start training").click();
      const show = page.getByRole("link", { name: "Show it" });
      await show.waitFor({ timeout: 120_000 });
      await show.click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      const draft = (await api.get("/models")).items.find((v) => v.state === "draft").version;
      await heading(page, `Version ${draft}`).waitFor(LONG);
      await page.getByRole("combobox", { name: "With version" }).selectOption(live);
      await page.getByText(/scored by both/).waitFor(LONG);
      await axe(page, "comparison");
      await button(page, "Publish").click();
      const dialog = page.getByRole("dialog");
      await dialog.getByText(/^The gate is (open|shut)$/).waitFor(LONG);
      await axe(page, "gate");
      const force = dialog.getByRole("checkbox", { name: "Publish although the gate is shut" });
      if (await force.count()) await force.check();
      await dialog.getByRole("button", { name: "Publish" }).click();
      await dialog.waitFor({ state: "detached", ...LONG });
      assert.equal((await api.get("/models")).live, draft);
      await page.getByRole("row", { name: new RegExp(`^${draft} Live`) }).waitFor(LONG);
      await button(page, "Roll back").click();
      await dialog.getByRole("button", { name: "Roll back" }).click();
      await dialog.waitFor({ state: "detached", ...LONG });
      assert.equal((await api.get("/models")).live, live);
      await page.getByRole("row", { name: new RegExp(`^${live} Live`) }).waitFor(LONG);
    });
  });

  it("a session that ends in mid-work loses nothing that was typed", async () => {
    await app.page({ user: null, expect: [401] }, async (page) => {
      const context = page.context();
      const api = apiOf(context, app.url);
      await api.post("/auth/login", REP);
      const lead = (await api.get("/leads?limit=1")).items[0];
      await page.goto(`/leads/${lead.id}`);
      const note = page.getByRole("textbox", { name: "New note" });
      await note.fill("Half a thought that");
      assert.equal((await api.send("POST", "/auth/logout", {})).status, 204);
      await note.press("End");
      await note.pressSequentially(" must not be lost");
      await button(page, "Add note").click();
      const dialog = page.getByRole("dialog", { name: "Sign in again" });
      await dialog.waitFor(LONG);
      assert.equal(await dialog.getByLabel("Email").inputValue(), REP.email);
      await axe(page, "sign in again");
      await dialog.getByLabel("Password", { exact: true }).fill(REP.password);
      await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
      await dialog.waitFor({ state: "detached", ...LONG });
      assert.equal(await note.inputValue(), "Half a thought that must not be lost");
      await button(page, "Add note").click();
      await until("the note", async () => (await api.get(`/leads/${lead.id}/notes`)).items.some((n) => n.text === "Half a thought that must not be lost"));
    });
  });

  it("a viewer is offered nothing that would be refused, and a rep no settings of an admin", async () => {
    await app.page({ user: VIEWER }, async (page) => {
      await page.goto("/model");
      await heading(page, /^Version v/).waitFor(LONG);
      const bar = page.getByRole("navigation", { name: "Main" });
      await bar.getByRole("link", { name: "Leads" }).waitFor(LONG);
      assert.equal(await bar.getByRole("link", { name: "Upload" }).count(), 0);
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox", { name: /Go to a page/ }).fill("upload");
      assert.equal(await page.getByRole("option", { name: /Upload/ }).count(), 0);
      await page.keyboard.press("Escape");
      for (const name of ["Train a model", "Publish", "Roll back", "Set thresholds"]) assert.equal(await button(page, name).count(), 0, name);
      await page.goto("/upload");
      await page.getByText("You may not do this").waitFor(LONG);
      assert.equal(await page.getByLabel("CSV or Excel file").count(), 0);
    });
    await app.page({ user: REP }, async (page) => {
      await page.goto("/settings");
      await page.waitForURL("**/settings/account", LONG);
      const tabs = page.getByRole("navigation", { name: "Settings" });
      await tabs.getByRole("link", { name: "My account" }).and(page.locator("[aria-current=page]")).waitFor(LONG);
      for (const name of ["Users", "API keys", "Server", "Audit"]) assert.equal(await tabs.getByRole("link", { name }).count(), 0, name);
      await page.goto("/settings/users");
      await page.waitForURL("**/settings/account", LONG);
    });
  });

  const PAGES = [
    ["/upload", "Upload leads"],
    ["/model", "Model"],
    ...["account", "users", "keys", "schedule", "server", "audit"].map((tab) => [`/settings/${tab}`, "Settings"]),
    ["/login", "Sign in", null],
    ["/setup", "Set up Lead HeatScore", null],
    ["/invite", "Choose your password", null],
    ["/invite#token=00000000", "Choose your password", null],
  ];
  for (const dark of [false, true])
    for (const inside of [true, false])
      it(`pages ${inside ? "of files, models and settings" : "before the door"}, ${dark ? "dark and narrow" : "light and wide"}: nothing that axe or the console finds`, async () => {
        await app.page({ dark, width: dark ? 360 : 1440, ...(inside ? {} : { user: null, expect: [401] }) }, async (page) => {
          for (const [address, title] of PAGES.filter(([, , user]) => (user === undefined) === inside)) {
            await page.goto("about:blank");
            await page.goto(address);
            await page.getByRole("heading", { level: 1, name: title }).waitFor(LONG);
            await page.waitForLoadState("networkidle");
            await until("the shapes of loading to go", async () => (await page.getByText("Loading…").count()) === 0);
            await fitsWidth(page, address);
            await axe(page, address);
            await growsIn(page, address);
          }
        });
      });
});
