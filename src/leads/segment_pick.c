/* SPDX-License-Identifier: Apache-2.0 */
#include "leads/segment_pick.h"

#include <math.h>
#include <stdlib.h>

#include "features/headers.h"
#include "leads/fields.h"
#include "leads/lead_body.h"
#include "leads/live.h"
#include "leads/segments.h"
#include "record/layout.h"
#include "store/match.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"

enum { ARENA = 32 << 20 };

struct segment_pick {
	struct live_model *all;
	struct arena mem; /* of the lead at hand */
	size_t n;
	struct lead_match *match[];
};

struct segment_pick *segment_pick_new(struct live_model *m, struct err *e)
{
	size_t n = live_segments(m);
	struct segment_pick *p = calloc(1, sizeof(*p) + n * sizeof(p->match[0]));

	if (p == NULL) {
		err_nomem(e);
		return NULL;
	}
	p->all = m;
	p->mem.cap = ARENA;
	for (; p->n < n; p->n++) {
		const char *query;

		(void)live_segment(m, p->n, &query);
		if ((p->match[p->n] = segments_match(str_of(query), clock_ms(), e)) == NULL) {
			segment_pick_free(p);
			return NULL;
		}
	}
	return p;
}

void segment_pick_free(struct segment_pick *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->n; i++)
		lead_match_free(p->match[i]);
	arena_clear(&p->mem);
	free(p);
}

/* The text field that a member means by its header, where it is not sent under its own name. */
static void name_fields(struct lead_body *b)
{
	for (size_t i = 0; i < b->n_attributes; i++) {
		const struct attribute_change *c = &b->attributes[i];
		struct header_guess g;
		enum lead_field f;

		if (!header_guess(c->header, -1, 0, &g) ||
			(f = fields_of_role(g.role)) >= LF_TEXTS || (b->fields & FIELD_BIT(f)) != 0)
			continue;
		b->values.text[f] = c->cell;
		b->fields |= FIELD_BIT(f);
	}
}

/* A lead with a layout of its own, known to no store. */
static int lead_of(const struct lead_body *b, struct arena *a, struct lead *l, struct layout *of,
	struct err *e)
{
	struct layout_column *columns = arena_array(a, b->n_attributes + 1, sizeof(*columns));
	struct str *cells = arena_array(a, b->n_attributes + 1, sizeof(*cells));
	struct buf packed = { 0 };
	int rc = -1;

	*l = (struct lead){ .values = b->values,
		.override_heat = LEAD_NO_HEAT,
		.inserted_ms = clock_ms(),
		.updated_ms = clock_ms(),
		.score = { .heat = LEAD_NO_HEAT, .previous_ms = MS_NONE } };
	if (columns == NULL || cells == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < b->n_attributes; i++) {
		columns[i] = (struct layout_column){ .header = b->attributes[i].header,
			.use = LF_ATTRIBUTE };
		cells[i] = b->attributes[i].cell;
	}
	*of = (struct layout){ .columns = columns, .n = b->n_attributes };
	cells_pack(cells, of->n, &packed);
	if (buf_done(&packed, e) == 0) {
		l->cells = (struct str){ arena_dup(a, buf_view(&packed)), packed.n };
		rc = l->cells.p == NULL ? err_nomem(e) : 0;
	}
	buf_clear(&packed);
	return rc;
}

int segment_pick(struct segment_pick *p, struct str text, struct live_model **out, struct err *e)
{
	struct lead_body *b;
	struct err why = { 0 };
	struct layout of;
	struct lead l;
	const char *query;

	*out = p->all;
	arena_reset(&p->mem);
	if ((b = arena_alloc(&p->mem, sizeof(*b))) == NULL)
		return err_nomem(e);
	if (lead_body_read(text, &p->mem, b, &why) == -1 && b->n_faults == 0)
		return why.code == ERR_NOMEM ? err_nomem(e) : 0;
	name_fields(b);
	if (lead_of(b, &p->mem, &l, &of, e) == -1)
		return -1;
	for (size_t i = 0; i < p->n; i++)
		if (lead_match_passes(p->match[i], &l, &of)) {
			*out = live_segment(p->all, i, &query);
			break;
		}
	return 0;
}
