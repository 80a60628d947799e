/* SPDX-License-Identifier: Apache-2.0 */
#include "leads/lead_seat.h"
#include "leads/live.h"
#include "leads/reasons.h"
#include "leads/rescoring.h"
#include "model/rule.h"
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

/* The reasons of the row scored last, by a model; 0 without any, 1, or -1. */
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

/* The same of the rule score: the part that says most in the direction of the number. */
static void rule_reason(
	const struct rule *r, const struct str *cells, double as_of, double number, struct buf *out)
{
	struct rule_explain x;

	rule_explain(r, cells, as_of, RULE_PARTS, &x);
	for (size_t i = 0; i < x.n; i++) {
		if (x.reasons[i].value == 0 || (x.reasons[i].value > 0) != (number >= x.base))
			continue;
		buf_z(out, x.reasons[i].text);
		break;
	}
}

static void rule_reasons(
	const struct rule *r, const struct str *cells, double as_of, size_t k, struct buf *out)
{
	struct rule_explain x;

	rule_explain(r, cells, as_of, k, &x);
	for (size_t i = 0; i < x.n; i++)
		buf_fmt(out, "%s%s, %+d", i > 0 ? "; " : "", x.reasons[i].text,
			x.reasons[i].points);
}

int lead_seat_reason(struct lead_seat *s, const struct score *score, struct buf *out, struct err *e)
{
	const struct reasons *r;
	struct reasons_row row;
	struct enc_evidence ev;
	struct explain x;
	bool above;
	const struct rule *rule;
	double as_of;
	int rc;

	if ((rule = live_rule(s->seat, &as_of)) != NULL) {
		rule_reason(rule, s->cells, as_of, score->probability, out);
		return 0;
	}
	if ((rc = explain(s, score, &r, &row, &x, e)) != 1)
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
	const struct rule *rule;
	double as_of;
	int rc;

	if ((rule = live_rule(s->seat, &as_of)) != NULL) {
		rule_reasons(rule, s->cells, as_of, k, out);
		return 0;
	}
	if ((rc = explain(s, score, &r, &row, &x, e)) != 1)
		return rc;
	for (size_t i = 0; i < k && i < x.n; i++) {
		if (i > 0)
			buf_z(out, "; ");
		reasons_sentence(r, &row, &x.reasons[i], &ev, out);
		buf_fmt(out, ", %+d", x.reasons[i].points);
	}
	return 0;
}
