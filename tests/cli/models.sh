# SPDX-License-Identifier: Apache-2.0
# Versions: kept whole, published behind a gate, rolled back, handed over, and refused when changed.
. "$(dirname "$0")/common.sh"

made() { # made SEED NOISE: a file whose outcome follows minutes, the more noise the less
	awk -v seed="$1" -v noise="$2" 'BEGIN {
		srand(seed); print "Lead,Minutes,Source,Won";
		for (i = 1; i <= 500; i++) {
			m = int(rand() * 60); s = rand() < .5 ? "Web" : "Fair";
			won = rand() < 1 / (1 + exp(2 - m / 15));
			if (rand() < noise) m = int(rand() * 60);
			printf "L%05d,%d,%s,%s\n", i * 7919 % 100003, m, s, won ? "yes" : "no";
		}
	}'
}
made 3 0 >"$TMP/a.csv"
run 0 models && says "no model"
run 0 train "$TMP/a.csv" --target Won --budget 1
run 0 train "$TMP/a.csv" --target Won --budget 1 --drop Minutes
run 0 models list && says "v2" && says "draft"
run 0 models list --json && json_ok
run 0 models publish v1 && says "v1 is published"
run 0 models show v1 && says "ROC AUC"
run 0 models show v1 --json && json_ok
run 66 models show v9
run 2 models show && errs "version"
run 2 models dance && errs "rollback"

# The gate: the same rows, one column fewer, a worse model.
run 0 models compare v2 v1 && says "log loss"
run 0 models compare v2 v1 --json && json_ok
run 73 models publish v2 && errs "worse"
run 0 models list && grep -q 'v1 .*published' "$TMP/out" || bad "a refused version is published"
run 0 models publish v2 --force
run 0 models list && grep -q 'v1 .*archived' "$TMP/out" || bad "v1 is not archived"
run 0 models rollback && says "v1 is published again"
run 73 train "$TMP/a.csv" --target Won --budget 1 --drop Minutes --publish && errs "draft"
run 0 train "$TMP/a.csv" --target Won --budget 1 --publish && says "not worse"
run 0 models rollback && says "v1 is published again"
run 73 models rollback && errs "v1 is the first"

# In and out.
run 0 models export v1 -o "$TMP/v1.tar"
[ "$(tar tf "$TMP/v1.tar" | wc -l)" -ge 8 ] || bad "the export is no tar of a version"
HEATSCORE_DATA=$TMP/other run 0 models import "$TMP/v1.tar"
HEATSCORE_DATA=$TMP/other run 0 models verify v1
cmp -s "$TMP/data/models/v1/forest.json" "$TMP/other/models/v1/forest.json" ||
	bad "the imported forest differs"
head -c 5000 "$TMP/v1.tar" >"$TMP/cut.tar"
run 65 models import "$TMP/cut.tar" && errs "cut"
run 65 models import "$TMP/a.csv" && errs "no model file"

# Every file of a version, changed, cut and gone: refused with its name; nothing is written.
run 0 models verify
cp -r "$TMP/data/models/v1" "$TMP/whole"
for f in "$TMP"/whole/*; do
	name=${f##*/}
	for how in flip cut gone; do
		case $how in
		flip) python3 -c 'import sys; b = bytearray(open(sys.argv[1], "rb").read())
b[len(b) // 3] ^= 1; open(sys.argv[2], "wb").write(b)' "$f" "$TMP/data/models/v1/$name" ;;
		cut) head -c $(($(wc -c <"$f") / 2)) "$f" >"$TMP/data/models/v1/$name" ;;
		gone) rm "$TMP/data/models/v1/$name" ;;
		esac
		run 78 models verify v1 && errs "$name" && errs "v1"
		case $name in model.json | encoder.bin | forest.json | manifest.json)
			run 78 score "$TMP/a.csv" -o "$TMP/never.csv" && errs "$name"
			[ ! -e "$TMP/never.csv" ] || bad "scored with a model that was $how ($name)"
			;;
		esac
		cp "$f" "$TMP/data/models/v1/$name"
	done
done
run 0 models verify

# Killed while training: no half version, and the next one is whole.
for after in 0.05 0.3 0.6; do
	timeout -s KILL $after "$HS" train "$TMP/a.csv" --target Won --budget 1 >/dev/null 2>&1
done
run 0 models verify
run 0 train "$TMP/a.csv" --target Won --budget 1
run 0 models verify
[ -z "$(ls -A "$TMP/data/models" | grep -v '^v[0-9]*$\|^state.json$\|^.lock$')" ] ||
	bad "something is left over: $(ls -A "$TMP/data/models" | tr '\n' ' ')"

# A state that cannot be read is told by name.
echo '{' >"$TMP/data/models/state.json"
run 78 score "$TMP/a.csv" && errs "state.json"
finish
