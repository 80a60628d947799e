/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "features/profile.h"
#include "leads/explanation_internal.h"
#include "leads/formats.h"
#include "leads/live.h"
#include "leads/reasons.h"
#include "model/model.h"
#include "model/reach.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"

/* The scorer that lists use computes only what the trees read; looking for leads alike wants every
 * column. */
struct reaching {
	struct explaining_lead *x;
	const struct model *m;
	struct scorer *scorer;
	struct scorer_work *work;
	const struct reasons *reasons; /* for which cell a column of the profile is */
	struct str *cells;             /* with changes */
	float *num;
	uint32_t *code;
};

static int score_changed(
	void *ctx, const struct reach_change *change, size_t n, double *p, struct err *e)
{
	struct reaching *r = ctx;
	const struct str *row = r->cells;
	struct score s;

	memcpy(r->cells, r->x->seat.cells, r->x->seat.n * sizeof(*r->cells));
	for (size_t i = 0; i < n; i++) {
		ptrdiff_t c = reasons_column(r->reasons, change[i].column);

		if (c >= 0)
			r->cells[c] = str_of(change[i].value);
	}
	scorer_work_at(r->work, r->x->as_of);
	if (scorer_rows(r->scorer, r->work, &row, 1, &s, e) == -1)
		return -1;
	*p = s.probability;
	return 0;
}

static int open_scorer(struct reaching *r, struct err *e)
{
	const struct lead_seat *seat = &r->x->seat;
	struct scorer_input in = { .columns = live_seat_names(seat->seat),
		.n_columns = seat->n,
		.as_of = r->x->as_of,
		.today = r->x->as_of,
		.bands = live_bands(seat->model),
		.all_columns = true };
	struct arena *a = r->x->o->arena;
	struct cell_format *formats;
	double p;
	size_t n;

	if (formats_of(seat->layout, a, &formats, e) == -1)
		return -1;
	in.formats = formats;
	if ((r->scorer = scorer_new(r->m, &in, e)) == NULL ||
		(r->work = scorer_work_new(r->scorer, e)) == NULL)
		return -1;
	r->cells = arena_array(a, seat->n + 1, sizeof(*r->cells));
	n = scorer_n_bases(r->work);
	r->num = arena_array(a, n + 1, sizeof(*r->num));
	r->code = arena_array(a, n + 1, sizeof(*r->code));
	if (r->cells == NULL || r->num == NULL || r->code == NULL)
		return err_nomem(e);
	if (score_changed(r, NULL, 0, &p, e) == -1)
		return -1;
	memcpy(r->num, scorer_num(r->work, 0), n * sizeof(*r->num));
	memcpy(r->code, scorer_code(r->work, 0), n * sizeof(*r->code));
	return 0;
}

static void change_text(const struct reaching *r, const struct reach *found, struct buf *text)
{
	if (found->already) {
		buf_z(text, "It is hot as it is.");
		return;
	}
	if (found->n == 0) {
		buf_z(text, "Nothing that can still change about it would make it hot.");
		return;
	}
	buf_z(text, found->reachable ? "Hot with " : "Closest to hot with ");
	for (size_t i = 0; i < found->n; i++)
		buf_fmt(text, "%s" STR_FMT " %s",
			i == 0             ? ""
			: i + 1 < found->n ? ", "
					   : " and ",
			STR_ARG(r->m->profile->cols[found->change[i].column].name),
			found->change[i].value[0] != '\0' ? found->change[i].value : "empty");
	buf_fmt(text, ": score %d%s.", heat_score(found->probability),
		found->reachable ? "" : ", which is not hot yet");
}

static int put_reach(struct reaching *r, const struct reach *found, struct jw *w, struct err *e)
{
	struct buf text = { 0 };

	jw_key(w, "reach");
	jw_obj(w);
	jw_kbool(w, "already", found->already);
	jw_kbool(w, "reachable", found->reachable);
	jw_knum(w, "threshold", live_bands(r->x->seat.model)->hot);
	jw_key(w, "changes");
	jw_arr(w);
	for (size_t i = 0; i < found->n; i++) {
		const struct reach_change *c = &found->change[i];
		ptrdiff_t at = reasons_column(r->reasons, c->column);

		jw_obj(w);
		jw_kstr(w, "column", r->m->profile->cols[c->column].name);
		jw_kstr(w, "from", at >= 0 ? r->x->seat.cells[at] : S(""));
		jw_kz(w, "to", c->value);
		jw_end_obj(w);
	}
	jw_end_arr(w);
	jw_knum(w, "probability_after", found->probability);
	jw_kint(w, "score_after", heat_score(found->probability));
	change_text(r, found, &text);
	jw_kstr(w, "text", buf_view(&text));
	jw_end_obj(w);
	if (buf_done(&text, e) == -1)
		return -1;
	buf_clear(&text);
	return 0;
}

int explanation_reach(struct explaining_lead *x, struct jw *w, struct err *e)
{
	struct reaching r = { .x = x };
	struct explain_work *unused;
	struct reach *found = NULL;
	struct reach_opts ro;
	int rc = -1;

	/* The rule score has no donors, and a lead without a column of the model no cell to change.
	 */
	if (live_model(x->seat.model) == NULL || live_work(x->seat.seat) == NULL)
		return 0;
	if ((r.m = live_full(x->seat.model, e)) == NULL ||
		(r.reasons = live_reasons(x->seat.seat, &unused, e)) == NULL ||
		open_scorer(&r, e) == -1)
		goto done;
	if ((found = calloc(1, sizeof(*found))) == NULL) {
		err_nomem(e);
		goto done;
	}
	ro = (struct reach_opts){ r.m->profile, r.m->bases, &r.m->donors, r.num, r.code, x->as_of,
		live_bands(x->seat.model)->hot, score_changed, &r };
	if (reach_find(&ro, found, e) == 0)
		rc = put_reach(&r, found, w, e);
done:
	free(found);
	scorer_work_free(r.work);
	scorer_free(r.scorer);
	return rc;
}
