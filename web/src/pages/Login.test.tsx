// SPDX-License-Identifier: Apache-2.0
import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { makeMe } from "@/testing/factories";
import { renderApp } from "@/testing/render";
import { mockServer, problem } from "@/testing/server";
import Login, { safeReturn } from "./Login";

const server = mockServer({ "GET /auth/methods": () => ({ password: true, oidc: null }) });

async function fill(user: ReturnType<typeof renderApp>["user"]) {
  await user.type(await screen.findByLabelText("Email"), "rae@example.com");
  await user.type(screen.getByLabelText("Password"), "correct horse battery");
  await user.click(screen.getByRole("button", { name: "Sign in" }));
}

describe("Login", () => {
  it("signs in and goes back to where the user came from", async () => {
    server.on("POST /auth/login", () => makeMe());
    const { user, address } = renderApp(<Login />, { at: "/login?return=%2Fleads%3Fheat%3Dhot" });
    await fill(user);
    await waitFor(() => expect(address()).toBe("/leads?heat=hot"));
    expect(server.calls.find((c) => c.method === "POST")?.body).toEqual({
      email: "rae@example.com",
      password: "correct horse battery",
    });
  });

  it("asks for a code only when the account has a second factor, and says when it is wrong", async () => {
    let tries = 0;
    server.on("POST /auth/login", (call) => {
      tries++;
      return (call.body as { totp?: string }).totp === "123456" ? makeMe() : problem(401, "The code is wrong", { totp_required: true });
    });
    const { user, address } = renderApp(<Login />, { at: "/login" });
    await fill(user);
    const code = await screen.findByLabelText("Code from your authenticator app");
    expect(screen.queryByRole("alert")).toBeNull();
    await user.type(code, "000000");
    await user.click(screen.getByRole("button", { name: "Check the code" }));
    expect((await screen.findByRole("alert")).textContent).toContain("The code is wrong");
    await user.clear(code);
    await user.type(code, "123 456");
    await user.click(screen.getByRole("button", { name: "Check the code" }));
    await waitFor(() => expect(address()).toBe("/"));
    expect(tries).toBe(3);
  });

  it("says how long to wait when there were too many tries", async () => {
    server.on("POST /auth/login", () => {
      const r = problem(429, "Too many tries");
      r.headers.set("Retry-After", "90");
      return r;
    });
    const { user } = renderApp(<Login />, { at: "/login" });
    await fill(user);
    expect((await screen.findByRole("alert")).textContent).toContain("Wait 1m 30s");
  });

  it("offers the other provider where one is set", async () => {
    server.on("GET /auth/methods", () => ({ password: true, oidc: { name: "Acme ID" } }));
    renderApp(<Login />, { at: "/login?return=%2Fmodel" });
    const link = await screen.findByRole("link", { name: "Sign in with Acme ID" });
    expect(link.getAttribute("href")).toBe("/api/v1/auth/oidc/start?return=%2Fmodel");
  });

  it.each([
    ["https://evil.example", "/"],
    ["//evil.example", "/"],
    ["/\\evil.example", "/"],
    ["javascript:alert(1)", "/"],
    [null, "/"],
    ["/leads", "/leads"],
  ])("never leaves for %s", (to, lands) => expect(safeReturn(to)).toBe(lands));
});
