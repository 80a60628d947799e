# SPDX-License-Identifier: Apache-2.0
# heatscore demo: the same every time, useful, and its files serve the other commands.
. "$(dirname "$0")/common.sh"
cd "$TMP"

run 0 demo --rows 1500 --budget 1 --data one
for text in "Not used for learning" "Closed Reason" "Heat of the new leads" "truth" \
	"the generator, which knows the odds" "The ten hottest" "heatscore train YOURS.csv" \
	"heatscore serve --demo --data one/demo"; do
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
# Scoring into a file tells what was done; into standard output it prints the rows and no more.
run 0 score one/demo/new_leads.csv --data one/demo -o scored.csv
says "scored.csv: 375 leads scored by v1"
run 0 score one/demo/new_leads.csv --data one/demo -o scored.csv --json && json_ok
run 2 score one/demo/new_leads.csv --data one/demo --json && errs "-o OUT.csv"
run 0 score one/demo/new_leads.csv --data one/demo
cmp -s "$TMP/out" scored.csv || bad "standard output and the file differ"
"$HS" score one/demo/new_leads.csv --data one/demo -o /dev/stdout 2>/dev/null | cmp -s - scored.csv ||
	bad "-o /dev/stdout writes something else"
# A link stays a link, also the one to a standard output that is a file.
ln -s scored.csv link.csv
"$HS" score one/demo/new_leads.csv --data one/demo -o link.csv -q >/dev/null
[ -L link.csv ] || bad "the link was replaced"
ln -s /proc/self/fd/1 stdout
printf 'before\n' >both.txt
"$HS" score one/demo/new_leads.csv --data one/demo -o stdout -q >>both.txt 2>/dev/null
[ -L stdout ] || bad "the name of standard output was replaced"
{ printf 'before\n' && cat scored.csv; } | cmp -s - both.txt || bad "appending to a file through a link"
run 2 demo --rows 10 && errs "outside 500"
finish
