/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/auth.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "auth/anchor.h"
#include "auth/auth_internal.h"
#include "obs/log.h"
#include "store/store.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/crypto.h"
#include "util/err.h"
#include "util/arena.h"
#include "util/file.h"
#include "util/json.h"
#include "util/radix.h"

/* A new key, in a file that nobody else may read and that is there whole or not at all. */
static int secret_make(const char *path, struct err *e)
{
	char hex[RADIX16_SIZE(SECRET_KEY)], temp[4096];
	uint8_t key[SECRET_KEY];
	int fd, rc = 0;

	crypto_random(key, sizeof(key));
	radix16_write(key, sizeof(key), hex);
	snprintf(temp, sizeof(temp), "%s.%d", path, (int)getpid());
	if ((fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) == -1)
		return err_set(e, ERR_CREATE, "%s: %s", temp, strerror(errno));
	if (write(fd, hex, sizeof(hex) - 1) != (ssize_t)sizeof(hex) - 1 || fsync(fd) == -1)
		rc = err_set(e, ERR_IO, "%s: %s", temp, strerror(errno));
	close(fd);
	/* A link and not a rename: two who start at once end up with the same key. */
	if (rc == 0 && link(temp, path) == -1 && errno != EEXIST)
		rc = err_set(e, ERR_CREATE, "%s: %s", path, strerror(errno));
	unlink(temp);
	crypto_wipe(key, sizeof(key));
	crypto_wipe(hex, sizeof(hex));
	return rc;
}

static int secret_load(const char *data, uint8_t key[SECRET_KEY], struct err *e)
{
	struct buf b = { 0 };
	char path[4000];
	struct stat st;
	int rc = -1;

	snprintf(path, sizeof(path), "%s/secret.key", data);
	if (!file_exists(path) && secret_make(path, e) == -1)
		return -1;
	if (stat(path, &st) == 0 && (st.st_mode & 077) != 0) {
		err_set(e, ERR_CONFIG, "%s can be read by others; run: chmod 600 %s", path, path);
	} else if (file_read(path, 4096, &b, e) == 0) {
		rc = radix16_read(str_trim(buf_view(&b)), key, SECRET_KEY) == SECRET_KEY ? 0 : -1;
		if (rc == -1)
			err_set(e, ERR_CONFIG,
				"%s does not hold 64 hex digits; put the one of your backup back",
				path);
	}
	if (b.p != NULL)
		crypto_wipe(b.p, b.n);
	buf_clear(&b);
	return rc;
}

/* --- the keeper --- */

static void write_refused(struct auth *a)
{
	struct store *s = a->o.store;
	struct refusal *n, *list;

	pthread_mutex_lock(&a->lock);
	list = a->refused;
	a->refused = NULL;
	a->refused_end = &a->refused;
	a->n_refused = 0;
	pthread_mutex_unlock(&a->lock);
	while ((n = list) != NULL) {
		struct audit row = { .at_ms = clock_ms(),
			.actor = str_of(n->actor),
			.action = str_of(n->action),
			.object = str_of(n->object),
			.address = str_of(n->address),
			.request = str_of(n->request) };
		struct err e = { 0 };

		if (s->audit->add(s, &row, &e) == -1)
			log_err("auth.audit", &e);
		list = n->next;
		free(n);
	}
}

void refusal_add(struct auth *a, const struct refusal *n)
{
	struct refusal *copy;

	LOG_WARN("auth.refused", LOG_Z("actor", n->actor), LOG_Z("action", n->action),
		LOG_Z("object", n->object));
	pthread_mutex_lock(&a->lock);
	if (a->n_refused >= REFUSED_MAX || (copy = malloc(sizeof(*copy))) == NULL) {
		a->refused_lost++;
	} else {
		*copy = *n;
		copy->next = NULL;
		*a->refused_end = copy;
		a->refused_end = &copy->next;
		a->n_refused++;
		pthread_cond_signal(&a->wake);
	}
	pthread_mutex_unlock(&a->lock);
}

/* Said once, not every second. */
static void sign_head(struct auth *a, uint64_t purged)
{
	struct err e = { 0 };

	if (anchor_write(a->o.store, a->o.data, a->secret, purged, &e) == 0)
		a->head_failed = false;
	else if (!a->head_failed) {
		a->head_failed = true;
		log_err("audit.head", &e);
	}
}

/* How long the audit log goes back is a setting. */
static void purge_audit(struct auth *a)
{
	struct arena mem = { .cap = 1 << 20 };
	struct store *s = a->o.store;
	int64_t days = 400;
	struct json *doc = NULL;
	struct setting x;
	struct err e = { 0 };
	uint64_t n = 0;

	if (s->settings->get(s, S("retention_audit_days"), &mem, &x, &e) == 0 && x.value.n > 0 &&
		(doc = json_parse(x.value, NULL)) != NULL)
		days = json_int(doc, days);
	/* Nothing is removed from a log whose end is in doubt. */
	sign_head(a, 0);
	if (!a->head_failed && s->audit->purge(s, clock_ms() - days * 86400000, &n, &e) == 0 &&
		n > 0)
		sign_head(a, n);
	json_free(doc);
	arena_clear(&mem);
}

static void purge(struct auth *a)
{
	struct store *s = a->o.store;
	int64_t now = clock_ms();
	struct err e = { 0 };

	if (s->sessions->purge(s, now, now - AUTH_IDLE_MS, &e) == -1 ||
		s->tokens->purge(s, now, &e) == -1 ||
		s->tries->purge(s, now - (int64_t)31 * 24 * 3600 * 1000, &e) == -1)
		log_err("auth.purge", &e);
	purge_audit(a);
}

static void *keeper(void *ctx)
{
	struct auth *a = ctx;
	int64_t purged = clock_mono_ms();
	bool stop = false;

	while (!stop) {
		struct timespec until;

		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec++;
		pthread_mutex_lock(&a->lock);
		if (!a->stop && a->refused == NULL)
			pthread_cond_timedwait(&a->wake, &a->lock, &until);
		stop = a->stop;
		pthread_mutex_unlock(&a->lock);
		write_refused(a);
		callers_write(a);
		sign_head(a, 0);
		if (clock_mono_ms() - purged > 600000) {
			purge(a);
			purged = clock_mono_ms();
		}
	}
	return NULL;
}

struct auth *auth_open(const struct auth_opts *o, struct err *e)
{
	struct auth *a = calloc(1, sizeof(*a));

	if (a == NULL) {
		err_nomem(e);
		return NULL;
	}
	a->o = *o;
	if (a->o.cost.passes == 0)
		a->o.cost = secret_cost_default;
	a->refused_end = &a->refused;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->wake, NULL);
	if (secret_load(o->data, a->secret, e) == -1 ||
		(a->hasher = hasher_new(a->o.cost, e)) == NULL)
		goto fail;
	sign_head(a, 0); /* a fresh log has its head before its first entry */
	if (pthread_create(&a->keeper, NULL, keeper, a) != 0) {
		err_set(e, ERR_UNAVAILABLE, "there is no room for a thread");
		goto fail;
	}
	return a;
fail:
	hasher_free(a->hasher);
	pthread_mutex_destroy(&a->lock);
	pthread_cond_destroy(&a->wake);
	free(a);
	return NULL;
}

void auth_free(struct auth *a)
{
	if (a == NULL)
		return;
	pthread_mutex_lock(&a->lock);
	a->stop = true;
	pthread_cond_signal(&a->wake);
	pthread_mutex_unlock(&a->lock);
	pthread_join(a->keeper, NULL);
	callers_forget(a);
	hasher_free(a->hasher);
	pthread_mutex_destroy(&a->lock);
	pthread_cond_destroy(&a->wake);
	crypto_wipe(a->secret, sizeof(a->secret));
	free(a);
}

struct store *auth_store(struct auth *a)
{
	return a->o.store;
}

const struct auth_opts *auth_options(const struct auth *a)
{
	return &a->o;
}

void auth_key(const struct auth *a, const char *label, uint8_t key[SECRET_KEY])
{
	secret_hmac256(a->secret, str_of(label), key);
}

int auth_verify(struct auth *a, struct anchor_report *out, struct err *e)
{
	/* The head is written a moment after the entries; both are compared as of now. When it
	 * cannot be, what follows says why. */
	anchor_write(a->o.store, a->o.data, a->secret, 0, e);
	return anchor_verify(a->o.store, a->o.data, a->secret, out, e);
}

void auth_changed(struct auth *a)
{
	callers_forget(a);
}
