// SPDX-License-Identifier: Apache-2.0
// A rep's morning and a manager's clean-up, on the real server.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { XSS } from "./data.mjs";
import { REP, until, useApp, VIEWER } from "./harness.mjs";

const app = useApp({ leads: 1200, model: true });
const rows = (page) => page.locator("[role=row][data-index]");
const firstRow = (page) => page.locator('[role=row][data-index="0"] a');

describe("a rep's morning", () => {
  it("from the queue to a verdict, a note and the next lead, by keys alone", async () => {
    await app.page({ user: REP }, async (page, api) => {
      await page.goto("/");
      await page.getByText("Lead 1 of").waitFor();
      const [first, second] = (await api.get("/queue?limit=20")).items;
      await page.keyboard.press("1");
      await page.getByText("Lead 2 of").waitFor();
      await until("the verdict", async () => (await api.get(`/leads/${first.id}`)).verdict?.verdict === "good");
      await page.keyboard.press("k");
      await page.getByText("Lead 1 of").waitFor();
      await page.keyboard.press("j");
      await page.getByText("Lead 2 of").waitFor();
      await page.keyboard.press("Enter");
      await page.waitForURL(`**/leads/${second.id}`);
      const heading = page.locator("[data-page-heading]");
      await heading.waitFor();
      await until("the focus to follow", () => heading.evaluate((h) => h === document.activeElement));
      const note = page.getByRole("textbox", { name: "New note" });
      for (let i = 0; i < 60 && !(await note.evaluate((n) => n === document.activeElement)); i++) await page.keyboard.press("Tab");
      await page.keyboard.type("Call on Friday");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await until("the note", async () => (await api.get(`/leads/${second.id}/notes`)).items.some((n) => n.text === "Call on Friday"));
      await page.getByText("Call on Friday", { exact: true }).first().waitFor();
    });
  });

  it("records what became of a lead, and the score's reasons add up", async () => {
    await app.page({ user: REP }, async (page, api) => {
      const lead = (await api.get("/leads?outcome=open&sort=-score&limit=3")).items[2];
      await page.goto(`/leads/${lead.id}`);
      const table = page.getByRole("table", { name: /score of/ });
      await table.waitFor();
      const cells = await table.getByRole("row").evaluateAll((rs) => rs.slice(1).map((r) => [...r.querySelectorAll("td:not([aria-hidden])")].map((c) => c.textContent)));
      const number = (s) => Number(s.replace("−", "-"));
      const sum = cells.slice(0, -1).reduce((n, [points]) => n + number(points), 0);
      assert.equal(sum, lead.score);
      assert.equal(number(cells.at(-1)[1]), lead.score);
      await page.getByText("Won", { exact: true }).click();
      await until("the outcome", async () => (await api.get(`/leads/${lead.id}`)).outcome === "won");
      await page.getByRole("radio", { name: "Won" }).and(page.locator(":checked")).waitFor();
    });
  });

  it("sees what a viewer may not do", async () => {
    await app.page({ user: VIEWER }, async (page, api) => {
      const lead = (await api.get("/leads?limit=1")).items[0];
      await page.goto(`/leads/${lead.id}`);
      await page.getByRole("heading", { name: "Why this score" }).waitFor();
      assert.equal(await page.getByRole("button", { name: "Score anew" }).count(), 0);
      assert.ok(await page.getByRole("radio", { name: "Lost" }).isDisabled());
      const r = await api.send("POST", `/leads/${lead.id}/outcome`, { outcome: "won" });
      assert.equal(r.status, 403);
    });
  });
});

describe("the list", () => {
  it("keeps filters, order and columns in the address; Back and a colleague get the same", async () => {
    await app.page({}, async (page) => {
      await page.goto("/leads");
      await firstRow(page).waitFor();
      await page.getByRole("button", { name: "Hot", exact: true }).click();
      await page.waitForURL("**/leads?heat=hot");
      await page.getByRole("columnheader", { name: "Company" }).getByRole("button").click();
      await page.waitForURL(/sort=company/);
      await page.getByRole("columnheader", { name: "Company" }).and(page.locator("[aria-sort=ascending]")).waitFor();
      await until("rows in the new order", async () => page.locator("[role=table]").locator("xpath=ancestor::*[@aria-busy='false']").count());
      const shown = await firstRow(page).textContent();
      const address = page.url();
      await firstRow(page).click();
      await page.getByRole("heading", { name: "Why this score" }).waitFor();
      await page.goBack();
      await firstRow(page).waitFor();
      assert.equal(page.url(), address);
      assert.equal(await firstRow(page).textContent(), shown);
      await page.goBack();
      await page.goBack();
      assert.equal(new URL(page.url()).search, "");
    });
  });

  it("is walked, selected and opened by keys", async () => {
    await app.page({}, async (page) => {
      await page.goto("/leads");
      await firstRow(page).waitFor();
      await page.keyboard.press("j");
      await page.keyboard.press("x");
      await page.keyboard.press("j");
      await page.keyboard.press("x");
      await page.getByText("2 selected").waitFor();
      await page.keyboard.press("Escape");
      await page.getByText("2 selected").waitFor({ state: "detached" });
      const name = await page.locator('[role=row][data-index="1"] a').textContent();
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1, name }).waitFor();
      await page.keyboard.press("g");
      await page.keyboard.press("l");
      await firstRow(page).waitFor();
      await page.keyboard.press("/");
      await page.keyboard.type("globex");
      await page.keyboard.press("Enter");
      await page.waitForURL("**/leads?q=globex");
      await page.getByText(/leads match/).waitFor();
      await page.keyboard.press("j");
      await until("the first match to have the focus", () => firstRow(page).evaluate((a) => a === document.activeElement));
    });
  });

  it("scrolls to any place, and every row stands where the sorted list has it", async () => {
    await app.page({}, async (page, api) => {
      await page.goto("/leads?sort=external_id&cols=external_id,score");
      await firstRow(page).waitFor();
      const wanted = [];
      for (let cursor = ""; ; ) {
        const p = await api.get(`/leads?sort=external_id&limit=500${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
        wanted.push(...p.items.map((l) => l.external_id));
        if (!p.next_cursor) break;
        cursor = p.next_cursor;
      }
      assert.equal(wanted.length, 1200);
      const scroller = page.getByRole("table").locator("xpath=..");
      for (const share of [0.5, 1, 0.24, 0.26, 0]) {
        await scroller.evaluate((el, s) => (el.scrollTop = (el.scrollHeight - el.clientHeight) * s), share);
        const place = share * (wanted.length - 10);
        const seen = await until("the rows there", async () => {
          const now = await rows(page).evaluateAll((rs) => rs.map((r) => [Number(r.dataset.index), r.children[2].textContent]));
          return now.some(([index]) => Math.abs(index - place) < 20) && now.every(([, id]) => id) && now;
        });
        for (const [index, id] of seen) assert.equal(id, wanted[index], `row ${index} at ${share}`);
        if (share !== 0.5) continue;
        // A colleague who is sent the address sees the same rows.
        const top = await until("the place in the address", () => /#row-(\d+)-of-1200$/.exec(page.url()));
        const other = await page.context().newPage();
        await other.goto(page.url());
        const row = rows(other).and(other.locator(`[data-index="${top[1]}"]`));
        await row.getByText(wanted[top[1]], { exact: true }).waitFor();
        await other.close();
      }
    });
  });

  it("saves a view, marks it when modified, and deletes it", async () => {
    await app.page({}, async (page) => {
      await page.goto("/leads?source=Referral");
      await firstRow(page).waitFor();
      await page.getByRole("button", { name: "Views", exact: true }).click();
      await page.getByRole("menuitem", { name: "Save this view…" }).click();
      await page.getByRole("textbox", { name: "Name" }).fill("Referrals");
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await page.getByRole("button", { name: "Referrals", exact: true }).waitFor();
      await page.getByRole("button", { name: "Warm", exact: true }).click();
      await page.getByRole("button", { name: "Referrals (modified)" }).click();
      await page.getByRole("menuitem", { name: "Delete “Referrals”" }).click();
      await page.getByRole("button", { name: "Delete", exact: true }).click();
      await page.getByRole("button", { name: "Views", exact: true }).waitFor();
    });
  });

  it("opens with the view that the user wants first, but not on the way back", async () => {
    await app.page({ user: REP }, async (page) => {
      await page.goto("/leads");
      await firstRow(page).waitFor();
      await page.getByRole("button", { name: "All leads" }).click();
      await page.getByRole("menuitemcheckbox", { name: "Hot and open" }).click();
      await page.waitForURL(/heat=hot/);
      const first = async () => {
        await page.getByRole("button", { name: "Hot and open" }).click();
        await page.getByRole("menuitemcheckbox", { name: "Open Leads with this view" }).click();
      };
      await Promise.all([page.waitForResponse((r) => r.url().endsWith("/api/v1/me") && r.request().method() === "PATCH"), first()]);
      await page.getByRole("link", { name: "Overview", exact: true }).click();
      await page.getByRole("heading", { name: "My queue today" }).waitFor();
      await page.getByRole("link", { name: "Leads", exact: true }).first().click();
      await page.waitForURL(/heat=hot/);
      await page.goBack();
      await page.getByRole("heading", { name: "My queue today" }).waitFor();
      await Promise.all([page.waitForResponse((r) => r.url().endsWith("/api/v1/me") && r.request().method() === "PATCH"), page.goForward().then(first)]);
    });
  });

  it("keeps the width of a column and what is pinned, by pointer and by keys", async () => {
    await app.page({}, async (page) => {
      await page.goto("/leads");
      await firstRow(page).waitFor();
      const head = page.getByRole("columnheader", { name: "Company" });
      const width = async () => Math.round((await head.boundingBox()).width);
      const before = await width();
      const box = await head.boundingBox();
      await page.mouse.move(box.x + box.width - 3, box.y + box.height / 2);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width + 57, box.y + box.height / 2, { steps: 4 });
      await page.mouse.up();
      await until("the wider column", async () => Math.abs((await width()) - before - 60) <= 2);
      assert.equal(await head.getAttribute("aria-sort"), "none", "a drag does not sort");
      await page.getByRole("button", { name: "Columns", exact: true }).click();
      await page.getByRole("button", { name: "Make Company narrower" }).focus();
      await page.keyboard.press("Enter");
      await until("the narrower column", async () => Math.abs((await width()) - before - 28) <= 2);
      await page.getByRole("button", { name: "Keep Company on the left" }).press("Enter");
      await page.keyboard.press("Escape");
      assert.match(await page.getByRole("columnheader").nth(2).textContent(), /Company/);
      await page.reload();
      await firstRow(page).waitFor();
      assert.ok(Math.abs((await width()) - before - 28) <= 2, "kept over a reload");
      await page.setViewportSize({ width: 900, height: 800 });
      await page.getByRole("table").locator("xpath=..").evaluate((el) => (el.scrollLeft = el.scrollWidth));
      const [name, company] = await Promise.all(["Name", "Company"].map((n) => page.getByRole("columnheader", { name: n }).boundingBox()));
      assert.ok(Math.abs(company.x - (name.x + name.width)) <= 2, "it stays beside the name");
    });
  });

  it("exports exactly what is on screen", async () => {
    await app.page({}, async (page, api) => {
      await page.goto("/leads?source=Referral&outcome=open&sort=-score&cols=score,company,source");
      await firstRow(page).waitFor();
      const { total } = await api.get("/leads?source=Referral&outcome=open&limit=1");
      await page.getByRole("button", { name: "Export" }).click();
      await page.getByText(`${total} leads, with the filters`).waitFor();
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download the CSV" }).click()]);
      const text = await readFile(await download.path(), "utf8");
      const lines = text.trimEnd().split("\r\n");
      assert.equal(lines.length, total + 1);
      assert.match(lines[0], /score.*company.*source/i);
      // Of ticked rows these and no others, in their order.
      const names = [];
      for (const i of [4, 1]) {
        await rows(page).nth(i).getByRole("checkbox").click();
        names.unshift(await rows(page).nth(i).getByRole("link").textContent());
      }
      await page.getByRole("button", { name: "Export the selected leads" }).click();
      await page.getByText("2 leads, in the order on screen").waitFor();
      const [two] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download the CSV" }).click()]);
      const picked = (await readFile(await two.path(), "utf8")).trimEnd().split("\r\n").slice(1);
      assert.equal(picked.length, 2);
      names.forEach((name, i) => assert.ok(picked[i].includes(name.slice(0, 20)), `${name} in ${picked[i]}`));
    });
  });

  it("changes what is selected in bulk, and shows it", async () => {
    await app.page({}, async (page, api) => {
      await page.goto("/leads?source=Website&cols=owner");
      await firstRow(page).waitFor();
      const { total } = await api.get("/leads?source=Website&limit=1");
      await page.getByRole("checkbox", { name: /^Select / }).nth(1).click();
      await page.getByRole("button", { name: /^Select all/ }).click();
      await page.getByText(`${total} selected`).waitFor();
      await page.getByRole("button", { name: "Owner", exact: true }).last().click();
      await page.getByRole("dialog").getByRole("textbox", { name: "Owner" }).fill("Zoë");
      await page.getByRole("button", { name: /^Change/ }).click();
      await page.getByText(/Owner: .* done/).first().waitFor({ timeout: 30_000 });
      assert.equal((await api.get(`/leads?source=Website&owner=${encodeURIComponent("Zoë")}&limit=1`)).total, total);
      await until("the new owner in the list", async () => (await rows(page).first().textContent()).includes("Zoë"));
    });
  });
});

describe("text from leads", () => {
  it("is never markup, from the CSV to the page", async () => {
    await app.page({}, async (page, api) => {
      const ids = XSS.map((_, i) => `L-${i + 1}`).join(",");
      const leads = (await api.get(`/leads?external_id[in]=${ids}`)).items;
      assert.equal(leads.length, XSS.length);
      assert.deepEqual(leads.map((l) => l.name).sort(), [...XSS].sort());
      await page.goto(`/leads?external_id[in]=${ids}`);
      await firstRow(page).waitFor();
      for (const lead of leads) {
        await page.goto(`/leads/${lead.id}`);
        await page.locator("[data-page-heading]").waitFor();
        assert.equal(await page.locator("[data-page-heading]").textContent(), lead.name);
        assert.ok((await page.title()).startsWith(lead.name));
      }
      assert.equal(await page.evaluate(() => window.__pwned), undefined);
    });
  });
});
