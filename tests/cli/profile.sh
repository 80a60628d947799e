# SPDX-License-Identifier: Apache-2.0
# heatscore profile: what it says, saves and refuses.
. "$(dirname "$0")/common.sh"
cd "$TMP"

cat >leads.csv <<'END'
Lead ID;E-Mail;Source;Created;Converted
1;a@x.example;Referral;31.12.2025;yes
2;b@x.example;Web;13.01.2026;no
3;c@x.example;Select;14.01.2026;no
4;d@x.example;Web;15.01.2026;yes
END
run 0 profile leads.csv
silent err
says "4 rows, 5 columns"
says "heatscore train leads.csv --target Converted"
run 0 profile leads.csv --json
json_ok
python3 - "$TMP/out" <<'END' || bad "the JSON lacks what scripts rely on"
import json, sys
columns = json.load(open(sys.argv[1]))["columns"]
assert [c["name"] for c in columns] == ["Lead ID", "E-Mail", "Source", "Created", "Converted"]
for c in columns:
    assert {"name", "role", "kind", "filled", "samples"} <= set(c), c
assert columns[1]["role"] == "email" and columns[3]["kind"] == "date"
END
# Names of people are never inputs, middle ones too.
{
	echo "Middle Name,Plan,Converted"
	for i in $(seq 40); do echo "Ma$i,p$((i % 3)),$((i % 2))"; done
} >names.csv
run 0 profile names.csv && grep -q "^ *Middle Name .*left out: identifier" out || bad "middle names stay in"
run 0 profile leads.csv -o saved.json && says "saved.json"
cmp -s saved.json <("$HS" profile leads.csv --json) || bad "-o saves something else than --json prints"
run 65 profile leads.csv --target Won && errs "Won"

# Amounts are numbers, however much they look like phones.
{
	echo "AnnualRevenue,Umsatz,Phone,Stage"
	for i in $(seq 40); do
		echo "689454$i.$((i % 9 + 1)),13.117.9$((i + 10)),030 12345$i,Closed $([ $((i % 3)) = 0 ] && echo Won || echo Lost)"
		echo "7$i.5,1.205.0$((i + 10)),0171 23456$i,Negotiation"
	done
} >amounts.csv
run 0 profile amounts.csv
grep -qE "AnnualRevenue +revenue +number" out || bad "a revenue is no number"
grep -qE "Umsatz +[a-z_]+ +number" out || bad "an amount with dots is no number"
grep -qE "Phone +phone +category" out || bad "a phone is a number"
says "heatscore train amounts.csv --target Stage --won 'Closed Won' --lost 'Closed Lost'"

printf 'Status,x\nQualified,1\nDisqualified,2\nOpen,3\n' >three.csv
run 0 profile three.csv --target Status && says "--target Status --won VALUE --lost Disqualified"

printf 'Heat,x\nHot,1\nWarm,2\nCold,3\n' >labels.csv
run 0 profile labels.csv && says "Hot, warm and cold has: Heat"

# A bad row is told and does not stop the rest.
printf '5;e@x.example;Web;16.01.2026;no;more;than;fits\n' >>leads.csv
run 0 profile leads.csv && errs "line 6"
says "4 rows, 5 columns"
says "1 row cannot be read"

# Control characters of a file never reach the terminal.
printf 'a,b\n\033[31mred\007,1\n' >bell.csv
run 0 profile bell.csv
! grep -q "$(printf '\007')" out || bad "a bell reached the output"

# What is no table is refused in one sentence, and nothing is written.
printf '<!DOCTYPE html><html><body>Log in</body></html>' >page.csv
: >empty.csv
printf '\x89PNG\r\n\x1a\n0000' >picture.csv
mkdir folder
for f in page.csv empty.csv picture.csv folder; do
	run 65 profile "$f" -o not.json && errs "$f"
	silent out
	[ "$(wc -l <err)" = 1 ] || bad "$f: more than one line"
	[ ! -e not.json ] || bad "$f: left a file behind"
done
run 66 profile nowhere.csv && errs "nowhere.csv"
finish
