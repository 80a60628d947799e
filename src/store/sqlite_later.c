/* SPDX-License-Identifier: Apache-2.0 */
/* What of new leads is written while another thread makes strips, or while nothing else is to do:
 * scores, and words for the full-text index. */
#include <stdlib.h>

#include "store/lead_form_internal.h"
#include "store/sqlite_leads_internal.h"
#include "util/err.h"

/* ${at}: room for one more than the ${n} it has; false: no memory. */
static bool room(void **at, size_t n, size_t *cap, size_t size)
{
	size_t more = *cap == 0 ? 512 : 2 * *cap;
	void *grown;

	if (n < *cap)
		return true;
	if ((grown = realloc(*at, more * size)) == NULL)
		return false;
	*at = grown;
	*cap = more;
	return true;
}

bool sq_later_words(struct sq *s, int64_t slot, struct str words)
{
	struct sq_later *x = &s->later;
	void *at = x->words;

	if (!room(&at, x->n_words, &x->cap_words, sizeof(*x->words)))
		return false;
	x->words = at;
	x->words[x->n_words++] = (struct sq_words){ slot, words };
	return true;
}

int sq_later_score(struct sq *s, int64_t slot, const struct lead_score *score, struct err *e)
{
	struct sq_later *x = &s->later;
	size_t from = x->bodies.n;
	void *at = x->scores;

	lead_form_write_score(score, &x->bodies);
	if (x->bodies.failed || !room(&at, x->n_scores, &x->cap_scores, sizeof(*x->scores)))
		return err_nomem(e);
	x->scores = at;
	x->scores[x->n_scores++] = (struct sq_score){ slot, from, x->bodies.n - from };
	return 0;
}

bool sq_later_any(const struct sq *s)
{
	return s->later.n_words != 0 || s->later.n_scores != 0;
}

int sq_later_scores(struct sq *s, struct sq_conn *c, struct err *e)
{
	struct sq_later *x = &s->later;
	int rc = 0;

	for (size_t i = 0; i < x->n_scores && rc == 0; i++) {
		const struct sq_score *y = &x->scores[i];

		rc = sq_lead_put_score(c, y->slot, (struct str){ x->bodies.p + y->from, y->n }, e);
	}
	x->n_scores = 0;
	buf_reset(&x->bodies);
	return rc;
}

int sq_later_settle(struct sq *s, struct sq_conn *c, struct err *e)
{
	struct sq_later *x = &s->later;
	int rc = sq_later_scores(s, c, e);

	if (rc != 0 || x->n_words == 0)
		return rc;
	/* Much is being written: those that were put off are not to be looked at all the while. */
	if (sq_words_catch_up(s, c, SQ_DUE_MOST, e) == -1)
		return -1;
	for (size_t i = 0; i < x->n_words && rc == 0; i++)
		rc = sq_index_words(c, x->words[i].slot, x->words[i].words, e);
	x->n_words = 0;
	return rc;
}

void sq_later_none(struct sq *s)
{
	s->later.n_words = s->later.n_scores = 0;
	buf_reset(&s->later.bodies);
}

void sq_later_clear(struct sq *s)
{
	free(s->later.words);
	free(s->later.scores);
	buf_clear(&s->later.bodies);
	s->later = (struct sq_later){ .n_words = 0 };
}
