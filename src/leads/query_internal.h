/* SPDX-License-Identifier: Apache-2.0 */
/* query_internal.h: what the files of the query parser share. */
#ifndef LEADS_QUERY_INTERNAL_H
#define LEADS_QUERY_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "util/str.h"

struct query;

void query_fault(struct query *q, struct str param, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* query_moment(s, now, lo, hi): the time that ${s} means, as [lo, hi): a whole day, or one
 * millisecond. */
bool query_moment(struct str s, int64_t now_ms, int64_t *lo, int64_t *hi);

#endif
