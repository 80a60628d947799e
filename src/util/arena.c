/* SPDX-License-Identifier: Apache-2.0 */
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "util/arena.h"

struct arena_chunk {
	struct arena_chunk *next;
	size_t size, used;
	alignas(16) char data[];
};

enum { CHUNK_MIN = 64 * 1024 };

static struct arena_chunk *grow(struct arena *a, size_t n)
{
	size_t size = n > CHUNK_MIN ? n : CHUNK_MIN;
	struct arena_chunk *c;

	if (a->cap != 0 && (size > a->cap || a->used > a->cap - size)) {
		size = n;
		if (size > a->cap || a->used > a->cap - size)
			return NULL;
	}
	if ((c = malloc(sizeof(*c) + size)) == NULL)
		return NULL;
	c->next = a->head;
	c->size = size;
	c->used = 0;
	a->head = c;
	a->used += size;
	return c;
}

void *arena_alloc(struct arena *a, size_t n)
{
	struct arena_chunk *c = a->head;
	void *p;

	if (n > SIZE_MAX / 2)
		return NULL;
	n = (n + 15) & ~(size_t)15;
	if (c == NULL || c->size - c->used < n) {
		if ((c = grow(a, n)) == NULL)
			return NULL;
	}
	p = c->data + c->used;
	c->used += n;
	return memset(p, 0, n);
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total))
		return NULL;
	return arena_alloc(a, total);
}

char *arena_dup(struct arena *a, struct str s)
{
	char *z = arena_alloc(a, s.n + 1);

	if (z != NULL && s.n != 0)
		memcpy(z, s.p, s.n);
	return z;
}

static void drop(struct arena *a, struct arena_chunk *keep)
{
	struct arena_chunk *c = a->head, *next;

	for (; c != NULL; c = next) {
		next = c->next;
		if (c != keep)
			free(c);
	}
	a->head = keep;
	a->used = 0;
	if (keep != NULL) {
		keep->next = NULL;
		keep->used = 0;
		a->used = keep->size;
	}
}

void arena_reset(struct arena *a)
{
	drop(a, a->head);
}

void arena_clear(struct arena *a)
{
	drop(a, NULL);
}
