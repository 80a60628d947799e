// SPDX-License-Identifier: Apache-2.0
import { screen, waitFor, within } from "@testing-library/react";
import { Route, Routes } from "react-router";
import { describe, expect, it } from "vitest";
import { makeMe, makeOverview } from "@/testing/factories";
import { renderApp } from "@/testing/render";
import { mockServer, problem } from "@/testing/server";
import Model from "./Model";

const v = (version: string, state: string, more = {}) => ({
  version,
  state,
  created_at: "2026-11-20T08:00:00Z",
  rows: 4500,
  won: 1121,
  lost: 3172,
  roc_auc: 0.767,
  log_loss: 0.482,
  ece: 0.013,
  ...more,
});
const versions = { items: [v("v1", "archived"), v("v2", "published"), v("v3", "draft")], live: "v2", next_cursor: null };
const figure = (value: number) => ({ value, low: value - 0.01, high: value + 0.01 });
const server = mockServer({
  "GET /me": () => makeMe({ role: "manager" }),
  "GET /overview": () => makeOverview({ capacity: { per_day: 35, hot_open: 60 } }),
  "GET /models": () => versions,
  "GET /models/:v": () => ({
    ...v("v2", "published"),
    report: { used: ["Source"], left_out: [{ column: "Closed Reason", reason: "leak", evidence: "302 of 302 won" }], flagged: [] },
  }),
  "GET /models/:v/metrics": () => ({
    version: "v2",
    rows: 4293,
    roc_auc: figure(0.767),
    pr_auc: figure(0.5),
    log_loss: figure(0.482),
    brier: figure(0.15),
    ece: figure(0.013),
    // Of the best twentieth, 14 percent of the wins; at random it would be 5.
    gain: Array.from({ length: 101 }, (_, i) => Math.min(1, i * 0.028)),
    baselines: { base_rate: { log_loss: figure(0.5723) } },
    by_heat: [{ heat: "hot", leads: 429, won: 260, promised: 0.61, conversion: 0.606, low: 0.56, high: 0.65 }],
  }),
  "GET /models/:v/bands": () => ({ bands: { hot: 0.528, warm: 0.261 }, warning: "hot outgrows what the team can call" }),
  "GET /drift": () => ({ looked: false }),
  "GET /models/compare": () => ({ a: "v2", b: "v3", leads: [], leads_compared: 10 }),
});
const page = (at: string) =>
  renderApp(
    <Routes>
      <Route path="/model/:version?" element={<Model />} />
    </Routes>,
    { at },
  );

describe("Model", () => {
  it("opens on the live version with figures, leaks and a warning on capacity", async () => {
    page("/model");
    expect(await screen.findByRole("heading", { name: "Version v2" })).toBeTruthy();
    expect(await screen.findByText("0.7670")).toBeTruthy();
    expect(await screen.findByText("302 of 302 won")).toBeTruthy();
    expect(await screen.findByText("hot outgrows what the team can call")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Publish" })).toBeNull();
  });

  it("says how far a day's work down the list reaches, and asks for it where nobody has said", async () => {
    const first = page("/model");
    expect(await screen.findByText(/A day's work, 35 of 700 open leads, taken from the top, reaches 14.0% of the wins/)).toBeTruthy();
    expect(screen.getByText(/2.8 × as many wins/)).toBeTruthy();
    first.unmount();
    server.on("GET /overview", () => makeOverview());
    page("/model");
    expect((await screen.findByRole("link", { name: /how many leads the team can work/ })).getAttribute("href")).toBe("/settings/server");
  });

  it("does not publish through a shut gate unless told to, and says what changes", async () => {
    server.on("GET /models/:v/gate", () => ({ open: false, why: "v3 is worse than v2 by 0.01", live: "v2", shared_rows: 4000, moves: [[1, 2, 3], [4, 5, 6], [7, 8, 9]] }));
    server.on("POST /models/:v/publish", () => v("v3", "published"));
    const { user } = page("/model/v3");
    await user.click(await screen.findByRole("button", { name: "Publish" }));
    const dialog = within(await screen.findByRole("dialog"));
    expect(await dialog.findByText(/v3 is worse than v2/)).toBeTruthy();
    expect(dialog.getByRole("button", { name: "Publish" })).toHaveProperty("disabled", true);
    await user.click(dialog.getByLabelText("Publish although the gate is shut"));
    await user.click(dialog.getByRole("button", { name: "Publish" }));
    await waitFor(() => expect(server.sent("POST /models/v3/publish")[0]?.body).toEqual({ force: true }));
  });

  it("trains on the leads that are kept and shows the new version", async () => {
    const job = { id: "01J", kind: "train", state: "running", progress: 0.3, step: "folds", created_at: "2026-11-27T08:00:00Z" };
    server.on("POST /models/train", () => ({ job }));
    server.on("GET /jobs/:id", () => ({ ...job, state: "done", progress: 1, result: { version: "v4", warnings: ["one column is flagged"] } }));
    const { user } = page("/model?train=");
    await user.click(await screen.findByLabelText("Learn from verdicts too: junk counts as lost"));
    await user.click(screen.getByRole("button", { name: "Start training" }));
    expect(await screen.findByText("v4 is trained", {}, { timeout: 4000 })).toBeTruthy();
    expect(screen.getByText("one column is flagged")).toBeTruthy();
    expect(server.sent("POST /models/train")[0]?.body).toEqual({ leads: "", verdicts: true, budget_s: 60 });
  });

  it("takes the outcome of an upload as it was imported", async () => {
    server.on("GET /uploads/:id", () => ({ id: "01U", filename: "crm.csv", outcome: { column: "Stage", won: ["Won"], lost: ["Lost"] } }));
    page("/model?train=01U");
    expect(await screen.findByLabelText("Outcome column")).toHaveProperty("value", "Stage");
    expect(screen.getByLabelText("Values that mean won, one per line")).toHaveProperty("value", "Won");
  });

  it("sets thresholds in percent and names what is wrong at its field", async () => {
    server.on("PUT /models/:v/bands", () => problem(422, "No", { errors: [{ pointer: "/hot", detail: "must be above warm" }] }));
    const { user } = page("/model");
    const hot = await screen.findByLabelText("Hot from, in %");
    await user.clear(hot);
    await user.type(hot, "20");
    await user.click(screen.getByRole("button", { name: "Set thresholds" }));
    expect(await screen.findByText("must be above warm")).toBeTruthy();
    expect(server.sent("PUT /models/v2/bands")[0]?.body).toEqual({ hot: 0.2, warm: 0.261 });
  });

  it("offers nothing to change to those who may not", async () => {
    server.on("GET /me", () => makeMe({ role: "viewer" }));
    page("/model/v3");
    expect(await screen.findByRole("heading", { name: "Version v3" })).toBeTruthy();
    for (const name of ["Train a model", "Roll back", "Publish", "Set thresholds"]) expect(screen.queryByRole("button", { name })).toBeNull();
  });

  it("leads to an upload while there is no model", async () => {
    server.on("GET /models", () => ({ items: [], live: null, next_cursor: null }));
    page("/model");
    expect(await screen.findByText("No model yet")).toBeTruthy();
    // There are outcomes to learn from: the one thing to do is to train.
    expect(await screen.findByRole("button", { name: "Train a model" })).toBeTruthy();
    expect(screen.queryByRole("link", { name: "Upload leads" })).toBeNull();
  });
});
