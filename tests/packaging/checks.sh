#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What is in packaging/ can be loaded by those it is for, as far as they are installed here, and agrees
# with the program and its documents.
set -uo pipefail
cd "$(dirname "$0")/../.."
fails=0 skipped=()
check() {
	local what=$1
	shift
	if "$@" >/tmp/heatscore-check.$$ 2>&1; then
		echo "ok: $what"
	else
		echo "NOT OK: $what"
		tail -n 10 /tmp/heatscore-check.$$
		fails=$((fails + 1))
	fi
	rm -f /tmp/heatscore-check.$$
}
# What script/bootstrap unpacked for looking only.
export PATH=$PWD/build/checkers/usr/sbin:$PWD/build/checkers/usr/bin:$PATH
with() { command -v "$1" >/dev/null || { skipped+=("$1") && return 1; }; }

if with promtool; then
	check "alert rules load" promtool check rules packaging/monitoring/alerts.yaml
	check "alert rules fire when they should" promtool test rules packaging/monitoring/alerts_test.yaml
fi
check "the dashboard is JSON, its panels ask for figures that there are" python3 - <<'P'
import json, re
known = set(re.findall(r'"(heatscore_[a-z_]+)"', open("src/obs/metrics.def").read()))
source = open("src/http/server.c").read() + "".join(
    open(f"src/http/{f}.c").read() for f in ("route_metrics", "stats") if __import__("os").path.exists(f"src/http/{f}.c"))
import glob
for f in glob.glob("src/**/*.c", recursive=True):
    known |= set(re.findall(r'(heatscore_http_[a-z_]+)', open(f).read()))
d = json.load(open("packaging/monitoring/grafana.json"))
asked = set()
for p in d["panels"]:
    for t in p["targets"]:
        asked |= set(re.findall(r'heatscore_[a-z_]+', t["expr"]))
asked |= set(re.findall(r'heatscore_[a-z_]+', open("packaging/monitoring/alerts.yaml").read()))
asked = {re.sub(r'_bucket$', '', a) for a in asked}
missing = sorted(asked - known)
assert len(d["panels"]) >= 10 and not missing, missing
ids = [p["id"] for p in d["panels"]]
assert len(ids) == len(set(ids))
P
check "every alert's section is in docs/operations.md" python3 - <<'P'
import re
heads = {re.sub(r'[^a-z0-9 -]', '', h.lower()).replace(" ", "-")
         for h in re.findall(r'^## (.*)$', open("docs/operations.md").read(), re.M)}
asked = set(re.findall(r'docs/operations.md#([a-z0-9-]+)', open("packaging/monitoring/alerts.yaml").read()))
assert asked and asked <= heads, asked - heads
P
if with haproxy; then check "haproxy.cfg loads" haproxy -c -f packaging/haproxy.cfg; fi
if with nginx; then
	dir=$(mktemp -d)
	openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=x -days 1 -keyout "$dir/k" -out "$dir/c" 2>/dev/null
	{
		echo "pid $dir/pid; error_log stderr; events {} http { access_log off;"
		for t in client_body proxy fastcgi uwsgi scgi; do echo "${t}_temp_path $dir/$t;"; done
		sed "s,/etc/ssl/heatscore.example.pem,$dir/c,; s,/etc/ssl/heatscore.example.key,$dir/k,
			s/listen \(\[::\]:\)\?\(80\|443\)/listen \11\2/" packaging/nginx.conf
		echo "}"
	} >"$dir/conf"
	check "nginx.conf loads" nginx -t -p "$dir" -e stderr -c "$dir/conf"
	rm -rf "$dir"
fi
if with caddy; then check "Caddyfile loads" caddy validate --adapter caddyfile --config packaging/Caddyfile; fi
if with systemd-analyze; then
	dir=$(mktemp -d)
	cp packaging/*.service packaging/*.timer "$dir/"
	# The program need not be installed for its units to be read.
	sed -i "s,/usr/bin/heatscore,$(command -v true)," "$dir"/*.service
	check "the units are sound" sh -c "out=\$(systemd-analyze verify $dir/heatscore.service $dir/heatscore-backup.timer 2>&1 |
		grep -v 'man:.*: man page\|Command .man' ) ; echo \"\$out\"; [ -z \"\$out\" ]"
	for unit in heatscore.service heatscore-backup.service; do
		exposure=$(systemd-analyze security --offline=true "$dir/$unit" 2>/dev/null | sed -n 's/.*exposure level for .*: \([0-9.]*\).*/\1/p')
		[ -z "$exposure" ] || check "$unit is exposed by $exposure of 10, at most 3" sh -c "awk 'BEGIN { exit !($exposure <= 3) }'"
	done
	rm -rf "$dir"
fi
check "units name only what systemd has, one value a line" python3 - <<'P'
import configparser, glob
for f in glob.glob("packaging/*.service") + glob.glob("packaging/*.timer"):
    c = configparser.RawConfigParser(strict=False)
    c.optionxform = str
    c.read(f)
    assert {"Unit"} < set(c.sections()), f
s = configparser.RawConfigParser(strict=False)
s.optionxform = str
s.read("packaging/heatscore.service")
want = {"Type": "notify", "WatchdogSec": "30", "NoNewPrivileges": "yes", "ProtectSystem": "strict",
        "PrivateTmp": "yes", "LimitNOFILE": "16384", "Restart": "on-failure"}
for k, v in want.items():
    assert s["Service"][k] == v, k
P
if python3 -c 'import yaml' 2>/dev/null; then
	check "compose.yaml is YAML with a server that is not root's" python3 -c '
import yaml
c = yaml.safe_load(open("packaging/compose.yaml"))
h = c["services"]["heatscore"]
assert h["read_only"] and h["cap_drop"] == ["ALL"] and "data" in c["volumes"]'
else
	skipped+=(python3-yaml)
fi
if with podman-compose && with podman; then
	check "compose.yaml is read" podman-compose -f packaging/compose.yaml config
fi
check "the container file runs as nobody of note and asks the binary for its health" sh -c '
	grep -q "^USER [0-9]" packaging/Containerfile && grep -q HEALTHCHECK packaging/Containerfile &&
	grep -q "\"health\"" packaging/Containerfile'
check "the settings that are installed are settings" "${HEATSCORE_BIN:-build/heatscore}" config check --config packaging/heatscore.conf
if with dpkg-deb; then
	dir=$(mktemp -d)
	mkdir -p "$dir/tree/DEBIAN"
	printf 'Package: heatscore\nVersion: 1\nArchitecture: all\nMaintainer: x <x@x.invalid>\nDepends: libc6 (>= 2), dpkg\nDescription: x\n' \
		>"$dir/tree/DEBIAN/control"
	dpkg-deb --root-owner-group -Znone --build "$dir/tree" "$dir/x.deb" >/dev/null
	SOURCE_DATE_EPOCH=1 script/sbom "$dir/x.deb" >"$dir/sbom"
	check "every part is in the bill of materials" python3 - "$dir/sbom" <<'P'
import json, sys
parts = json.load(open(sys.argv[1]))["components"]
assert {"libc6", "dpkg"} <= {p["name"] for p in parts if p["bom-ref"].startswith("deb:")}
web = {p["name"]: p for p in parts if p["bom-ref"].startswith("npm:")}
used = json.load(open("web/package.json"))["dependencies"]
assert used and set(used) <= set(web), set(used) - set(web)
assert all(p["version"] and p["hashes"][0]["alg"] == "SHA-512" for p in web.values())
P
	rm -rf "$dir"
fi
# script/build copies the program into build/; a library built for it must be found from there as well.
serves_from_build() {
	local dir=$(mktemp -d) moved=build/heatscore-moved.$$ server found=1
	cp "${HEATSCORE_BIN:-build/heatscore}" "$moved"
	"$moved" serve --data "$dir/data" --listen 127.0.0.1:0 2>"$dir/log" &
	server=$!
	for _ in $(seq 600); do # half a minute
		kill -0 $server 2>/dev/null || break
		! grep -q '^listening on' "$dir/log" || { found=0 && break; }
		sleep .05
	done
	kill -TERM $server 2>/dev/null
	wait $server
	cat "$dir/log"
	rm -rf "$dir" "$moved"
	return $found
}
check "the program serves from build/ too" serves_from_build
# What script/build --tuned learns from; the build itself takes two minutes and is tried by hand.
check "the program goes through its exercise" python3 script/exercise.py "${HEATSCORE_BIN:-build/heatscore}" 1
check "an unknown way of building is refused" sh -c '! script/build --fast 2>/dev/null'
for s in script/build script/package script/release tests/packaging/*.sh packaging/debian/p*; do check "$s is a script" bash -n "$s"; done
[ ${#skipped[@]} = 0 ] || echo "not tried, not installed here: ${skipped[*]}"
exit $((fails != 0))
