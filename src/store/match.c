/* SPDX-License-Identifier: Apache-2.0 */
#include "store/match.h"

#include <stdlib.h>
#include <string.h>

#include "store/lead_value_internal.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/err.h"

struct lead_match {
	struct arena mem;
	struct filter *filters;
	size_t n_filters;
	struct lead_query only; /* its ids */
	struct str *words;
	size_t n_words;
	struct buf fold, text;
};

/* Texts of the query are the caller's: its copies live as long as the match. */
static int copy_filter(
	struct lead_match *m, const struct query_filter *f, struct filter *out, struct err *e)
{
	struct query_value *values = arena_array(&m->mem, f->n + 1, sizeof(*values));
	struct query_filter own = *f;

	if (values == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < f->n; i++) {
		values[i] = f->values[i];
		values[i].text.p = arena_dup(&m->mem, f->values[i].text);
		if (values[i].text.p == NULL)
			return err_nomem(e);
	}
	own.values = values;
	own.column.attribute.p = arena_dup(&m->mem, f->column.attribute);
	return own.column.attribute.p == NULL ? err_nomem(e) : filter_make(&own, &m->mem, out, e);
}

static int copy_ids(struct lead_match *m, const struct lead_query *q, struct err *e)
{
	struct id *ids = arena_array(&m->mem, q->n_ids + 1, sizeof(*ids));

	if (ids == NULL)
		return err_nomem(e);
	if (q->n_ids > 0)
		memcpy(ids, q->ids, q->n_ids * sizeof(*ids));
	m->only.ids = ids;
	m->only.n_ids = q->n_ids;
	return 0;
}

struct lead_match *lead_match_new(const struct lead_query *q, struct err *e)
{
	struct lead_match *m = calloc(1, sizeof(*m));
	char *words;

	if (m == NULL) {
		err_nomem(e);
		return NULL;
	}
	m->n_filters = q->n_filters;
	if (q->ids != NULL && copy_ids(m, q, e) == -1)
		goto fail;
	m->filters = arena_array(&m->mem, q->n_filters + 1, sizeof(*m->filters));
	words = arena_dup(&m->mem, q->words);
	if (m->filters == NULL || words == NULL) {
		err_nomem(e);
		goto fail;
	}
	for (size_t i = 0; i < q->n_filters; i++)
		if (copy_filter(m, &q->filters[i], &m->filters[i], e) == -1)
			goto fail;
	if (words_make(str_of(words), &m->mem, &m->words, &m->n_words, e) == -1)
		goto fail;
	return m;
fail:
	lead_match_free(m);
	return NULL;
}

void lead_match_free(struct lead_match *m)
{
	if (m == NULL)
		return;
	arena_clear(&m->mem);
	buf_clear(&m->fold);
	buf_clear(&m->text);
	free(m);
}

bool lead_match_passes(struct lead_match *m, const struct lead *l, const struct layout *layout)
{
	if (!store_asks_for(&m->only, l->id))
		return false;
	for (size_t i = 0; i < m->n_filters; i++) {
		struct value v;

		buf_reset(&m->fold);
		v = value_of_lead(l, layout, &m->filters[i].column, &m->fold);
		if (!filter_pass(&m->filters[i], &v))
			return false;
	}
	if (m->n_words == 0)
		return true;
	buf_reset(&m->text);
	words_of_lead(l, &m->text);
	return words_pass(m->words, m->n_words, buf_view(&m->text), &m->fold);
}
