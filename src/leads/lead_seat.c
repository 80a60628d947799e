/* SPDX-License-Identifier: Apache-2.0 */
#include "leads/lead_seat.h"
#include "leads/live.h"
#include "leads/reasons.h"
#include "leads/rescoring.h"
#include "record/layout.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/when.h"

double lead_seat_days(int64_t now_ms)
{
	return (double)now_ms / (double)WHEN_DAY_MS;
}

/* A lead without cells is seated as one of whom nothing is known. */
static const struct layout no_columns;

static int sit(struct lead_seat *s, const struct layout *l, struct arena *a, struct err *e)
{
	struct live_scorer *scorer = rescoring_scorer(s->model, l == &no_columns ? NULL : l, e);

	if (scorer == NULL || (s->seat = live_sit(scorer, e)) == NULL)
		return -1;
	if ((s->cells = arena_array(a, l->n + 1, sizeof(*s->cells))) == NULL)
		return err_set(e, ERR_LIMIT, "the lead has too many columns");
	s->layout = l;
	s->n = l->n;
	return 0;
}

int lead_seat_take(struct lead_seat *s, struct store *st, struct live_model *m, uint32_t layout,
	struct str cells, struct arena *a, struct err *e)
{
	*s = (struct lead_seat){ .model = m };
	return lead_seat_next(s, st, layout, cells, a, e);
}

int lead_seat_next(struct lead_seat *s, struct store *st, uint32_t layout, struct str cells,
	struct arena *a, struct err *e)
{
	const struct layout *l = &no_columns;

	if (layout != 0 && (l = st->layouts->get(st, layout, e)) == NULL)
		return -1;
	if (s->layout != l) {
		live_rise(s->seat);
		s->seat = NULL;
		s->layout = NULL;
		if (sit(s, l, a, e) == -1)
			return -1;
	}
	if (cells_unpack(cells, s->cells, s->n) == -1)
		return err_set(e, ERR_IO, "the cells of a lead are damaged");
	return 0;
}

void lead_seat_leave(struct lead_seat *s)
{
	live_rise(s->seat);
	*s = (struct lead_seat){ 0 };
}

int lead_seat_score(struct lead_seat *s, double as_of, struct score *out, struct err *e)
{
	const struct str *row = s->cells;

	return live_score(s->seat, &row, 1, as_of, out, e);
}

void lead_seat_store(const struct lead_seat *s, const struct score *score, double as_of,
	int64_t now_ms, struct lead_score *out)
{
	rescoring_score(score, live_version(s->model), as_of, now_ms, out);
}

/* The reasons of the row scored last; 0 without any (the rule score has none), 1, or -1. */
static int explain(struct lead_seat *s, const struct score *score, const struct reasons **r,
	struct reasons_row *row, struct explain *x, struct err *e)
{
	const struct scorer_work *at = live_work(s->seat);
	struct explain_work *work = NULL;

	if (live_model(s->model) == NULL || at == NULL)
		return 0;
	if ((*r = live_reasons(s->seat, &work, e)) == NULL)
		return -1;
	*row = (struct reasons_row){ s->cells, scorer_num(at, 0), scorer_code(at, 0),
		score->probability };
	explain_row(reasons_explainer(*r), work, row->num, row->code, score->probability, x);
	return 1;
}

int lead_seat_reason(struct lead_seat *s, const struct score *score, struct buf *out, struct err *e)
{
	const struct reasons *r;
	struct reasons_row row;
	struct enc_evidence ev;
	struct explain x;
	bool above;
	int rc = explain(s, score, &r, &row, &x, e);

	if (rc != 1)
		return rc;
	above = score->probability >= x.base_rate + x.average;
	for (size_t i = 0; i < x.n; i++) {
		if (x.reasons[i].value == 0 || (x.reasons[i].value > 0) != above)
			continue;
		reasons_sentence(r, &row, &x.reasons[i], &ev, out);
		break;
	}
	return 0;
}

int lead_seat_reasons(
	struct lead_seat *s, const struct score *score, size_t k, struct buf *out, struct err *e)
{
	const struct reasons *r;
	struct reasons_row row;
	struct enc_evidence ev;
	struct explain x;
	int rc = explain(s, score, &r, &row, &x, e);

	if (rc != 1)
		return rc;
	for (size_t i = 0; i < k && i < x.n; i++) {
		if (i > 0)
			buf_z(out, "; ");
		reasons_sentence(r, &row, &x.reasons[i], &ev, out);
		buf_fmt(out, ", %+d", x.reasons[i].points);
	}
	return 0;
}
