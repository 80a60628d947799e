/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite_cache_internal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "util/clock.h"

/* Together at most, and what is kept of it while nobody asks. */
enum { MOST_BYTES = 64 << 20, QUIET_BYTES = 12 << 20, COLUMNS = 64, SEGMENTS_MOST = 1 << 20 };

struct column {
	uint32_t number;
	uint64_t used; /* tick of the read that last asked for it */
	size_t bytes, n;
	struct sq_kept **at; /* [n]: by segment; NULL: not kept */
};

struct sq_cache {
	pthread_mutex_t lock;
	struct column columns[COLUMNS];
	size_t n, bytes;
	uint64_t tick;
	int64_t used_ms;
};

struct sq_cache *sq_cache_new(void)
{
	struct sq_cache *c = calloc(1, sizeof(*c));

	if (c != NULL)
		pthread_mutex_init(&c->lock, NULL);
	return c;
}

static void let_go_locked(struct sq_kept *k)
{
	if (k != NULL && --k->holders == 0)
		free(k);
}

static void drop_column_locked(struct sq_cache *c, size_t at)
{
	struct column *x = &c->columns[at];

	for (size_t i = 0; i < x->n; i++)
		let_go_locked(x->at[i]);
	free(x->at);
	c->bytes -= x->bytes;
	*x = c->columns[--c->n];
}

/* The one that was not asked for since the longest time, before ${before}; c->n: none. */
static size_t oldest_locked(const struct sq_cache *c, uint64_t before)
{
	size_t best = c->n;

	for (size_t i = 0; i < c->n; i++)
		if (c->columns[i].used < before &&
			(best == c->n || c->columns[i].used < c->columns[best].used))
			best = i;
	return best;
}

static bool shrink_locked(struct sq_cache *c, size_t most, uint64_t before)
{
	while (c->bytes > most) {
		size_t i = oldest_locked(c, before);

		if (i == c->n)
			return false;
		drop_column_locked(c, i);
	}
	return true;
}

void sq_cache_free(struct sq_cache *c)
{
	if (c == NULL)
		return;
	shrink_locked(c, 0, UINT64_MAX);
	while (c->n > 0) /* those whose strips are all empty */
		drop_column_locked(c, 0);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

uint64_t sq_cache_begin(struct sq_cache *c)
{
	uint64_t tick;

	pthread_mutex_lock(&c->lock);
	tick = ++c->tick;
	c->used_ms = clock_mono_ms();
	pthread_mutex_unlock(&c->lock);
	return tick;
}

bool sq_cache_rest(struct sq_cache *c, int64_t quiet_ms)
{
	bool some = false;

	pthread_mutex_lock(&c->lock);
	if (c->bytes > QUIET_BYTES && clock_mono_ms() - c->used_ms >= quiet_ms) {
		shrink_locked(c, QUIET_BYTES, UINT64_MAX);
		some = true;
	}
	pthread_mutex_unlock(&c->lock);
	return some;
}

static struct column *column_locked(struct sq_cache *c, uint32_t number)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->columns[i].number == number)
			return &c->columns[i];
	return NULL;
}

const struct sq_kept *sq_cache_get(
	struct sq_cache *c, uint32_t column, int64_t segment, int64_t stamp, uint64_t tick)
{
	struct sq_kept *k = NULL;
	struct column *x;

	pthread_mutex_lock(&c->lock);
	x = column_locked(c, column);
	if (x != NULL && segment < (int64_t)x->n)
		k = x->at[segment];
	if (k != NULL && k->stamp == stamp) {
		k->holders++;
		if (x->used < tick)
			x->used = tick;
	} else {
		k = NULL;
	}
	pthread_mutex_unlock(&c->lock);
	return k;
}

void sq_cache_release(struct sq_cache *c, const struct sq_kept *k)
{
	if (k == NULL)
		return;
	pthread_mutex_lock(&c->lock);
	let_go_locked((struct sq_kept *)k);
	pthread_mutex_unlock(&c->lock);
}

static struct column *make_column_locked(struct sq_cache *c, uint32_t number, uint64_t tick)
{
	if (c->n == COLUMNS) {
		size_t i = oldest_locked(c, tick);

		if (i == c->n)
			return NULL;
		drop_column_locked(c, i);
	}
	c->columns[c->n] = (struct column){ .number = number, .used = tick };
	return &c->columns[c->n++];
}

/* Its place in the column; NULL: there is no room. */
static struct sq_kept **place_locked(
	struct sq_cache *c, uint32_t number, int64_t segment, size_t bytes, uint64_t tick)
{
	struct column *x;

	if (bytes > MOST_BYTES || segment >= SEGMENTS_MOST ||
		!shrink_locked(c, MOST_BYTES - bytes, tick))
		return NULL;
	x = column_locked(c, number);
	if (x == NULL && (x = make_column_locked(c, number, tick)) == NULL)
		return NULL;
	if (x->used < tick)
		x->used = tick;
	if (segment >= (int64_t)x->n) {
		size_t n = (size_t)segment + 1 + (size_t)segment / 2;
		struct sq_kept **more = realloc(x->at, n * sizeof(struct sq_kept *));

		if (more == NULL)
			return NULL;
		memset(more + x->n, 0, (n - x->n) * sizeof(struct sq_kept *));
		x->at = more;
		x->n = n;
	}
	x->bytes += bytes;
	c->bytes += bytes;
	if (x->at[segment] != NULL) {
		x->bytes -= x->at[segment]->bytes;
		c->bytes -= x->at[segment]->bytes;
		let_go_locked(x->at[segment]);
		x->at[segment] = NULL;
	}
	return &x->at[segment];
}

const struct sq_kept *sq_cache_put(struct sq_cache *c, uint32_t column, int64_t segment,
	int64_t stamp, uint64_t tick, struct str body)
{
	struct sq_kept **at, *k = malloc(sizeof(*k) + body.n);

	if (k == NULL)
		return NULL;
	*k = (struct sq_kept){ .stamp = stamp, .holders = 2, .bytes = sizeof(*k) + body.n };
	if (body.n > 0)
		memcpy(k->body, body.p, body.n);
	pthread_mutex_lock(&c->lock);
	at = place_locked(c, column, segment, k->bytes, tick);
	if (at != NULL)
		*at = k;
	pthread_mutex_unlock(&c->lock);
	if (at == NULL) {
		free(k);
		return NULL;
	}
	return k;
}

struct str sq_kept_body(const struct sq_kept *k)
{
	return (struct str){ k->body, k->bytes - sizeof(*k) };
}
