#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_leads.py ROWS OUT.csv [SEED]: rows shaped like a course seller's CRM export.

37 columns: two identifiers, the outcome, three numbers, a dozen categories with blanks and
"Select", many nearly constant yes/no answers. Invented values; only the shape is real."""
import random
import sys

SOURCES = ["Google", "Direct Traffic", "Organic Search", "Chat", "Reference", "Referral Sites", "Form", "google", "", "Social"]
SOURCE_W = [31, 27, 12, 18, 6, 1, 2, 1, 1, 1]
COUNTRIES = ["India", "", "United States", "United Arab Emirates", "Singapore", "Saudi Arabia"]
COUNTRY_W = [70, 26, 2, 1, 0.5, 0.5]
AREAS = ["Select", "", "Finance Management", "Human Resource Management", "Marketing Management",
         "Operations Management", "Business Administration", "IT Projects Management",
         "Banking, Investment And Insurance", "Travel and Tourism"]
AREA_W = [21, 16, 11, 9, 9, 6, 5, 4, 4, 15]
JOBS = ["Unemployed", "", "Working Professional", "Student", "Other"]
JOB_W = [60, 29, 8, 2.5, 0.5]
CITIES = ["Mumbai", "Select", "", "Thane & Outskirts", "Other Cities", "Other Metro Cities"]
CITY_W = [35, 24, 16, 8, 12, 5]
HEARD = ["Select", "", "Online Search", "Word Of Mouth", "Student of the School", "Other"]
HEARD_W = [55, 24, 9, 4, 3, 5]
ACTIVITY = ["Email Opened", "SMS Sent", "Chat Conversation", "Page Visited on Website", "Modified", "Email Link Clicked"]
YESNO = ["Search", "Magazine", "Newspaper Article", "Forums", "Newspaper", "Digital Advertisement",
         "Through Recommendations", "Receive Updates", "Supply Chain Content", "DM Content", "Pay By Cheque", "Free Copy"]
HEADER = (["Prospect ID", "Lead Number", "Lead Origin", "Lead Source", "Do Not Email", "Do Not Call",
           "Converted", "TotalVisits", "Total Time Spent on Website", "Page Views Per Visit", "Last Step",
           "Country", "Specialization", "How did you hear", "Occupation", "What matters most"]
          + YESNO + ["Tags", "Lead Quality", "Lead Profile", "City", "Activity Index", "Profile Index",
                     "Activity Score", "Profile Score", "Last Notable Step"])


def quoted(cell):
    return '"' + cell + '"' if "," in cell else cell


def row(rng, number):
    source = rng.choices(SOURCES, SOURCE_W)[0]
    origin = ("Chat" if source == "Chat" else "Add Form" if source == "Reference"
              else rng.choice(["API", "Landing Page", "Landing Page"]))
    visits = 0 if source == "Chat" else min(60, int(rng.expovariate(0.28)) + 1)
    seconds = 0 if visits == 0 else int(rng.expovariate(1 / 600))
    pages = 0 if visits == 0 else round(rng.uniform(1, 6), 2)
    job = rng.choices(JOBS, JOB_W)[0]
    logit = (-1.6 + 0.0011 * seconds + (2.6 if source == "Reference" else 0)
             + (1.9 if job == "Working Professional" else -1.2 if job == "" else 0)
             - (0.4 if origin == "Landing Page" else 0) + rng.gauss(0, 0.9))
    won = int(logit > 0)
    step = rng.choice(ACTIVITY)
    cells = ["%08x-%04x-%04x" % (rng.getrandbits(32), rng.getrandbits(16), number & 0xffff),
             str(900000000 - number), origin, source, rng.choices(["No", "Yes"], [92, 8])[0], "No", str(won),
             str(visits), str(seconds), "%g" % pages, step, rng.choices(COUNTRIES, COUNTRY_W)[0],
             rng.choices(AREAS, AREA_W)[0], rng.choices(HEARD, HEARD_W)[0], job,
             "" if job == "" else "Better Career Prospects"]
    cells += ["No" if rng.random() < 0.997 else "Yes" for _ in YESNO]
    cells += [rng.choice(["", "Ringing", "Will revert"]), rng.choice(["", "Might be", "Low"]),
              rng.choice(["Select", "", "Potential Lead"]), rng.choices(CITIES, CITY_W)[0],
              rng.choice(["", "02.Medium"]), rng.choice(["", "01.High"]), rng.choice(["", "14"]),
              rng.choice(["", "16"]), step]
    return ",".join(quoted(c) for c in cells)


def main():
    rows, path = int(sys.argv[1]), sys.argv[2]
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    unique = [row(rng, i) for i in range(min(rows, 200_000))]
    with open(path, "w", encoding="utf-8", newline="") as out:
        out.write(",".join(HEADER) + "\r\n")
        for i in range(rows):
            out.write(unique[i % len(unique)] + "\r\n")


main()
