// SPDX-License-Identifier: Apache-2.0
import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { makeMe } from "@/testing/factories";
import { renderApp } from "@/testing/render";
import { mockServer, problem } from "@/testing/server";
import Setup from "./Setup";

const server = mockServer({ "GET /auth/setup": () => ({ needed: true }) });

async function fill(user: ReturnType<typeof renderApp>["user"]) {
  await user.type(await screen.findByLabelText("Your name"), "Ada");
  await user.type(screen.getByLabelText("Email"), "ada@example.com");
  await user.type(screen.getByLabelText("Password"), "a sentence nobody guesses");
  await user.click(screen.getByRole("button", { name: "Make the account" }));
}

describe("Setup", () => {
  it("makes the first admin with the link's token and offers the two ways to start", async () => {
    server.on("POST /auth/setup", () => makeMe({ name: "Ada", role: "admin" }));
    const { user } = renderApp(<Setup />, { at: "/setup?token=T0KEN" });
    await fill(user);
    expect(await screen.findByRole("heading", { name: "Welcome, Ada" })).toBeTruthy();
    expect(server.sent("POST /auth/setup")[0]?.body).toMatchObject({ token: "T0KEN", email: "ada@example.com" });
    expect(screen.getByRole("link", { name: "Choose a file" })).toBeTruthy();
  });

  it("loads the demo leads and opens the overview when they are there", async () => {
    const job = { id: "01JOB", kind: "demo", state: "running", progress: 0.2, created_at: "2026-11-27T08:00:00Z" };
    server.on("POST /auth/setup", () => makeMe({ name: "Ada", role: "admin" }));
    server.on("POST /demo", () => ({ job }));
    let reads = 0;
    server.on("GET /uploads", () => ({ items: [{ id: "01UP", state: reads++ < 1 ? "importing" : "done" }], next_cursor: null }));
    server.on("GET /jobs/:id", () => ({ ...job, state: "done", progress: 1 }));
    const { user, address } = renderApp(<Setup />, { at: "/setup?token=T0KEN" });
    await fill(user);
    await user.click(await screen.findByRole("button", { name: "Load demo leads" }));
    expect(await screen.findByRole("progressbar")).toBeTruthy();
    await waitFor(() => expect(address()).toBe("/"), { timeout: 4000 });
  });

  it("names what is wrong at its field", async () => {
    server.on("POST /auth/setup", () =>
      problem(422, "The input cannot be used", { errors: [{ pointer: "/password", detail: "is one of the most used passwords" }] }),
    );
    const { user } = renderApp(<Setup />, { at: "/setup?token=T0KEN" });
    await fill(user);
    expect(await screen.findByText("is one of the most used passwords")).toBeTruthy();
    expect(screen.getByLabelText("Password").getAttribute("aria-invalid")).toBe("true");
  });

  it("says where the link is when the page is opened without it", async () => {
    renderApp(<Setup />, { at: "/setup" });
    expect(await screen.findByText("This page needs the set-up link")).toBeTruthy();
  });

  it("leads to the login once the server is set up", async () => {
    server.on("GET /auth/setup", () => ({ needed: false }));
    renderApp(<Setup />, { at: "/setup?token=OLD" });
    expect(await screen.findByRole("link", { name: "Sign in" })).toBeTruthy();
  });
});
