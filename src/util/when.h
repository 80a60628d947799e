/* SPDX-License-Identifier: Apache-2.0 */
/* when.h: moments as the API writes and reads them (RFC 3339, in UTC), as milliseconds since 1970.
 * Pure functions; any thread. */
#ifndef UTIL_WHEN_H
#define UTIL_WHEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

struct buf;

#define WHEN_DAY_MS INT64_C(86400000)

enum { WHEN_TEXT = 32 }; /* bytes of the written form with its NUL */

/* when_write(ms, out): "2026-11-27T08:00:00Z", with ".250" where there are milliseconds. Years 0000
 * to 9999; a moment outside becomes the nearest in it. Returns its length. */
size_t when_write(int64_t ms, char out[WHEN_TEXT]);
/* Its two halves, each with a NUL: "2026-11-27" of a day of the years 0000 to 9999, and "08:00:00"
 * of a second of the day. */
size_t when_write_day(int64_t days, char out[11]);
size_t when_write_time(unsigned second, char out[9]);

enum { WHEN_HTTP = 30 };
/* when_write_http(second, out): "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7), of a second of
 * the years 1970 to 9999. */
void when_write_http(int64_t second, char out[WHEN_HTTP]);

/* when_read(s, ms, day): "2026-11-27", "2026-11-27T08:00Z", "2026-11-27T08:00:00.25+01:00"; a "T"
 * may be a blank, and a time without a zone counts as UTC. *day (may be NULL): a date alone, and
 * ${ms} its first moment. Leap seconds count as the second before. 0, or -1 when it is none. */
int when_read(struct str s, int64_t *ms, bool *day);

/* Days since 1970-01-01 of a civil date (proleptic Gregorian), and back. */
int64_t when_days(int64_t year, unsigned month, unsigned day);
void when_civil(int64_t days, int64_t *year, unsigned *month, unsigned *day);
int64_t when_floor_day(int64_t ms); /* the first moment of its day */

#endif
