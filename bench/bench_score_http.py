#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""POST /score beside libmicrohttpd answering a constant: the same request bytes, the same pinning, in turns.

    bench/bench_score_http.py BUILD [ROUNDS [SECONDS]]             beside libmicrohttpd
    bench/bench_score_http.py BUILD ROUNDS SECONDS VENV/bin       beside FastAPI (peer_fastapi.py) with VENV's packages

BUILD is a release build with -Dbench=true. The server has the first processor, the load generator the second. Prints the
median of each in requests per second and in processor time of the server per request, and times at half of our load."""
import json
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

LEAD = {"name": "Ann Smith", "email": "ann@example.com", "phone": "+49 30 1234567", "source": "Referral", "region": "EU",
        "role": "Head of Sales", "campaign": "spring", "recency_days": 3, "page_views": 12, "time_spent": 340,
        "last_touch": "email", "prior_course_interest": "data", "search_keywords": "crm scoring", "course_actions": "webinar"}
CPUS = sorted(os.sched_getaffinity(0))
PINNED = (["chrt", "--rr", "1"] if os.geteuid() == 0 else []) + ["taskset", "-c"]  # before whatever else the machine does


def start(command, cpu):
    process = subprocess.Popen(PINNED + [str(cpu)] + command, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "listening on http" in line:
            return process, int(line.strip().rsplit(":", 1)[1])
    sys.exit(f"{command[0]} did not start")


def cpu_s(pid):
    """Of all its threads, to the nanosecond; those of a pool stay as long as the server."""
    return sum(int((t / "schedstat").read_text().split()[0]) for t in pathlib.Path(f"/proc/{pid}/task").iterdir()) / 1e9


def rest():
    """Between runs: what goes before all other work may have 95 % of each second (sched_rt_runtime_us), and one that
    the kernel stops for 50 ms is no run. With this, 0.5 s and 0.25 of warm-up are none too long."""
    time.sleep(0.3)


def load(build, cpu, port, connections, seconds, rate, request):
    return json.loads(subprocess.run(PINNED + [str(cpu), build / "bench/load_http", str(port), str(connections),
                                      str(seconds), str(rate), request], capture_output=True, text=True, check=True).stdout)


def request_file(folder, name, path, key, lead=None):
    body = json.dumps(lead, separators=(",", ":")) if lead else ""
    head = f"{'POST' if lead else 'GET'} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
    if lead:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    (folder / name).write_text(head + "\r\n" + body)
    return str(folder / name)


def peer_start(python, data):
    """One worker for each processor, all on the server's: they share it as our threads do. The forest is ours."""
    here = pathlib.Path(__file__).parent
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    process = subprocess.Popen([*PINNED, str(CPUS[0]), python / "python", "-m", "uvicorn", "peer_fastapi:app",
                                "--port", str(port), "--workers", str(len(CPUS)), "--no-access-log", "--log-level", "warning"], cwd=here,
                               env={**os.environ, "FOREST": data + "/models/v1/forest.json"}, process_group=0)
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            time.sleep(2)  # the other worker
            return process, port
        except OSError:
            time.sleep(0.1)
    sys.exit("uvicorn did not start")


def beside_fastapi(build, rounds, seconds, python, data, ours, score):
    peer, port = peer_start(python, data)
    seen = []
    try:
        for _ in range(rounds):
            rest()
            a = load(build, CPUS[1], ours, 32, seconds, 0, score)["per_second"]
            rest()
            b = load(build, CPUS[1], port, 32, seconds, 0, score)["per_second"]
            seen.append((a, b))
    finally:
        os.killpg(peer.pid, signal.SIGTERM)
        peer.wait()
    print(f"POST /score {statistics.median(a for a, _ in seen):,.0f}/s, FastAPI {statistics.median(b for _, b in seen):,.0f}/s: "
          f"{statistics.median(a / b for a, b in seen):.1f} x ({', '.join(f'{a / b:.1f}' for a, b in seen)})")


def main():
    build = pathlib.Path(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 9
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 1
    binary = str(build / "heatscore")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        data = str(folder / "demo")
        subprocess.run([binary, "demo", "-q", "-d", folder, "--rows", "3000", "--seed", "1", "--budget", "1"], check=True,
                       stdout=subprocess.DEVNULL)
        ours, ours_port = start([binary, "serve", "--data", data, "--listen", "127.0.0.1:0", "--api-rate", "1000000",
                                 "--api-burst", "1000000", "--connections-per-address", "1000",
                                 "--keep-alive-requests", "1000000"], CPUS[0])
        constant, constant_port = start([str(build / "bench/http_constant")], CPUS[0])
        key = subprocess.run([binary, "key", "create", "--name", "bench", "--role", "viewer", "--data", data],
                             check=True, capture_output=True, text=True).stdout.strip()
        score = request_file(folder, "score", "/api/v1/score", key, LEAD)
        if len(sys.argv) > 4:
            beside_fastapi(build, rounds, seconds, pathlib.Path(sys.argv[4]).absolute(), data, ours_port, score)
            ours.terminate()
            constant.terminate()
            return
        rows = {"libmicrohttpd, a constant": (constant, constant_port, score),
                "POST /score": (ours, ours_port, score),
                "POST /score?reasons=5": (ours, ours_port, request_file(folder, "why", "/api/v1/score?reasons=5", key, LEAD)),
                "GET /livez": (ours, ours_port, request_file(folder, "livez", "/livez", key))}
        seen = {row: [] for row in rows}
        for _ in range(rounds):
            for row, (process, port, request) in rows.items():
                rest()
                before, wall = cpu_s(process.pid), time.monotonic()
                got = load(build, CPUS[1], port, 32, seconds, 0, request)
                used, wall = cpu_s(process.pid) - before, time.monotonic() - wall
                all_requests = got["requests"] * (seconds + 0.25) / seconds  # those of the warm-up cost as well
                seen[row].append((got["per_second"], used / all_requests * 1e6, used / wall, got["cpu_s"] / wall))
        first = seen["libmicrohttpd, a constant"]
        print(f"{'':28} requests/s   ratio    µs CPU   ratio   server busy, generator busy")
        for row, got in seen.items():
            med = [statistics.median(g[i] for g in got) for i in range(4)]
            rate_ratio = statistics.median(a[0] / b[0] for a, b in zip(got, first))
            cpu_ratio = statistics.median(b[1] / a[1] for a, b in zip(got, first))
            print(f"{row:28} {med[0]:10,.0f} {rate_ratio:7.2f} {med[1]:9.2f} {cpu_ratio:7.2f}   {med[2]:.0%} {med[3]:.0%}")
        half = statistics.median(g[0] for g in seen["POST /score"]) / 2
        # In turns with the constant at the same rate: what stops both is the machine, not us.
        at = []
        for k in range(4 * rounds):
            rest()
            at.append(load(build, CPUS[1], (ours_port, constant_port)[k % 2], 32, seconds, half, score))
        for row, got in (("POST /score", at[::2]), ("the constant", at[1::2])):
            print(f"at half load ({half:,.0f}/s), {row}: p50 {statistics.median(a['p50_ms'] for a in got):.3f} ms, p99 median "
                  f"{statistics.median(a['p99_ms'] for a in got):.3f} ms, of all runs {', '.join(str(a['p99_ms']) for a in got)}")
        for process in (ours, constant):
            process.terminate()
            process.wait()


main()
