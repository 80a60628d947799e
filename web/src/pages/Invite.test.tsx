// SPDX-License-Identifier: Apache-2.0
import { screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { makeMe } from "@/testing/factories";
import { renderApp } from "@/testing/render";
import { mockServer, problem } from "@/testing/server";
import Invite from "./Invite";

const server = mockServer();
afterEach(() => {
  window.location.hash = "";
});

async function choose() {
  window.location.hash = "#token=T0KEN";
  const app = renderApp(<Invite />, { at: "/invite" });
  await app.user.type(screen.getByLabelText("Password"), "a sentence nobody guesses");
  await app.user.click(screen.getByRole("button", { name: "Save and sign in" }));
  return app;
}

describe("Invite", () => {
  it("saves the password with the link's token and opens the overview", async () => {
    server.on("POST /auth/password", () => makeMe());
    const { address } = await choose();
    await waitFor(() => expect(address()).toBe("/"));
    expect(server.sent("POST /auth/password")[0]?.body).toEqual({ token: "T0KEN", password: "a sentence nobody guesses" });
  });

  it("goes to the login when the account has a second factor", async () => {
    server.on("POST /auth/password", () => undefined);
    const { address } = await choose();
    await waitFor(() => expect(address()).toBe("/login"));
  });

  it("says that a link works once", async () => {
    server.on("POST /auth/password", () => problem(404, "Not found"));
    await choose();
    expect((await screen.findByRole("alert")).textContent).toContain("This link has been used or is too old");
  });
});
