/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/hasher.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "util/err.h"

struct hasher {
	struct secret_cost cost;
	pthread_mutex_t lock;
	pthread_cond_t free;
	unsigned running, waiting;
	char nobody[SECRET_PASSWORD]; /* what is compared with when there is nothing to compare with
				       */
};

struct hasher *hasher_new(struct secret_cost cost, struct err *e)
{
	struct hasher *h = calloc(1, sizeof(*h));

	if (h == NULL) {
		err_nomem(e);
		return NULL;
	}
	h->cost = cost;
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->free, NULL);
	/* A well-formed string that no password makes; written, not computed, to start at once. */
	snprintf(h->nobody, sizeof(h->nobody),
		"$argon2id$v=19$m=%zu,t=%llu,p=1$bm9ib2R5IGlzIHRoZXJlIQ$"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		cost.memory / 1024, (unsigned long long)cost.passes);
	return h;
}

void hasher_free(struct hasher *h)
{
	if (h == NULL)
		return;
	pthread_mutex_destroy(&h->lock);
	pthread_cond_destroy(&h->free);
	free(h);
}

static int enter(struct hasher *h, struct err *e)
{
	int rc = 0;

	pthread_mutex_lock(&h->lock);
	if (h->running >= HASHER_AT_ONCE && h->waiting >= HASHER_WAITING) {
		rc = err_set(e, ERR_RATE, "too many people are signing in just now; try again");
	} else {
		h->waiting++;
		while (h->running >= HASHER_AT_ONCE)
			pthread_cond_wait(&h->free, &h->lock);
		h->waiting--;
		h->running++;
	}
	pthread_mutex_unlock(&h->lock);
	return rc;
}

static void leave(struct hasher *h)
{
	pthread_mutex_lock(&h->lock);
	h->running--;
	pthread_cond_signal(&h->free);
	pthread_mutex_unlock(&h->lock);
}

int hasher_make(struct hasher *h, struct str pw, char out[SECRET_PASSWORD], struct err *e)
{
	int rc;

	if (enter(h, e) == -1)
		return -1;
	rc = secret_password_hash(pw, h->cost, out, e);
	leave(h);
	return rc;
}

int hasher_is(struct hasher *h, struct str hash, struct str pw, bool *ok, struct err *e)
{
	char z[SECRET_PASSWORD];
	bool nobody = hash.n == 0 || hash.n >= sizeof(z);

	snprintf(z, sizeof(z), STR_FMT, STR_ARG(nobody ? str_of(h->nobody) : hash));
	if (enter(h, e) == -1)
		return -1;
	*ok = secret_password_is(z, pw) && !nobody;
	leave(h);
	return 0;
}

bool hasher_old(const struct hasher *h, struct str hash)
{
	char z[SECRET_PASSWORD];

	if (hash.n >= sizeof(z))
		return true;
	snprintf(z, sizeof(z), STR_FMT, STR_ARG(hash));
	return secret_password_old(z, h->cost);
}
