# SPDX-License-Identifier: Apache-2.0
# From a file with outcomes to a model, to scored files, to figures: the promises scripts rely on.
. "$(dirname "$0")/common.sh"

# 900 made leads: odds follow source and minutes; a fifth of them open; day-first dates.
awk 'BEGIN {
	srand(7); split("Referral,Google,Fair,Cold list", source, ",");
	print "Lead ID,Created,Source,Minutes,Town,Converted";
	for (i = 1; i <= 900; i++) {
		s = 1 + int(rand() * 4); m = int(rand() * 60);
		won = rand() < 1 / (1 + exp(3.2 - (s == 1) * 2 + (s == 4) * 2 - m / 15));
		day = sprintf("%02d-%02d-2024", 1 + int(rand() * 28), 1 + int(rand() * 12));
		printf "L%06d,%s,%s,%d,\"Town, %d\",%s\r\n", i * 37 % 1000003, day, source[s], m,
			1 + int(rand() * 9), i % 5 == 0 ? "" : won;
	}
}' >"$TMP/leads.csv"

# --- train ---
run 2 train "$TMP/leads.csv" && errs "--target"
run 65 train "$TMP/leads.csv" --target Nope && errs "Nope"
run 0 train "$TMP/leads.csv" --target Converted --budget 2 --json
json_ok
cp "$TMP/out" "$TMP/report.json"
python3 - "$TMP/report.json" <<'PY' || bad "the training report lacks something"
import json, sys
r = json.load(open(sys.argv[1]))
assert r["version"] == "v1" and r["state"] == "draft", r["version"]
assert r["rows"] == 900 and r["open"] == 180 and r["won"] + r["lost"] == 720
left = {x["column"]: x for x in r["left_out"]}
assert left["Lead ID"]["reason"] == "identifier" and left["Lead ID"]["evidence"]
assert "Source" in r["used"] and "Minutes" in r["used"]
f = r["figures"]["out_of_fold"]
for k in ("roc_auc", "pr_auc", "log_loss", "brier", "ece"):
    assert f[k]["low"] <= f[k]["value"] <= f[k]["high"], k
assert f["roc_auc"]["value"] > .75, f["roc_auc"]
assert f["log_loss"]["value"] < f["baselines"]["base_rate"]["log_loss"]["value"]
assert r["figures"]["time_ordered"]["roc_auc"]["value"] > .6
assert r["trees"] <= 1000 and r["settings"]["bound"] and r["bands"]["hot"] > r["bands"]["warm"]
PY
run 0 train "$TMP/leads.csv" --target Converted --budget 2 --threads 1 --publish
says "published"
for f in model.json encoder.bin forest.json report.json baselines.json summary.json donors.bin \
	holdout.bin; do
	cmp -s "$HEATSCORE_DATA/models/v1/$f" "$HEATSCORE_DATA/models/v2/$f" ||
		bad "$f differs between one thread and all of them"
done

# --- score: the input's rows, cells and form, and five more columns ---
run 0 score "$TMP/leads.csv" -o "$TMP/scored.csv"
says "scored.csv: 900 leads scored by"
run 0 score "$TMP/leads.csv" -o "$TMP/scored.csv" --json && json_ok && says '"expected_wins"'
python3 - "$TMP/leads.csv" "$TMP/scored.csv" <<'PY' || bad "the scored file is not as promised"
import csv, decimal, sys
old = open(sys.argv[1], newline="").read().split("\r\n")
old = [line for part in old for line in part.split("\n")]
new = [line for part in open(sys.argv[2], newline="").read().split("\r\n")
       for line in part.split("\n")]
assert len(old) == len(new)
assert all(b.startswith(a) for a, b in zip(old, new)), "cells were changed"
heats = set()
for r in csv.DictReader(open(sys.argv[2], newline="")):
    p = r["heatscore_probability"]
    assert 0 < float(p) < 1 and repr(float(p)) == p, p
    half_up = (decimal.Decimal(float(p)) * 100).quantize(0, decimal.ROUND_HALF_UP)
    assert int(r["heatscore_score"]) == half_up
    assert 0 <= float(r["heatscore_confidence"]) <= 1 and r["heatscore_model"] == "v2"
    heats.add(r["heatscore_heat"])
assert heats == {"hot", "warm", "cold"}, heats
PY
"$HS" score "$TMP/leads.csv" 2>"$TMP/err" | cmp -s - "$TMP/scored.csv" ||
	bad "standard output differs from -o"
"$HS" score "$TMP/leads.csv" --threads 1 2>"$TMP/err" | cmp -s - "$TMP/scored.csv" ||
	bad "one thread scores differently"
"$HS" score - <"$TMP/leads.csv" 2>"$TMP/err" | cmp -s - "$TMP/scored.csv" ||
	bad "standard input is scored differently"
run 0 score "$TMP/scored.csv" -o "$TMP/again.csv" && errs "replaced"
cut -d, -f1-5 "$TMP/scored.csv" | cmp -s - <(cut -d, -f1-5 "$TMP/again.csv") ||
	bad "scoring a scored file changes it"
head -n 1 "$TMP/again.csv" | grep -q 'heatscore_model.*heatscore_' && bad "columns came twice"

# Other order, further columns, another delimiter and encoding, numbers written otherwise.
python3 - "$TMP/leads.csv" "$TMP/other.csv" <<'PY'
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
out = open(sys.argv[2], "w", newline="", encoding="utf-16")
w = csv.writer(out, delimiter=";", lineterminator="\r\n")
w.writerow(["Minutes", "Remark", "Source", "Town", "Created", "Lead ID"])
for r in rows:
    w.writerow([r["Minutes"] + ".0", "é", " " + r["Source"].upper(), r["Town"], r["Created"],
                r["Lead ID"]])
PY
run 0 score "$TMP/other.csv" -o "$TMP/other.out.csv"
python3 - "$TMP/scored.csv" "$TMP/other.out.csv" <<'PY' || bad "the same leads in another form"
import csv, sys
a = [r["heatscore_probability"] for r in csv.DictReader(open(sys.argv[1], newline=""))]
text = open(sys.argv[2], "rb").read()
assert text[:2] == b"\xff\xfe"
b = list(csv.DictReader(text.decode("utf-16").splitlines(), delimiter=";"))
assert [r["heatscore_probability"] for r in b] == a and b[0]["Remark"] == "é"
PY

# Without its header line, with and without the outcome.
tail -n +2 "$TMP/leads.csv" >"$TMP/bare.csv"
run 0 score "$TMP/bare.csv" -o "$TMP/bare.out.csv" && errs "no header line"
cmp -s "$TMP/bare.out.csv" "$TMP/scored.csv" ||
	[ "$(tail -n +2 "$TMP/bare.out.csv" | md5sum)" = "$(tail -n +2 "$TMP/scored.csv" | md5sum)" ] ||
	bad "a file without a header line is scored differently"

# --- bad rows stay in place, and come back mended ---
{
	head -n 4 "$TMP/leads.csv"
	printf 'too,short\r\n'
	sed -n 5,9p "$TMP/leads.csv"
	printf 'a,01-02-2024,Fair,1,t,,much,too,long\r\n'
	sed -n 10,12p "$TMP/leads.csv"
} >"$TMP/bad.csv"
run 0 score "$TMP/bad.csv" -o "$TMP/bad.out.csv" && errs "2 of 13 rows"
python3 - "$TMP/bad.out.csv" "$TMP/bad.out.rejected.csv" "$TMP/mended.csv" <<'PY' ||
import csv, sys
out = list(csv.reader(open(sys.argv[1], newline="")))
assert len(out) == 14
assert out[4][:2] == ["too", "short"] and out[4][-5:] == [""] * 5, out[4]
assert out[10][:9] == "a,01-02-2024,Fair,1,t,,much,too,long".split(",") and out[10][-5:] == [""] * 5
assert all(row[-1] == "v2" for i, row in enumerate(out[1:], 1) if i not in (4, 10))
rej = list(csv.reader(open(sys.argv[2], newline="")))
assert [r[0] for r in rej[1:]] == ["5", "11"], rej
assert "2 cells" in rej[1][2] and "9 cells" in rej[2][2]
w = csv.writer(open(sys.argv[3], "w", newline=""))
w.writerow(rej[0])
w.writerow(rej[1][:4] + ["too", "05-05-2024", "Fair", "20", "Town, 1", ""])
w.writerow(rej[2][:10])
PY
	bad "bad rows are not where they should be"
run 0 score "$TMP/mended.csv" -o "$TMP/mended.out.csv"
[ "$(grep -c ',v2' "$TMP/mended.out.csv")" = 2 ] || bad "mended rows are not scored"
[ ! -e "$TMP/mended.out.rejected.csv" ] || bad "a rejects file without rejects"

# --- what is refused leaves nothing behind ---
printf '<!DOCTYPE html><html><body>Log in</body></html>' >"$TMP/page.csv"
printf 'Colour,Shape\nred,round\nblue,square\n' >"$TMP/colours.csv"
for f in page colours; do
	run 65 score "$TMP/$f.csv" -o "$TMP/refused.csv"
	[ -z "$(ls "$TMP" | grep refused)" ] || bad "$f: an output file is left behind"
done
errs "different kind of file"
run 2 score "$TMP/leads.csv" -o "$TMP/leads.csv" && errs "input itself"
run 66 score "$TMP/leads.csv" --model v77 && errs "v77"
run 2 score "$TMP/leads.csv" --model newest && errs "v1, v2"
cut -d, -f1,2,5,6 "$TMP/leads.csv" >/dev/null
python3 - "$TMP/leads.csv" "$TMP/fewer.csv" <<'PY'
import csv, sys
w = csv.writer(open(sys.argv[2], "w", newline=""))
for r in csv.reader(open(sys.argv[1], newline="")):
    w.writerow([r[0], r[2]])
PY
run 0 score "$TMP/fewer.csv" && errs "Minutes"

# --- eval ---
run 0 eval "$TMP/leads.csv" --json --by Source
json_ok
python3 - "$TMP/out" "$TMP/scored.csv" <<'PY' || bad "eval is not what the scored file says"
import csv, json, math, sys
v = json.load(open(sys.argv[1]))
rows = [r for r in csv.DictReader(open(sys.argv[2], newline="")) if r["Converted"] != ""]
assert (v["rows"], v["won"] + v["lost"], v["open"], v["model"]) == (900, 720, 180, "v2")
ll = [-math.log(p if r["Converted"] == "1" else 1 - p)
      for r in rows for p in [float(r["heatscore_probability"])]]
assert abs(v["log_loss"]["value"] - sum(ll) / len(ll)) < 1e-9
for k in ("roc_auc", "pr_auc", "log_loss", "brier", "ece"):
    assert set(v[k]) >= {"value", "low", "high"}
assert {"base_rate", "logistic_regression", "most_recent_first"} <= set(v["baselines"])
assert v["reliability"] and v["confusion"] and v["top"] and v["verdict"]["text"]
assert len(v["groups"]["values"]) == 4
PY
run 0 eval "$TMP/leads.csv" && says "ROC AUC"

# --- reasons add up ---
run 0 score "$TMP/leads.csv" --reasons 2 -o "$TMP/reasons.csv"
python3 - "$TMP/reasons.csv" <<'PY' || bad "reasons do not add up to the score"
import csv, re, sys
for r in csv.DictReader(open(sys.argv[1], newline="")):
    parts = r["heatscore_reasons"].split("; ")
    assert parts[0].startswith("base rate ") and parts[-1].startswith("everything else ")
    assert sum(int(re.search(r"([+-]?\d+)$", p)[1]) for p in parts) == int(r["heatscore_score"])
PY
run 2 explain "$TMP/leads.csv" && errs "--row"
for n in 1 2 450 900; do
	run 0 explain "$TMP/leads.csv" --row $n --json && json_ok
	python3 - "$TMP/out" "$TMP/scored.csv" $n <<'PY' || bad "row $n is explained wrongly"
import csv, json, sys
v = json.load(open(sys.argv[1]))
row = list(csv.DictReader(open(sys.argv[2], newline="")))[int(sys.argv[3]) - 1]
assert repr(v["probability"]) == row["heatscore_probability"]
points = v["base_points"] + v["model_average_points"] + v["rest_points"]
assert points + sum(r["points"] for r in v["reasons"]) == v["score"] == int(row["heatscore_score"])
value = v["base_rate"] + v["model_average"] + v["rest"] + sum(r["value"] for r in v["reasons"])
assert abs(value - v["probability"]) < 1e-9
assert v["heat"] == row["heatscore_heat"] and "reachable" in v["hot"]
PY
done
run 0 explain "$TMP/leads.csv" --id L000037 && says "Row 1 "
run 66 explain "$TMP/leads.csv" --id L999999
run 66 explain "$TMP/leads.csv" --row 901 && errs "900 rows"
run 0 explain "$TMP/leads.csv" --row 3 --before-as-of 2024-01-01 && says "Why it moved"
run 0 drift "$TMP/leads.csv" --json && json_ok

# --- a bad row is told, not only counted ---
sed '5s/^/extra,/' "$TMP/leads.csv" >"$TMP/bad.csv"
run 0 eval "$TMP/bad.csv" && errs "line 5 is left out: it has" && says "1 row could not be read"

# --- without a model ---
export HEATSCORE_DATA=$TMP/empty
run 0 score "$TMP/leads.csv" -o "$TMP/rule.csv" && errs "rule score"
grep -q "to expect" "$TMP/err" && bad "the rule promises wins"
run 0 score "$TMP/leads.csv" --reasons 2 -o "$TMP/why.csv"
python3 - "$TMP/why.csv" <<'PY' || bad "the parts of the rule score do not add up"
import csv, re, sys
for row in csv.DictReader(open(sys.argv[1], encoding="utf-8")):
    parts = row["heatscore_reasons"].split("; ")
    assert len(parts) <= 4 and parts[-1].startswith("everything else "), parts
    assert sum(int(re.search(r"-?[0-9]+$", p).group()) for p in parts) == int(row["heatscore_score"]), row
PY
run 0 explain "$TMP/leads.csv" --row 3 && says "nothing learned from outcomes"
[ "$(grep -c ',rule' "$TMP/rule.csv")" = 900 ] || bad "the rule score is not labelled"
[ ! -e "$TMP/empty" ] || bad "score makes a data folder"
run 0 train "$TMP/leads.csv" --target Converted --budget 1
run 0 score "$TMP/leads.csv" && errs "newest draft"

# --- what cannot be learned from ---
printf 'A,B\n' >"$TMP/header.csv"
run 65 train "$TMP/header.csv" --target B
awk -F, 'NR == 1 || $NF ~ /^1/' "$TMP/leads.csv" >"$TMP/won.csv"
run 65 train "$TMP/won.csv" --target Converted && errs "1"
run 65 train "$TMP/leads.csv" --target Source && errs "--won"
run 0 train "$TMP/leads.csv" --target Source --won Referral --won Fair --budget 1 --json && json_ok
finish
