/* SPDX-License-Identifier: Apache-2.0 */
/* Leads put in the transaction that runs: their strips are made from these, not from rows that
 * would be read again. Only a help: without memory for it nothing is kept. */
#include <stdlib.h>

#include "store/sqlite_internal.h"

enum { FRESH_MOST = 2 * SEG };

void sq_fresh_none(struct sq *s)
{
	s->fresh.n = 0;
}

void sq_fresh_clear(struct sq *s)
{
	free(s->fresh.leads);
	s->fresh = (struct sq_fresh){ .n = 0 };
}

static bool grow(struct sq_fresh *f)
{
	/* Memory that is not touched costs nothing; to grow by halves copies it all each time. */
	size_t cap = f->cap == 0 ? 64 : f->cap < FRESH_MOST ? FRESH_MOST : 2 * f->cap;
	struct lead *more;

	if (cap > FRESH_MOST || (more = realloc(f->leads, cap * sizeof(*more))) == NULL)
		return false;
	f->leads = more;
	f->cap = cap;
	return true;
}

void sq_fresh_add(struct sq *s, int64_t slot, const struct lead *l)
{
	struct sq_fresh *f = &s->fresh;

	if (f->n != 0 && slot != f->first + (int64_t)f->n)
		f->n = 0;
	if (f->n == f->cap && !grow(f)) {
		f->n = 0;
		return;
	}
	if (f->n == 0)
		f->first = slot;
	f->leads[f->n++] = *l;
}

static struct lead *at(struct sq_fresh *f, int64_t slot)
{
	return slot >= f->first && slot - f->first < (int64_t)f->n ? &f->leads[slot - f->first]
								   : NULL;
}

void sq_fresh_drop(struct sq *s, int64_t slot)
{
	struct lead *l = at(&s->fresh, slot);

	if (l != NULL)
		l->version = 0; /* which none that is stored has */
}

const struct lead *sq_fresh_get(struct sq *s, int64_t slot)
{
	const struct lead *l = at(&s->fresh, slot);

	return l != NULL && l->version != 0 ? l : NULL;
}
