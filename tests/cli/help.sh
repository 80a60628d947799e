# SPDX-License-Identifier: Apache-2.0
# Help, version, manual pages and the reference page.
. "$(dirname "$0")/common.sh"

run 0 --version && says "heatscore "
run 0 --help && says "Commands"
cp "$TMP/out" "$TMP/overview"
run 0 help
cmp -s "$TMP/out" "$TMP/overview" || bad "help and --help differ"
silent err

mapfile -t commands < <(sed -n '/^Commands/,/^$/s/^  \([a-z]*\) .*/\1/p' "$TMP/overview")
[ "${#commands[@]}" -ge 8 ] || bad "only ${#commands[@]} commands are listed"
for c in "${commands[@]}"; do
	run 0 "$c" --help
	says "Examples"
	says "Exit codes"
	grep -q "^  .*heatscore $c" "$TMP/out" || bad "$c --help shows no example"
	awk 'length > 100 { exit 1 }' "$TMP/out" || bad "$c --help has lines over 100 columns"
	cp "$TMP/out" "$TMP/one"
	run 0 help "$c"
	cmp -s "$TMP/out" "$TMP/one" || bad "help $c and $c --help differ"
	run 0 man "$c" && says ".SH EXAMPLES"
	if command -v mandoc >/dev/null; then
		# No date on purpose: the same program prints the same page every day.
		# Read by name: mandoc takes a digit behind a dot in the path for the section.
		cp "$TMP/out" "$TMP/page.1"
		mandoc -T lint -W warning "$TMP/page.1" 2>&1 | grep -v 'missing date' >"$TMP/lint"
		[ ! -s "$TMP/lint" ] || bad "man $c: $(head -n 3 "$TMP/lint")"
	fi
	if command -v man >/dev/null; then
		LC_ALL=C.UTF-8 MANROFFSEQ='' man --warnings -E UTF-8 -l -Tutf8 -Z "$TMP/out" \
			2>"$TMP/lint" >/dev/null
		[ ! -s "$TMP/lint" ] || bad "man -l $c: $(head -n 3 "$TMP/lint")"
	fi
done
run 0 man && says ".TH HEATSCORE 1"
run 0 help --markdown && says "## heatscore train"

# Colours: never in a pipe, always when asked for, never with NO_COLOR on auto.
esc=$(printf '\033')
run 0 --help && ! grep -q "$esc" "$TMP/out" || bad "colours in a pipe"
run 0 --help --color always && says "$esc[1m"
HEATSCORE_COLOR=always run 0 --help && says "$esc[1m"
if command -v script >/dev/null; then
	script -qec "$HS --help" /dev/null </dev/null >"$TMP/out" && says "$esc[1m"
	NO_COLOR=1 script -qec "$HS --help" /dev/null </dev/null >"$TMP/out"
	! grep -q "$esc" "$TMP/out" || bad "colours despite NO_COLOR"
fi

# A reader that goes away is no reason to complain.
"$HS" help --markdown 2>"$TMP/err" | head -n 1 >/dev/null
silent err
# A full disk is.
if [ -w /dev/full ]; then
	"$HS" --help >/dev/full 2>"$TMP/err"
	[ $? = 74 ] || bad "writing to a full disk did not exit with 74"
	errs "standard output"
fi
finish
