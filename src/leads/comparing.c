/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "leads/comparing.h"
#include "leads/live.h"
#include "leads/stored_scores.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/when.h"

enum { PAGE = 500, PAGE_BYTES = 256 << 20 };

struct pair {
	struct stored_scores *a, *b;
	double as_of;
	struct comparing *out;
	size_t cap;
};

static int keep(struct pair *p, const struct lead *l, const struct score *a, const struct score *b,
	struct err *e)
{
	struct comparing *c = p->out;
	struct comparing_lead *grown;

	if (c->n == p->cap) {
		p->cap = p->cap == 0 ? 256 : p->cap * 2;
		if ((grown = realloc(c->leads, p->cap * sizeof(*grown))) == NULL)
			return err_nomem(e);
		c->leads = grown;
	}
	c->leads[c->n++] =
		(struct comparing_lead){ l->id, a->probability, b->probability, a->heat, b->heat };
	return 0;
}

static int one(struct pair *p, const struct lead *l, struct err *e)
{
	struct score a, b;
	int rc;

	if ((rc = stored_scores_one(p->a, l, p->as_of, &a, e)) != 1 ||
		(rc = stored_scores_one(p->b, l, p->as_of, &b, e)) != 1)
		return rc;
	p->out->rows++;
	p->out->mean_a += a.probability;
	p->out->mean_b += b.probability;
	p->out->moved[a.heat][b.heat]++;
	return a.heat != b.heat ? keep(p, l, &a, &b, e) : 0;
}

static int each(struct pair *p, struct store *s, size_t rows, struct err *e)
{
	const struct query_value open = { S("open"), NAN };
	const struct query_filter filter = { { .field = LF_OUTCOME }, QUERY_EQ, &open, 1 };
	struct lead_query q = { .filters = &filter,
		.n_filters = 1,
		.sort = { .field = LF_UPDATED_AT },
		.descending = true,
		.limit = PAGE,
		.at = NAN,
		.cells = true };
	struct arena mem = { .cap = PAGE_BYTES };
	struct lead_page page = { 0 };
	struct buf cursor = { 0 };
	int rc = 0;

	do {
		arena_reset(&mem);
		q.cursor = buf_view(&cursor);
		if ((rc = s->leads->list(s, &q, &mem, &page, e)) == -1)
			break;
		for (size_t i = 0; rc == 0 && i < page.n && p->out->rows < rows; i++)
			rc = one(p, &page.leads[i], e);
		buf_reset(&cursor);
		buf_str(&cursor, page.next_cursor);
		if (rc == 0)
			rc = buf_done(&cursor, e);
	} while (rc == 0 && cursor.n != 0 && p->out->rows < rows);
	buf_clear(&cursor);
	arena_clear(&mem);
	return rc;
}

static int by_difference(const void *x, const void *y)
{
	const struct comparing_lead *a = x, *b = y;
	double da = fabs(a->a - a->b), db = fabs(b->a - b->b);

	return da != db ? (da < db) - (da > db) : id_cmp(a->id, b->id);
}

int comparing_run(struct store *s, struct live *l, uint32_t a, uint32_t b, size_t rows,
	size_t limit, int64_t now_ms, struct comparing *out, struct err *e)
{
	struct live_model *ma = live_open(l, a, e);
	struct live_model *mb = ma == NULL ? NULL : live_open(l, b, e);
	struct pair p = { .as_of = (double)now_ms / (double)WHEN_DAY_MS, .out = out };
	int rc = -1;

	*out = (struct comparing){ 0 };
	if (mb != NULL && (p.a = stored_scores_new(s, ma, e)) != NULL &&
		(p.b = stored_scores_new(s, mb, e)) != NULL)
		rc = each(&p, s, rows, e);
	if (out->rows != 0) {
		out->mean_a /= (double)out->rows;
		out->mean_b /= (double)out->rows;
	}
	if (out->n > 1)
		qsort(out->leads, out->n, sizeof(*out->leads), by_difference);
	out->n = out->n < limit ? out->n : limit;
	stored_scores_free(p.a);
	stored_scores_free(p.b);
	live_drop(ma);
	live_drop(mb);
	if (rc == -1)
		comparing_clear(out);
	return rc;
}

void comparing_clear(struct comparing *c)
{
	free(c->leads);
	*c = (struct comparing){ 0 };
}
