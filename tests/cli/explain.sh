# SPDX-License-Identifier: Apache-2.0
# What would make a lead hot is confirmed by scoring the changed file; why it moved adds up.
. "$(dirname "$0")/common.sh"

run 0 demo --data "$TMP/d" --rows 1500 --budget 1
data=$TMP/d/demo leads=$TMP/d/demo/new_leads.csv
run 0 score "$leads" --data "$data" --as-of 2025-03-01 -o "$TMP/scored.csv"
python3 - "$HS" "$data" "$leads" "$TMP" <<'PY' || bad "what would make it hot is not what scoring says"
import csv, json, subprocess, sys
hs, data, leads, tmp = sys.argv[1:]
rows = list(csv.reader(open(leads, newline="")))
header = rows[0]
may_change = {"Visits", "Pages Viewed", "Minutes on Site", "Attended Webinar", "Newsletter", "Last Activity"}
asked = reached = 0
for n in range(1, 80, 3):
    v = json.loads(subprocess.run([hs, "explain", leads, "--row", str(n), "--data", data, "--as-of", "2025-03-01",
                                   "--json", "-q"], capture_output=True, check=True).stdout)
    hot = v["hot"]
    if hot["already"]:
        assert v["heat"] == "hot"
        continue
    changed = [list(r) for r in rows]
    assert 1 <= len(hot["changes"]) <= 3 or not hot["reachable"]
    for c in hot["changes"]:
        assert c["column"] in may_change, c
        changed[n][header.index(c["column"])] = c["to"]
    path = tmp + "/changed.csv"
    csv.writer(open(path, "w", newline="")).writerows(changed)
    out = subprocess.run([hs, "score", path, "--data", data, "--as-of", "2025-03-01", "-q"],
                         capture_output=True, check=True, text=True).stdout
    row = list(csv.DictReader(out.splitlines(True)))[n - 1]
    assert abs(float(row["heatscore_probability"]) - hot["probability"]) < 1e-12, (n, hot, row)
    assert (row["heatscore_heat"] == "hot") == hot["reachable"]
    asked += 1
    reached += hot["reachable"]
assert asked >= 10 and reached >= 1, (asked, reached)
PY

run 0 explain "$leads" --row 2 --data "$data" --as-of 2025-06-01 --before-as-of 2025-03-01 --json && json_ok
python3 - "$TMP/out" <<'PY' || bad "why it moved does not add up"
import json, sys
m = json.load(open(sys.argv[1]))["moved"]
parts = [m["data"], m["time"], m["model"]]
assert abs(sum(p["value"] for p in parts) - (m["after"] - m["before"])) < 1e-12
assert sum(p["points"] for p in parts) == m["score_after"] - m["score_before"]
assert m["data"]["value"] == 0 and m["model"]["value"] == 0
PY

# A row that cannot be read is told with line, column and reason; a lead that may be in one is not said to be absent.
(sed -n 1,3p "$leads"; echo 'L-cut,x') >"$TMP/cut.csv"
run 65 explain "$TMP/cut.csv" --row 3 --data "$data" && errs 'line 4' && errs 'has 2 cells' && errs 'column "'
run 66 explain "$TMP/cut.csv" --id L-cut --data "$data" && errs 'row that cannot be read'
finish
