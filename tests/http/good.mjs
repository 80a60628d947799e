// SPDX-License-Identifier: Apache-2.0
// A client that behaves: a hundred requests a second over one connection, in a thread of its own.
import http from "node:http";
import { parentPort, workerData } from "node:worker_threads";

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const path = workerData.path || "/t/hello-worker";
const times = [];
let errors = 0;
const until = Date.now() + workerData.forSeconds * 1000;
while (Date.now() < until) {
  const began = process.hrtime.bigint();
  const ok = await new Promise((resolve) => {
    http.get(workerData.url + path, { agent }, (a) => {
      a.resume();
      a.on("end", () => resolve(a.statusCode === 200));
    }).on("error", () => resolve(false));
  });
  times.push(Number(process.hrtime.bigint() - began) / 1e6);
  if (!ok) errors++;
  await new Promise((resolve) => setTimeout(resolve, 10));
}
agent.destroy();
parentPort.postMessage({ times, errors });
