/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "leads/queue.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/err.h"

/* Lists have one order; the queue has two more before it. So it is six lists, one behind the other:
 * three heats, each by hand and by the model. A cursor is the number of the list, and the list's
 * own. */
enum { PARTS = LEAD_NO_HEAT * 2 };

static int part_query(const struct query *q, unsigned part, struct query *out, struct err *e)
{
	static const char *const none = "none";
	const char *heat = field_choice(LF_HEAT, part / 2);
	struct query_value junk = { S("junk"), LEAD_JUNK };
	struct query_value *v = arena_array(q->arena, 1, sizeof(*v));

	*out = *q;
	if (v == NULL)
		return err_nomem(e);
	*v = junk;
	if (query_is(out, LF_OUTCOME, S("open"), e) == -1 ||
		query_is(out, LF_HEAT, str_of(heat), e) == -1 ||
		query_is(out, LF_OVERRIDE, str_of(part % 2 == 0 ? heat : none), e) == -1)
		return -1;
	if (out->n_filters == QUERY_FILTERS_MAX)
		return err_set(e, ERR_INPUT, "too many filters");
	out->filters[out->n_filters++] = (struct query_filter){
		.column = { .field = LF_VERDICT }, .op = QUERY_NE, .values = v, .n = 1
	};
	return 0;
}

static int list_part(struct store *s, const struct query *q, unsigned part, size_t limit,
	struct str cursor, struct arena *a, struct lead_page *page, struct err *e)
{
	struct lead_query to = { .limit = limit, .at = NAN, .cells = true, .cursor = cursor };
	struct query narrowed;

	if (part_query(q, part, &narrowed, e) == -1)
		return -1;
	query_to(&narrowed, &to);
	to.sort = (struct query_column){ .field = LF_SCORE };
	to.descending = true;
	return s->leads->list(s, &to, a, page, e);
}

static int set_cursor(
	unsigned part, struct str inner, struct arena *a, struct lead_page *page, struct err *e)
{
	char *p = arena_alloc(a, inner.n + 1);

	if (p == NULL)
		return err_nomem(e);
	p[0] = (char)('0' + part);
	if (inner.n > 0)
		memcpy(p + 1, inner.p, inner.n);
	page->next_cursor = (struct str){ p, inner.n + 1 };
	return 0;
}

int queue_page(struct store *s, const struct query *q, size_t limit, struct str cursor,
	struct arena *a, struct lead_page *page, struct err *e)
{
	unsigned part = 0;
	struct lead_page one;

	*page = (struct lead_page){ .leads = arena_array(a, limit, sizeof(struct lead)) };
	if (page->leads == NULL)
		return err_nomem(e);
	if (cursor.n > 0) {
		if (cursor.p[0] < '0' || cursor.p[0] >= '0' + PARTS)
			return err_set(e, ERR_INPUT, "not a cursor of this list");
		part = (unsigned)(cursor.p[0] - '0');
		cursor = str_sub(cursor, 1, cursor.n);
	}
	for (; part < PARTS; part++, cursor = S("")) {
		if (list_part(s, q, part, limit - page->n, cursor, a, &one, e) == -1)
			return -1;
		if (one.n > 0)
			memcpy(page->leads + page->n, one.leads, one.n * sizeof(*one.leads));
		page->n += one.n;
		if (one.next_cursor.n > 0)
			return set_cursor(part, one.next_cursor, a, page, e);
		if (page->n == limit)
			return part + 1 < PARTS ? set_cursor(part + 1, S(""), a, page, e) : 0;
	}
	return 0;
}
