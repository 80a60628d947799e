/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "util/map.h"

static uint32_t *slot_of(const struct map *m, struct str key, uint64_t hash)
{
	size_t mask = m->slot_count - 1;

	for (size_t i = (size_t)hash & mask;; i = (i + 1) & mask) {
		uint32_t *s = &m->slots[i];
		const struct map_entry *x;

		if (*s == 0)
			return s;
		x = &m->entries[*s - 1];
		if (x->hash == hash && str_eq(x->key, key))
			return s;
	}
}

struct map_entry *map_get(const struct map *m, struct str key)
{
	uint32_t *s;

	if (m->n == 0)
		return NULL;
	s = slot_of(m, key, str_hash(key, 0));
	return *s != 0 ? &m->entries[*s - 1] : NULL;
}

static int grow(struct map *m)
{
	size_t cap = m->cap != 0 ? m->cap * 2 : 16;
	struct map_entry *entries;
	uint32_t *slots;

	if (cap > UINT32_MAX / 2)
		return -1;
	if ((slots = calloc(cap * 2, sizeof(*slots))) == NULL)
		return -1;
	if ((entries = realloc(m->entries, cap * sizeof(*entries))) == NULL) {
		free(slots);
		return -1;
	}
	free(m->slots);
	m->entries = entries;
	m->cap = cap;
	m->slots = slots;
	m->slot_count = cap * 2;
	for (size_t i = 0; i < m->n; i++) {
		const struct map_entry *x = &entries[i];

		*slot_of(m, x->key, x->hash) = (uint32_t)i + 1;
	}
	return 0;
}

struct map_entry *map_put(struct map *m, struct str key, bool *added)
{
	uint64_t hash = str_hash(key, 0);
	struct map_entry *x;
	uint32_t *s;
	char *copy;

	if (added != NULL)
		*added = false;
	if (m->n != 0 && *(s = slot_of(m, key, hash)) != 0)
		return &m->entries[*s - 1];
	if (m->n == m->cap && grow(m) == -1)
		return NULL;
	if ((copy = arena_dup(&m->keys, key)) == NULL)
		return NULL;
	x = &m->entries[m->n++];
	*x = (struct map_entry){ { copy, key.n }, hash, 0 };
	*slot_of(m, x->key, hash) = (uint32_t)m->n;
	if (added != NULL)
		*added = true;
	return x;
}

void map_clear(struct map *m)
{
	free(m->entries);
	free(m->slots);
	arena_clear(&m->keys);
	*m = (struct map){ 0 };
}
