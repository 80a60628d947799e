// SPDX-License-Identifier: Apache-2.0
// src/lib/api-types.ts from the API description that the binary serves.
//   node scripts/types.mjs            writes it
//   node scripts/types.mjs --check    fails when the committed one is another
// HEATSCORE_BIN names the binary.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import openapiTS, { astToString } from "openapi-typescript";

const file = path.resolve(import.meta.dirname, "../src/lib/api-types.ts");
const bin = process.env.HEATSCORE_BIN ?? path.resolve(import.meta.dirname, "../../build/heatscore");

async function description() {
  const data = await mkdtemp(path.join(tmpdir(), "heatscore-types-"));
  const server = spawn(bin, ["serve", "--listen", "127.0.0.1:0", "--data", data], { stdio: ["ignore", "ignore", "pipe"] });
  try {
    const url = await new Promise((found, failed) => {
      let said = "";
      server.once("error", failed);
      server.once("exit", (code) => failed(new Error(`${bin} ended with ${code}:\n${said}`)));
      server.stderr.on("data", (bytes) => {
        said += bytes;
        const m = /listening on (http:\/\/[^\s"]+)/.exec(said);
        if (m) found(m[1]);
      });
    });
    return await (await fetch(`${url}/openapi.json`)).json();
  } finally {
    server.removeAllListeners("exit");
    const ended = new Promise((r) => server.once("exit", r));
    server.kill();
    await ended;
    await rm(data, { recursive: true, force: true });
  }
}

const head = "// SPDX-License-Identifier: Apache-2.0\n// Made from /openapi.json by scripts/types.mjs: do not edit.\n/* eslint-disable */\n";
const text = head + astToString(await openapiTS(await description()));
if (!process.argv.includes("--check")) await writeFile(file, text);
else if ((await readFile(file, "utf8").catch(() => "")) !== text) {
  console.error("web/src/lib/api-types.ts is stale: run script/web types");
  process.exit(1);
}
