#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The container file, built and run: who it runs as, its health, its volume, its stop. Needs root, buildah and
# debootstrap, and takes minutes, so it runs on demand:
#   tests/packaging/container.sh           with the dashboard that is built here, so that npm need not run inside
#   tests/packaging/container.sh --whole   from the source alone, as a release is
# The base is not pulled from a hub but made of a bare Debian 12 (build/roots/bookworm.tar, as deb.sh makes it); images
# and containers stay below build/containers.
. "$(dirname "$0")/../../script/lib.sh"

[ "$(id -u)" = 0 ] || die "needs root"
command -v buildah >/dev/null || die "buildah is missing: apt-get install buildah"
mirror=${MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' | grep -v security | head -1)}
kept=$ROOT/build/roots
store=$ROOT/build/containers
mkdir -p "$kept" "$store"
data=$(mktemp -d /var/tmp/heatscore-data.XXXXXX)
log=$data.log
b() { buildah --root "$store/root" --runroot "$store/run" --storage-driver vfs "$@"; }
clean() {
	[ -z "${server:-}" ] || kill "$server" $(pid_of) 2>/dev/null || true
	[ -z "${c:-}" ] || b rm "$c" >/dev/null 2>&1 || true
	rm -rf --one-file-system "$data" "$log"
}
# The server itself, inside: whoever else runs one on this machine is left alone.
pid_of() {
	local p
	for p in $(pgrep -u 10001 -f "^/usr/bin/heatscore serve\$"); do
		! grep -qz "^HEATSCORE_LISTEN=0.0.0.0:${port:-}\$" "/proc/$p/environ" || echo "$p"
	done
}
trap clean EXIT

if [ ! -f "$kept/bookworm.tar" ]; then
	command -v debootstrap >/dev/null || die "debootstrap is missing"
	step "A bare root of bookworm (once)"
	bare=$(mktemp -d /var/tmp/heatscore-root.XXXXXX)
	quiet debootstrap-bookworm debootstrap --variant=minbase bookworm "$bare" "$mirror"
	tar -C "$bare" --one-file-system -cf "$kept/bookworm.tar.new" .
	rm -rf --one-file-system "$bare"
	mv "$kept/bookworm.tar.new" "$kept/bookworm.tar"
fi
base=localhost/heatscore-base:12
if ! b images -q "$base" >/dev/null 2>&1; then
	step "A base image of it (once)"
	c=$(b from scratch)
	quiet base-add b add "$c" "$kept/bookworm.tar" /
	quiet base-commit b commit --rm "$c" "$base"
	c=
fi
cp .dockerignore "$data/ignore"
if [ "${1:-}" != --whole ]; then
	script/web
	sed -i '/^web\/dist$/d; s,^build$,build/*,' "$data/ignore"
	echo '!build/web.stamp' >>"$data/ignore"
fi
step "Building packaging/Containerfile"
quiet container-build b build --ignorefile "$data/ignore" --pull-never --isolation chroot --format docker --build-arg BASE="$base" \
	-f packaging/Containerfile -t localhost/heatscore-test .

fails=0 checks=0
check() { # check WHAT COMMAND...
	local what=$1
	shift
	checks=$((checks + 1))
	if "$@" >"$log.check" 2>&1; then
		say "ok: $what"
	else
		say "NOT OK: $what"
		tail -n 5 "$log.check" >&2
		fails=$((fails + 1))
	fi
	rm -f "$log.check"
}
c=$(b from --pull-never localhost/heatscore-test)
b inspect --type image localhost/heatscore-test >"$data/image.json"
said() { python3 -c "import json, sys; c = json.load(open('$data/image.json'))['Docker']['config']; print($1)"; }
check "it runs as 10001, who is not root" test "$(said "c['User']")" = 10001:10001
check "/data is a volume" test "$(said "list(c['Volumes'])")" = "['/data']"
check "it is stopped by SIGTERM" test "$(said "c['StopSignal']")" = SIGTERM
check "its port is 8000" test "$(said "list(c['ExposedPorts'])")" = "['8000/tcp']"
check "nothing that builds is left in it" sh -c "! b run '$c' -- which gcc meson npm node"
mapfile -t health < <(said "'\n'.join(c['Healthcheck']['Test'][1:])")
mapfile -t start < <(said "'\n'.join(c['Entrypoint'] + c['Cmd'])")

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
# As compose.yaml runs it: no capability, and only /data and /tmp are written to. buildah makes the volume, and keeps
# it with the container.
in_it() { b run --isolation chroot --cap-drop ALL --env "HEATSCORE_LISTEN=0.0.0.0:$port" "$@"; }
serve() {
	: >"$log"
	in_it "$@" "$c" -- "${start[@]}" >"$log" 2>&1 &
	server=$!
	for _ in $(seq 300); do
		! grep -q 'listening on' "$log" || return 0
		kill -0 $server 2>/dev/null || return 1
		read -rt 0.1 <> <(:) || true
	done
	return 1
}
stop() { # as a container's engine does it
	kill -TERM "$(pid_of)"
	wait "$server"
}
ended=0
serve || wait "$server" || ended=$?
check "refusing to listen without TLS ends with 78" test $ended = 78
touch "$data/before"
check "it starts when told that a proxy has TLS" serve --env HEATSCORE_ALLOW_PLAIN_HTTP=1
check "its process is not root's" test -n "$(pid_of)"
check "its own health check says so" in_it "$c" -- "${health[@]/:8000/:$port}"
check "it serves the dashboard" sh -c "curl -fsS http://127.0.0.1:$port/ | grep -qi '<div id='"
add_user() { echo 'purple lamp seven river' | in_it "$c" -- "${start[0]}" user add a@acme.example --role admin; }
check "a user is added while it runs" add_user
check "it ends with 0 when it is stopped" stop
server=
db=$(find "$store/root" -path '*/buildah-volumes/*' -name heatscore.db)
check "its data are in the volume, for nobody else" sh -c "[ \"\$(stat -c '%u %a' '$db' '$(dirname "$db")' | xargs)\" = '10001 600 10001 700' ]"
mounted=$(b mount "$c")
check "it has written nowhere else" sh -c "! find '$mounted' -xdev -newer '$data/before' -type f ! -path '*/tmp/*' ! -path '*/etc/*' | grep ."
b umount "$c" >/dev/null
check "it starts again on the same volume" serve --env HEATSCORE_ALLOW_PLAIN_HTTP=1
check "the user is still there" sh -c "curl -fsS http://127.0.0.1:$port/api/v1/auth/setup | grep -q '\"needed\":false'"
check "it ends with 0 again" stop
server=
[ "$fails" = 0 ] || die "$fails of $checks checks of the container failed"
echo "container: all $checks checks passed"
