# SPDX-License-Identifier: Apache-2.0
# Sourced by every script here. $HS is the binary, $TMP an empty folder that goes away at the end.
set -uo pipefail
HS=${HEATSCORE_BIN:?the path of the binary}
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT
FAILED=0
unset NO_COLOR HEATSCORE_COLOR HEATSCORE_DATA HEATSCORE_SEED HEATSCORE_BUDGET HEATSCORE_THREADS
unset HEATSCORE_QUIET HEATSCORE_MAX_TREES
export HEATSCORE_DATA=$TMP/data TERM=xterm

bad() {
	printf 'not ok: %s\n' "$*" >&2
	FAILED=1
}
# run STATUS ARG...: runs the binary; stdout and stderr go to $TMP/out and $TMP/err.
run() {
	local want=$1 got
	shift
	"$HS" "$@" >"$TMP/out" 2>"$TMP/err" </dev/null
	got=$?
	[ "$got" = "$want" ] || {
		bad "heatscore $*: exit code $got, not $want"
		head -n 5 "$TMP/err" >&2
	}
}
# says TEXT / errs TEXT: the last run printed TEXT on standard output / error.
says() { grep -qF -- "$1" "$TMP/out" || bad "standard output lacks: $1"; }
errs() {
	grep -qF -- "$1" "$TMP/err" || {
		bad "standard error lacks: $1"
		head -n 5 "$TMP/err" >&2
	}
}
silent() { [ ! -s "$TMP/$1" ] || bad "$1 is not empty: $(head -n 2 "$TMP/$1")"; }
# json_ok: the last run printed exactly one JSON value.
json_ok() { python3 -c 'import json,sys; json.load(open(sys.argv[1]))' "$TMP/out" || bad "not JSON"; }
finish() { exit "$FAILED"; }
