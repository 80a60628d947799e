#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills the store at its system calls and makes them fail, and looks whether anything that was
acknowledged is lost: sweep.py WORKER [--points N] [--random N]

For each system call the run is killed at its 1st, 2nd, 3rd, ... occurrence; with fewer points than
occurrences these are spread over the whole run. Prints the distinct points hit; a sweep that never
hit a commit, a write-back of the log, a cut or a rename has shown nothing and fails."""
import argparse
import collections
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

import tracing

SWEPT = ["pwrite64", "fdatasync", "fsync", "ftruncate", "rename", "unlink"]
MUST = [("pwrite64", "-wal"), ("fdatasync", "-wal"), ("pwrite64", ".db"), ("fdatasync", ".db"),
        ("rename", ".part")]


def strace(worker, folder, *inject):
    log = os.path.join(folder, "strace")
    done = subprocess.run(
        ["strace", "-f", "-y", "-qq", "-o", log, "-e", "trace=" + ",".join(SWEPT), *inject,
         worker, "run", folder],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    with open(log, encoding="utf-8", errors="replace") as f:
        return done, f.read().splitlines()


def kind(line):
    """(system call, which file) of a line of strace's."""
    m = re.match(r"\d+\s+(\w+)\((.*)", line)
    if not m:
        return None
    files = re.findall(r'[<"]([^<">]*/[^<">]*)[>"]', m.group(2))
    name = os.path.basename(files[0]) if files else "?"
    for end in ("-wal", "-shm", "-journal", ".part"):
        if name.endswith(end):
            return m.group(1), end
    if name.startswith("heatscore-sweep-"):
        return m.group(1), "folder"
    return m.group(1), ".db" if name.endswith(".db") else name


def check(worker, folder):
    done = subprocess.run([worker, "check", folder], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    return None if done.returncode == 0 else done.stdout.strip() or f"exit {done.returncode}"


def phase(folder):
    try:
        with open(os.path.join(folder, "oracle"), encoding="ascii") as f:
            return f.read().split("\n")[-2].rstrip("0123456789 ")
    except (OSError, IndexError):
        return "try open"


class Run:
    def __init__(self, worker):
        self.worker = worker
        self.hits = collections.Counter()
        self.points = 0
        self.wrong = []

    def one(self, what, *inject, must_end=False):
        call = re.search(r"inject=(\w+):", " ".join(inject)).group(1)
        folder = tempfile.mkdtemp(prefix="heatscore-sweep-")
        try:
            done, lines = strace(self.worker, folder, *inject)
            struck = [x for x in lines if "(INJECTED)" in x or "= ?" in x]
            if not struck and done.returncode < 0:
                # Cut off in the middle of its line: another thread came in between.
                struck = [x for x in lines if call + "(" in x][-1:]
            hit = [k for k in map(kind, struck) if k]
            fault = check(self.worker, folder)
            if fault is None and must_end and done.returncode != 0:
                fault = f"did not recover: exit {done.returncode}: {done.stderr.strip()[-300:]}"
            if hit:
                self.points += 1
                self.hits[(*hit[-1], phase(folder))] += 1
            if fault:
                self.wrong.append(f"{what}: {fault}")
        finally:
            shutil.rmtree(folder)


def occurrences(worker):
    folder = tempfile.mkdtemp(prefix="heatscore-sweep-")
    try:
        done, lines = strace(worker, folder)
        if done.returncode != 0 or check(worker, folder):
            sys.exit(f"the run fails without any fault: {done.stderr}")
        # strace counts occurrences of each thread for itself.
        by_thread = collections.Counter((x.split()[0], kind(x)[0]) for x in lines if kind(x))
        calls = collections.Counter()
        for (_, call), n in by_thread.items():
            calls[call] = max(calls[call], n)
        return calls
    finally:
        shutil.rmtree(folder)


def spread(count, most):
    if count <= most:
        return range(1, count + 1)
    return sorted({1 + i * (count - 1) // (most - 1) for i in range(most)})


def main():
    p = argparse.ArgumentParser()
    p.add_argument("worker")
    p.add_argument("--points", type=int, default=int(os.environ.get("HEATSCORE_SWEEP", "150")))
    p.add_argument("--random", type=int, default=25)
    a = p.parse_args()
    why = tracing.refusal()
    if why is not None:
        print("no system call can be traced here:", why)
        return 77
    calls = occurrences(a.worker)
    run = Run(a.worker)
    share = {c: min(calls[c], 8) for c in SWEPT}
    left = a.points - sum(share.values())
    for c in ("pwrite64", "fdatasync"):
        share[c] += left * 2 // 3 if c == "pwrite64" else left // 3
    print("the busiest thread of a run makes", ", ".join(f"{calls[c]} {c}" for c in SWEPT))
    for c in SWEPT:
        for n in spread(calls[c], share[c]) if calls[c] else ():
            run.one(f"killed at {c} {n}", "-e", f"inject={c}:signal=KILL:when={n}")
    random.seed(1)
    for _ in range(a.random):
        c = random.choice(["pwrite64", "fdatasync"])
        n = random.randint(1, calls[c])
        run.one(f"killed at {c} {n}", "-e", f"inject={c}:signal=KILL:when={n}")
    killed = run.points
    for what, most in (("fdatasync:error=EIO:when={}", 14), ("pwrite64:error=ENOSPC:when={}", 14),
                       ("pwrite64:error=EIO:when={}", 8), ("pwrite64:error=ENOSPC:when={}..{}", 8),
                       ("ftruncate:error=EIO:when={}", 3), ("fsync:error=EIO:when={}", 3)):
        c = what.split(":")[0]
        for n in spread(calls[c], most) if calls[c] else ():
            inject = what.format(n, n + 3)
            # What strikes while the store is opened for the first time may end the run: nothing was
            # acknowledged, and the next start goes on.
            run.one(f"failing {inject}", "-e", f"inject={inject}", must_end=n > calls[c] // 3)
    for (c, f, ph), n in sorted(run.hits.items()):
        print(f"  {c:10} {f:10} while {ph:12} {n:4}")
    print(f"{killed} kills, {run.points - killed} failing calls, {len(run.hits)} distinct points, "
          f"{len(run.wrong)} wrong")
    missed = [m for m in MUST if not any(h[:2] == m for h in run.hits)]
    for w in run.wrong:
        print("WRONG", w)
    for m in missed:
        print("never hit:", *m)
    return 1 if run.wrong or missed or killed < (a.points + a.random) * 0.6 else 0


sys.exit(main())
