#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""script/gen_crm_headers.py TABLE.json > src/features/crm_headers.def

The table of headers that CRM products export, as data for the compiler: only header, field, leak and
product are kept. Headers are folded as header_fold() does, without blanks."""
import json
import re
import sys
import unicodedata

ROLES = {"external_id": "ID", "ad": "SOURCE_DETAIL", "owner_id": "OWNER", "seniority": "ATTRIBUTE",
         "department": "ATTRIBUTE", "role": "TITLE"}
# Names of people, whatever field they go to: never inputs.
HEADERS = {"middlename": "FIRST_NAME"}


def fold(header):
    text = unicodedata.normalize("NFKD", header).casefold()
    text = "".join(c for c in text if not unicodedata.combining(c))
    return re.sub(r"[\s_\-./*]+", "", text)


def main():
    rows = json.load(open(sys.argv[1], encoding="utf-8"))
    products = sorted({r["product"] for r in rows})
    print("/* SPDX-License-Identifier: Apache-2.0 */")
    print("/* Made by script/gen_crm_headers.py: do not edit. Folded header, role, whether it is known")
    print(" * only because of the outcome, product (index into the products). */")
    print("#ifdef PRODUCT")
    for p in products:
        print(f'PRODUCT("{p}")')
    print("#endif\n#ifdef HEADER")
    seen = set()
    for r in rows:
        key = fold(r["header"]).replace("\\", "\\\\").replace('"', '\\"')
        role = HEADERS.get(key, ROLES.get(r["field"], r["field"].upper()))
        item = (key, role, int(r["leak"]), products.index(r["product"]))
        if (key, item[3]) not in seen:
            seen.add((key, item[3]))
            rows_out.append(item)
    for key, role, leak, product in sorted(rows_out):
        print(f'HEADER("{key}", {role}, {leak}, {product})')
    print("#endif")


rows_out = []
main()
