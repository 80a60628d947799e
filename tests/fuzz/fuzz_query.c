/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever the query string, it is filters that the store takes or faults that name a parameter. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "leads/query.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const others[] = { "limit", "at", NULL };
	struct arena a = { .cap = 1 << 20 };
	struct lead_query to = { .limit = 50, .at = 0.5 };
	struct err e = { 0 };
	struct query q;

	query_init(&q, &a, 1795766400000);
	if (query_text(&q, (struct str){ (const char *)data, n }, others, &e) == -1) {
		if (e.code != ERR_LIMIT && e.code != ERR_NOMEM)
			abort();
	} else if (query_check(&q, &e) == 0) {
		query_to(&q, &to);
		for (size_t i = 0; i < to.n_filters; i++)
			if (to.filters[i].n == 0 && to.filters[i].op != QUERY_EMPTY &&
				to.filters[i].op != QUERY_FILLED)
				abort();
		if (store_check_query(&to, &e) == -1)
			abort();
	} else if (q.faults[0].detail[0] == '\0') {
		abort();
	}
	arena_clear(&a);
	return 0;
}
