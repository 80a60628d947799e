/* SPDX-License-Identifier: Apache-2.0 */
#include "util/word_set.h"

static struct str word_at(const struct word_set *w, size_t i)
{
	return *(const struct str *)(const void *)((const char *)w->list + i * w->step);
}

/* Where ${s} is, or would be. */
static size_t slot_of(const struct word_set *w, struct str s)
{
	size_t i = (size_t)str_hash(s, 0) % WORD_SET_SLOTS;

	while (w->slots[i] != 0 && !str_eq(word_at(w, w->slots[i] - 1u), s))
		i = (i + 1) % WORD_SET_SLOTS;
	return i;
}

void word_set_make(struct word_set *w)
{
	for (size_t i = 0; i < w->n; i++)
		w->slots[slot_of(w, word_at(w, i))] = (uint16_t)(i + 1);
}

int word_set_find(const struct word_set *w, struct str s)
{
	return w->slots[slot_of(w, s)] - 1;
}
