#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench_score.py HEATSCORE FOLDER [ROWS]: CSV in, scored CSV out, against pandas + xgboost in the same run.

Makes leads (make_leads.py), trains both, scores ROWS (1,000,000) of them with both, then ten times
fewer and more to see whether the cost per lead stays flat, then one row. Prints Markdown. Needs
Debian's python3-pandas and python3-xgboost; about 4 GB of disk in FOLDER for ten million rows."""
import os
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BINARY, FOLDER = sys.argv[1], sys.argv[2]
ROWS = int(sys.argv[3]) if len(sys.argv) > 3 else 1000000
PYTHON = "/usr/bin/python3"


def run(*args):
    """Wall seconds, processor seconds, peak MB."""
    start = time.perf_counter()
    p = subprocess.Popen(args, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    message = p.stderr.read()
    _, status, used = os.wait4(p.pid, 0)
    wall = time.perf_counter() - start
    if status != 0:
        sys.exit("%s: %s" % (" ".join(args), message.decode()))
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def path(name):
    return os.path.join(FOLDER, name)


def leads(name, rows):
    """A block of made leads, repeated: making millions one by one would take longer than scoring."""
    with open(path("block.csv"), "rb") as f:
        header, body = f.readline(), f.read().splitlines(keepends=True)
    with open(path(name), "wb") as f:
        f.write(header)
        for at in range(0, rows, len(body)):
            f.writelines(body[:rows - at])
    return path(name)


def ours(name, *more):
    return run(BINARY, "score", name, "--data", path("data"), "-q", "-o", path("out.csv"), *more)


os.makedirs(FOLDER, exist_ok=True)
run(PYTHON, os.path.join(HERE, "make_leads.py"), "20000", path("train.csv"), "1")
run(PYTHON, os.path.join(HERE, "make_leads.py"), "50000", path("block.csv"), "2")
run(PYTHON, os.path.join(HERE, "peer_pandas.py"), "train", path("train.csv"), "Converted", path("peer"))
run(BINARY, "train", path("train.csv"), "--target", "Converted", "--publish", "--data", path("data"), "-q", "--budget", "20")

big = leads("big.csv", ROWS)
peer = min(run(PYTHON, os.path.join(HERE, "peer_pandas.py"), "score", big, path("peer"), path("peer.csv")) for _ in range(2))
two = min(ours(big) for _ in range(3))
one = min(ours(big, "--threads", "1") for _ in range(2))
print("| %s rows, CSV to scored CSV | seconds | processor seconds | peak MB | against the peer |" % format(ROWS, ","))
print("| --- | ---: | ---: | ---: | ---: |")
for name, r in (("pandas + xgboost, 200 trees of depth 5", peer), ("heatscore, the published ensemble", two),
                ("heatscore, one thread", one)):
    print("| %s | %.2f | %.2f | %.0f | %.1f x |" % (name, r[0], r[1], r[2], peer[0] / r[0]))

single = leads("one.csv", 1)
starts = sorted(ours(single) for _ in range(30))
print("\nOne row, whole process: %.1f ms at best, %.1f ms in the middle; %.1f ms of processor time.\n"
      % (1000 * starts[0][0], 1000 * starts[15][0], 1000 * min(s[1] for s in starts)))

# Whether the cost per lead stays flat: one thread, sizes in turn so that what else runs on the machine
# meets all of them, the median over the rounds; small files several times a round.
SIZES = (ROWS // 100, ROWS // 10, ROWS, ROWS * 10)
spent = {rows: [] for rows in (1,) + SIZES}
for rows in SIZES:
    leads("some%d.csv" % rows, rows)
for turn in range(9):
    for rows in (1,) + SIZES:
        if rows > ROWS and turn % 3 != 1:
            continue
        for _ in range(5 if rows < ROWS // 10 else 1):
            spent[rows].append(ours(single if rows == 1 else path("some%d.csv" % rows), "--threads", "1"))
middle = {rows: statistics.median(r[1] for r in runs) for rows, runs in spent.items()}
print("| rows | processor microseconds a lead, start subtracted | against %s | peak MB | runs |" % format(ROWS, ","))
print("| ---: | ---: | ---: | ---: | ---: |")
cost = {rows: 1e6 * (middle[rows] - middle[1]) / rows for rows in SIZES}
for rows in SIZES:
    print("| %s | %.2f | %+.0f %% | %.0f | %d |" % (format(rows, ","), cost[rows], 100 * (cost[rows] / cost[ROWS] - 1),
                                             statistics.median(r[2] for r in spent[rows]), len(spent[rows])))
for rows in SIZES:
    os.remove(path("some%d.csv" % rows))
for name in ("big.csv", "out.csv", "peer.csv"):
    os.remove(path(name))
