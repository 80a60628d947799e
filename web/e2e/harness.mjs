// SPDX-License-Identifier: Apache-2.0
// The real server on a data folder of its own, and Chromium looking at it. HEATSCORE_BIN and
// HEATSCORE_WEB say which binary and which pages (script/web e2e sets both); HEATSCORE_URL looks at a
// server that runs already. Everything started here ends with the test file.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before } from "node:test";
import { chromium } from "playwright-core";
import { leadsCsv } from "./data.mjs";

const require = createRequire(import.meta.url);
const axeSource = await readFile(require.resolve("axe-core/axe.min.js"), "utf8");
const BIN = process.env.HEATSCORE_BIN;
const WEB = process.env.HEATSCORE_WEB;

// As root there is no sandbox to be had; the rest keeps the browser from looking for the internet.
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];

export const ADMIN = { email: "admin@example.com", password: "correct-horse-battery-staple-42" };
export const REP = { email: "rep@example.com", password: "another-horse-battery-staple-43" };
export const VIEWER = { email: "viewer@example.com", password: "third-horse-battery-staple-44" };

async function until(what, run, ms = 60_000) {
  const end = Date.now() + ms;
  for (;;) {
    const got = await run();
    if (got) return got;
    if (Date.now() > end) throw new Error(`waited ${ms} ms for ${what}`);
    await new Promise((r) => setTimeout(r, 50));
  }
}

/** A port that was free just now: for a server that must come back under its address. */
export const freePort = () =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

/** Starts the server; resolves with its address, its setup link if it printed one, and how to stop it. */
export async function startServer({ data, args = [], env = {} } = {}) {
  if (process.env.HEATSCORE_URL) return { url: process.env.HEATSCORE_URL, stop: async () => {}, log: () => "", data: null };
  if (!BIN || !existsSync(BIN)) throw new Error(`HEATSCORE_BIN names no server to try: ${BIN}`);
  const dir = data ?? (await mkdtemp(path.join(tmpdir(), "heatscore-e2e-")));
  const child = spawn(BIN, ["serve", ...(args.includes("--listen") ? [] : ["--listen", "127.0.0.1:0"]), "--data", dir, ...(WEB ? ["--web", WEB] : []), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  let log = "";
  child.stdout.on("data", (b) => (log += b));
  child.stderr.on("data", (b) => (log += b));
  let ended = null;
  const exit = new Promise((r) => child.once("exit", (code, signal) => r((ended = { code, signal }))));
  const url = await until("the server to listen", () => {
    if (ended) throw new Error(`the server ended (${JSON.stringify(ended)}):\n${log}`);
    return /listening on (http:\/\/[^\s"]+)/.exec(log)?.[1];
  }, 15_000);
  return {
    url,
    data: dir,
    log: () => log,
    pid: child.pid,
    /** Ends it; with keep, the data folder stays for the next one. */
    async stop({ keep = false, signal = "SIGTERM" } = {}) {
      if (!ended) child.kill(signal);
      await exit;
      if (!keep) await rm(dir, { recursive: true, force: true });
      return ended;
    },
  };
}

export function addUser(data, { email, password }, role) {
  const r = spawnSync(BIN, ["user", "add", email, "--role", role, "--data", data], { input: `${password}\n`, encoding: "utf8" });
  assert.equal(r.status, 0, r.stderr);
}

/** Calls the API as the browser context's user. */
export function apiOf(context, url) {
  const send = async (method, p, body, headers = {}) => {
    const raw = Buffer.isBuffer(body);
    const r = await context.request.fetch(`${url}/api/v1${p}`, {
      method,
      headers: { origin: url, ...(body === undefined ? {} : { "content-type": raw ? "application/octet-stream" : "application/json" }), ...headers },
      ...(body === undefined ? {} : { data: raw ? body : JSON.stringify(body) }),
    });
    const text = await r.text();
    let json;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    return { status: r.status(), text, json };
  };
  const ok = async (...args) => {
    const r = await send(...args);
    assert.ok(r.status < 300, `${args[0]} ${args[1]}: ${r.status} ${r.text.slice(0, 500)}`);
    return r.json;
  };
  return {
    send,
    get: (p) => ok("GET", p),
    post: (p, body = {}) => ok("POST", p, body),
    patch: (p, body, headers) => ok("PATCH", p, body, headers),
    async importCsv(csv, name = "leads.csv") {
      const { id } = await ok("POST", `/upload?filename=${encodeURIComponent(name)}&commit=auto`, Buffer.from(csv));
      const u = await until("the import", async () => {
        const now = await ok("GET", `/uploads/${id}`);
        return ["done", "failed", "cancelled"].includes(now.state) && now;
      });
      assert.equal(u.state, "done", JSON.stringify(u.error ?? u));
      return u;
    },
    async job(id) {
      const j = await until("the job", async () => {
        const now = await ok("GET", `/jobs/${id}`);
        return !["queued", "running"].includes(now.state) && now;
      }, 120_000);
      assert.equal(j.state, "done", JSON.stringify(j));
      return j;
    },
  };
}

const LAYOUT_SHIFT = `
  window.__shift = 0;
  new PerformanceObserver((list) => {
    for (const e of list.getEntries()) if (!e.hadRecentInput) window.__shift += e.value;
  }).observe({ type: "layout-shift", buffered: true });`;

/** One server and one browser for a test file. */
export function useApp({ users = true, leads = 0, model = false, serverArgs = [] } = {}) {
  const app = { url: "", browser: null, server: null };
  const signedIn = new Map();

  before(async () => {
    app.server = await startServer({ args: serverArgs });
    app.url = app.server.url;
    if (users && app.server.data) {
      addUser(app.server.data, ADMIN, "admin");
      addUser(app.server.data, REP, "rep");
      addUser(app.server.data, VIEWER, "viewer");
    }
    app.browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
    if (leads > 0 && app.server.data) {
      const context = await app.context();
      const api = apiOf(context, app.url);
      const upload = await api.importCsv(leadsCsv(leads));
      if (model) {
        const { job } = await api.post("/models/train", { upload: upload.id, target: "Status", won: ["Won"], lost: ["Lost"], budget_s: 1 });
        const done = await api.job(job.id);
        await api.post(`/models/${done.result.version}/publish`, { force: true });
        await until("the scores of the new model", async () => (await api.get("/overview")).stale_scores === 0);
      }
      await context.close();
    }
  });
  after(async () => {
    await app.browser?.close();
    await app.server?.stop();
  });

  /** A browser profile of its own, signed in; with user null, signed out. */
  app.context = async ({ user = users ? ADMIN : null, dark = false, width = 1440, height = 900, ...more } = {}) => {
    const context = await app.browser.newContext({
      baseURL: app.url, viewport: { width, height }, colorScheme: dark ? "dark" : "light", locale: "en-GB", timezoneId: "Europe/Berlin",
      reducedMotion: "reduce", storageState: signedIn.get(user?.email), ...more,
    });
    await context.addInitScript(LAYOUT_SHIFT);
    if (user && app.server.data && !signedIn.has(user.email)) {
      const r = await apiOf(context, app.url).send("POST", "/auth/login", user);
      assert.equal(r.status, 200, r.text);
      signedIn.set(user.email, await context.storageState());
    }
    return context;
  };

  /**
   * Opens a page, runs the body and closes it. Fails on whatever the console complains about, except for
   * answers that the test asked for (expect: [503]).
   */
  app.page = async (options, body) => {
    const context = await app.context(options);
    const page = await context.newPage();
    const complaints = [];
    page.on("pageerror", (e) => complaints.push(`page error: ${e.message}`));
    page.on("console", (m) => {
      if (m.type() !== "error" && m.type() !== "warning") return;
      if (options.expect?.some((status) => m.text().includes(`status of ${status}`))) return;
      if (options.expect?.includes("offline") && /net::ERR/.test(m.text())) return;
      complaints.push(`console ${m.type()}: ${m.text()}`);
    });
    try {
      await body(page, apiOf(context, app.url));
      assert.deepEqual(complaints, [], "the console is silent");
    } finally {
      await context.close();
    }
  };
  return app;
}

/** Colours that are on their way from one theme to the other are neither's. */
const settled = (page) => page.evaluate(async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const moving = document.getAnimations().filter((a) => a instanceof CSSTransition);
  await Promise.all(moving.map((a) => a.finished.catch(() => {})));
});

/** Fails on any finding of axe on what is shown now. */
export async function axe(page, what) {
  await settled(page);
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    const r = await window.axe.run(document, {
      runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
    });
    return r.violations.map((v) => ({ rule: v.id, help: v.help, nodes: v.nodes.slice(0, 5).map((n) => `${n.html.slice(0, 160)} | ${n.failureSummary?.split("\n").slice(1, 3).join(" ")}`) }));
  });
  assert.deepEqual(found, [], `axe on ${what}`);
}

export const layoutShift = (page) => page.evaluate(() => window.__shift);

/** Nothing is wider than the window: only tables scroll sideways. */
export async function fitsWidth(page, what) {
  const [content, window_] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(content <= window_, `${what}: ${content} pixels in a window of ${window_}`);
}

/**
 * Another language takes more room: with every text a third longer, still nothing is wider than the
 * window, and no control cuts its words off. The page is of no use afterwards.
 */
export async function growsIn(page, what) {
  const cut = await page.evaluate(() => {
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts = [];
    for (let n = walk.nextNode(); n; n = walk.nextNode()) if (n.textContent.trim() && !n.parentElement.closest("script, style, svg, .foreign, time")) texts.push(n);
    for (const n of texts) {
      const words = n.textContent.trim();
      n.textContent = `${n.textContent} ${words.slice(0, Math.ceil(words.length / 3))}`;
    }
    const found = [];
    for (const el of document.querySelectorAll("button, a, label, h1, h2, h3, th, dt, legend")) {
      const box = el.getBoundingClientRect();
      if (box.width === 0 || !el.checkVisibility() || el.closest(".sr-only, [aria-hidden=true]") || getComputedStyle(el).textOverflow === "ellipsis") continue;
      if (el.scrollWidth > el.clientWidth + 1 && el.clientWidth > 0 && getComputedStyle(el).overflowX !== "visible") found.push(`${el.tagName} ${el.textContent.slice(0, 60)}: cut`);
      if (!el.matches("button, a") || el.querySelector(".truncate")) continue;
      for (const n of texts.filter((x) => el.contains(x))) {
        // What only screen readers get is a pixel wide.
        if (n.parentElement.getBoundingClientRect().width <= 1) continue;
        const range = document.createRange();
        range.selectNodeContents(n);
        const inside = range.getBoundingClientRect();
        if (inside.right > box.right + 1 || inside.left < box.left - 1) found.push(`${el.tagName} ${el.textContent.slice(0, 60)}: ${Math.round(inside.width)} in ${Math.round(box.width)}`);
      }
    }
    return found;
  });
  assert.deepEqual(cut, [], `${what}, with longer words`);
  await fitsWidth(page, `${what}, with longer words`);
}

/** Holds requests back until released, to look at what is shown meanwhile. */
export async function hold(page, pattern) {
  let release;
  const gate = new Promise((r) => (release = r));
  await page.route(pattern, async (route) => {
    await gate;
    await route.continue().catch(() => {});
  });
  return release;
}

export const fail = (page, pattern, status = 503) =>
  page.route(pattern, (route) =>
    route.fulfill({
      status,
      contentType: "application/problem+json",
      body: JSON.stringify({ type: "about:blank", title: "The store is away", status, detail: "It comes back by itself.", request_id: "01E2EREQUEST" }),
    }),
  );

export { until };
