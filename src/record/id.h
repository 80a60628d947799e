/* SPDX-License-Identifier: Apache-2.0 */
/* id.h: what records are called: 16 bytes. A lead's are a keyed hash of its natural key and are
 * written as 32 hex digits; all others are ULIDs (48 bits of time, 80 random bits), written as 26
 * letters and digits, and sort by the time they were made. Any thread. */
#ifndef RECORD_ID_H
#define RECORD_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "util/str.h"

/* Times of records are milliseconds since 1970 in UTC; this one says that there is none. */
#define MS_NONE INT64_MIN

struct id {
	uint8_t b[16]; /* all zero: none */
};

enum { ID_HEX = 33, ID_ULID = 27 }; /* bytes of the written forms with their NUL */

bool id_is_none(struct id id);
bool id_eq(struct id a, struct id b);
int id_cmp(struct id a, struct id b);       /* byte order */
int id_order(const void *a, const void *b); /* the same, for qsort and bsearch of struct id */

void id_hex(struct id id, char out[ID_HEX]);
void id_ulid(struct id id, char out[ID_ULID]);
/* Both take exactly the written form (in any case of letters) and nothing else: 0, or -1. */
int id_parse_hex(struct str s, struct id *out);
int id_parse_ulid(struct str s, struct id *out);

/* id_new(): a fresh ULID of now (clock_ms); later ones of this process are greater. */
struct id id_new(void);
/* id_at(ms, random): a ULID of that time, its other bits from the first 10 bytes of ${random}. */
struct id id_at(int64_t ms, const uint8_t *random);
int64_t id_time(struct id ulid); /* the milliseconds in it */

#endif
