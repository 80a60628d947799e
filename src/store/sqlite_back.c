/* SPDX-License-Identifier: Apache-2.0 */
/* While much is written, a thread of its own writes the log back into the file: the one that writes
 * goes on beside it. SQLite begins the log anew once all of it is written back, so this goes round
 * until nothing has come behind it. What fails is tried anew from the log with the next call. */
#include <string.h>

#include "store/sqlite_internal.h"

enum { ROUNDS = 8 };

static void write_back(struct sq *s)
{
	struct sq_conn c;
	int log = 0, back = -1;

	if (sq_conn_open(&c, s->path, SQ_WRITE, NULL) != 0)
		return;
	for (int i = 0; i < ROUNDS && back < log; i++) {
		int before = back;

		if (sqlite3_wal_checkpoint_v2(c.db, NULL, SQLITE_CHECKPOINT_PASSIVE, &log, &back) !=
				SQLITE_OK ||
			back == before)
			break; /* a failing disk, or readers that need what is in the log */
	}
	sq_conn_close(&c);
}

static void *go(void *arg)
{
	struct sq *s = arg;
	struct sq_back *b = &s->back;

	pthread_mutex_lock(&b->lock);
	for (;;) {
		while (!b->wanted && !b->stop)
			pthread_cond_wait(&b->changed, &b->lock);
		if (b->stop)
			break;
		pthread_mutex_unlock(&b->lock);
		write_back(s);
		pthread_mutex_lock(&b->lock);
		b->wanted = false;
		pthread_cond_broadcast(&b->changed);
	}
	pthread_mutex_unlock(&b->lock);
	return NULL;
}

bool sq_back_ask(struct sq *s)
{
	struct sq_back *b = &s->back;

	if (!b->started)
		b->started = pthread_create(&b->thread, NULL, go, s) == 0;
	if (!b->started)
		return false;
	pthread_mutex_lock(&b->lock);
	b->wanted = true;
	pthread_cond_broadcast(&b->changed);
	pthread_mutex_unlock(&b->lock);
	return true;
}

bool sq_back_busy(struct sq *s)
{
	bool busy;

	pthread_mutex_lock(&s->back.lock);
	busy = s->back.wanted;
	pthread_mutex_unlock(&s->back.lock);
	return busy;
}

void sq_back_wait(struct sq *s)
{
	struct sq_back *b = &s->back;

	pthread_mutex_lock(&b->lock);
	while (b->wanted)
		pthread_cond_wait(&b->changed, &b->lock);
	pthread_mutex_unlock(&b->lock);
}

void sq_back_init(struct sq *s)
{
	pthread_mutex_init(&s->back.lock, NULL);
	pthread_cond_init(&s->back.changed, NULL);
}

void sq_back_stop(struct sq *s)
{
	struct sq_back *b = &s->back;

	if (b->started) {
		pthread_mutex_lock(&b->lock);
		b->stop = true;
		pthread_cond_broadcast(&b->changed);
		pthread_mutex_unlock(&b->lock);
		pthread_join(b->thread, NULL);
		b->started = false;
	}
	pthread_cond_destroy(&b->changed);
	pthread_mutex_destroy(&b->lock);
}
