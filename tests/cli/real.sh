# SPDX-License-Identifier: Apache-2.0
# The real data sets, where they are: what their descriptions call leaks is left out, honest columns
# stay, and the figures are not worse than they were. A small budget: full figures are in the docs.
. "$(dirname "$0")/common.sh"
LEADS=${HEATSCORE_SHARED:-../shared}/data/leads
[ -r "$LEADS/olist_funnel/train.csv" ] || {
	echo "skipped: $LEADS is not there (set HEATSCORE_SHARED)"
	exit 77
}

# learn SET TARGET AUC LOG_LOSS LEAKS USED: comma lists; trains and checks the report.
learn() {
	run 0 train "$LEADS/$1/train.csv" --target "$2" --budget 3 --json
	python3 - "$TMP/out" "$@" <<'PY' || bad "$1"
import json, sys
r = json.load(open(sys.argv[1]))
name, target, auc, loss, leaks, used = sys.argv[2:8]
left = {x["column"] for x in r["left_out"] if x["reason"] == "leak"}
want = set(filter(None, leaks.split(",")))
assert left == want, "left out as leaks: %s" % sorted(left ^ want)
missing = set(filter(None, used.split(","))) - set(r["used"]) - set(r["unused"])
assert not missing, "not allowed: %s" % missing
f = r["figures"]["out_of_fold"]
assert f["roc_auc"]["value"] >= float(auc), f["roc_auc"]
assert f["log_loss"]["value"] <= float(loss), f["log_loss"]
PY
}
learn x_education Converted .87 .43 \
	"Tags,Lead Quality,Lead Profile,Last Activity,Last Notable Activity,Asymmetrique Activity Index,Asymmetrique Profile Index,Asymmetrique Activity Score,Asymmetrique Profile Score" \
	"What is your current occupation,What matters most to you in choosing a course,TotalVisits"
learn olist_funnel converted .70 .313 "" "first_contact_date,landing_page_id,origin"
learn bank_marketing y .79 .275 "duration" "euribor3m,poutcome,campaign,job"
run 0 score "$LEADS/bank_marketing/train.csv" -o "$TMP/bank.csv"
head -n 1 "$TMP/bank.csv" | grep -q '"y";heatscore_probability;' || bad "the bank's form is not kept"
[ "$(wc -l <"$TMP/bank.csv")" = "$(wc -l <"$LEADS/bank_marketing/train.csv")" ] ||
	bad "rows are lost"
finish
