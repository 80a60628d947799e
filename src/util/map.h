/* SPDX-License-Identifier: Apache-2.0 */
/* map.h: hash table from text to a 64-bit value (a number, an index, or a pointer cast to it).
 * Keys are copied into the map. Iteration is in insertion order, so results never depend on
 * hash values. Threads: readers together, or one writer alone. */
#ifndef UTIL_MAP_H
#define UTIL_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/arena.h"
#include "util/str.h"

struct map_entry {
	struct str key; /* ends in NUL as well */
	uint64_t hash;
	uint64_t value;
};

struct map {
	struct map_entry *entries; /* in insertion order */
	size_t n;
	size_t cap;
	uint32_t *slots; /* index + 1 into entries, 0 free */
	size_t slot_count;
	struct arena keys;
};

/* map_get(m, key): the entry, or NULL. Borrowed until the next map_put. */
struct map_entry *map_get(const struct map *m, struct str key);
/* map_put(m, key, added): the entry of ${key}, made with value 0 if it was not there (then *added
 * is true; ${added} may be NULL). NULL when out of memory; ${m} is then as before. */
struct map_entry *map_put(struct map *m, struct str key, bool *added);
void map_clear(struct map *m);

#endif
