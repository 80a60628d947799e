# SPDX-License-Identifier: Apache-2.0
# heatscore demo: the same every time, useful, and its files serve the other commands.
. "$(dirname "$0")/common.sh"
cd "$TMP"

run 0 demo --rows 1500 --budget 1 --data one
for text in "Not used for learning" "Closed Reason" "Heat of the new leads" "truth" \
	"the generator, which knows the odds" "The ten hottest" "heatscore train YOURS.csv"; do
	says "$text"
done
errs "made the data folder"
run 0 demo --rows 1500 --budget 1 --data two --threads 1 --json
json_ok
python3 - out <<'END' || bad "the figures of the demo"
import json, sys
d = json.load(open(sys.argv[1]))
loss = d["log_loss"]
assert loss["generator"] < loss["model"] < loss["base_rate"], loss
assert d["roc_auc"]["generator"] > d["roc_auc"]["model"] > 0.65, d["roc_auc"]
assert d["calibration_error"] < 0.08, d["calibration_error"]
assert sum(b["leads"] for b in d["bands"].values()) == d["scored_rows"] == 375
assert all(b["leads"] > 0 for b in d["bands"].values())
assert len(d["hottest"]) == 10
END
for f in history new_leads scored truth; do
	cmp -s "one/demo/$f.csv" "two/demo/$f.csv" || bad "$f.csv differs with one thread and with all"
done
for f in encoder.bin forest.json model.json; do
	cmp -s one/demo/models/v1/$f two/demo/models/v1/$f || bad "$f differs with the number of threads"
done
! head -n 1 one/demo/new_leads.csv | grep -q Status || bad "the new leads tell their outcome"
run 2 demo --rows 10 && errs "outside 500"
finish
