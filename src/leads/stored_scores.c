/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "leads/fields.h"
#include "leads/live.h"
#include "leads/stored_scores.h"
#include "store/store.h"
#include "util/err.h"

struct shape {
	uint32_t number;
	const struct layout *layout;
	struct live_seat *seat;
	struct str *cells; /* [layout->n] of one lead */
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
	for (size_t i = 0; i < x->n; i++) {
		live_rise(x->shapes[i].seat);
		free(x->shapes[i].cells);
	}
	free(x->shapes);
	free(x);
}

static int open_seat(struct stored_scores *x, struct shape *p, struct err *e)
{
	size_t n = p->layout->n;
	struct str *names = calloc(n + 1, sizeof(*names));
	enum col_role *roles = calloc(n + 1, sizeof(*roles));
	struct live_columns in = { names, roles, NULL, n };
	struct live_scorer *scorer;
	int rc = -1;

	if (names == NULL || roles == NULL) {
		err_nomem(e);
		goto done;
	}
	for (size_t i = 0; i < n; i++) {
		names[i] = p->layout->columns[i].header;
		roles[i] = fields_role(p->layout->columns[i].use);
	}
	if ((scorer = live_scorer(x->m, &in, e)) != NULL && (p->seat = live_sit(scorer, e)) != NULL)
		rc = 0;
done:
	free(names);
	free(roles);
	return rc;
}

static struct shape *shape_of(struct stored_scores *x, uint32_t number, struct err *e)
{
	struct shape *grown, *p;

	for (size_t i = 0; i < x->n; i++)
		if (x->shapes[i].number == number)
			return &x->shapes[i];
	if ((grown = realloc(x->shapes, (x->n + 1) * sizeof(*grown))) == NULL) {
		err_nomem(e);
		return NULL;
	}
	x->shapes = grown;
	p = &grown[x->n];
	*p = (struct shape){ .number = number };
	if ((p->layout = x->store->layouts->get(x->store, number, e)) == NULL ||
		open_seat(x, p, e) == -1)
		return NULL;
	x->n++; /* from here on it is freed with the others */
	if ((p->cells = calloc(p->layout->n + 1, sizeof(*p->cells))) == NULL) {
		err_nomem(e);
		return NULL;
	}
	return p;
}

int stored_scores_one(struct stored_scores *x, const struct lead *lead, double as_of,
	struct score *out, struct err *e)
{
	const struct str *row;
	struct shape *p;

	if (lead->layout == 0)
		return 0;
	if ((p = shape_of(x, lead->layout, e)) == NULL)
		return -1;
	if (cells_unpack(lead->cells, p->cells, p->layout->n) == -1)
		return err_set(e, ERR_IO, "the cells of a lead are damaged");
	row = p->cells;
	return live_score(p->seat, &row, 1, as_of, out, e) == -1 ? -1 : 1;
}
