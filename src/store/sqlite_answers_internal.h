/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite_answers_internal.h: which leads had the words of the last searches, for their next pages.
 * Of leads that are not dirty that holds as long as their segment has its stamp. Dirty ones are
 * looked at anyway; those that were dirty when the answer was found, and are not for a reader of an
 * earlier moment, are looked at again. Any thread. */
#ifndef STORE_SQLITE_ANSWERS_INTERNAL_H
#define STORE_SQLITE_ANSWERS_INTERNAL_H

#include "store/sqlite_strip_internal.h"

struct sq_answer;

/* sq_answer_get: held until sq_answer_release; NULL: nobody asked lately. */
const struct sq_answer *sq_answer_get(struct sq_answers *a, struct str match);
void sq_answer_release(struct sq_answers *a, const struct sq_answer *x); /* NULL: nothing */
/* sq_answer_take(x, scan, slots, n, e): scan->may from it, and the leads that are to be looked at
 * besides, whose bits are 0; *slots: the caller's, to be freed. 1; 0: too much has changed, and
 * scan->may is left as it was; -1. */
int sq_answer_take(
	const struct sq_answer *x, struct sq_scan *scan, int64_t **slots, size_t *n, struct err *e);
/* sq_answer_put(a, match, scan, was): scan->may is the answer, unless it is that of ${was}.
 * Without memory nothing is kept. */
void sq_answer_put(struct sq_answers *a, struct str match, const struct sq_scan *scan,
	const struct sq_answer *was);

#endif
