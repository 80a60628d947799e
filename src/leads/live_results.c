/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features/frame.h"
#include "leads/live_results.h"
#include "model/heat.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"

enum { PAGE = 2000, ROWS_MAX = 200000, ENOUGH = 20, PAGE_BYTES = 256 << 20 };

struct rows {
	double *p; /* [cap] */
	int8_t *y;
	size_t n, cap;
};

static int add(struct rows *r, const struct lead *l, struct err *e)
{
	if (r->n == r->cap) {
		size_t cap = r->cap == 0 ? 1024 : r->cap * 2;
		double *p = realloc(r->p, cap * sizeof(*p));
		int8_t *y;

		if (p == NULL)
			return err_nomem(e);
		r->p = p;
		if ((y = realloc(r->y, cap * sizeof(*y))) == NULL)
			return err_nomem(e);
		r->y = y;
		r->cap = cap;
	}
	r->p[r->n] = l->closing_probability;
	r->y[r->n++] = l->values.outcome == LEAD_WON ? OUTCOME_WON : OUTCOME_LOST;
	return 0;
}

static int read_page(struct store *s, struct lead_query *q, struct arena *mem, struct buf *cursor,
	struct rows *r, struct err *e)
{
	struct lead_page page;

	q->cursor = buf_view(cursor);
	if (s->leads->list(s, q, mem, &page, e) == -1)
		return -1;
	for (size_t i = 0; i < page.n && r->n < ROWS_MAX; i++)
		if (page.leads[i].values.outcome != LEAD_OPEN && add(r, &page.leads[i], e) == -1)
			return -1;
	buf_reset(cursor);
	buf_str(cursor, page.next_cursor);
	return buf_done(cursor, e);
}

static int read_rows(
	struct store *s, const char *version, int64_t since_ms, struct rows *r, struct err *e)
{
	const struct query_value model = { str_of(version), NAN };
	const struct query_value since = { S(""), (double)since_ms };
	const struct query_filter filters[] = { { { .field = LF_CLOSING_MODEL }, QUERY_EQ, &model,
							1 },
		{ { .field = LF_OUTCOME_AT }, QUERY_GTE, &since, 1 } };
	struct lead_query q = { .filters = filters,
		.n_filters = 2,
		.sort = { .field = LF_OUTCOME_AT },
		.descending = true,
		.limit = PAGE,
		.at = NAN };
	struct arena mem = { .cap = PAGE_BYTES };
	struct buf cursor = { 0 };
	int rc;

	do {
		rc = read_page(s, &q, &mem, &cursor, r, e);
		arena_reset(&mem);
	} while (rc == 0 && cursor.n != 0 && r->n < ROWS_MAX);
	buf_clear(&cursor);
	arena_clear(&mem);
	return rc;
}

int live_results(struct store *s, const char *version, int64_t since_ms, const struct bands *b,
	struct live_results *out, struct err *e)
{
	struct rows r = { 0 };
	struct eval_rows rows;
	struct eval_opts o = { .seed = 1 };
	size_t open[3];
	int rc = read_rows(s, version, since_ms, &r, e);

	memset(out, 0, sizeof(*out));
	if (rc == 0 && r.n != 0) {
		rows = (struct eval_rows){ r.p, r.y, r.n };
		o.no_intervals = r.n < ENOUGH;
		rc = evaluate(&rows, &o, &out->eval, e);
		verdict_of(&rows, &out->verdict);
		eval_bands(&rows, b, NULL, out->heat, open);
		for (int h = 0; h < HEAT_COUNT; h++)
			out->promised[h] = out->heat[h].mean_p;
	}
	free(r.p);
	free(r.y);
	return rc;
}

void live_results_write(struct jw *w, const struct live_results *r)
{
	if (r->eval.rows == 0) {
		jw_null(w);
		return;
	}
	jw_obj(w);
	eval_write(w, &r->eval);
	jw_key(w, "verdict");
	verdict_write(w, &r->verdict);
	jw_key(w, "by_heat");
	jw_arr(w);
	for (int h = 0; h < HEAT_COUNT; h++) {
		const struct eval_bin *bin = &r->heat[h];

		jw_obj(w);
		jw_kz(w, "heat", heat_name((enum heat)h));
		jw_kint(w, "leads", (int64_t)bin->n);
		jw_kint(w, "won", (int64_t)bin->won);
		jw_kint(w, "lost", (int64_t)(bin->n - bin->won));
		jw_knum(w, "conversion", bin->rate);
		jw_knum(w, "low", bin->rate_low);
		jw_knum(w, "high", bin->rate_high);
		jw_knum(w, "promised", r->promised[h]);
		jw_end_obj(w);
	}
	jw_end_arr(w);
	jw_end_obj(w);
}
