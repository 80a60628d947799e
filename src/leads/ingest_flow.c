/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that read and prepare blocks, and hand them over in the order of the file. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "leads/ingest_internal.h"
#include "util/cpus.h"
#include "util/err.h"

enum { THREADS_MAX = 16, SPARE = 10, WAIT_MS = 250 };

struct flow {
	struct intake *in;
	pthread_mutex_t table; /* the table; taken before ${lock} */
	pthread_mutex_t lock;  /* all below */
	pthread_cond_t changed;
	struct prepared *free, *ready;
	uint64_t next; /* number of the block to hand over next */
	unsigned working;
	bool ended;       /* the table has no more blocks */
	struct hand hand; /* of who takes blocks, where none of the threads is ahead */
	bool over;        /* nobody wants more */
	bool failed;
	struct err err;
};

static void put_free_locked(struct flow *f, struct prepared *p)
{
	p->next = f->free;
	f->free = p;
}

void flow_give_back(struct flow *f, struct prepared *p)
{
	pthread_mutex_lock(&f->lock);
	put_free_locked(f, p);
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
}

static struct prepared *wait_free(struct flow *f)
{
	struct prepared *p = NULL;

	pthread_mutex_lock(&f->lock);
	while (!f->over && !f->failed && f->free == NULL)
		pthread_cond_wait(&f->changed, &f->lock);
	if (!f->over && !f->failed) {
		p = f->free;
		f->free = p->next;
	}
	pthread_mutex_unlock(&f->lock);
	return p;
}

/* In the order of their numbers; there are few. */
static void put_ready(struct flow *f, struct prepared *p)
{
	struct prepared **at = &f->ready;

	pthread_mutex_lock(&f->lock);
	while (*at != NULL && (*at)->block->number < p->block->number)
		at = &(*at)->next;
	p->next = *at;
	*at = p;
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
}

static void fail(struct flow *f, const struct err *e)
{
	pthread_mutex_lock(&f->lock);
	if (!f->failed) {
		f->failed = true;
		f->err = *e;
	}
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
}

static void end_reading(struct flow *f)
{
	pthread_mutex_lock(&f->lock);
	f->ended = true;
	pthread_mutex_unlock(&f->lock);
}

/* The next block of the table, prepared in ${p} and put with those that are ready: 1. At the end,
 * 0, and when it fails, -1, ${p} is free again. */
static int prepare_next(struct flow *f, struct hand *hand, struct prepared *p)
{
	struct err e = { 0 };
	int rc;

	pthread_mutex_lock(&f->table);
	rc = table_read_block(f->in->table, p->block, INGEST_BLOCK, &e);
	p->fraction = table_progress(f->in->table);
	pthread_mutex_unlock(&f->table);
	for (size_t i = 0; rc == 1 && i < p->block->n; i++)
		mapping_fix_row(f->in->o->map, &p->block->rows[i]);
	if (rc == 1 && intake_stop(f->in))
		rc = err_set(&e, ERR_CANCELLED, "stopped");
	if (rc == 1)
		rc = intake_prepare(f->in, hand, p, &e) == -1 ? -1 : 1;
	if (rc == 1) {
		put_ready(f, p);
		return 1;
	}
	flow_give_back(f, p);
	if (rc == -1)
		fail(f, &e);
	else
		end_reading(f);
	return rc;
}

static void *work(void *arg)
{
	struct flow *f = arg;
	struct hand hand = { 0 };
	struct prepared *p;

	while ((p = wait_free(f)) != NULL && prepare_next(f, &hand, p) == 1)
		;
	hand_clear(&hand);
	pthread_mutex_lock(&f->lock);
	f->working--;
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
	return NULL;
}

/* Who waits and has nothing else to do prepares a block meanwhile; not when later ones than the one
 * waited for are ready, which then cannot be long. */
static bool help_locked(struct flow *f)
{
	struct prepared *p = f->free;

	if (f->ready != NULL || p == NULL || f->ended)
		return false;
	f->free = p->next;
	pthread_mutex_unlock(&f->lock);
	prepare_next(f, &f->hand, p);
	pthread_mutex_lock(&f->lock);
	return true;
}

/* 1: *out is the next block; 0: none will come; 2: none came in time; -1: the flow failed. */
static int next_block(struct flow *f, int64_t wait_ms, struct prepared **out)
{
	struct timespec until;
	int rc = -1;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += wait_ms * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&f->lock);
	for (;;) {
		if (f->failed)
			break;
		if (f->ready != NULL && f->ready->block->number == f->next) {
			*out = f->ready;
			f->ready = f->ready->next;
			f->next++;
			rc = 1;
			break;
		}
		if (f->working == 0) {
			rc = 0;
			break;
		}
		if (wait_ms != 0 && help_locked(f))
			continue;
		if (pthread_cond_timedwait(&f->changed, &f->lock, &until) == ETIMEDOUT) {
			rc = 2;
			break;
		}
	}
	pthread_mutex_unlock(&f->lock);
	return rc;
}

int flow_more(struct flow *f, int64_t wait_ms, struct prepared **out, struct err *e)
{
	int rc = next_block(f, wait_ms, out);

	if (rc == -1)
		*e = f->err;
	return rc;
}

static int hand_over(struct flow *f, flow_take *take, void *arg, struct err *e)
{
	struct prepared *p = NULL;
	int rc;

	while ((rc = flow_more(f, WAIT_MS, &p, e)) > 0)
		if (take(arg, f, rc == 1 ? p : NULL, e) == -1)
			return -1;
	return rc == -1 ? -1 : take(arg, f, NULL, e);
}

static int start(struct flow *f, unsigned threads, pthread_t *id, unsigned *started, struct err *e)
{
	for (unsigned i = 0; i < threads * 2 + SPARE; i++) {
		struct prepared *p = prepared_new(e);

		if (p == NULL)
			return -1;
		put_free_locked(f, p);
	}
	f->working = threads;
	for (*started = 0; *started < threads; (*started)++)
		if (pthread_create(&id[*started], NULL, work, f) != 0)
			break;
	if (*started == threads)
		return 0;
	/* Fewer threads than wanted is slower, and nothing worse. */
	pthread_mutex_lock(&f->lock);
	f->working -= threads - *started;
	pthread_mutex_unlock(&f->lock);
	return *started != 0 ? 0 : err_set(e, ERR_UNAVAILABLE, "no thread to read the file with");
}

static void free_list(struct prepared *p)
{
	struct prepared *next;

	for (; p != NULL; p = next) {
		next = p->next;
		prepared_free(p);
	}
}

/* One prepares rows faster than they are written, on a processor of its own. */
static unsigned usual_threads(void)
{
	return cpus_usable() > 2 ? 2 : 1;
}

int intake_flow(struct intake *in, unsigned threads, flow_take *take, void *arg, struct err *e)
{
	struct flow f = { .in = in };
	pthread_t id[THREADS_MAX];
	unsigned started = 0;
	struct err why = { 0 };
	int rc;

	threads = threads == 0 ? usual_threads() : threads > THREADS_MAX ? THREADS_MAX : threads;
	pthread_mutex_init(&f.table, NULL);
	pthread_mutex_init(&f.lock, NULL);
	pthread_cond_init(&f.changed, NULL);
	rc = start(&f, threads, id, &started, &why);
	if (rc == 0)
		rc = hand_over(&f, take, arg, &why);
	pthread_mutex_lock(&f.lock);
	f.over = true;
	pthread_cond_broadcast(&f.changed);
	pthread_mutex_unlock(&f.lock);
	for (unsigned i = 0; i < started; i++)
		pthread_join(id[i], NULL);
	hand_clear(&f.hand);
	free_list(f.free);
	free_list(f.ready);
	pthread_mutex_destroy(&f.table);
	pthread_mutex_destroy(&f.lock);
	pthread_cond_destroy(&f.changed);
	if (rc == -1 && e != NULL)
		*e = why;
	return rc;
}
