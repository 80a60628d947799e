#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The package in a clean Debian: installed, run as its user, upgraded, removed, purged. Needs root,
# debootstrap and a mirror, so it runs on demand:
#   tests/packaging/deb.sh bookworm     (Debian 12)     tests/packaging/deb.sh trixie     (13)
# The package of another release than this machine's is built inside that root first; DEB=FILE takes one that
# was built elsewhere.
. "$(dirname "$0")/../../script/lib.sh"

release=${1:?bookworm or trixie}
# The mirror that this machine's apt uses for its main archive.
mirror=${MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' | grep -v security | head -1)}
[ "$(id -u)" = 0 ] || die "needs root"
command -v debootstrap >/dev/null || die "debootstrap is missing"

kept=$ROOT/build/roots
mkdir -p "$kept"
root=$(mktemp -d /var/tmp/heatscore-root.XXXXXX)
mounted=()
clean() {
	local m
	[ -z "${server:-}" ] || kill "$server" 2>/dev/null || true
	for m in "${mounted[@]}"; do umount -l "$m" 2>/dev/null || true; done
	rm -rf --one-file-system "$root"
}
trap clean EXIT
if [ ! -f "$kept/$release.tar" ]; then
	step "A bare root of $release (once)"
	quiet "debootstrap-$release" debootstrap --variant=minbase "$release" "$root" "$mirror"
	tar -C "$root" --one-file-system -cf "$kept/$release.tar.new" .
	mv "$kept/$release.tar.new" "$kept/$release.tar"
else
	tar -C "$root" -xf "$kept/$release.tar"
fi
chmod 0755 "$root" # mktemp makes it for root alone
for fs in proc sys dev; do
	mkdir -p "$root/$fs"
	mount --rbind "/$fs" "$root/$fs"
	mount --make-rslave "$root/$fs"
	mounted=("$root/$fs" "${mounted[@]}")
done
cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
cp /etc/apt/apt.conf.d/*proxy* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" # nothing is started by itself here
chmod +x "$root/usr/sbin/policy-rc.d"
in_root() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
	DEBIAN_FRONTEND=noninteractive http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}" "$@"; }

here=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
quiet "apt-$release" in_root apt-get update -q
if [ -n "${DEB:-}" ]; then
	cp "$DEB" "$root/tmp/"
elif [ "$here" = "$release" ]; then
	script/package --into "$root/tmp"
else
	# The dashboard is the same bytes everywhere: built here, it spares that root Node.js and a registry.
	script/web
	step "Building the package inside $release"
	mkdir -p "$root/src"
	git ls-files -z | tar --null -T - -cf - | tar -xf - -C "$root/src"
	git log -1 --format=%ct >"$root/src/.epoch"
	cp -R web/dist "$root/src/web/dist"
	mkdir -p "$root/src/build/deps"
	cp build/deps/*.orig.tar.gz "$root/src/build/deps/" 2>/dev/null || true
	cp build/web.stamp "$root/src/build/"
	quiet "tools-$release" in_root apt-get install -y -q --no-install-recommends dpkg-dev binutils \
		curl ca-certificates python3
	quiet "build-$release" in_root sh -c 'cd /src && script/bootstrap --build &&
		SOURCE_DATE_EPOCH=$(cat .epoch) script/package --into /tmp'
	# A clean root again: what building needs must not hide what the package forgot.
	cp "$root"/tmp/heatscore_*.deb "$kept/"
	deb=$(basename "$root"/tmp/heatscore_*.deb) # again below
	for m in "${mounted[@]}"; do umount -l "$m"; done
	mounted=()
	rm -rf --one-file-system "$root"
	mkdir "$root"
	tar -C "$root" -xf "$kept/$release.tar"
	chmod 0755 "$root"
	for fs in proc sys dev; do
		mount --rbind "/$fs" "$root/$fs"
		mount --make-rslave "$root/$fs"
		mounted=("$root/$fs" "${mounted[@]}")
	done
	cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
	cp /etc/apt/apt.conf.d/*proxy* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
	chmod +x "$root/usr/sbin/policy-rc.d"
	quiet "apt-$release" in_root apt-get update -q
	mv "$kept/$deb" "$root/tmp/"
fi

# The same package as an earlier version, to be updated from.
deb=$(basename "$root"/tmp/heatscore_*.deb)
dpkg-deb -R "$root/tmp/$deb" "$root/tmp/earlier"
sed -i 's/^Version: .*/Version: 0.0.1-1/' "$root/tmp/earlier/DEBIAN/control"
quiet "earlier-$release" dpkg-deb --root-owner-group -Zgzip -z1 --build "$root/tmp/earlier" "$root/tmp/earlier.deb"
rm -rf "$root/tmp/earlier"

step "Installing it in a clean $release"
quiet "install-$release" in_root apt-get install -y -q --no-install-recommends /tmp/earlier.deb
fails=0 checks=0
check() { # check WHAT COMMAND...
	local what=$1
	shift
	checks=$((checks + 1))
	if "$@" >"$root/tmp/check.log" 2>&1; then
		say "ok: $what"
	else
		say "NOT OK: $what"
		tail -n 5 "$root/tmp/check.log" >&2
		fails=$((fails + 1))
	fi
}
check "the user is there" in_root id heatscore
check "the data folder is its own, for nobody else" \
	sh -c "[ \"\$(stat -c '%U %a' '$root/var/lib/heatscore' | cut -d' ' -f2)\" = 700 ]"
check "it runs" in_root heatscore --version
check "it finds everything it loads later" in_root heatscore demo --rows 600 --budget 1 --data /tmp/demo
check "the unit is enabled" in_root sh -c 'ls /etc/systemd/system/multi-user.target.wants/heatscore.service'
check "the settings are a conffile" in_root sh -c 'dpkg-query -W -f "\${Conffiles}" heatscore | grep -q heatscore.conf'
check "it holds built files only" sh -c "! dpkg-deb --fsys-tarfile '$root/tmp/$deb' | tar -t |
	grep -E '\\.(c|h|o|a|ts|tsx|mjs|py|map|log|orig|rej|db|key|pem)\$|/\\.[^/]|/(tests?|src|node_modules|fuzz|bench)/'"
check "the manual page can be read" sh -c "gzip -t '$root/usr/share/man/man1/heatscore.1.gz'"

as_user() { # as the server's user; no sudo in a bare root
	chroot --userspec=heatscore:heatscore "$root" /usr/bin/env -i PATH=/usr/bin:/bin HEATSCORE_DATA=/var/lib/heatscore \
		HEATSCORE_CONFIG=/etc/heatscore/heatscore.conf "$@"
}
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
chroot --userspec=heatscore:heatscore "$root" /usr/bin/env -i HEATSCORE_DATA=/var/lib/heatscore \
	/usr/bin/heatscore serve --config /etc/heatscore/heatscore.conf --listen "127.0.0.1:$port" 2>"$root/tmp/serve.log" &
server=$!
for _ in $(seq 100); do
	grep -q 'listening on' "$root/tmp/serve.log" && break
	kill -0 $server 2>/dev/null || break
	read -rt 0.1 <> <(:) || true
done
check "it serves as its own user" in_root heatscore health --url "http://127.0.0.1:$port"
check "it serves the dashboard" sh -c "curl -fsS http://127.0.0.1:$port/ | grep -qi '<div id='"
kill -TERM $server 2>/dev/null || true
ended=0
wait $server || ended=$?
check "it ends with 0 when asked to" [ $ended = 0 ]
[ "$fails" = 0 ] || tail -n 5 "$root/tmp/serve.log" >&2
server=
check "the doctor has nothing to say against it" as_user heatscore doctor

echo '# kept by hand' >>"$root/etc/heatscore/heatscore.conf"
check "it is updated" in_root sh -c "apt-get install -y -q --no-install-recommends /tmp/$deb && heatscore --version"
check "it is the newer one" in_root sh -c 'dpkg-query -W -f "\${Version}" heatscore | grep -v "^0.0.1"'
check "settings changed by hand stay" grep -q 'kept by hand' "$root/etc/heatscore/heatscore.conf"
check "it installs over itself" in_root dpkg -i "/tmp/$deb"
if in_root sh -c 'command -v systemd-analyze' >/dev/null; then # checks.sh has it otherwise
	check "the units are sound there" in_root systemd-analyze verify /lib/systemd/system/heatscore.service
fi
# What docs/operations.md says of a backup and of bringing it back.
mkdir -p "$root/var/lib/heatscore/backups" && chown --reference="$root/var/lib/heatscore" "$root/var/lib/heatscore/backups"
check "the nightly backup's command works" as_user "$(sed -n "s/^ExecStart=//p" packaging/heatscore-backup.service | sed "s/ .*//")" -c \
	"$(sed -n "s/^ExecStart=[^']*'\(.*\)'/\1/p" packaging/heatscore-backup.service | sed 's/%%/%/g')"
check "a backup is brought back as the page says" in_root sh -ec '
	mv /var/lib/heatscore /var/lib/heatscore.old
	heatscore restore /var/lib/heatscore.old/backups/heatscore-$(date +%u).tar --data /var/lib/heatscore --erased-in /var/lib/heatscore.old
	chown -R --reference=/var/lib/heatscore.old /var/lib/heatscore
	mv /var/lib/heatscore.old/backups /var/lib/heatscore/'
check "the doctor has nothing to say against that either" as_user heatscore doctor
check "it is removed" in_root apt-get remove -y -q heatscore
check "settings stay when it is removed" test -f "$root/etc/heatscore/heatscore.conf"
check "the binary is gone" test ! -e "$root/usr/bin/heatscore"
check "it is purged" in_root apt-get purge -y -q heatscore
check "settings are gone" test ! -e "$root/etc/heatscore/heatscore.conf"
check "leads stay until somebody removes them" test -e "$root/var/lib/heatscore/heatscore.db"
check "nothing of it is left in /usr" in_root sh -c "! find /usr -path '*heatscore*' | grep ."
[ "$fails" = 0 ] || die "$fails of $checks checks failed in $release"
echo "package $deb in $release: all $checks checks passed"
