/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite_cache_internal.h: strips that lists looked at, kept in memory for the next page. A strip
 * is what it was as long as its segment has the same stamp, a number in the file that grows with
 * each writing of its strips: so whoever reads, as of whatever moment, finds the ones of that
 * moment or none. Any thread; within a bound of memory that goes to the columns last asked for. */
#ifndef STORE_SQLITE_CACHE_INTERNAL_H
#define STORE_SQLITE_CACHE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

struct sq_cache;

struct sq_kept {
	int64_t stamp;
	size_t holders; /* under the lock of the cache */
	size_t bytes;
	_Alignas(16) char body[];
};

struct sq_cache *sq_cache_new(void); /* NULL: out of memory */
void sq_cache_free(struct sq_cache *c);
/* sq_cache_begin(c): a read begins; its tick, for the calls below. What it has asked for is not
 * dropped for what it asks for next. */
uint64_t sq_cache_begin(struct sq_cache *c);
/* sq_cache_get: held until sq_cache_release; NULL: not kept. */
const struct sq_kept *sq_cache_get(
	struct sq_cache *c, uint32_t column, int64_t segment, int64_t stamp, uint64_t tick);
/* sq_cache_put: a copy of ${body}, held as well; NULL: there is no room or no memory. */
const struct sq_kept *sq_cache_put(struct sq_cache *c, uint32_t column, int64_t segment,
	int64_t stamp, uint64_t tick, struct str body);
void sq_cache_release(struct sq_cache *c, const struct sq_kept *k); /* NULL: nothing */
struct str sq_kept_body(const struct sq_kept *k);                   /* aligned for doubles */
/* sq_cache_rest(c, quiet_ms): most of it is let go if nobody read for so long; true: it was. */
bool sq_cache_rest(struct sq_cache *c, int64_t quiet_ms);

#endif
