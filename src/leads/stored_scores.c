/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "leads/live.h"
#include "leads/rescoring.h"
#include "leads/stored_scores.h"
#include "store/store.h"
#include "util/err.h"

struct shape {
	uint32_t number;
	struct live_seat *seat;
};

struct stored_scores {
	struct store *store;
	struct live_model *m;
	struct shape *shapes;
	size_t n;
};

struct stored_scores *stored_scores_new(struct store *s, struct live_model *m, struct err *e)
{
	struct stored_scores *x = calloc(1, sizeof(*x));

	if (x == NULL) {
		err_nomem(e);
		return NULL;
	}
	x->store = s;
	x->m = m;
	return x;
}

void stored_scores_free(struct stored_scores *x)
{
	if (x == NULL)
		return;
	for (size_t i = 0; i < x->n; i++)
		live_rise(x->shapes[i].seat);
	free(x->shapes);
	free(x);
}

static struct live_seat *seat_of(struct stored_scores *x, uint32_t number, struct err *e)
{
	const struct layout *l;
	struct live_scorer *scorer;
	struct shape *grown;

	for (size_t i = 0; i < x->n; i++)
		if (x->shapes[i].number == number)
			return x->shapes[i].seat;
	if ((grown = realloc(x->shapes, (x->n + 1) * sizeof(*grown))) == NULL) {
		err_nomem(e);
		return NULL;
	}
	x->shapes = grown;
	if ((l = x->store->layouts->get(x->store, number, e)) == NULL ||
		(scorer = rescoring_scorer(x->m, l, e)) == NULL ||
		(grown[x->n].seat = live_sit(scorer, e)) == NULL)
		return NULL;
	grown[x->n].number = number;
	return grown[x->n++].seat;
}

int stored_scores_one(struct stored_scores *x, const struct lead *lead, double as_of,
	struct score *out, struct err *e)
{
	struct live_seat *seat;

	if (lead->layout == 0)
		return 0;
	if ((seat = seat_of(x, lead->layout, e)) == NULL)
		return -1;
	return rescoring_lead(x->store, seat, lead, as_of, out, e) == -1 ? -1 : 1;
}
