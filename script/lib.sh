# SPDX-License-Identifier: Apache-2.0
# Shared by the scripts: where we are, how to say what is going on. Sourced, not run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
ROOT=$PWD
JOBS=${JOBS:-$(nproc)}

if [ -t 2 ] && [ -z "${NO_COLOR:-}" ]; then
	BOLD=$'\e[1m' PLAIN=$'\e[0m'
else
	BOLD='' PLAIN=''
fi

step() { printf '%s==> %s%s\n' "$BOLD" "$*" "$PLAIN" >&2; }
say() { printf '    %s\n' "$*" >&2; }
die() {
	printf '%s: %s\n' "$(basename "$0")" "$*" >&2
	exit 1
}

# quiet NAME COMMAND...: the command's output goes to a log, shown only when it fails.
quiet() {
	local name=$1 log
	shift
	mkdir -p build/logs
	log=build/logs/$name.log
	if ! "$@" >"$log" 2>&1; then
		tail -n 60 "$log" >&2
		die "$name failed; the whole log is $log"
	fi
}
