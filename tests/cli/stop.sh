# SPDX-License-Identifier: Apache-2.0
# Ctrl-C and its kin: the command ends soon, with the shell's exit code, and leaves nothing behind.
. "$(dirname "$0")/common.sh"
cd "$TMP"

"$HS" demo --rows 1200 --budget 1 --data made -q >/dev/null || bad "the demo"
cp made/demo/history.csv made/demo/new_leads.csv .
{
	cat new_leads.csv
	for _ in $(seq 300); do tail -n +2 new_leads.csv; done
} >many.csv

# stopped SIGNAL SECONDS ARG...: sends the signal after so many seconds; says the exit code.
# A shell without job control starts background jobs with INT ignored, hence python.
stopped() {
	python3 - "$HS" "$@" <<'END'
import signal, subprocess, sys, time
binary, name, seconds, *args = sys.argv[1:]
p = subprocess.Popen([binary, *args], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
time.sleep(float(seconds))
p.send_signal(getattr(signal, "SIG" + name))
try:
    p.communicate(timeout=60)
    print(p.returncode)
except subprocess.TimeoutExpired:
    p.kill()
    print("did not stop")
END
}
for when in 0.05 0.5 1.5; do
	got=$(stopped INT $when train history.csv --target Status --won Won --lost Lost --data new)
	[ "$got" = 130 ] || bad "train, INT after $when s: $got"
	[ -z "$(find new -type f 2>/dev/null)" ] || bad "train, INT after $when s left $(find new -type f)"
done
got=$(stopped TERM 0.5 train history.csv --target Status --won Won --lost Lost --data new)
[ "$got" = 143 ] || bad "train, TERM: $got"
for when in 0.01 0.03 0.1; do
	rm -f out*
	got=$(stopped INT $when score many.csv --data made/demo -o out.csv)
	case $got in
	130 | -2) [ -z "$(ls out* 2>/dev/null)" ] || bad "score, INT after $when s left $(ls out*)" ;;
	0) [ "$(wc -l <out.csv)" = "$(wc -l <many.csv)" ] || bad "score ended before INT, half-written" ;;
	*) bad "score, INT after $when s: $got" ;;
	esac
done

# A reader that has enough: no complaint, nothing left.
rm -f out*
"$HS" score many.csv --data made/demo 2>err | head -n 2 >two
[ "$(wc -l <two)" = 2 ] || bad "score into head"
! grep -q heatscore: err || bad "score into head: $(cat err)"
finish
