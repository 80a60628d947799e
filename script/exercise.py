#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a program that is built to learn where its time goes is run through: script/build --tuned.

    script/exercise.py PROGRAM [ROUNDS]

Serves demo leads from a folder that is removed at the end, scores them one at a time and many at once, with reasons and
without, lists and searches them, exports them, and reads the file again with every fifth lead changed. Scoring leads one
at a time comes ROUNDS times over: the training of the demo's model, which does the same work as an import and more of it,
would otherwise be all that counts."""
import csv
import io
import json
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

LIMITS = ["--api-rate", "1000000", "--api-burst", "1000000", "--keep-alive-requests", "1000000"]
FIELDS = ["name", "email", "phone", "source", "region", "role", "country", "campaign", "last_touch"]
NUMBERS = ["page_views", "recency_days", "time_spent"]


class Api:
    def __init__(self, url, key):
        self.url, self.key = url, key

    def call(self, path, body=None, kind="application/json"):
        r = urllib.request.Request(self.url + path, data=body, headers={"Authorization": "Bearer " + self.key})
        if body is not None:
            r.add_header("Content-Type", kind)
        with urllib.request.urlopen(r) as answer:
            return answer.read()

    def get(self, path):
        return json.loads(self.call(path))

    def post(self, path, value):
        return json.loads(self.call(path, json.dumps(value).encode()))


def wait(what, ready):
    for _ in range(600):
        if ready():
            return
        time.sleep(0.2)
    sys.exit(f"waited two minutes for {what}")


def read_answer(f):
    status, length = int(f.readline().split()[1]), 0
    while (line := f.readline()) not in (b"\r\n", b""):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    f.read(length)
    if status != 200:
        sys.exit(f"a lead was answered with {status}")


def score_singly(api, leads, rounds):
    """Some kept connections, a request on each before the first answer is read: as callers come."""
    host = urllib.parse.urlsplit(api.url)
    lines = [socket.create_connection((host.hostname, host.port)) for _ in range(16)]
    files = [x.makefile("rb") for x in lines]
    requests = []
    for lead in leads:
        body = json.dumps(lead, separators=(",", ":")).encode()
        requests.append(f"POST /api/v1/score HTTP/1.1\r\nHost: {host.netloc}\r\nAuthorization: Bearer {api.key}\r\n"
                        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
    for _ in range(rounds):
        for at in range(0, len(requests) - 16, 16):
            for k in range(16):
                lines[k].sendall(requests[at + k])
            for f in files:
                read_answer(f)
    for x in lines:
        x.close()


def as_lead(row):
    lead = {k: row[k] for k in FIELDS if row.get(k)}
    for k in NUMBERS:
        if row.get(k):
            lead[k] = float(row[k]) if "." in row[k] else int(row[k])
    return lead


def read_again(api, rows):
    """The exported rows as an upload, every fifth lead with another number."""
    for row in rows[::5]:
        row["page_views"] = str(int(float(row.get("page_views") or 0)) + 1)
    out = io.StringIO()
    w = csv.DictWriter(out, [k for k in rows[0] if not k.startswith("heatscore_")], extrasaction="ignore")
    w.writeheader()
    w.writerows(rows)
    up = json.loads(api.call("/api/v1/upload?filename=again.csv&commit=auto", out.getvalue().encode(), "text/csv"))
    state = lambda: api.get(f"/api/v1/uploads/{up['id']}")["state"]
    wait("the import", lambda: state() not in ("received", "profiling", "importing"))
    if state() != "done":
        sys.exit(f"the import ended as {state()}")


def exercise(api, rounds):
    wait("the demo leads", lambda: api.get("/api/v1/leads?limit=1")["total"] and not api.get("/api/v1/jobs?state=running")["items"])
    rows = list(csv.DictReader(io.StringIO(api.call("/api/v1/leads/export.csv").decode())))
    leads = [as_lead(row) for row in rows[:2000]]
    score_singly(api, leads, rounds)
    for at in range(0, len(leads), 500):
        api.post("/api/v1/batch-score", {"leads": leads[at:at + 500]})
    for lead in leads[:100]:
        api.post("/api/v1/score?reasons=5", lead)
    for path in ("limit=100&sort=-score", "limit=100&heat=hot", "q=smith", "at=0.5&sort=name"):
        for _ in range(20):
            api.get("/api/v1/leads?" + path)
    read_again(api, rows)


def address(server, log):
    """What it says when it is ready."""
    listening = lambda: [x.split()[2] for x in log.read_text().splitlines() if x.startswith("listening on ")]
    wait("the server", lambda: listening() or server.poll() is not None)
    if server.poll() is not None:
        sys.exit(log.read_text())
    return listening()[0]


def main(program, rounds="80"):
    with tempfile.TemporaryDirectory() as folder:
        data, log = str(pathlib.Path(folder) / "data"), pathlib.Path(folder) / "log"
        with log.open("w") as out:
            server = subprocess.Popen([program, "serve", "--demo", "--data", data, "--listen", "127.0.0.1:0", *LIMITS],
                                      stdout=out, stderr=out)
        try:
            url = address(server, log)
            key = subprocess.run([program, "key", "create", "--name", "exercise", "--role", "admin", "--data", data, "--quiet"],
                                 capture_output=True, text=True, check=True).stdout.strip()
            exercise(Api(url, key), int(rounds))
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=60)
        if server.returncode != 0:
            sys.exit(f"{program} ended with {server.returncode}: {log.read_text()[-2000:]}")


if __name__ == "__main__":
    main(*sys.argv[1:3])
