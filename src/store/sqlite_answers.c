/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite_answers_internal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "util/err.h"

/* Looking at all leads of a segment takes about as long as finding so many by the index; of one
 * segment it is short enough not to count. */
enum { KEPT = 8, LOOK_FOUND = 14 * SEG, ONE_FOUND = 2 * SEG };

struct sq_answer {
	struct str match;
	size_t holders; /* under the lock */
	size_t n_words, n_segments, n_dirty, found;
	uint64_t *words;
	int64_t *stamps, *dirty;
};

struct sq_answers {
	pthread_mutex_t lock;
	struct sq_answer *kept[KEPT]; /* the last one asked for first */
};

struct sq_answers *sq_answers_new(void)
{
	struct sq_answers *a = calloc(1, sizeof(*a));

	if (a != NULL)
		pthread_mutex_init(&a->lock, NULL);
	return a;
}

static void let_go_locked(struct sq_answer *x)
{
	if (x != NULL && --x->holders == 0)
		free(x);
}

void sq_answers_free(struct sq_answers *a)
{
	if (a == NULL)
		return;
	for (size_t i = 0; i < KEPT; i++)
		let_go_locked(a->kept[i]);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

static bool is_of(const struct sq_answer *x, struct str match)
{
	return x != NULL && str_eq(x->match, match);
}

/* The answer to ${match}, else the one that was not asked for since the longest time, in front. */
static struct sq_answer **front_locked(struct sq_answers *a, struct str match)
{
	struct sq_answer *x;
	size_t i = 0;

	while (i < KEPT - 1 && !is_of(a->kept[i], match))
		i++;
	x = a->kept[i];
	memmove(a->kept + 1, a->kept, i * sizeof(x));
	a->kept[0] = x;
	return &a->kept[0];
}

const struct sq_answer *sq_answer_get(struct sq_answers *a, struct str match)
{
	struct sq_answer *x = NULL;

	pthread_mutex_lock(&a->lock);
	for (size_t i = 0; i < KEPT && x == NULL; i++)
		if (is_of(a->kept[i], match))
			x = *front_locked(a, match);
	if (x != NULL)
		x->holders++;
	pthread_mutex_unlock(&a->lock);
	return x;
}

void sq_answer_release(struct sq_answers *a, const struct sq_answer *x)
{
	if (x == NULL)
		return;
	pthread_mutex_lock(&a->lock);
	let_go_locked((struct sq_answer *)x);
	pthread_mutex_unlock(&a->lock);
}

static bool same_stamp(const struct sq_answer *x, const struct sq_scan *scan, size_t segment)
{
	return segment < x->n_segments && x->stamps[segment] == sq_stamp(scan->c, (int64_t)segment);
}

static bool is_dirty(const struct sq_scan *scan, int64_t slot)
{
	size_t i = sq_scan_first_dirty(scan, slot);

	return i < scan->n_dirty && scan->dirty[i].slot == slot;
}

/* The leads of a segment that was written anew. */
static int leads_of(struct sq_scan *scan, size_t segment, int64_t *slots, size_t *n, struct err *e)
{
	struct str body;

	if (sq_strip_body(scan->c, 0, COL_ALIVE, (int64_t)segment, &body, e) == -1)
		return -1;
	for (size_t i = 0; i < SEG && body.n == SEG / 8; i++)
		if (((unsigned char)body.p[i / 8] >> i % 8 & 1) != 0)
			slots[(*n)++] = (int64_t)(segment * SEG + i + 1);
	return 0;
}

/* Whether it is worth looking at these segments instead of searching all. */
static bool worth_it(const struct sq_answer *x, size_t again)
{
	return again == 0 || (again == 1 && x->found >= ONE_FOUND) ||
	       x->found / LOOK_FOUND >= again;
}

int sq_answer_take(
	const struct sq_answer *x, struct sq_scan *scan, int64_t **slots, size_t *n, struct err *e)
{
	size_t segments = (size_t)scan->segments, again = 0, i;
	size_t words = x->n_words < scan->n_may ? x->n_words : scan->n_may;

	*slots = NULL;
	*n = 0;
	for (i = 0; i < segments; i++)
		again += !same_stamp(x, scan, i);
	if (!worth_it(x, again))
		return 0;
	*slots = malloc((again * SEG + x->n_dirty + 1) * sizeof(**slots));
	if (*slots == NULL)
		return err_nomem(e);
	memcpy(scan->may, x->words, words * 8);
	for (i = 0; i < segments; i++) {
		if (same_stamp(x, scan, i))
			continue;
		memset(scan->may + i * (SEG / 64), 0, SEG / 8);
		if (leads_of(scan, i, *slots, n, e) == -1)
			return -1;
	}
	for (i = 0; i < x->n_dirty; i++) {
		size_t at = (size_t)x->dirty[i] - 1;

		if (at / 64 >= scan->n_may || is_dirty(scan, x->dirty[i]) ||
			!same_stamp(x, scan, at / SEG))
			continue;
		scan->may[at / 64] &= ~((uint64_t)1 << at % 64);
		(*slots)[(*n)++] = x->dirty[i];
	}
	return 1;
}

/* Nothing that an answer stands on has changed. */
static bool holds_yet(const struct sq_answer *x, const struct sq_scan *scan)
{
	size_t i;

	if (x->n_segments != (size_t)scan->segments || x->n_dirty > scan->n_dirty)
		return false;
	for (i = 0; i < x->n_segments; i++)
		if (!same_stamp(x, scan, i))
			return false;
	for (i = 0; i < x->n_dirty; i++)
		if (!is_dirty(scan, x->dirty[i]))
			return false;
	return true;
}

/* One block of memory: the numbers, then the text. */
static struct sq_answer *answer_of(struct str match, const struct sq_scan *scan)
{
	size_t segments = (size_t)scan->segments, i;
	struct sq_answer *x =
		malloc(sizeof(*x) + (scan->n_may + segments + scan->n_dirty) * 8 + match.n);
	char *text;

	if (x == NULL)
		return NULL;
	*x = (struct sq_answer){ .holders = 1,
		.n_words = scan->n_may,
		.n_segments = segments,
		.n_dirty = scan->n_dirty };
	x->words = (uint64_t *)(void *)(x + 1);
	x->stamps = (int64_t *)(x->words + x->n_words);
	x->dirty = x->stamps + segments;
	text = (char *)(x->dirty + scan->n_dirty);
	memcpy(x->words, scan->may, x->n_words * 8);
	for (i = 0; i < x->n_words; i++)
		x->found += (size_t)__builtin_popcountll(x->words[i]);
	for (i = 0; i < segments; i++)
		x->stamps[i] = sq_stamp(scan->c, (int64_t)i);
	for (i = 0; i < scan->n_dirty; i++)
		x->dirty[i] = scan->dirty[i].slot;
	memcpy(text, match.p, match.n);
	x->match = (struct str){ text, match.n };
	return x;
}

void sq_answer_put(struct sq_answers *a, struct str match, const struct sq_scan *scan,
	const struct sq_answer *was)
{
	struct sq_answer **at, *x;

	if ((was != NULL && holds_yet(was, scan)) || (x = answer_of(match, scan)) == NULL)
		return;
	pthread_mutex_lock(&a->lock);
	at = front_locked(a, match);
	let_go_locked(*at);
	*at = x;
	pthread_mutex_unlock(&a->lock);
}
