/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include "http/workers.h"
#include "util/err.h"

struct workers {
	pthread_mutex_t mu;
	pthread_cond_t some;
	struct work *head, **tail;
	size_t waiting, most;
	bool ending;
	pthread_t *threads;
	unsigned n;
};

static void *work(void *arg)
{
	struct workers *p = arg;
	struct work *w;

	pthread_mutex_lock(&p->mu);
	for (;;) {
		while ((w = p->head) == NULL && !p->ending)
			pthread_cond_wait(&p->some, &p->mu);
		if (w == NULL)
			break;
		if ((p->head = w->next) == NULL)
			p->tail = &p->head;
		p->waiting--;
		pthread_mutex_unlock(&p->mu);
		w->run(w);
		pthread_mutex_lock(&p->mu);
	}
	pthread_mutex_unlock(&p->mu);
	return NULL;
}

struct workers *workers_new(unsigned threads, unsigned queue, struct err *e)
{
	struct workers *p = calloc(1, sizeof(*p));

	if (p == NULL || (p->threads = calloc(threads, sizeof(*p->threads))) == NULL) {
		free(p);
		err_nomem(e);
		return NULL;
	}
	pthread_mutex_init(&p->mu, NULL);
	pthread_cond_init(&p->some, NULL);
	p->tail = &p->head;
	p->most = queue;
	for (; p->n < threads; p->n++) {
		if (pthread_create(&p->threads[p->n], NULL, work, p) == 0)
			continue;
		workers_free(p);
		err_set(e, ERR_UNAVAILABLE, "cannot start %u threads", threads);
		return NULL;
	}
	return p;
}

int workers_submit(struct workers *p, struct work *w)
{
	int rc = -1;

	w->next = NULL;
	pthread_mutex_lock(&p->mu);
	if (!p->ending && p->waiting < p->most) {
		*p->tail = w;
		p->tail = &w->next;
		p->waiting++;
		pthread_cond_signal(&p->some);
		rc = 0;
	}
	pthread_mutex_unlock(&p->mu);
	return rc;
}

size_t workers_waiting(struct workers *p)
{
	size_t n;

	pthread_mutex_lock(&p->mu);
	n = p->waiting;
	pthread_mutex_unlock(&p->mu);
	return n;
}

void workers_end(struct workers *p)
{
	pthread_mutex_lock(&p->mu);
	p->ending = true;
	pthread_cond_broadcast(&p->some);
	pthread_mutex_unlock(&p->mu);
	while (p->n != 0)
		pthread_join(p->threads[--p->n], NULL);
}

void workers_free(struct workers *p)
{
	if (p == NULL)
		return;
	workers_end(p);
	pthread_cond_destroy(&p->some);
	pthread_mutex_destroy(&p->mu);
	free(p->threads);
	free(p);
}
