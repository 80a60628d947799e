/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "http/server_kept.h"
#include "http/server_mhd.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/when.h"

#define ID_HEADER   "X-Request-Id"
#define DATE_HEADER "Date"

enum { SLOTS = 64 };

struct kept {
	struct kept *next;
	struct MHD_Response *m;
	unsigned kind;
	char *id; /* the answer's own copy of it, of ${id_n} bytes */
	size_t id_n, n;
	char *date;     /* its own copy of this, too */
	int64_t second; /* which one it says */
	char body[];
};

struct kept_answers {
	pthread_mutex_t mu;
	struct kept *slots[SLOTS]; /* idle ones, by their length */
	size_t n;
	size_t next_out; /* the slot that gives way when there are too many */
};

struct kept_answers *kept_new(struct err *e)
{
	struct kept_answers *k = calloc(1, sizeof(*k));

	if (k == NULL)
		err_nomem(e);
	else
		pthread_mutex_init(&k->mu, NULL);
	return k;
}

void kept_drop(struct kept *a)
{
	if (a->m != NULL)
		libmhd.MHD_destroy_response(a->m);
	free(a);
}

void kept_free(struct kept_answers *k)
{
	struct kept *a;

	if (k == NULL)
		return;
	for (size_t i = 0; i < SLOTS; i++)
		while ((a = k->slots[i]) != NULL) {
			k->slots[i] = a->next;
			kept_drop(a);
		}
	pthread_mutex_destroy(&k->mu);
	free(k);
}

/* The library hands out where it keeps a value. What the next request has there is written over it:
 * taking the header off and adding it again takes four turns of the allocator. */
static char *add(struct kept *a, const char *name, const char *value)
{
	if (libmhd.MHD_add_response_header(a->m, name, value) != MHD_YES)
		return NULL;
	return (char *)(uintptr_t)libmhd.MHD_get_response_header(a->m, name);
}

static bool add_id(struct kept *a, const char *id)
{
	a->id_n = strlen(id);
	return (a->id = add(a, ID_HEADER, id)) != NULL;
}

/* The library would write the date anew for each answer, from the calendar up. */
static bool add_date(struct kept *a)
{
	char text[WHEN_HTTP];

	a->second = clock_lately_ms() / 1000;
	when_write_http(a->second, text);
	return (a->date = add(a, DATE_HEADER, text)) != NULL;
}

static void renew_date(struct kept *a)
{
	int64_t now = clock_lately_ms() / 1000;
	char text[WHEN_HTTP];

	if (now == a->second)
		return;
	when_write_http(now, text);
	memcpy(a->date, text, WHEN_HTTP - 1);
	a->second = now;
}

static struct kept *unlink_like(struct kept_answers *k, size_t n, unsigned kind)
{
	struct kept **at = &k->slots[n % SLOTS], *a;

	pthread_mutex_lock(&k->mu);
	while ((a = *at) != NULL && (a->n != n || a->kind != kind))
		at = &a->next;
	if (a != NULL) {
		*at = a->next;
		k->n--;
	}
	pthread_mutex_unlock(&k->mu);
	return a;
}

struct kept *kept_take(struct kept_answers *k, struct str body, unsigned kind, const char *id)
{
	struct kept *a = unlink_like(k, body.n, kind);

	if (a == NULL)
		return NULL;
	if (strlen(id) != a->id_n) {
		kept_drop(a);
		return NULL;
	}
	memcpy(a->id, id, a->id_n);
	memcpy(a->body, body.p, body.n);
	renew_date(a);
	return a;
}

struct kept *kept_make(struct str body, unsigned kind, const char *id)
{
	struct kept *a = malloc(sizeof(*a) + body.n);

	if (a == NULL)
		return NULL;
	a->kind = kind;
	a->n = body.n;
	memcpy(a->body, body.p, body.n);
	a->m = libmhd.MHD_create_response_from_buffer_static(a->n, a->body);
	if (a->m == NULL || !add_id(a, id) || !add_date(a)) {
		kept_drop(a);
		return NULL;
	}
	return a;
}

struct MHD_Response *kept_response(struct kept *a)
{
	return a->m;
}

/* Where there are as many as may be, one of the slots in turn gives up its first. */
static struct kept *one_too_many(struct kept_answers *k)
{
	struct kept *out = NULL;

	while (k->n > KEPT_MOST && out == NULL) {
		struct kept **at = &k->slots[k->next_out++ % SLOTS];

		if ((out = *at) != NULL) {
			*at = out->next;
			k->n--;
		}
	}
	return out;
}

void kept_give(struct kept_answers *k, struct kept *a)
{
	struct kept *out;

	pthread_mutex_lock(&k->mu);
	a->next = k->slots[a->n % SLOTS];
	k->slots[a->n % SLOTS] = a;
	k->n++;
	out = one_too_many(k);
	pthread_mutex_unlock(&k->mu);
	if (out != NULL)
		kept_drop(out);
}
