// SPDX-License-Identifier: Apache-2.0
import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { en, setCatalogue } from "@/lib/strings/all";
import { makeLead, makeLeads, makeMe } from "@/testing/factories";
import { pseudo } from "@/testing/pseudo";
import { renderApp } from "@/testing/render";
import { mockServer, problem } from "@/testing/server";
import { Toaster } from "@/ui/Toaster";
import Leads from "./Leads";

const server = mockServer({
  "GET /me": () => makeMe({ role: "manager" }),
  "GET /views": () => ({ items: [] }),
  "GET /leads/attributes": () => ({ items: [{ name: "Page views", kind: "number" }] }),
  "GET /leads": () => ({ items: makeLeads(30), next_cursor: null, total: 30 }),
});

// jsdom lays nothing out; the list is told that it is 900 pixels high.
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(900);
  vi.spyOn(HTMLElement.prototype, "offsetWidth", "get").mockReturnValue(1400);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(900);
});
afterEach(() => setCatalogue(en));

const asked = () => server.calls.filter((c) => c.path === "/leads").map((c) => c.query);

describe("Leads", () => {
  it("is a table with a count, sortable headers and a link in each row", async () => {
    const { user, address } = renderApp(<Leads />, { at: "/leads" });
    const table = await screen.findByRole("table");
    expect(table.getAttribute("aria-rowcount")).toBe("31");
    expect(await within(table).findByRole("link", { name: "Lead 1" })).toBeTruthy();
    const name = within(table).getByRole("columnheader", { name: "Name" });
    expect(name.getAttribute("aria-sort")).toBe("none");
    await user.click(within(name).getByRole("button"));
    expect(name.getAttribute("aria-sort")).toBe("ascending");
    expect(address()).toBe("/leads?sort=name");
    await waitFor(() => expect(asked().at(-1)?.get("sort")).toBe("name"));
  });

  it("keeps filters in the address and sends them as they are", async () => {
    const { user, address } = renderApp(<Leads />, { at: "/leads" });
    await user.click(await screen.findByRole("button", { name: "Hot" }));
    await user.selectOptions(screen.getByRole("combobox", { name: "Filter by outcome" }), "open");
    expect(address()).toBe("/leads?heat=hot&outcome=open");
    await waitFor(() => expect(asked().at(-1)?.get("heat")).toBe("hot"));
    await user.click(screen.getByRole("button", { name: "Clear all filters" }));
    expect(address()).toBe("/leads");
  });

  it("adds a filter from its form and takes it away by its chip", async () => {
    const { user, address } = renderApp(<Leads />, { at: "/leads" });
    await user.click(await screen.findByRole("button", { name: "Filter" }));
    const form = await screen.findByRole("dialog", { name: "Filter" });
    await user.selectOptions(await within(form).findByRole("combobox", { name: "Field" }), "value");
    await user.type(within(form).getByRole("spinbutton", { name: "Value" }), "1000");
    await user.click(within(form).getByRole("button", { name: "Apply" }));
    expect(address()).toBe("/leads?value%5Bgte%5D=1000");
    await user.click(screen.getByRole("button", { name: "Remove the filter Value is at least 1000" }));
    expect(address()).toBe("/leads");
  });

  it("is walked and selected by keys", async () => {
    const { user, address } = renderApp(<Leads />, { at: "/leads" });
    await screen.findByRole("link", { name: "Lead 1" });
    await user.keyboard("jj");
    await waitFor(() => expect(document.activeElement?.textContent).toBe("Lead 2"));
    await user.keyboard("x");
    expect(await screen.findByText("1 selected")).toBeTruthy();
    await user.keyboard("{Escape}");
    expect(screen.queryByText("1 selected")).toBeNull();
    await user.keyboard("{Enter}");
    expect(address()).toMatch(/^\/leads\/0+1$/);
  });

  it("changes all that match by their filter, never by a list of ids", async () => {
    server.on("POST /leads/bulk", () => ({ job: { id: "J", kind: "bulk", state: "queued", progress: 0, created_at: "" } }));
    server.on("GET /jobs/:id", () => ({ id: "J", kind: "bulk", state: "done", progress: 1, created_at: "", result: { changed: 29, undo: true } }));
    server.on("POST /jobs/:id/undo", () => ({ job: { id: "U", kind: "bulk_undo", state: "queued", progress: 0, created_at: "" } }));
    const { user } = renderApp(
      <>
        <Leads />
        <Toaster />
      </>,
      { at: "/leads?heat=hot" },
    );
    await screen.findByRole("link", { name: "Lead 1" });
    await user.click(screen.getByRole("checkbox", { name: "Select Lead 1" }));
    await user.click(await screen.findByRole("button", { name: "Select all 30 leads" }));
    await user.click(screen.getByRole("checkbox", { name: "Select Lead 3" }));
    expect(screen.getByText("29 selected")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Add a tag" }));
    const dialog = await screen.findByRole("dialog");
    await user.type(within(dialog).getByRole("textbox"), "autumn");
    await user.click(within(dialog).getByRole("button", { name: "Change 29 leads" }));
    await waitFor(() =>
      expect(server.sent("POST /leads/bulk")[0]?.body).toEqual({
        action: "tag", value: "autumn", filter: "heat=hot", except: [makeLeads(3)[2]!.id],
      }),
    );
    // And takes it back as one.
    server.on("GET /jobs/:id", (c) => ({ id: c.params.id, kind: "bulk", state: "done", progress: 1, created_at: "", result: c.params.id === "U" ? { restored: 27, kept: 2 } : { undo: true } }));
    await user.click(await screen.findByRole("button", { name: "Take it back" }));
    expect(await screen.findByText("27 leads are as before, 2 changed since and stayed")).toBeTruthy();
  });

  it("deletes many only when their number was typed", async () => {
    server.on("POST /leads/bulk", () => ({ job: { id: "J", kind: "bulk", state: "queued", progress: 0, created_at: "" } }));
    server.on("GET /jobs/:id", () => ({ id: "J", kind: "bulk", state: "done", progress: 1, created_at: "", result: { changed: 29 } }));
    const { user } = renderApp(<Leads />, { at: "/leads?heat=hot" });
    await screen.findByRole("link", { name: "Lead 1" });
    await user.click(screen.getByRole("checkbox", { name: "Select Lead 1" }));
    await user.click(await screen.findByRole("button", { name: "Select all 30 leads" }));
    await user.click(screen.getByRole("checkbox", { name: "Select Lead 3" }));
    await user.click(screen.getByRole("button", { name: "More" }));
    await user.click(await screen.findByRole("menuitem", { name: "Delete" }));
    const dialog = await screen.findByRole("dialog");
    const go = within(dialog).getByRole("button", { name: "Delete 29 leads" });
    const field = within(dialog).getByRole("textbox", { name: "To go on, type how many they are: 29" });
    expect(go).toHaveProperty("disabled", true);
    await user.type(field, "2");
    await user.keyboard("{Enter}");
    expect(server.sent("POST /leads/bulk")).toHaveLength(0);
    await user.type(field, "9");
    await user.click(go);
    await waitFor(() => expect(server.sent("POST /leads/bulk")[0]?.body).toEqual({ action: "delete", filter: "heat=hot", except: [makeLeads(3)[2]!.id] }));
  });

  it("exports what is ticked and nothing else, or all but what is not", async () => {
    const made = vi.fn(() => "blob:x");
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockReturnValue();
    vi.stubGlobal("URL", Object.assign(URL, { createObjectURL: made, revokeObjectURL: () => undefined }));
    server.on("POST /leads/export.csv", () => problem(429, "One export at a time"));
    const { user } = renderApp(<Leads />, { at: "/leads?heat=hot&sort=name&cols=company" });
    await screen.findByRole("link", { name: "Lead 1" });
    await user.click(screen.getByRole("checkbox", { name: "Select Lead 3" }));
    await user.click(await screen.findByRole("button", { name: "Export the selected leads" }));
    let dialog = await screen.findByRole("dialog", { name: "Export the selected leads" });
    expect(within(dialog).getByText("1 lead, in the order on screen.")).toBeTruthy();
    await user.click(within(dialog).getByRole("button", { name: "Download the CSV" }));
    // What the server says stays with what was asked.
    expect(await within(dialog).findByText("One export at a time")).toBeTruthy();
    server.on("POST /leads/export.csv", () => new Response("csv", { headers: { "Content-Type": "text/csv" } }));
    await user.click(within(dialog).getByRole("button", { name: "Download the CSV" }));
    await waitFor(() => expect(made).toHaveBeenCalledTimes(1));
    const one = server.sent("POST /leads/export.csv").at(-1)!;
    expect(one.body).toEqual({ ids: [makeLeads(3)[2]!.id] });
    expect(one.query.toString()).toBe("sort=name&form=full&columns=name%2Ccompany");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await user.click(await screen.findByRole("button", { name: "Select all 30 leads" }));
    await user.click(screen.getByRole("checkbox", { name: "Select Lead 3" }));
    await user.click(screen.getByRole("button", { name: "Export the selected leads" }));
    dialog = await screen.findByRole("dialog", { name: "Export the selected leads" });
    await user.click(within(dialog).getByRole("button", { name: "Download the CSV" }));
    await waitFor(() => expect(server.sent("POST /leads/export.csv")).toHaveLength(3));
    const rest = server.sent("POST /leads/export.csv")[2]!;
    expect(rest.body).toEqual({ except: [makeLeads(3)[2]!.id] });
    expect(rest.query.get("heat")).toBe("hot");
  });

  it("offers a way out when nothing fits, and an upload when there is nothing", async () => {
    server.on("GET /leads", () => ({ items: [], next_cursor: null, total: 0 }));
    const { user, address } = renderApp(<Leads />, { at: "/leads?q=xyz" });
    expect(await screen.findByText("No lead fits")).toBeTruthy();
    await user.click(screen.getAllByRole("button", { name: "Clear all filters" })[0]!);
    expect(address()).toBe("/leads");
    expect(await screen.findByText("No leads yet")).toBeTruthy();
  });

  it("names what went wrong and tries again", async () => {
    server.on("GET /leads", () => problem(503, "The store is away"));
    const { user } = renderApp(<Leads />, { at: "/leads" });
    expect(await screen.findByText("The store is away")).toBeTruthy();
    server.on("GET /leads", () => ({ items: makeLeads(1), next_cursor: null, total: 1 }));
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("link", { name: "Lead 1" })).toBeTruthy();
  });

  it("renders what leads bring as text", async () => {
    const evil = '<img src=x onerror="alert(1)">';
    server.on("GET /leads", () => ({ items: [makeLead({ name: evil, company: evil, reason: evil })], next_cursor: null, total: 1 }));
    renderApp(<Leads />, { at: "/leads" });
    expect(await screen.findByRole("link", { name: evil })).toBeTruthy();
    expect(document.querySelector("img")).toBeNull();
  });

  it("takes every word from the catalogue", async () => {
    setCatalogue(pseudo);
    renderApp(<Leads />, { at: "/leads?source=Web" });
    await screen.findByRole("link", { name: "Lead 1" });
    const plain = [...document.querySelectorAll("button, th, [role=columnheader], h1, label, option")]
      .map((el) => el.textContent ?? "")
      .filter((text) => text.trim() && !text.includes("["));
    expect(plain).toEqual([]);
  });
});
