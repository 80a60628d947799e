/* SPDX-License-Identifier: Apache-2.0 */
#include "util/word_set.h"

static uint8_t *slot_of(struct word_set *w, struct str s)
{
	size_t i = (size_t)str_hash(s, 0) % WORD_SET_SLOTS;

	while (w->slots[i] != 0 && !str_eq(w->words[w->slots[i] - 1], s))
		i = (i + 1) % WORD_SET_SLOTS;
	return &w->slots[i];
}

void word_set_make(struct word_set *w)
{
	for (size_t i = 0; i < w->n; i++)
		*slot_of(w, w->words[i]) = (uint8_t)(i + 1);
}

bool word_set_has(const struct word_set *w, struct str s)
{
	size_t i = (size_t)str_hash(s, 0) % WORD_SET_SLOTS;

	for (; w->slots[i] != 0; i = (i + 1) % WORD_SET_SLOTS)
		if (str_eq(w->words[w->slots[i] - 1], s))
			return true;
	return false;
}
