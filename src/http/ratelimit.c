/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "http/ratelimit.h"
#include "util/err.h"

#define WAYS ((size_t)8) /* places a key may be in */
#define SETS ((size_t)2048)

/* A key is known by 64 bits of a seeded hash: two that share them share a bucket, which an attacker
 * cannot aim for without the seed. */
struct bucket {
	uint64_t hash; /* 0: free */
	int64_t at_ms;
	double tokens;
};

struct ratelimit {
	pthread_mutex_t mu;
	double rate, burst;
	uint64_t seed;
	struct bucket b[SETS][WAYS];
};

struct ratelimit *ratelimit_new(double per_second, double burst, struct err *e)
{
	struct ratelimit *l = calloc(1, sizeof(*l));

	ASSERT(per_second > 0 && burst >= 1);
	if (l == NULL) {
		err_nomem(e);
		return NULL;
	}
	pthread_mutex_init(&l->mu, NULL);
	l->rate = per_second;
	l->burst = burst;
	l->seed = (uint64_t)(uintptr_t)l * 0x9e3779b97f4a7c15u; /* where the heap is, is random */
	return l;
}

void ratelimit_free(struct ratelimit *l)
{
	if (l == NULL)
		return;
	pthread_mutex_destroy(&l->mu);
	free(l);
}

static struct bucket *find_locked(struct ratelimit *l, uint64_t hash, int64_t now_ms)
{
	struct bucket *set = l->b[hash % SETS], *oldest = &set[0];

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].hash == hash)
			return &set[i];
		if (set[i].hash == 0 || (oldest->hash != 0 && set[i].at_ms < oldest->at_ms))
			oldest = &set[i];
	}
	*oldest = (struct bucket){ hash, now_ms, l->burst };
	return oldest;
}

unsigned ratelimit_take(struct ratelimit *l, struct str key, double n, int64_t now_ms)
{
	uint64_t hash = str_hash(key, l->seed) | 1;
	struct bucket *b;
	unsigned wait = 0;

	pthread_mutex_lock(&l->mu);
	b = find_locked(l, hash, now_ms);
	b->tokens = fmin(l->burst, b->tokens + l->rate * (double)(now_ms - b->at_ms) / 1000);
	b->at_ms = now_ms;
	if (b->tokens >= n)
		b->tokens -= n;
	else
		wait = (unsigned)fmin(3600, fmax(1, ceil((n - b->tokens) / l->rate)));
	pthread_mutex_unlock(&l->mu);
	return wait;
}

struct running {
	uint64_t hash;
	unsigned n;
};

/* Only keys that have something running are in it; there are few at a time. */
struct inflight {
	pthread_mutex_t mu;
	struct running *v;
	size_t n, cap;
};

struct inflight *inflight_new(struct err *e)
{
	struct inflight *f = calloc(1, sizeof(*f));

	if (f == NULL)
		err_nomem(e);
	else
		pthread_mutex_init(&f->mu, NULL);
	return f;
}

void inflight_free(struct inflight *f)
{
	if (f == NULL)
		return;
	pthread_mutex_destroy(&f->mu);
	free(f->v);
	free(f);
}

static struct running *of_locked(struct inflight *f, uint64_t hash)
{
	struct running *grown;

	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].hash == hash)
			return &f->v[i];
	if (f->n == f->cap) {
		size_t cap = f->cap == 0 ? 16 : f->cap * 2;

		if ((grown = realloc(f->v, cap * sizeof(*grown))) == NULL)
			return NULL;
		f->v = grown;
		f->cap = cap;
	}
	f->v[f->n] = (struct running){ hash, 0 };
	return &f->v[f->n++];
}

int inflight_enter(struct inflight *f, struct str key, unsigned most)
{
	struct running *r;
	int rc = -1;

	pthread_mutex_lock(&f->mu);
	r = of_locked(f, str_hash(key, 0));
	if (r != NULL && r->n < most) {
		r->n++;
		rc = 0;
	}
	if (r != NULL && r->n == 0)
		*r = f->v[--f->n];
	pthread_mutex_unlock(&f->mu);
	return rc;
}

void inflight_leave(struct inflight *f, struct str key)
{
	struct running *r;

	pthread_mutex_lock(&f->mu);
	r = of_locked(f, str_hash(key, 0));
	ASSERT(r != NULL && r->n != 0);
	if (--r->n == 0)
		*r = f->v[--f->n];
	pthread_mutex_unlock(&f->mu);
}
