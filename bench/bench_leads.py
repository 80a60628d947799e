#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A million leads through the API: how long the file takes beside a bare SQLite loop and beside pandas, how the server
starts and what memory it needs, how fast pages come.

    bench/bench_leads.py BUILD ROWS [STEPS]

STEPS (default: all but peer, others, kills and gib), separated by commas:
  bare   the same rows by a loop of prepared inserts (BUILD/bench/bench_bare)
  peer   the same file by bench/peer_ingest.py (needs pandas and xgboost; PEER_PYTHON is the interpreter)
  start  time to ready and resident memory with all leads, idle
  pages  lists, filters, searches, cursors; the slowest of the pages and the middle
  others pages by an attribute that the store keeps no strips of, there being 400 others before it
  kills  how much longer the import takes when the server is killed at one place of it and started again
  gib    resident memory while a CSV of 1 GiB comes in
BUILD is a release build with -Dbench=true. BENCH_DIR: where the data goes (default: a temporary folder)."""
import csv
import datetime
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse


class Server:
    def __init__(self, build, data, *more):
        self.began = time.monotonic()
        command = [str(build / "heatscore"), "serve", "--data", str(data), "--listen", "127.0.0.1:0", "--api-rate", "1000000",
                   "--api-burst", "1000000", "--upload-limit", "16384", "--log-level", "warn", *more]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        self.port = next(int(line.strip().rsplit(":", 1)[1]) for line in self.process.stderr if "listening on http" in line)
        self.ready_s = time.monotonic() - self.began
        threading.Thread(target=self.process.stderr.read, daemon=True).start()  # or it would fill up and stop the server
        self.key = subprocess.run([str(build / "heatscore"), "key", "create", "--name", "bench", "--role", "admin", "--data",
                                   str(data)], check=True, capture_output=True, text=True).stdout.strip()
        self.http = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600, blocksize=1 << 18)

    def call(self, method, path, body=None, kind="application/json"):
        head = {"Authorization": f"Bearer {self.key}"}
        if body is not None:
            head["Content-Type"] = kind
        self.http.request(method, path, body, head)
        answer = self.http.getresponse()
        data = answer.read()
        if answer.getheader("Connection") == "close":
            self.http.close()
        if answer.status >= 300:
            sys.exit(f"{method} {path}: {answer.status} {data[:300]}")
        return json.loads(data)

    def memory_mb(self, what="VmRSS"):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(what + r":\s+(\d+)", text).group(1)) / 1024

    def cpu_s(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.terminate()
        self.process.wait()


def make_csv(like, path, rows):
    """Rows shaped as those of ${like}, each with an id, a name, an address and figures of its own."""
    if path.exists():
        return
    rng = random.Random(1)
    with open(like, newline="", encoding="utf-8") as f:
        table = list(csv.reader(f))
    header, shapes = table[0], table[1:]
    at = {name: i for i, name in enumerate(header)}
    with open(path, "w", newline="", encoding="utf-8") as f:
        out = csv.writer(f)
        out.writerow(header)
        for n in range(rows):
            row = list(shapes[n % len(shapes)])
            row[at["Lead ID"]] = f"00Q{n:011d}"
            row[at["Last Name"]] += str(rng.randrange(3000))
            row[at["Email"]] = f"p{n}.{row[at['Email']] or 'x@mail.example'}"
            row[at["Company"]] += f" {rng.randrange(40000)}"
            row[at["Visits"]] = str(rng.randrange(40))
            row[at["Pages Viewed"]] = str(rng.randrange(120))
            out.writerow(row)


def upload(server, path, states=("done",)):
    """Sent as a stream, then asked about until it is done. Seconds from its first byte to when the server says it was
    done, and until it was received, and the answer."""
    began, clock = time.monotonic(), time.time()
    with open(path, "rb") as f:
        server.http.request("POST", "/api/v1/upload?filename=leads.csv&commit=auto", f,
                            {"Authorization": f"Bearer {server.key}", "Content-Type": "text/csv",
                             "Content-Length": str(path.stat().st_size)})
        answer = server.http.getresponse()
        sent = json.loads(answer.read())
    if answer.status != 202:
        sys.exit(f"upload: {sent}")
    received = time.monotonic() - began
    tell = 60
    while True:
        now = server.call("GET", f"/api/v1/uploads/{sent['id']}")
        if now["state"] in states:
            took = time.monotonic() - began
            if "finished_at" in now:  # when it was done, and not when that was asked
                took = datetime.datetime.fromisoformat(now["finished_at"].replace("Z", "+00:00")).timestamp() - clock
            return took, received, now
        if now["state"] in ("failed", "cancelled", "review"):
            sys.exit(f"upload: {now}")
        took = time.monotonic() - began
        if took > tell:  # is it as fast at the end as at the start?
            print(f"{took:.0f} s: {now['rows']['read']} rows, {server.memory_mb():.0f} MB", file=sys.stderr, flush=True)
            tell += 60
        time.sleep(0.05)  # a user looks now and then


def quoted(**query):
    return urllib.parse.urlencode(query)


PAGES = 200


def page_kinds(row):
    """${row}: any lead of the list, for values to ask for."""
    word = (row.get("first_name") or "anna").lower()
    return {
        "by score": quoted(sort="-score"),
        "by last name": quoted(sort="last_name"),
        "by email": quoted(sort="email"),
        "heat and source, by score": quoted(heat="hot", source=row.get("source") or "", sort="-score"),
        "created in one year, by last activity": quoted(sort="-last_activity_at") + "&created_at[gte]=2024-01-01",
        "an attribute, by score": quoted(sort="-score", **{"attr.Visits[gte]": 35}),
        "by an attribute": quoted(sort="-attr.Visits"),
        "search: a first name": quoted(q=word, sort="-score"),
        "search: one lead": quoted(q=row["email"], sort="-score"),
        "search: three letters": quoted(q="com", sort="-score"),
        "search: one letter": quoted(q="p", sort="-score"),
        "search: a word of every lead": quoted(q="example", sort="-score"),
        "search: two words": quoted(q=f"{word} example", sort="-score"),
        "company contains": quoted(sort="-score") + "&company[contains]=orth",
    }


def timed(server, ask, times=PAGES):
    """${ask}(i), i from 0 to ${times} - 1: milliseconds of each, and of the processor for one."""
    ms, used = [], server.cpu_s()
    for i in range(times):
        began = time.monotonic()
        ask(i)
        ms.append((time.monotonic() - began) * 1e3)
    return ms, (server.cpu_s() - used) * 1e3 / times


def show(name, total, ms, cpu):
    first, ms = ms[0], sorted(ms)
    print(f"| {name} | {total} | {cpu:.1f} | {first:.1f} | {statistics.median(ms):.1f} | {ms[-1 - len(ms) // 100]:.1f} |", flush=True)


def pages(server, row):
    """PAGES pages of 50 of each kind, one after the other by cursor, then from anywhere in the list; then with a lead changed
    before each page, as in a list that people work in; then the figures of the overview."""
    print(f"| {PAGES} pages of 50 with their total | leads | ms of processor | first ms | median ms | p99 ms |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    rng = random.Random(2)
    for name, query in page_kinds(row).items():
        at = {"cursor": "", "total": None}

        def following(i):
            page = server.call("GET", f"/api/v1/leads?limit=50&{query}" + (f"&cursor={at['cursor']}" if at["cursor"] else ""))
            at["cursor"] = urllib.parse.quote(page["next_cursor"] or "")
            at["total"] = page["total"] if page["total"] is not None else f"at least {page.get('total_at_least')}"

        show(name, *((lambda t: (at["total"], *t))(timed(server, following))))
    for name in ("by score", "by last name", "by email", "company contains", "search: a word of every lead"):
        query = page_kinds(row)[name]
        show(f"{name}, from anywhere", "", *timed(server, lambda i: server.call("GET", f"/api/v1/leads?limit=50&{query}&at={rng.random():.6f}")))
    for name in ("by score", "by email", "heat and source, by score", "search: a word of every lead"):
        query, ms, used = page_kinds(row)[name], [], 0.0
        for i in range(PAGES):
            server.call("PATCH", f"/api/v1/leads/{row['id']}", json.dumps({"city": f"Town {i}"}))
            before, began = server.cpu_s(), time.monotonic()
            server.call("GET", f"/api/v1/leads?limit=50&{query}")
            ms.append((time.monotonic() - began) * 1e3)
            used += server.cpu_s() - before
        show(f"{name}, a lead changed before each", "", ms, used * 1e3 / PAGES)
    show("`/overview`", "", *timed(server, lambda i: server.call("GET", "/api/v1/overview")))


def others(build, folder, path):
    data = folder / "others"
    if not data.exists():
        subprocess.run([str(build / "heatscore"), "demo", "-q", "-d", data, "--rows", "3000", "--seed", "1", "--budget", "1"],
                       check=True, stdout=subprocess.DEVNULL)
        wide = folder / "wide.csv"
        wide.write_text("Lead ID,Email," + ",".join(f"Extra {i}" for i in range(400)) + "\nX1,x@mail.example," +
                        ",".join(str(i) for i in range(400)) + "\n")
        server = Server(build, data / "demo")
        upload(server, wide)
        upload(server, path)
        server.stop()
    server = Server(build, data / "demo")
    print("| pages of 50 | leads | ms of processor | first ms | median ms | p99 ms |")
    for name, query in {"an attribute without strips, by score": quoted(sort="-score", **{"attr.Visits[gte]": 35}),
                        "by an attribute without strips": quoted(sort="-attr.Visits")}.items():
        total = []
        ms, cpu = timed(server, lambda i: total.append(server.call("GET", f"/api/v1/leads?limit=50&{query}")["total"]))
        show(name, total[-1], ms, cpu)
    server.stop()


def import_killed(build, data, path, rows, place):
    """Seconds from sending until done, with a kill once ${place} of it is in; then started again at once."""
    server = Server(build, data)
    began = time.monotonic()
    with open(path, "rb") as f:
        server.http.request("POST", "/api/v1/upload?filename=leads.csv&commit=auto", f,
                            {"Authorization": f"Bearer {server.key}", "Content-Type": "text/csv",
                             "Content-Length": str(path.stat().st_size)})
        upload = json.loads(server.http.getresponse().read())["id"]
    while True:
        now = server.call("GET", f"/api/v1/uploads/{upload}")
        if now["state"] == "done":
            break
        if now["state"] in ("failed", "cancelled", "review"):
            sys.exit(f"upload: {now}")
        if place is not None and now["rows"]["read"] >= place * rows:
            server.process.kill()
            server.process.wait()
            server = Server(build, data)
            place = None
        time.sleep(0.02)
    took = time.monotonic() - began
    if now["rows"]["created"] != rows:
        sys.exit(f"not each row once: {now['rows']}")
    server.stop()
    return took


def kills(build, folder, path, rows):
    empty, data, whole = folder / "kills", folder / "killed", []
    subprocess.run([str(build / "heatscore"), "demo", "-q", "-d", empty, "--rows", "3000", "--seed", "1", "--budget", "1"], check=True,
                   stdout=subprocess.DEVNULL)
    for place in (None, 0.01, 0.5, 0.99, None):
        shutil.copytree(empty / "demo", data)
        took = import_killed(build, data, path, rows, place)
        shutil.rmtree(data)
        whole += [took] if place is None else []
        what = "undisturbed" if place is None else f"killed at {place:.0%}"
        print(f"{what}: {took:.2f} s, {took / statistics.median(whole):.2f} x", flush=True)
    shutil.rmtree(empty)


def gib(build, data, path):
    size = 1 << 30
    if not path.exists():
        line = b",".join([b"00Q%011d"] + [b"Ann", b"Smith%d", b"p%d@mail.example"] + [b"some text that fills the row"] * 8) + b"\n"
        with open(path, "wb") as f:
            f.write(b"Lead ID,First Name,Last Name,Email," + b",".join(b"C%d" % i for i in range(8)) + b"\n")
            n = 0
            while f.tell() < size - 20_000_000:
                f.write(b"".join(line % (n + i, n + i, n + i) for i in range(50000)))
                n += 50000
    server = Server(build, data)
    most, got = 0.0, 0
    server.http.putrequest("POST", "/api/v1/upload?filename=big.csv")
    for name, value in (("Authorization", f"Bearer {server.key}"), ("Content-Type", "text/csv"),
                        ("Content-Length", str(path.stat().st_size))):
        server.http.putheader(name, value)
    server.http.endheaders()
    began = time.monotonic()
    with open(path, "rb") as f:
        while chunk := f.read(1 << 20):
            server.http.send(chunk)
            got += 1
            if got % 16 == 0:
                most = max(most, server.memory_mb())
    answer = server.http.getresponse()
    answer.read()
    print(f"1 GiB received ({answer.status}) in {time.monotonic() - began:.1f} s: at most {most:.0f} MB resident, "
          f"peak {server.memory_mb('VmHWM'):.0f} MB")
    server.stop()


def main():
    build, rows = pathlib.Path(sys.argv[1]).resolve(), int(sys.argv[2])
    steps = (sys.argv[3] if len(sys.argv) > 3 else "bare,start,pages").split(",")
    folder = pathlib.Path(os.environ.get("BENCH_DIR") or tempfile.mkdtemp(prefix="heatscore-bench-"))
    folder.mkdir(exist_ok=True)
    data = folder / "demo"
    if not data.exists():
        subprocess.run([str(build / "heatscore"), "demo", "-q", "-d", folder, "--rows", "3000", "--seed", "1", "--budget", "1"],
                       check=True, stdout=subprocess.DEVNULL)
    if "gib" in steps:
        gib(build, data, folder / "gib.csv")
    path = folder / f"leads{rows}.csv"
    make_csv(data / "new_leads.csv", path, rows)
    if "others" in steps:
        others(build, folder, path)
    if "kills" in steps:
        kills(build, folder, path, rows)
    if not set(steps) & {"bare", "peer", "start", "pages"}:
        return
    server = Server(build, data)
    ours = None
    if server.call("GET", "/api/v1/leads?limit=1")["total"] < rows:
        used = server.cpu_s()
        ours, received, end = upload(server, path)
        print(f"{rows} rows: {ours:.3f} s ({rows / ours:,.0f} rows/s), {server.cpu_s() - used:.2f} s of processor time, received in "
              f"{received:.2f} s, peak {server.memory_mb('VmHWM'):.0f} MB; {end['rows']}", flush=True)
    server.stop()
    if "bare" in steps:
        to = folder / "bare.db"
        for f in folder.glob("bare.db*"):
            f.unlink()
        # As our jobs are, it is nice to whatever else the machine does.
        bare = json.loads(subprocess.run(["nice", "-n", "10", str(build / "bench/bench_bare"), str(data / "heatscore.db"), str(to)], check=True,
                                         capture_output=True, text=True).stdout)
        for f in folder.glob("bare.db*"):
            f.unlink()
        ratio = f": {ours / bare['wall_s']:.2f} x" if ours else ""
        print(f"bare loop: {bare['rows']} rows in {bare['wall_s']:.3f} s, {bare['cpu_s']:.2f} s of processor time{ratio}", flush=True)
    if "peer" in steps:
        python = os.environ.get("PEER_PYTHON", sys.executable)
        script = str(pathlib.Path(__file__).parent / "peer_ingest.py")
        if not (folder / "peer").exists():
            subprocess.run([python, script, "train", data / "history.csv", folder / "peer"], check=True)
        (folder / "peer.db").unlink(missing_ok=True)
        peer = json.loads(subprocess.run([python, script, "load", path, folder / "peer", folder / "peer.db"], check=True,
                                         capture_output=True, text=True).stdout)
        for f in folder.glob("peer.db*"):
            f.unlink()
        ratio = f": ours is {peer['wall_s'] / ours:.2f} x as fast" if ours else ""
        print(f"pandas + xgboost + sqlite: {peer['rows']} rows in {peer['wall_s']:.2f} s, {peer['mb']:.0f} MB{ratio}", flush=True)
    server = Server(build, data)
    if "start" in steps:
        again = [server.ready_s * 1e3]
        for _ in range(4):
            server.stop()
            server = Server(build, data)
            again.append(server.ready_s * 1e3)
        time.sleep(3)
        print(f"start to ready: {', '.join(f'{ms:.0f}' for ms in again)} ms; idle {server.memory_mb():.1f} MB resident", flush=True)
    if "pages" in steps:
        pages(server, server.call("GET", "/api/v1/leads?limit=1&sort=-score")["items"][0])
        print(f"after the pages: {server.memory_mb():.1f} MB resident")
    server.stop()


main()
