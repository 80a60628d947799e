/* SPDX-License-Identifier: Apache-2.0 */
/* parts.h: what an e-mail address, a phone number, a job title or a company name tells about a lead
 * without telling who it is. Pure functions; any thread; no allocation. */
#ifndef FEATURES_PARTS_H
#define FEATURES_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "util/str.h"

/* part_email(s, domain): "business", "free mail", "education", "government", "disposable",
 * "role account" (info@, sales@), "invalid"; NULL for an empty cell. ${domain}: the domain in lower
 * case, in ${room}; empty when invalid. Of several addresses the first counts. */
#define PART_ROOM 256
const char *part_email(struct str s, char room[PART_ROOM], struct str *domain);

/* part_phone(s, room): the calling code with its plus ("+49"), "national" without one, "invalid";
 * empty for an empty cell. ${digits}: how many digits. */
struct str part_phone(struct str s, char room[8], unsigned *digits);

/* part_title(s, rank): department ("sales", "engineering", ... or "other"); NULL for an empty cell.
 * ${rank}: 0 student or intern, 1 assistant, 2 staff, 3 senior, 4 manager, 5 head, 6 director, 7
 * vice president, 8 chief officer, owner or founder; halves between. */
const char *part_title(struct str s, double *rank);

/* part_company(s): legal form ("GmbH", "Inc", ...), "no form"; NULL for an empty cell. */
const char *part_company(struct str s);

/* part_area(s, room): the first two letters or digits of a postal code, or empty. */
struct str part_area(struct str s, char room[3]);

/* part_word(s, room, word): next word of a text, folded as categories are; advances ${s}. Words are
 * letters, digits and what is not ASCII; longer ones than PART_ROOM are passed over. false at the
 * end. */
bool part_word(struct str *s, char room[PART_ROOM], struct str *word);

#endif
