// SPDX-License-Identifier: Apache-2.0
// The malformed requests again, through the proxies whose configuration is handed out: whatever a proxy makes of one, the
// server behind it reads exactly the requests that the proxy meant. The proxy marks each that it forwards with a trace
// id; one without it in the server's log was smuggled past the proxy.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { raw, start, statuses, waitFor } from "./lib.mjs";
import { cases } from "./malformed.mjs";

const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:${path.resolve("build/checkers/usr/sbin")}:${path.resolve("build/checkers/usr/bin")}` };
const id = "4bf92f3577b34da6a3ce929d0e0e4736", mark = `00-${id}-00f067aa0ba902b7-01`;
const packaged = (name) => fs.readFileSync(new URL(`../../packaging/${name}`, import.meta.url), "utf8");

const freePort = () => new Promise((resolve) => {
  const s = net.createServer().listen(0, "127.0.0.1", () => {
    const { port } = s.address();
    s.close(() => resolve(port));
  });
});

// What is handed out, on a free port, without TLS and without looking at our health, and with the mark.
const proxies = {
  haproxy: (port, to, dir) => {
    fs.writeFileSync(`${dir}/conf`, packaged("haproxy.cfg").replace("bind :8080", `bind 127.0.0.1:${port}`).replace(/^.*(httpchk|http-check|default-server).*$/gm, "")
      .replace(/^\tserver a .*$/m, `\tserver a 127.0.0.1:${to}`).replace(/^\tserver b .*$/m, `\thttp-reuse always\n\thttp-request set-header traceparent ${mark}`));
    return ["haproxy", "-db", "-f", `${dir}/conf`];
  },
  nginx: (port, to, dir) => {
    const server = packaged("nginx.conf").replace(/^server \{\n\tlisten 80;[\s\S]*?^\}\n/m, "").replace("127.0.0.1:8000", `127.0.0.1:${to}`)
      .replace("listen 443 ssl http2;", `listen 127.0.0.1:${port};`).replace(/^.*(listen \[|ssl_).*$/gm, "")
      .replace("proxy_http_version 1.1;", `proxy_http_version 1.1;\n\tproxy_set_header traceparent ${mark};`);
    const temp = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((t) => `${t}_temp_path ${dir}/${t};`).join(" ");
    fs.writeFileSync(`${dir}/conf`, `daemon off; master_process off; pid ${dir}/pid; error_log ${dir}/errors; events {} http { access_log off; ${temp}\n${server}\n}`);
    return ["nginx", "-p", dir, "-e", `${dir}/errors`, "-c", `${dir}/conf`];
  },
  caddy: (port, to, dir) => {
    fs.writeFileSync(`${dir}/conf`, `{\n\tadmin off\n\tauto_https off\n}\n` + packaged("Caddyfile").replace("{$SITE:localhost}", `http://127.0.0.1:${port}, http://localhost:${port}`)
      .replace("{$UPSTREAM:127.0.0.1:8000}", `127.0.0.1:${to}`).replace(/^.*health_.*$/gm, "").replace("flush_interval -1", `flush_interval -1\n\t\theader_up traceparent ${mark}`));
    return ["caddy", "run", "--adapter", "caddyfile", "--config", `${dir}/conf`];
  },
};

for (const [name, make] of Object.entries(proxies)) {
  const skip = spawnSync("sh", ["-c", `command -v ${name}`], { env }).status !== 0 && `${name} is not installed`;
  test(`${cases.length} malformed requests through ${name}: none is smuggled past it`, { skip }, async () => {
    const s = await start("--log", "connections_per_address=4000"), dir = fs.mkdtempSync(path.join(os.tmpdir(), "heatscore-proxy-"));
    const port = await freePort(), [program, ...args] = make(port, s.port, dir);
    const front = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...env, HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir } });
    process.on("exit", () => front.kill("SIGKILL"));
    let said = "";
    for (const pipe of [front.stdout, front.stderr]) pipe.on("data", (piece) => { said += piece; });
    const gone = new Promise((resolve) => front.on("exit", resolve));
    const good = "GET /t/hello-worker HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    try {
      await waitFor(`${name} to answer; it said: ${said}`, async () => {
        assert.equal(front.exitCode, null, said);
        return statuses((await raw(port, good)).text)[0] === 200;
      });
      const seen = {};
      for (let i = 0; i < cases.length; i += 40)
        await Promise.all(cases.slice(i, i + 40).map(async ({ bytes }) => {
          const got = statuses((await raw(port, bytes, { waitMs: 400 })).text).join("+") || "closed";
          seen[got] = (seen[got] ?? 0) + 1;
        }));
      assert.deepEqual(statuses((await raw(port, good)).text), [200], "it goes on as before");
      const last = await raw(port, good.replace("Connection", "X-Last: 1\r\nConnection"));
      assert.deepEqual(statuses(last.text), [200]);
      const lines = () => s.log().split("\n").filter((l) => l.includes('"http.request"')).map((l) => JSON.parse(l));
      const request = /x-request-id: (\S+)/i.exec(last.text)[1];
      await waitFor("the last line of the log", async () => lines().some((l) => l.request_id === request));
      // What is refused before it is read has no method, and ends its connection.
      const read = lines().filter((l) => l.method !== ""), smuggled = read.filter((l) => l.trace_id !== id);
      console.log(`${name}: ${cases.length} malformed requests, answers ${JSON.stringify(seen)}; the server refused ${lines().length - read.length} unread and read ` +
        `${read.length}, ${smuggled.length} of them unknown to the proxy`);
      assert.deepEqual(smuggled, []);
      assert.ok(read.length > 3, "some are not malformed to a proxy, and are forwarded");
    } finally {
      front.kill("SIGKILL");
      await gone;
      await s.stop();
      fs.rmSync(dir, { recursive: true, force: true });
    }
  });
}
