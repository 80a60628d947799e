/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "leads/explanation_internal.h"
#include "leads/lead_json.h"
#include "leads/live.h"
#include "leads/score_json.h"
#include "util/json.h"

int explanation_write(const struct explanation_opts *o, struct jw *w, struct err *e)
{
	struct live_model *held = live_hold(o->live);
	const struct lead *l = o->lead;
	struct live_model *m = live_of(held, l->score.model);
	bool shown = !lead_json_stale(l, live_version(m)) && isfinite(l->score.as_of);
	struct explaining_lead x = { .o = o,
		.as_of = shown ? l->score.as_of : lead_seat_days(o->now_ms) };
	int rc = -1;

	if (lead_seat_take(&x.seat, o->store, m, l->layout, l->cells, o->arena, e) == -1 ||
		lead_seat_score(&x.seat, x.as_of, &x.score, e) == -1)
		goto done;
	jw_obj(w);
	score_json(w, &x.score, live_version(m), x.as_of);
	if (score_json_reasons(w, x.seat.seat, x.seat.cells, &x.score, o->reasons, e) == -1 ||
		explanation_reach(&x, w, e) == -1 || explanation_moved(&x, w, e) == -1)
		goto done;
	jw_end_obj(w);
	rc = 0;
done:
	lead_seat_leave(&x.seat);
	live_drop(held);
	return rc;
}
