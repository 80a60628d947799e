/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "leads/fields.h"
#include "leads/lead_seat.h"
#include "leads/live.h"
#include "leads/reasons.h"
#include "record/layout.h"
#include "store/store.h"
#include "util/arena.h"
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
	struct str *names = arena_array(a, l->n + 1, sizeof(*names));
	enum col_role *roles = arena_array(a, l->n + 1, sizeof(*roles));
	struct live_columns in = { names, roles, NULL, l->n };
	struct live_scorer *scorer;

	s->cells = arena_array(a, l->n + 1, sizeof(*s->cells));
	if (names == NULL || roles == NULL || s->cells == NULL)
		return err_set(e, ERR_LIMIT, "the lead has too many columns");
	for (size_t i = 0; i < l->n; i++) {
		names[i] = l->columns[i].header;
		roles[i] = fields_role(l->columns[i].use);
	}
	if ((scorer = live_scorer(s->model, &in, e)) == NULL ||
		(s->seat = live_sit(scorer, e)) == NULL)
		return -1;
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
	*out = (struct lead_score){ .probability = score->probability,
		.margin = score->margin,
		.confidence = score->confidence,
		.bands = { score->bands[0], score->bands[1], score->bands[2] },
		.points = (uint8_t)score->points,
		.heat = (enum lead_heat)score->heat,
		.as_of = as_of,
		.scored_ms = now_ms,
		.previous_ms = MS_NONE };
	snprintf(out->model, sizeof(out->model), "%s", live_version(s->model));
}

int lead_seat_reason(struct lead_seat *s, const struct score *score, struct buf *out, struct err *e)
{
	const struct scorer_work *at = live_work(s->seat);
	struct explain_work *work = NULL;
	const struct explain_reason *main = NULL;
	const struct reasons *r;
	struct reasons_row row;
	struct enc_evidence ev;
	struct explain x;
	bool above;

	if (live_model(s->model) == NULL || at == NULL)
		return 0;
	if ((r = live_reasons(s->seat, &work, e)) == NULL)
		return -1;
	row = (struct reasons_row){ s->cells, scorer_num(at, 0), scorer_code(at, 0),
		score->probability };
	explain_row(reasons_explainer(r), work, row.num, row.code, score->probability, &x);
	above = score->probability >= x.base_rate + x.average;
	for (size_t i = 0; i < x.n && main == NULL; i++)
		if ((x.reasons[i].value > 0) == above && x.reasons[i].value != 0)
			main = &x.reasons[i];
	if (main != NULL)
		reasons_sentence(r, &row, main, &ev, out);
	return 0;
}
