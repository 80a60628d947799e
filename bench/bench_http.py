#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the web server costs beside the library alone: small JSON POSTs over kept connections, in turns.

    bench/bench_http.py BUILD [ROUNDS]

BUILD is a release build with -Dbench=true. Needs wrk (a Debian package). Prints the median of each and the ratio;
turns are short and alternate, so that whatever else the machine does hits all of them alike."""
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

BODY = '{"page_views":3,"source":"Referral","role":"CTO","region":"EU","recency_days":4}'
LUA = f"""wrk.method = "POST"
wrk.body = '{BODY}'
wrk.headers["Content-Type"] = "application/json"
"""


def start(command):
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if line.startswith("listening on "):
            return process, line.split()[-1]
    sys.exit(f"{command[0]} did not start")


def rate(url, script):
    out = subprocess.run(["wrk", "-t1", "-c32", "-d1", "-s", script, url], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out:
        sys.exit(out)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))


def main():
    build = pathlib.Path(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 9
    server = [str(build / "tests/http/testserver"), "keep_alive_requests=1000000000"]
    constant, constant_url = start([str(build / "bench/http_constant")])
    ours, ours_url = start(server)
    rows = {"libmicrohttpd, a constant": constant_url, "ours, inline, body read and not parsed": ours_url + "/t/raw",
            "ours, inline, body parsed": ours_url + "/t/json", "ours, in a worker, body parsed": ours_url + "/t/json-worker"}
    seen = {name: [] for name in rows}
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(LUA)
        script.flush()
        for _ in range(rounds):
            for name, url in rows.items():
                seen[name].append(rate(url, script.name))
    for name, got in seen.items():
        ratios = [a / b for a, b in zip(got, seen["libmicrohttpd, a constant"])]
        print(f"{name:42} {statistics.median(got):9,.0f} requests/s   {statistics.median(ratios):.2f} x")
    constant.terminate()
    ours.terminate()


main()
