// SPDX-License-Identifier: Apache-2.0
import { screen, waitFor, within } from "@testing-library/react";
import { Route, Routes } from "react-router";
import { describe, expect, it } from "vitest";
import { roleFor } from "@/features/users/AddKey";
import { makeMe } from "@/testing/factories";
import { renderApp } from "@/testing/render";
import { mockServer, problem } from "@/testing/server";
import Settings from "./Settings";

const server = mockServer({ "GET /me": () => makeMe({ role: "admin" }) });
const page = (at: string) =>
  renderApp(
    <Routes>
      <Route path="/settings/:tab?" element={<Settings />} />
    </Routes>,
    { at },
  );
const rae = { id: "01U", email: "rae@example.com", name: "Rae", role: "rep" };

describe("Settings", () => {
  it("shows a rep only what a rep may see", async () => {
    server.on("GET /me", () => makeMe({ role: "rep" }));
    server.on("GET /me/sessions", () => ({ items: [], next_cursor: null }));
    const { address } = page("/settings/users");
    await waitFor(() => expect(address()).toBe("/settings/account"));
    const tabs = within(await screen.findByRole("navigation", { name: "Settings" }));
    expect(tabs.getAllByRole("link").map((a) => a.textContent)).toEqual(["My account"]);
  });

  it("changes a role, and says what the server refuses", async () => {
    server.on("GET /users", () => ({ items: [rae], next_cursor: null }));
    server.on("PATCH /users/:id", () => rae);
    const { user } = page("/settings/users");
    await user.selectOptions(await screen.findByLabelText("Role of Rae"), "manager");
    await waitFor(() => expect(server.sent("PATCH /users/01U")[0]?.body).toEqual({ role: "manager" }));
  });

  it("adds a user and shows the invitation once", async () => {
    server.on("GET /users", () => ({ items: [], next_cursor: null }));
    server.on("POST /users", () => ({ ...rae, invite_url: "https://h.example/setup?invite=X" }));
    const { user } = page("/settings/users");
    await user.click(await screen.findByRole("button", { name: "Add a user" }));
    const form = within(await screen.findByRole("dialog"));
    await user.type(form.getByLabelText("Name"), "Rae");
    await user.type(form.getByLabelText("Email"), "rae@example.com");
    await user.click(form.getByRole("button", { name: "Add a user" }));
    expect(await screen.findByText("https://h.example/setup?invite=X")).toBeTruthy();
  });

  it("makes a key with the least role its rights need", async () => {
    server.on("GET /api-keys", () => ({ items: [], next_cursor: null }));
    server.on("POST /api-keys", () => ({ id: "01K", name: "form", role: "rep", scopes: [], key: "lhs_once" }));
    const { user } = page("/settings/keys");
    await user.click(await screen.findByRole("button", { name: "Make a key" }));
    const form = within(await screen.findByRole("dialog"));
    await user.type(form.getByLabelText("Name"), "web form");
    await user.click(form.getByLabelText("change leads"));
    await user.click(form.getByRole("button", { name: "Make a key" }));
    expect(await screen.findByText("lhs_once")).toBeTruthy();
    expect(server.sent("POST /api-keys")[0]?.body).toEqual({ name: "web form", scopes: ["score", "write"], role: "rep" });
    expect(roleFor(["models", "read"])).toBe("manager");
  });

  it("keeps what another place has set from being edited, and never shows a secret", async () => {
    server.on("GET /settings", () => ({
      items: [
        { name: "reps_see", value: "own", source: "store", editable: true, kind: "choice", words: "own|all", help: "Which leads reps see" },
        { name: "listen", value: "127.0.0.1:8000", source: "flag", editable: false, kind: "text", help: "Address" },
        { name: "oidc_secret", value: true, source: "env", editable: false, secret: true, kind: "text", help: "Secret" },
      ],
    }));
    server.on("PATCH /settings", () => problem(422, "Not so", { errors: [{ pointer: "/reps_see", detail: "must be own or all" }] }));
    const { user } = page("/settings/server");
    expect(await screen.findByText("set, not shown")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Change listen" })).toBeNull();
    await user.click(screen.getByRole("button", { name: "Change reps_see" }));
    await user.selectOptions(await screen.findByLabelText("Value"), "all");
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("must be own or all")).toBeTruthy();
  });

  it("says where the audit chain breaks, and who did what by name", async () => {
    server.on("GET /users", () => ({ items: [{ ...rae, id: "01RAE", name: "Rae Rep" }], next_cursor: null }));
    server.on("GET /audit", () => ({
      items: [{ seq: 7, at: "2026-11-27T08:00:00Z", actor: "user 01RAE", action: "key.create", object: "web form" }],
      next_cursor: null,
    }));
    server.on("GET /audit/verify", () => ({ ok: false, checked: 7, first_bad: 5 }));
    const { user } = page("/settings/audit");
    expect(await screen.findByText("key.create")).toBeTruthy();
    expect((await screen.findByText("Rae Rep")).title).toBe("01RAE");
    await user.click(screen.getByRole("button", { name: "Check the chain" }));
    expect(await screen.findByText("The chain is broken at entry 5")).toBeTruthy();
  });

  it("saves the schedule as shown", async () => {
    server.on("GET /schedule", () => ({ retrain: { every: "off", publish: "gate" }, rescore: { hour: 2 } }));
    server.on("PUT /schedule", (c) => c.body as object);
    const { user } = page("/settings/schedule");
    await user.selectOptions(await screen.findByLabelText("How often"), "week");
    await user.selectOptions(screen.getByLabelText("On"), "Friday");
    await user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() =>
      expect(server.sent("PUT /schedule")[0]?.body).toEqual({ retrain: { every: "week", publish: "gate", day: 5 }, rescore: { hour: 2 } }),
    );
  });
});
