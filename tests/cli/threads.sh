# SPDX-License-Identifier: Apache-2.0
# Everything that threads, on the real binary; script/test repeats it under the thread sanitizer.
. "$(dirname "$0")/common.sh"

# libxgboost's own OpenMP start-up is not ours to judge; its boosters have one thread each anyway.
export OMP_NUM_THREADS=1

run 0 demo --data "$TMP/d" --rows 1500 --budget 1 --threads 2
leads=$TMP/d/demo/new_leads.csv
head -n 1 "$leads" >"$TMP/many.csv"
for _ in $(seq 40); do
	tail -n +2 "$leads"
done >>"$TMP/many.csv"
run 0 score "$TMP/many.csv" --data "$TMP/d/demo" --threads 1 -o "$TMP/one.csv"
for n in 2 4; do
	run 0 score "$TMP/many.csv" --data "$TMP/d/demo" --threads $n -o "$TMP/more.csv"
	cmp -s "$TMP/one.csv" "$TMP/more.csv" || bad "scores differ between 1 and $n threads"
done
run 0 score "$leads" --data "$TMP/d/demo" --threads 2 --reasons 3 -o "$TMP/reasons.csv"
run 0 eval "$TMP/d/demo/history.csv" --target Status --won Won --lost Lost --data "$TMP/d/demo" --threads 2
finish
