// SPDX-License-Identifier: Apache-2.0
// What the tests of the web server share: starting it, raw sockets, and reading what comes back.
import { spawn } from "node:child_process";
import net from "node:net";
import fs from "node:fs";
import { after } from "node:test";

const BIN = process.env.TESTSERVER;
if (!BIN) throw new Error("TESTSERVER names the program to test");

// A test that fails half way leaves sockets behind, which would keep the program waiting for ever.
after(() => setTimeout(() => process.exit(), 3000).unref());

process.setMaxListeners(0); // one for every server that is started

// start(...args): a running server; stop() ends it and says how it ended.
export async function start(...args) {
  const child = spawn(BIN, args, { stdio: ["ignore", "ignore", "pipe"] });
  process.on("exit", () => child.kill("SIGKILL"));
  let text = "";
  const exited = new Promise((resolve) => child.on("exit", (code, signal) => resolve({ code, signal })));
  const url = await new Promise((resolve, reject) => {
    child.stderr.setEncoding("utf8");
    child.stderr.on("data", (piece) => {
      text += piece;
      const m = /^listening on (https?:\/\/\S+)$/m.exec(text);
      if (m) resolve(m[1]);
    });
    exited.then((how) => reject(new Error(`it ended before it listened: ${JSON.stringify(how)}\n${text}`)));
  });
  const port = Number(new URL(url).port);
  return {
    url, port, pid: child.pid, log: () => text,
    stop: async (signal = "SIGTERM") => {
      child.kill(signal);
      return exited;
    },
    exited,
    kill: (signal) => child.kill(signal),
    rssMiB: () => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${child.pid}/status`, "utf8"))[1]) / 1024,
    peakMiB: () => Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${child.pid}/status`, "utf8"))[1]) / 1024,
  };
}

// The slack for timings: sanitizers make everything several times slower.
export const SLOW = Number(process.env.TEST_SLOWNESS || 1);
export const FULL = process.env.TEST_FULL === "1";

// raw(port, bytes, options): sends bytes, returns all that came back and how the connection ended. Waits for the
// server to close, or for ${waitMs} of silence.
export function raw(port, bytes, { waitMs = 3000, from, halfClose = false } = {}) {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: "127.0.0.1", localAddress: from });
    let got = "", closed = false, timer;
    const done = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ text: got, closed });
    };
    const again = () => {
      clearTimeout(timer);
      timer = setTimeout(done, waitMs);
    };
    socket.setEncoding("latin1");
    socket.on("connect", () => (halfClose ? socket.end(bytes, "latin1") : socket.write(bytes, "latin1")));
    socket.on("data", (piece) => {
      got += piece;
      again();
    });
    socket.on("end", () => {
      closed = true;
      done();
    });
    socket.on("error", () => {
      closed = true;
      done();
    });
    again();
  });
}

export function statuses(text) {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((m) => Number(m[1]));
}

export async function waitFor(what, condition, ms = 10000) {
  const until = Date.now() + ms * SLOW;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > until) throw new Error(`waited too long for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export function percentile(values, p) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))];
}

export async function metric(server, name) {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return text.split("\n").filter((line) => line.startsWith(name)).map((line) => Number(line.split(" ").pop()))
    .reduce((a, b) => a + b, 0);
}
