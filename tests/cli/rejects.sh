# SPDX-License-Identifier: Apache-2.0
# Bad rows are never lost and never become good by being written down: the file they are put into
# is fed again, as it is, as a spreadsheet would save it, and mended.
. "$(dirname "$0")/common.sh"

python3 - "$HS" "$TMP" <<'PY' || bad "the round trip of set-aside rows"
import csv, io, os, subprocess, sys
hs, tmp = sys.argv[1:]
csv.field_size_limit(1 << 24)
HEAD = ["Lead ID", "Created", "Source", "Minutes", "Note"]
GOOD = ["L77", "2024-03-05", "Fair", "12", "tall, and \"kind\""]
OURS = ["heatscore_line", "heatscore_column", "heatscore_reason", "heatscore_cell"]
# name: the line as bytes ({d}: delimiter), what the reason says, the column it names
FAULTS = {
    "short": (b"L77{d}2024-03-05{d}Fair", "has 3 cells, the header has 5", "Minutes"),
    "short quoted": (b"L77{d}\"a{d}b\"", "has 2 cells, the header has 5", "Source"),
    "one cell": (b"L77", "has 1 cell, the header has 5", "Created"),
    "long": (b"L77{d}2024-03-05{d}Fair{d}12{d}x{d}{d}y", "has 7 cells, the header has 5", "Note"),
    "zero byte": (b"L77{d}2024-03-05{d}Fa\0ir{d}12{d}x", "has a zero byte", "Source"),
    "not text": (b"L77{d}2024-03-05{d}F\xe9ria{d}12{d}x", "has bytes that are not UTF-8", "Source"),
    "open quote": (b"L77{d}2024-03-05{d}\"Fair{d}12{d}x", "opens a quote", "Source"),
    "open quote first": (b"\"L77{d}2024-03-05{d}Fair{d}12{d}x", "opens a quote", "Lead ID"),
    "large cell": (b"L77{d}2024-03-05{d}Fair{d}12{d}" + b"x" * 40000, "has a cell of more than", "Note"),
    "large row": (b"L77{d}2024-03-05{d}Fair{d}12{d}" + b"x" * 300000, "is longer than", "Lead ID"),
    "header": (b"Lead ID{d}Created{d}Source{d}Minutes{d}Note", "repeats the header", "Lead ID"),
}
FORMS = [(",", b"\r\n", "utf-8"), (";", b"\n", "utf-8"), ("\t", b"\n", "utf-16-le"),
         (",", b"\n", "utf-8-sig")]

def run(*args, want=0):
    p = subprocess.run([hs, *args], capture_output=True, cwd=tmp)
    assert p.returncode == want, (args, p.returncode, p.stderr.decode()[:400])
    return p

def read(path, delim):
    raw = open(path, "rb").read()
    bom = raw[:2] == b"\xff\xfe"
    text = raw.decode("utf-16" if bom else "utf-8-sig", "surrogateescape")
    return list(csv.reader(io.StringIO(text.replace("\0", "\ue000"), newline=""), delimiter=delim))

def write(path, rows, delim, encoding="utf-8"):
    with open(path, "w", newline="", encoding=encoding, errors="surrogateescape") as f:
        csv.writer(f, delimiter=delim).writerows([[c.replace("\ue000", "\0") for c in r] for r in rows])

def scored(path, delim):
    rows = read(path, delim)
    at = rows[0].index("heatscore_probability")
    assert not set(OURS) & set(rows[0]), rows[0]
    return [len(r) > at and r[at] != "" for r in rows[1:]], rows

tried = 0
for delim, eol, encoding in FORMS:
    d = delim.encode()
    good = [[f"L{i}", f"2024-01-{1 + i % 28:02}", ["Fair", "Web", "Ads"][i % 3], str(i * 7 % 60), "Ünlü"]
            for i in range(40)]
    for name, (line, reason, column) in FAULTS.items():
        if encoding == "utf-16-le" and name == "not text":
            continue
        lines = [delim.join(r).encode() for r in [HEAD] + good[:20]]
        lines += [line.replace(b"{d}", d)] + [delim.join(r).encode() for r in good[20:]]
        data = eol.join(lines) + eol
        if encoding == "utf-16-le":
            data = b"\xff\xfe" + data.decode().encode("utf-16-le")
        elif encoding == "utf-8-sig":
            data = b"\xef\xbb\xbf" + data
        src = f"{tmp}/in.csv"
        open(src, "wb").write(data)
        for f in os.listdir(tmp):
            if "rejected" in f or f.startswith("out"):
                os.remove(f"{tmp}/{f}")
        what = (name, delim, encoding)
        run("score", src, "-o", f"{tmp}/out.csv")
        ok, _ = scored(f"{tmp}/out.csv", delim)
        assert ok == [True] * 20 + [False] + [True] * 20, what
        rej = read(f"{tmp}/out.rejected.csv", delim)
        assert rej[0] == OURS + HEAD and len(rej) == 2, (what, rej)
        assert rej[1][0] == "22" and rej[1][1] == column and rej[1][2].startswith(reason), (what, rej[1][:4])

        # Fed again as it is, twice: set aside again, the same row with the same reason.
        before = "out.rejected.csv"
        for again in ("out2", "out3"):
            p = run("score", f"{tmp}/{before}", "-o", f"{tmp}/{again}.csv")
            ok, rows = scored(f"{tmp}/{again}.csv", delim)
            assert ok == [False], (what, again, rows)
            twice = read(f"{tmp}/{again}.rejected.csv", delim)
            assert twice[0] == OURS + HEAD, (what, twice[0])
            assert twice[1][1] == column and twice[1][2].startswith(reason), (what, twice[1][:4])
            assert twice[1][4:9] == rej[1][4:9], (what, twice[1][4:][:200], rej[1][4:][:200])
            before = f"{again}.rejected.csv"
        assert b"set aside" in p.stderr, p.stderr

        # Saved by a spreadsheet: every row as wide as the widest, no zero bytes, always UTF-8.
        wide = max(len(r) for r in rej)
        sheet = [[c.replace("\ue000", "") for c in r] + [""] * (wide - len(r)) for r in rej]
        write(f"{tmp}/sheet.csv", sheet, delim)
        run("score", f"{tmp}/sheet.csv", "-o", f"{tmp}/out4.csv")
        assert scored(f"{tmp}/out4.csv", delim)[0] == [False], (what, "saved by a spreadsheet")
        # and beside rows that are mended, which are scored; with and without our columns
        write(f"{tmp}/some.csv", [rej[0], rej[1][:4] + GOOD, *rej[1:], ["", "", "", ""] + GOOD], delim)
        run("score", f"{tmp}/some.csv", "-o", f"{tmp}/out5.csv")
        ok, rows = scored(f"{tmp}/out5.csv", delim)
        assert ok == [True, False, True] and rows[1][:5] == GOOD == rows[3][:5], (what, ok)
        assert len(read(f"{tmp}/out5.rejected.csv", delim)) == 2
        write(f"{tmp}/mended.csv", [rej[0], rej[1][:4] + GOOD], delim)
        run("score", f"{tmp}/mended.csv", "-o", f"{tmp}/out6.csv")
        ok, rows = scored(f"{tmp}/out6.csv", delim)
        assert ok == [True] and rows[1][:5] == GOOD, (what, rows)
        assert not os.path.exists(f"{tmp}/out6.rejected.csv"), what
        # A short row that is right as it is: say so by emptying the reason.
        if name == "short":
            rej[1][2] = ""
            write(f"{tmp}/right.csv", rej, delim)
            run("score", f"{tmp}/right.csv", "-o", f"{tmp}/out7.csv")
            assert scored(f"{tmp}/out7.csv", delim)[0] == [True], what
        tried += 1
print(f"{tried} faults in {len(FORMS)} forms: set aside, again unmended, scored when mended")
PY

# --- train, eval, drift and profile write them too, and say where ---
awk 'BEGIN {
	srand(3); print "Lead ID,Source,Minutes,Won";
	for (i = 1; i <= 400; i++) {
		m = int(rand() * 60);
		printf "L%d,%s,%d,%d\n", i * 7919 % 100003, i % 3 ? "Web" : "Fair", m, rand() * 90 < m + 10;
		if (i == 100) print "L9,Web";
		if (i == 200) print "L9,Web,3,1,4,5";
	}
}' >"$TMP/past.csv"
export HEATSCORE_DATA=$TMP/models
for c in "train --target Won --budget 1" eval drift "profile --target Won"; do
	rm -f "$TMP/past.rejected.csv"
	run 0 ${c%% *} "$TMP/past.csv" $(sed 's/^[a-z]* *//' <<<"$c") && errs "past.rejected.csv has them"
	[ "$(wc -l <"$TMP/past.rejected.csv")" = 3 ] || bad "$c: the bad rows are not all there"
	grep -q '^102,Minutes,"has 2 cells, the header has 4",,L9,Web,,$' "$TMP/past.rejected.csv" ||
		bad "$c: $(cat "$TMP/past.rejected.csv")"
	rm "$TMP/past.rejected.csv"
	run 0 ${c%% *} "$TMP/past.csv" $(sed 's/^[a-z]* *//' <<<"$c") --json --rejects "$TMP/elsewhere.csv"
	json_ok
	[ "${c%% *}" = profile ] || says "\"rejected\": \"$TMP/elsewhere.csv\""
	[ ! -e "$TMP/past.rejected.csv" ] && [ "$(wc -l <"$TMP/elsewhere.csv")" = 3 ] ||
		bad "$c: --rejects is not where the rows went"
	rm "$TMP/elsewhere.csv"
done
# Fed to train: unmended rows are left out again, heatscore_* columns are no input.
run 0 eval "$TMP/past.csv" && mv "$TMP/past.rejected.csv" "$TMP/aside.csv"
{
	cat "$TMP/aside.csv"
	awk -F, 'NR > 1 && NF == 4 { print ",,,," $0 }' "$TMP/past.csv"
} >"$TMP/both.csv"
run 0 train "$TMP/both.csv" --target Won --budget 1 --json && json_ok && errs "2 rows are left out"
python3 - "$TMP/out" <<'PY' || bad "what was trained on"
import json, sys
r = json.load(open(sys.argv[1]))
assert r["rows"] == 402 and r["bad_rows"] == 2 and r["won"] + r["lost"] == 400, r["rows"]
assert not [c for c in r["used"] + r["unused"] if c.startswith("heatscore_")], r["used"]
PY
# Without bad rows there is no file, and nothing is said of one.
sed -i '/^L9/d' "$TMP/past.csv"
rm -f "$TMP"/*.rejected*.csv
run 0 eval "$TMP/past.csv" --json && says '"rejected": null'
[ -z "$(ls "$TMP" | grep rejected)" ] || bad "a rejects file without rejects"
# A folder that cannot be written to, a pipe: the working folder.
cd "$TMP" && mkdir -p here && cd here
printf 'A,B\n1,2\n3\n4,5\n' | "$HS" profile - >/dev/null 2>&1
[ -s heatscore.rejected.csv ] || bad "a pipe: no rejects in the working folder"
# All rows bad: nothing to learn from, but the rows are there.
printf 'A,Won\n1\n2\n3,1,2\n' >allbad.csv
run 65 train "$TMP/here/allbad.csv" --target Won
[ -s "$TMP/here/allbad.rejected.csv" ] || bad "all rows bad: they are lost"

# A file of set-aside rows that somebody has begun to mend is never written over, one that nobody touched is.
python3 - "$HS" "$TMP" <<'PY' || bad "a half-mended file of set-aside rows"
import os, shutil, subprocess, sys
hs, tmp = sys.argv[1:]
room = f"{tmp}/half"
os.mkdir(room)
src = f"{room}/in.csv"

def export(bad):
    with open(src, "w") as f:
        f.write("Lead ID,Source,Minutes\n" + "".join(f"L{i},Fair,{i}\n" for i in range(30)) + bad)

def run(*args):
    p = subprocess.run([hs, *args], capture_output=True, cwd=room, text=True)
    assert p.returncode == 0, (args, p.stderr[:400])
    return p.stderr

def text(name):
    return open(f"{room}/{name}").read()

def names():
    return sorted(f for f in os.listdir(room) if "rejected" in f)

for args, first, second in ((("profile", src), "in.rejected.csv", "in.rejected-2.csv"),
                            (("score", src, "-o", "out.csv"), "out.rejected.csv", "out.rejected-2.csv"),
                            (("profile", src, "--rejects", "own.rejected.csv"), "own.rejected.csv",
                             "own.rejected-2.csv")):
    for f in names():
        os.remove(f"{room}/{f}")
    export("L99,Fair\n")
    run(*args)
    run(*args)
    assert names() == [first], names()
    mended = text(first).replace("L99,Fair,", "L99,Fair,7")
    assert mended != text(first)
    with open(f"{room}/{first}", "w") as f:
        f.write(mended)
    said = run(*args)
    assert names() == sorted([first, second]) and second in said and "stays as it is" in said, (names(), said)
    assert text(first) == mended and "L99,Fair," in text(second)
    export("L99,Fair\nL98\n")
    run(*args)
    # Written over only where the file system keeps the digest of what was left.
    sealed = b"user.heatscore.sha256" in [a.encode() for a in os.listxattr(f"{room}/{second}")]
    assert text(first) == mended and names() == sorted([first, second] + ([] if sealed else
        [second.replace("-2", "-3")])), names()
    assert any("L98" in text(f) for f in names()), "the newer bad row is nowhere"
# Somebody's own file of that name, and an empty one made to be written to.
shutil.rmtree(room)
os.mkdir(room)
export("L99,Fair\n")
open(f"{room}/in.rejected.csv", "w").write("my notes\n")
open(f"{room}/made.csv", "w").close()
run("profile", src)
run("profile", src, "--rejects", "made.csv")
run("profile", src, "--rejects", "/dev/null")
assert text("in.rejected.csv") == "my notes\n" and "L99" in text("in.rejected-2.csv") and "L99" in text("made.csv")
assert sorted(os.listdir(room)) == ["in.csv", "in.rejected-2.csv", "in.rejected.csv", "made.csv"], os.listdir(room)
print("half-mended files stay: 3 commands, own files, empty files")
PY
finish
