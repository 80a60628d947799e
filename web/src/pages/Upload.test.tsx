// SPDX-License-Identifier: Apache-2.0
import { screen, waitFor, within } from "@testing-library/react";
import { Route, Routes } from "react-router";
import { beforeEach, describe, expect, it } from "vitest";
import type { Upload as Data } from "@/features/upload/api";
import { makeMe } from "@/testing/factories";
import { renderApp } from "@/testing/render";
import { mockServer, problem } from "@/testing/server";
import Upload from "./Upload";

const fields = { items: [{ name: "email", label: "Email", kind: "text" }, { name: "source", label: "Source", kind: "text" }], products: ["HubSpot", "Salesforce"] };
const server = mockServer({
  "GET /me": () => makeMe(),
  "GET /fields": () => fields,
  "GET /uploads": () => ({ items: [], next_cursor: null }),
});
beforeEach(() => sessionStorage.clear());

const page = (at: string) =>
  renderApp(
    <Routes>
      <Route path="/upload/:id?" element={<Upload />} />
    </Routes>,
    { at },
  );

const review: Data = {
  id: "01UP",
  filename: "crm.csv",
  state: "review",
  created_at: "2026-11-27T08:00:00Z",
  dialect: { encoding: "UTF-8", delimiter: ";", header_line: 3, has_header: true, notes: ["2 lines above the header were skipped"] },
  columns: [
    { name: "E-Mail", field: "email", guess: "email", confidence: "sure", filled: 0.98, samples: ["ada@example.com"] },
    { name: "Origin", field: "source", guess: "source", confidence: "unsure", filled: 1, samples: ["Referral", "<b>Web</b>"] },
    { name: "Stage", field: "attribute", guess: "attribute", filled: 1, samples: ["Won", "Lost", "New"] },
    { name: "Closed Reason", field: "attribute", filled: 0.2, samples: ["Signed"], leak: { suspect: true, evidence: "filled for won leads only" } },
  ],
  outcome: {
    column: "Stage",
    won: ["Won"],
    lost: ["Lost"],
    counts: { won: 30, lost: 60, open: 15 },
    values: [
      { value: "Won", count: 30, guess: "won" },
      { value: "Lost", count: 60, guess: "lost" },
      { value: "New", count: 10, guess: "open" },
    ],
  },
  preview: [["ada@example.com", "Referral", "Won", "Signed"]],
  rows: { read: 0, created: 0, updated: 0, unchanged: 0, rejected: 0 },
};
const checked: Data = {
  ...review,
  check: {
    create: 90,
    update: 10,
    unchanged: 0,
    reject: 5,
    key: "email",
    problems: [{ column: "E-Mail", line: 17, count: 5, found: "ada(at)example", detail: "is no email address", fix: "Write it as name@host" }],
  },
};

describe("Upload", () => {
  it("sends the chosen file and goes on with it", async () => {
    server.on("POST /upload", () => ({ ...review, state: "profiling", columns: undefined }));
    server.on("GET /uploads/:id", () => review);
    const { user, address } = page("/upload");
    await user.upload(await screen.findByLabelText("CSV or Excel file"), new File(["a,b\n1,2\n"], "crm.csv"));
    await waitFor(() => expect(address()).toBe("/upload/01UP"));
    expect(server.calls.find((c) => c.method === "POST")?.query.get("filename")).toBe("crm.csv");
  });

  it("says in the server's words why a file is refused, and stays ready for another", async () => {
    server.on("POST /upload", () => problem(422, "The input cannot be used", { detail: "this is a PDF, not a table" }));
    const { user } = page("/upload");
    await user.upload(await screen.findByLabelText("CSV or Excel file"), new File(["%PDF"], "crm.csv"));
    expect((await screen.findByRole("alert")).textContent).toContain("this is a PDF, not a table");
    expect(screen.getByLabelText("CSV or Excel file")).toBeTruthy();
  });

  it("shows guesses as guesses, text from cells as text, and blocks two columns for one field", async () => {
    server.on("GET /uploads/:id", () => review);
    const { user } = page("/upload/01UP");
    expect(await screen.findByText("2 lines above the header were skipped")).toBeTruthy();
    expect(screen.getAllByText(/<b>Web<\/b>/).length).toBeGreaterThan(0);
    expect(screen.getByText("guess: unsure")).toBeTruthy();
    await screen.findAllByRole("option", { name: "Email" });
    await user.selectOptions(screen.getByLabelText("What Origin becomes"), "email");
    expect(screen.getByRole("alert").textContent).toContain("Two columns are mapped to “Email”: E-Mail, Origin");
    expect(screen.getByRole("button", { name: "Next" })).toHaveProperty("disabled", true);
    await user.selectOptions(screen.getByLabelText("What Origin becomes"), "source");
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("reads the file again as it is said to be laid out, also one that could not be read", async () => {
    server.on("GET /uploads/:id", () => review);
    server.on("POST /uploads/:id/profile", () => ({ ...review, asked: { delimiter: "," }, columns: undefined, dialect: undefined, state: "failed", has_file: true, error: { title: "The file could not be imported", detail: "has no header" } }));
    const { user } = page("/upload/01UP");
    await user.click(await screen.findByRole("button", { name: "Read it differently" }));
    expect(screen.getByRole("option", { name: "found out: semicolon" })).toHaveProperty("selected", true);
    await user.selectOptions(screen.getByLabelText("Delimiter"), "comma");
    await user.selectOptions(screen.getByLabelText("Encoding"), "CP1252");
    await user.selectOptions(screen.getByLabelText("Header row"), "line 2");
    await user.click(screen.getByRole("button", { name: "Read again" }));
    expect(await screen.findByText("has no header")).toBeTruthy();
    expect(screen.getByLabelText("Delimiter")).toHaveProperty("value", ",");
    await user.selectOptions(screen.getByLabelText("Delimiter"), "find out");
    await user.selectOptions(screen.getByLabelText("Header row"), "none; columns are named by letter");
    await user.selectOptions(screen.getByLabelText("End of the file"), "take all lines as rows");
    await user.selectOptions(screen.getByLabelText("Export of"), "Salesforce");
    server.on("POST /uploads/:id/profile", () => review);
    await user.click(screen.getByRole("button", { name: "Read again" }));
    expect(await screen.findByRole("heading", { name: "What is in each column?" })).toBeTruthy();
    expect(server.sent("POST /uploads/01UP/profile").map((c) => c.body)).toEqual([
      { delimiter: ",", encoding: "CP1252", header: true, header_line: 2 },
      { header: false, footer: false, product: "Salesforce" },
    ]);
  });

  it("counts outcomes as they are chosen, blank cells as open, and names leaks", async () => {
    server.on("GET /uploads/:id", () => review);
    const { user } = page("/upload/01UP?step=outcome");
    expect(await screen.findByText(/30 leads won, 60 lost, 15 open/)).toBeTruthy();
    expect(screen.getByText("filled for won leads only")).toBeTruthy();
    const choice = screen.getByRole("group", { name: "What New means" });
    await user.click(within(choice).getByLabelText("Lost"));
    expect(await screen.findByText(/30 leads won, 70 lost, 5 open/)).toBeTruthy();
  });

  it("tries the decision without writing, then imports exactly that", async () => {
    server.on("GET /uploads/:id", () => checked);
    server.on("POST /uploads/:id/check", () => checked);
    server.on("POST /uploads/:id/commit", () => ({ ...checked, state: "done", rows: { read: 105, created: 90, updated: 10, unchanged: 0, rejected: 5 } }));
    const { user } = page("/upload/01UP?step=check");
    expect(await screen.findByText("is no email address")).toBeTruthy();
    await user.click(await screen.findByRole("button", { name: "Import 100 leads" }));
    expect(await screen.findByText("105 rows read")).toBeTruthy();
    const sent = { mapping: { "E-Mail": "email", Origin: "source", Stage: "attribute", "Closed Reason": "attribute" }, outcome: { column: "Stage", won: ["Won"], lost: ["Lost"] }, mode: "upsert" };
    expect(server.sent("POST /uploads/01UP/check")[0]?.body).toEqual(sent);
    expect(server.sent("POST /uploads/01UP/commit")[0]?.body).toEqual(sent);
    expect(screen.getByRole("link", { name: "Rejected rows as CSV" }).getAttribute("href")).toBe("/api/v1/uploads/01UP/errors.csv");
  });

  it("shows only rows with problems, mends a cell in place and settles a column's dates by one rule", async () => {
    const broken: Data = {
      ...checked,
      check: {
        ...checked.check!,
        problems: [{ kind: "date order", column: "Origin", count: 214, line: 2, found: "03/04/2026", detail: "these dates could mean another day" }],
        problem_rows: 3,
        shown_rows: [
          { line: 17, fixable: true, columns: ["E-Mail"], cells: ["ada(at)example", "Web", "Won", ""] },
          { line: 18, fixable: true, columns: [], reason: "has 2 cells, the header has 4", cells: ["bob@example.com", "Web", "", ""] },
          { line: 19, fixable: false, columns: [], reason: "a quote is opened", cells: [] },
        ],
      },
    };
    server.on("GET /uploads/:id", () => broken);
    server.on("POST /uploads/:id/check", () => broken);
    const { user } = page("/upload/01UP?step=check");
    const cell = await screen.findByLabelText("E-Mail in line 17");
    expect(screen.queryByLabelText("Origin in line 17")).toBeNull();
    expect(screen.getByText("Mend it in the file.")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Check again" })).toHaveProperty("disabled", true);
    await user.clear(cell);
    await user.type(cell, "ada@example.com");
    await user.click(screen.getByLabelText("Take the row as it is shown"));
    await user.click(screen.getByRole("button", { name: "Check again" }));
    await waitFor(() => expect(server.sent("POST /uploads/01UP/check").at(-1)?.body).toMatchObject({ fixes: [{ line: 17, cells: { "E-Mail": "ada@example.com" } }, { line: 18, cells: {} }] }));
    await user.click(await screen.findByLabelText("Month first"));
    await waitFor(() => expect(server.sent("POST /uploads/01UP/check").at(-1)?.body).toMatchObject({ formats: { Origin: { date_order: "month first" } } }));
    await user.click(await screen.findByRole("button", { name: "Read Origin the other way round" }));
    await waitFor(() => expect(server.sent("POST /uploads/01UP/check").at(-1)?.body).toMatchObject({ formats: { Origin: { date_order: "day first" } } }));
    await user.click(await screen.findByRole("button", { name: "As in the file" }));
    await waitFor(() => expect(server.sent("POST /uploads/01UP/check").at(-1)?.body).toMatchObject({ fixes: [] }));
  });

  it("undoes an import and lists what stayed", async () => {
    const done: Data = { ...checked, state: "done", rows: { read: 105, created: 90, updated: 10, unchanged: 0, rejected: 0 } };
    let undone = false;
    server.on("GET /uploads/:id", () =>
      undone ? { ...done, state: "undone", undo: { restored: 9, deleted: 90, kept: ["f".repeat(32)], kept_count: 1 } } : done,
    );
    server.on("POST /uploads/:id/undo", () => {
      undone = true;
      return done;
    });
    const { user } = page("/upload/01UP");
    await user.click(await screen.findByRole("button", { name: "Undo this import" }));
    await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Undo this import" }));
    expect(await screen.findByText("9 leads are as before, 90 removed.", {}, { timeout: 4000 })).toBeTruthy();
    expect(screen.getByRole("link", { name: "f".repeat(32) })).toBeTruthy();
  });

  it("keeps what was decided when the page is loaded again", async () => {
    server.on("GET /uploads/:id", () => review);
    const first = page("/upload/01UP");
    await first.user.selectOptions(await screen.findByLabelText("What Stage becomes"), "ignore");
    first.unmount();
    page("/upload/01UP");
    expect(await screen.findByLabelText("What Stage becomes")).toHaveProperty("value", "ignore");
  });

  it("offers a viewer no file to choose", async () => {
    server.on("GET /me", () => makeMe({ role: "viewer" }));
    page("/upload");
    await screen.findByText("You may not do this");
    expect(screen.queryByLabelText("CSV or Excel file")).toBeNull();
  });

  it("tries an import once, although news of the work at hand leave the columns out", async () => {
    const { columns: _, check: __, ...lean } = checked;
    let state: Data = review;
    server.on("GET /uploads/:id", () => state);
    server.on("POST /uploads/:id/check", () => (state = { ...lean, state: "profiling" } as Data));
    page("/upload/01UP?step=check");
    await waitFor(() => expect(state.state).toBe("profiling"));
    await screen.findByRole("heading", { name: "What would happen" });
    state = checked;
    expect(await screen.findByRole("button", { name: "Import 100 leads" }, { timeout: 8000 })).toBeTruthy();
    expect(server.calls.filter((c) => c.path.endsWith("/check"))).toHaveLength(1);
  });
});
