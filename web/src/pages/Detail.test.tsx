// SPDX-License-Identifier: Apache-2.0
import { screen, waitFor, within } from "@testing-library/react";
import { Route, Routes } from "react-router";
import { describe, expect, it } from "vitest";
import { makeLead, makeMe } from "@/testing/factories";
import { renderApp } from "@/testing/render";
import { mockServer, problem } from "@/testing/server";
import Detail from "./Detail";

const lead = makeLead();
const server = mockServer({
  "GET /me": () => makeMe(),
  "GET /leads/:id": () => lead,
  "GET /leads/:id/explanation": () => ({
    ...lead, base: { points: 24, probability: 0.24 }, rest: { points: 21, probability: 0.2 },
    reasons: [{ column: "source", text: "Came from Referral: 42 of 120 such leads won", points: 42, probability: 0.42 }],
  }),
  "GET /leads/:id/timeline": () => ({ items: [], next_cursor: null }),
  "GET /leads/:id/history": () => ({ items: [] }),
  "GET /leads/:id/notes": () => ({ items: [] }),
});
const page = (
  <Routes>
    <Route path="/leads/:id" element={<Detail />} />
  </Routes>
);
const open = () => renderApp(page, { at: `/leads/${lead.id}` });

describe("Detail", () => {
  it("says how likely, how hot and how sure, and its reasons add up to the score", async () => {
    open();
    expect(await screen.findByRole("heading", { name: "Ada Lovelace" })).toBeTruthy();
    const meter = screen.getByRole("meter", { name: "Chance of winning" });
    expect(meter.getAttribute("aria-valuetext")).toBe("87.1%, Hot");
    const table = await screen.findByRole("table", { name: /lead.* to a score of 87/ });
    const points = within(table).getAllByRole("row").slice(1).map((r) => within(r).getAllByRole("cell")[0]!.textContent);
    expect(points.slice(0, 3)).toEqual(["24", "+42", "+21"]);
  });

  it("edits a field in place by keys and sends the version it was seen in", async () => {
    server.on("PATCH /leads/:id", () => ({ ...lead, company: "Acme", version: 2 }));
    const { user } = open();
    const button = await screen.findByRole("button", { name: "Edit Company: Analytical Engines" });
    button.focus();
    await user.keyboard("e");
    const field = screen.getByRole("textbox", { name: "Company" });
    await user.clear(field);
    await user.type(field, "Acme{Enter}");
    await waitFor(() => expect(server.calls.find((c) => c.method === "PATCH")?.body).toEqual({ company: "Acme" }));
    expect(server.calls.find((c) => c.method === "PATCH")?.headers.get("if-match")).toBe('"1"');
  });

  it("cancels with Escape and sends nothing", async () => {
    const { user } = open();
    await user.click(await screen.findByRole("button", { name: /Edit Company/ }));
    await user.type(screen.getByRole("textbox", { name: "Company" }), "x{Escape}");
    expect(screen.getByRole("button", { name: "Edit Company: Analytical Engines" })).toBeTruthy();
    expect(server.calls.some((c) => c.method === "PATCH")).toBe(false);
  });

  it("shows both values when somebody else was faster, and keeps mine on request", async () => {
    server.on("PATCH /leads/:id", (c) =>
      c.headers.get("if-match") === '"1"'
        ? problem(412, "Changed meanwhile", { current: { ...lead, company: "Theirs", version: 5 } })
        : { ...lead, company: "Mine", version: 6 },
    );
    const { user } = open();
    await user.click(await screen.findByRole("button", { name: /Edit Company/ }));
    const field = screen.getByRole("textbox", { name: "Company" });
    await user.clear(field);
    await user.type(field, "Mine{Enter}");
    expect(await screen.findByText("Company is now “Theirs”; you typed “Mine”.")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Keep mine" }));
    await waitFor(() => expect(server.calls.filter((c) => c.method === "PATCH").at(-1)?.headers.get("if-match")).toBe('"5"'));
  });

  it("saves with Tab and goes on to the next field, back with Shift, and leaves with Escape", async () => {
    server.on("PATCH /leads/:id", (c) => ({ ...lead, ...(c.body as object) }));
    const { user } = open();
    await user.click(await screen.findByRole("button", { name: /Edit Company/ }));
    const first = screen.getByRole("textbox", { name: "Company" });
    await user.clear(first);
    await user.type(first, "Mine{Tab}");
    await waitFor(() => expect(server.calls.filter((c) => c.method === "PATCH").at(-1)?.body).toEqual({ company: "Mine" }));
    expect(document.activeElement?.getAttribute("aria-label")).toBe("Role");
    await user.keyboard("{Shift>}{Tab}{/Shift}");
    expect(document.activeElement).toBe(screen.getByRole("textbox", { name: "Company" }));
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("textbox", { name: "Company" })).toBeNull());
    expect(server.calls.filter((c) => c.method === "PATCH")).toHaveLength(1);
  });

  it("keeps a note that could not be saved in its field", async () => {
    server.on("POST /leads/:id/notes", () => problem(503, "Busy"));
    const { user } = open();
    const field = await screen.findByRole("textbox", { name: "New note" });
    await user.type(field, "Call back");
    await user.click(screen.getByRole("button", { name: "Add note" }));
    await waitFor(() => expect(server.sent(`POST /leads/${lead.id}/notes`).length).toBe(1));
    expect(field).toHaveProperty("value", "Call back");
  });

  it("lets viewers look and change nothing", async () => {
    server.on("GET /me", () => makeMe({ role: "viewer" }));
    open();
    await screen.findByRole("heading", { name: "Ada Lovelace" });
    expect(screen.queryByRole("button", { name: /Edit/ })).toBeNull();
    expect(screen.queryByRole("button", { name: "Score anew" })).toBeNull();
    expect((screen.getByRole("radio", { name: "Won" }) as HTMLInputElement).matches(":disabled")).toBe(true);
  });

  it.each(["explanation", "history", "timeline", "notes"])("shows nothing before its %s is there, so that no part moves another", async (part) => {
    let come = (_: object) => {};
    const late = new Promise<object>((r) => (come = r));
    server.on(`GET /leads/:id/${part}`, () => late);
    open();
    await waitFor(() => ["", "/explanation", "/history", "/timeline", "/notes"].forEach((p) => expect(server.sent(`GET /leads/${lead.id}${p}`).length).toBe(1)));
    await new Promise((r) => setTimeout(r, 50));
    expect(screen.queryByRole("heading", { name: "Ada Lovelace" })).toBeNull();
    come(part === "explanation" ? { ...lead, base: { points: 24, probability: 0.24 }, rest: { points: 63, probability: 0.6 }, reasons: [] } : { items: [], next_cursor: null });
    expect(await screen.findByRole("heading", { name: "Ada Lovelace" })).toBeTruthy();
  });

  it("says when there is no such lead", async () => {
    server.on("GET /leads/:id", () => problem(404, "Not found"));
    open();
    expect(await screen.findByText("There is no such lead")).toBeTruthy();
  });
});
