/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "leads/ingest_internal.h"
#include "util/err.h"

static uint64_t nonzero(uint64_t hash)
{
	return hash == 0 ? 1 : hash;
}

static size_t slot_of(const struct keyset *k, uint64_t hash)
{
	size_t i = hash & (k->slots - 1);

	while (k->keys[i] != 0 && k->keys[i] != hash)
		i = (i + 1) & (k->slots - 1);
	return i;
}

static int grow(struct keyset *k, struct err *e)
{
	struct keyset to = { .slots = k->slots == 0 ? 1024 : k->slots * 2, .n = k->n };

	to.keys = calloc(to.slots, sizeof(*to.keys));
	to.values = calloc(to.slots, sizeof(*to.values));
	if (to.keys == NULL || to.values == NULL) {
		keyset_clear(&to);
		return err_nomem(e);
	}
	for (size_t i = 0; i < k->slots; i++) {
		size_t at;

		if (k->keys[i] == 0)
			continue;
		at = slot_of(&to, k->keys[i]);
		to.keys[at] = k->keys[i];
		to.values[at] = k->values[i];
	}
	keyset_clear(k);
	*k = to;
	return 0;
}

uint32_t *keyset_at(struct keyset *k, uint64_t hash, struct err *e)
{
	size_t i;

	hash = nonzero(hash);
	if (k->n >= k->slots / 4 * 3 && grow(k, e) == -1)
		return NULL;
	i = slot_of(k, hash);
	if (k->keys[i] == 0) {
		k->keys[i] = hash;
		k->n++;
	}
	return &k->values[i];
}

uint32_t keyset_get(const struct keyset *k, uint64_t hash)
{
	size_t i;

	if (k->slots == 0)
		return 0;
	i = slot_of(k, nonzero(hash));
	return k->keys[i] != 0 ? k->values[i] : 0;
}

void keyset_clear(struct keyset *k)
{
	free(k->keys);
	free(k->values);
	*k = (struct keyset){ 0 };
}
