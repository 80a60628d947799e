#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The power goes at any moment: powerloss.py WORKER [--images N] [--seed N]

One run of the store is recorded, call by call with every byte written. From that, images are made of
what the disk may hold when the power goes: what was synced, and of all that was written since then
nothing, everything, the first part, or any part in any order, the last of it torn at 512 or 4,096
bytes; names that were not synced may be there or not. SQLite itself must find each image whole, and
the store must have everything in it that was acknowledged by then.
HEATSCORE_IMAGES=10000 makes it the long one."""
import argparse
import collections
import concurrent.futures
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

import tracing

CALLS = "openat,pwrite64,write,fdatasync,fsync,ftruncate,rename,unlink"
LINE = re.compile(r"(\d+)\s+(?:<\.\.\. )?(\w+)(?:\(| resumed>)(.*)")
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


def text(s):
    return bytes.fromhex(s.replace("\\x", ""))


def record(worker, folder):
    """The run's events in order: (what, path, ...); a sync knows where it began."""
    log = folder + ".strace"
    done = subprocess.run(["strace", "-f", "-y", "-xx", "-qq", "-s", "1000000", "-o", log,
                           "-e", "trace=" + CALLS, worker, "run", folder], check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        sys.exit(f"the run fails: {done.stdout}")
    events, begun = [], {}
    with open(log, encoding="ascii", errors="replace") as f:
        for line in f:
            m = LINE.match(line)
            if not m:
                continue
            thread, call, rest = m.groups()
            start, is_sync = len(events), call in ("fdatasync", "fsync")
            # What a call writes may be on the disk as soon as it has begun; a sync counts when it is over.
            if "resumed>" in line:
                if thread not in begun or not is_sync:
                    continue
                start, rest = begun.pop(thread)
            elif "<unfinished" in rest and is_sync:
                begun[thread] = (start, rest)
                continue
            if re.search(r"= -1 E", line):
                continue
            add(events, start, call, rest, folder)
    os.unlink(log)
    return events


def where(s, folder):
    """The name in the folder: "" for the folder itself, None for what lies elsewhere."""
    path = os.path.normpath(s)
    if path == folder:
        return ""
    return path[len(folder) + 1:] if path.startswith(folder + "/") else None


def add(events, start, call, rest, folder):
    fd = re.match(r"\d+<((?:\\x[0-9a-f]{2})+)>", rest)
    path = where(text(fd.group(1)).decode(), folder) if fd else None
    texts = TEXT.findall(rest)
    if call == "openat" and "O_CREAT" in rest:
        name = where(text(texts[0]).decode(), folder)
        if name:
            events.append(("create", name, "O_TRUNC" in rest))
    elif call == "pwrite64" and path:
        events.append(("write", path, int(rest.split(", ")[-1].split(")")[0].split(" ")[0]), text(texts[0])))
    elif call == "write" and path == "oracle":
        events.append(("ack", path, text(texts[0])))
    elif call == "write" and path:
        events.append(("append", path, text(texts[0])))
    elif call in ("fdatasync", "fsync") and path is not None:
        events.append(("sync", path, start))
    elif call == "ftruncate" and path:
        events.append(("truncate", path, int(re.search(r", (\d+)", rest[fd.end():]).group(1))))
    elif call == "rename":
        events.append(("rename", where(text(texts[0]).decode(), folder), where(text(texts[1]).decode(), folder)))
    elif call == "unlink":
        name = where(text(texts[0]).decode(), folder)
        if name:
            events.append(("unlink", name))


class Disk:
    """Files by number, as inodes: what is safe, and what was done since."""

    def __init__(self):
        self.safe = {}  # inode: bytearray
        self.since = collections.defaultdict(list)  # inode: [(index, what, ...)]
        self.names, self.safe_names = {}, {}
        self.name_changes = []  # (index, name, inode or None)
        self.ends = {}

    def name(self, index, name, inode):
        self.name_changes.append((index, name, inode))
        if inode is None:
            self.names.pop(name, None)
        else:
            self.names[name] = inode

    def step(self, index, ev):
        what, path = ev[0], ev[1]
        if what == "create":
            if path not in self.names:
                inode = len(self.safe)
                self.safe[inode] = bytearray()
                self.ends[inode] = 0
                self.name(index, path, inode)
            elif ev[2]:
                self.since[self.names[path]].append((index, "truncate", 0))
        elif what == "rename":
            inode = self.names[path]
            self.name(index, ev[2], inode)
            self.name(index, path, None)
        elif what == "unlink" and path in self.names:
            self.name(index, path, None)
        elif what == "sync" and path == "":
            self.sync_names(lambda c: c[0] < ev[2])
        elif path in self.names:
            self.change(index, what, self.names[path], ev)

    def change(self, index, what, inode, ev):
        if what == "write":
            self.since[inode].append((index, "write", ev[2], ev[3]))
        elif what == "append":
            self.since[inode].append((index, "write", self.ends[inode], ev[2]))
            self.ends[inode] += len(ev[2])
        elif what == "truncate":
            self.since[inode].append((index, "truncate", ev[2]))
        elif what == "sync":
            for c in self.since[inode]:
                if c[0] < ev[2]:
                    apply(self.safe[inode], c)
            self.since[inode] = [c for c in self.since[inode] if c[0] >= ev[2]]
            # A new file that is synced has its name on the disk too.
            self.sync_names(lambda c: c[2] == inode and c[0] < ev[2])

    def sync_names(self, which):
        # With those of the same name before it.
        last = {c[1]: c[0] for c in self.name_changes if which(c)}
        for c in [c for c in self.name_changes if c[0] <= last.get(c[1], -1)]:
            self.apply_name(self.safe_names, c)
            self.name_changes.remove(c)

    @staticmethod
    def apply_name(names, c):
        if c[2] is None:
            names.pop(c[1], None)
        else:
            names[c[1]] = c[2]


def apply(content, c, size=None):
    if c[1] == "truncate":
        if c[2] < len(content):
            del content[c[2]:]
        else:
            content.extend(bytes(c[2] - len(content)))
        return
    data = c[3] if size is None else c[3][:size]
    if len(content) < c[2]:
        content.extend(bytes(c[2] - len(content)))
    content[c[2]:c[2] + len(data)] = data


def remains(rnd, content, changes, how):
    """What may be left of a file. Truncations stay in their place: they are the file system's."""
    content = bytearray(content)
    if how == "kept":
        kept = changes
    elif how == "dropped":
        kept = []
    elif how == "first part":
        kept = changes[:rnd.randint(0, len(changes))]
    else:
        kept = [c for c in changes if rnd.random() < 0.5]
    for i, c in enumerate(kept):
        torn = how in ("torn", "reordered") and c[1] == "write" and (i == len(kept) - 1 or rnd.random() < 0.2)
        if torn:
            unit = rnd.choice((512, 4096))
            apply(content, c, rnd.randint(0, len(c[3]) // unit) * unit)
        else:
            apply(content, c)
    return content


def image(rnd, disk, acked, to, how):
    names = dict(disk.safe_names)
    changes = disk.name_changes
    if how == "kept":
        kept = changes
    elif how == "dropped":
        kept = []
    else:
        kept = changes[:rnd.randint(0, len(changes))]
    for c in kept:
        Disk.apply_name(names, c)
    os.mkdir(to)
    for name, inode in names.items():
        if name.endswith("-shm"):
            continue
        with open(os.path.join(to, name), "wb") as f:
            f.write(remains(rnd, disk.safe[inode], disk.since[inode], how))
    with open(os.path.join(to, "oracle"), "wb") as f:
        f.write(b"".join(acked))


def fault(worker, folder, acked):
    db = os.path.join(folder, "heatscore.db")
    copy = folder + ".sqlite"
    if os.path.exists(db):
        # SQLite alone, on a copy: it writes as it recovers.
        shutil.copytree(folder, copy)
        try:
            c = sqlite3.connect(os.path.join(copy, "heatscore.db"))
            said = c.execute("PRAGMA integrity_check").fetchone()[0]
            c.close()
        except sqlite3.DatabaseError as e:
            said = str(e)
        shutil.rmtree(copy)
        if said != "ok":
            shutil.rmtree(folder)
            return f"SQLite says: {said}"
    elif acked:
        shutil.rmtree(folder)
        return "the file is gone"
    done = subprocess.run([worker, "check", folder], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    shutil.rmtree(folder)
    return None if done.returncode == 0 else done.stdout.strip() or f"exit {done.returncode}"


def main():
    p = argparse.ArgumentParser()
    p.add_argument("worker")
    p.add_argument("--images", type=int, default=int(os.environ.get("HEATSCORE_IMAGES", "120")))
    p.add_argument("--seed", type=int, default=1)
    a = p.parse_args()
    why = tracing.refusal()
    if why is not None:
        print("no system call can be traced here:", why)
        return 77
    room = os.path.realpath(tempfile.mkdtemp(prefix="heatscore-power-"))
    try:
        return lose(a, room)
    finally:
        shutil.rmtree(room)


def lose_at(a, room, events, images, syncs):
    """${syncs} False: of a disk that lies about them, which must not pass unnoticed."""
    rnd = random.Random(a.seed)
    moments = collections.Counter(rnd.randint(1, len(events)) for _ in range(images))
    hows = ("kept", "dropped", "first part", "reordered", "torn")
    disk, acked, seen, unsynced, found = Disk(), [], collections.Counter(), 0, []
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for i, ev in enumerate(events):
            for _ in range(moments[i]):
                how = hows[sum(seen.values()) % len(hows)]
                unsynced += any(disk.since.values())
                to = os.path.join(room, f"image{sum(seen.values())}")
                seen[how] += 1
                image(rnd, disk, acked, to, how)
                found.append((f"before event {i} {ev[:2]}, {how}", pool.submit(fault, a.worker, to, list(acked))))
            if ev[0] == "ack":
                acked.append(ev[2])
            elif syncs or ev[0] != "sync" or not ev[1]:
                disk.step(i, ev)
        wrong = [f"{what}: {f.result()}" for what, f in found if f.result()]
    return wrong, seen, unsynced


def lose(a, room):
    run = os.path.join(room, "run")
    os.mkdir(run)
    events = record(a.worker, run)
    acks = sum(e[0] == "ack" for e in events)
    if acks < 10:
        sys.exit(f"{acks} acknowledgements were recorded")
    wrong, seen, unsynced = lose_at(a, room, events, a.images, True)
    blind, _, _ = lose_at(a, room, events, 20, False)
    counts = collections.Counter(e[0] for e in events)
    print("recorded:", ", ".join(f"{n} {what}" for what, n in sorted(counts.items())))
    print(f"{sum(seen.values())} images ({', '.join(f'{n} {h}' for h, n in seen.items())}), "
          f"{unsynced} with writes that were not synced; {len(wrong)} wrong "
          f"(of a disk that drops what was synced: {len(blind)} of 20)")
    for w in wrong[:20]:
        print("WRONG", w)
    return 1 if wrong or not blind or unsynced < a.images / 10 else 0


sys.exit(main())
