// SPDX-License-Identifier: Apache-2.0
import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { makeLeads, makeMe, makeOverview } from "@/testing/factories";
import { renderApp } from "@/testing/render";
import { mockServer, problem } from "@/testing/server";
import { Toaster } from "@/ui/Toaster";
import Overview from "./Overview";

const server = mockServer({
  "GET /me": () => makeMe(),
  "GET /overview": () => makeOverview(),
  "GET /queue": () => ({ items: makeLeads(3), next_cursor: null }),
  "GET /analytics/heat": () => ({ items: [{ heat: "hot", leads: 120, won: 60, lost: 40, conversion: 0.6, low: 0.5, high: 0.69 }] }),
  "GET /analytics/reliability": () => ({ model: "v3", source: "holdout", bins: [], ece: 0 }),
  "GET /analytics/trend": () => ({ items: [] }),
  "GET /analytics/sources": () => ({ items: [] }),
  "GET /analytics/funnel": () => ({ stages: [] }),
  "POST /leads/:id/verdict": () => ({}),
});

describe("Overview", () => {
  it("shows what changed, each figure leading to its leads", async () => {
    renderApp(<Overview />);
    const since = await screen.findByRole("region", { name: "Since yesterday" });
    expect(within(since).getByRole("link", { name: /14\s*New leads/ })).toHaveProperty("href", expect.stringContaining("inserted_at"));
  });

  it("asks for an upload when there are no leads", async () => {
    server.on("GET /overview", () =>
      makeOverview({ totals: { leads: 0, won: 0, lost: 0, open: 0 }, heat: { hot: 0, warm: 0, cold: 0 } }),
    );
    renderApp(<Overview />);
    expect(await screen.findByText("No leads yet")).toBeTruthy();
    expect(screen.getAllByRole("link", { name: "Upload leads" }).length).toBe(1);
  });

  it("says that scores come from a rule while no model is published", async () => {
    server.on("GET /overview", () => makeOverview({ model: { version: "rule" } }));
    renderApp(<Overview />);
    expect(await screen.findByText(/Scored by a rule of thumb/)).toBeTruthy();
  });

  it("names the failed request and tries again", async () => {
    server.on("GET /overview", () => problem(500, "The store is away"));
    const { user } = renderApp(<Overview />);
    expect(await screen.findByText("The store is away")).toBeTruthy();
    expect(screen.getByText("Request 01TESTREQUEST")).toBeTruthy();
    server.on("GET /overview", () => makeOverview());
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("region", { name: "Since yesterday" })).toBeTruthy();
  });

  it("is worked from the keyboard: a verdict is saved and the next lead is shown", async () => {
    const { user } = renderApp(<Overview />);
    expect(await screen.findByText("Lead 1 of 3")).toBeTruthy();
    await user.keyboard("3");
    expect(await screen.findByText("Lead 2 of 3")).toBeTruthy();
    await waitFor(() => expect(server.calls.find((c) => c.method === "POST")?.body).toEqual({ verdict: "junk" }));
    await user.keyboard("j");
    expect(await screen.findByText("Lead 3 of 3")).toBeTruthy();
  });

  it("takes back a verdict that could not be saved", async () => {
    server.on("POST /leads/:id/verdict", () => problem(503, "Too busy"));
    const { user } = renderApp(
      <>
        <Overview />
        <Toaster />
      </>,
    );
    await screen.findByText("Lead 1 of 3");
    await user.keyboard("1");
    expect(await screen.findByText("The verdict was not saved")).toBeTruthy();
    expect(screen.queryByText("Good lead", { selector: "li button span" })).toBeNull();
  });
});
