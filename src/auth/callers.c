/* SPDX-License-Identifier: Apache-2.0 */
/* What a secret stands for, kept in memory: POST /score with a key must not ask the store each
 * time. Entries are read anew after a second, so that what another process changed is seen. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/auth_internal.h"
#include "auth/people.h"
#include "obs/log.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"

enum role auth_role(enum user_role r)
{
	static const enum role roles[USER_ROLES] = { ROLE_PUBLIC, ROLE_VIEWER, ROLE_REP,
		ROLE_MANAGER, ROLE_ADMIN };

	return roles[r];
}

enum user_role auth_user_role(enum role r)
{
	return r < ROLE_VIEWER ? USER_NONE : (enum user_role)(USER_VIEWER + (r - ROLE_VIEWER));
}

static unsigned scopes_of(struct str words)
{
	unsigned scopes = 0;
	struct str word;
	char z[16];

	while (words.n > 0) {
		str_split(words, ' ', &word, &words);
		snprintf(z, sizeof(z), STR_FMT, STR_ARG(word));
		scopes |= scope_of(z);
	}
	return scopes;
}

/* Whether reps see only their own leads; from the store once a second. */
static bool reps_own(struct auth *a, struct arena *mem)
{
	struct store *s = a->o.store;
	int64_t now = clock_mono_ms();
	struct setting x;
	struct err e = { 0 };
	bool own, fresh;

	pthread_mutex_lock(&a->lock);
	own = a->reps_own;
	fresh = a->reps_read_ms != 0 && now - a->reps_read_ms < AUTH_FRESH_MS;
	pthread_mutex_unlock(&a->lock);
	if (fresh)
		return own;
	if (s->settings->get(s, S("reps_see"), mem, &x, &e) == -1) {
		log_err("auth.reps_see", &e);
		return true; /* less rather than more */
	}
	own = str_eq(x.value, S("\"own\""));
	pthread_mutex_lock(&a->lock);
	a->reps_own = own;
	a->reps_read_ms = now;
	pthread_mutex_unlock(&a->lock);
	return own;
}

static void owner_of(const struct user *u, char *out, size_t n)
{
	struct json *doc = u->preferences.n > 0 ? json_parse(u->preferences, NULL) : NULL;
	struct str owner = json_str(json_get(doc, "owner"), u->email);

	snprintf(out, n, STR_FMT, STR_ARG(owner));
	json_free(doc);
}

static void from_user(struct auth *a, const struct user *u, struct arena *mem, struct known *k)
{
	k->who.role = auth_role(u->role);
	k->who.scopes = SCOPE_ALL;
	id_ulid(u->id, k->who.user_id);
	owner_of(u, k->who.owner, sizeof(k->who.owner));
	k->who.own_only = u->role == USER_REP && reps_own(a, mem);
	k->must_change = u->must_change_password;
	k->unproven = a->o.exposed && u->role == USER_ADMIN && u->totp.n == 0 && u->subject.n == 0;
}

static int load_session(struct auth *a, struct known *k, struct arena *mem, struct err *e)
{
	struct store *s = a->o.store;
	struct session x;
	struct user u;

	if (s->sessions->get(s, k->hash, mem, &x, e) == -1 ||
		s->users->get(s, x.user, mem, &u, e) == -1)
		return e->code == ERR_NOT_FOUND ? 0 : -1;
	if (u.disabled)
		return 0;
	from_user(a, &u, mem, k);
	id_ulid(x.id, k->who.session);
	k->created_ms = x.created_ms;
	k->expires_ms = x.expires_ms;
	k->written_ms = x.seen_ms;
	if (x.seen_ms > k->seen_ms)
		k->seen_ms = x.seen_ms;
	return 1;
}

static int load_key(struct auth *a, struct known *k, struct arena *mem, struct err *e)
{
	struct store *s = a->o.store;
	struct api_key x;

	if (s->keys->by_hash(s, k->hash, mem, &x, e) == -1)
		return e->code == ERR_NOT_FOUND ? 0 : -1;
	if (x.revoked_ms != MS_NONE)
		return 0;
	k->who.role = auth_role(x.role);
	k->who.scopes = scopes_of(x.scopes);
	id_ulid(x.id, k->who.key_id);
	if (!id_is_none(x.created_by))
		id_ulid(x.created_by, k->who.user_id);
	/* A key has no leads of its own: it sees what its role sees when reps see all. */
	k->who.own_only = x.role == USER_REP && reps_own(a, mem);
	k->expires_ms = x.expires_ms;
	k->written_ms = x.last_used_ms;
	return 1;
}

static struct known **slot_of(struct auth *a, const uint8_t hash[32])
{
	return &a->slots[(hash[0] | (size_t)hash[1] << 8) % KNOWN_SLOTS];
}

static struct known *find_locked(struct auth *a, const uint8_t hash[32])
{
	struct known *k = *slot_of(a, hash);

	while (k != NULL && memcmp(k->hash, hash, 32) != 0)
		k = k->next;
	return k;
}

static void forget_locked(struct auth *a)
{
	for (size_t i = 0; i < KNOWN_SLOTS; i++)
		while (a->slots[i] != NULL) {
			struct known *k = a->slots[i];

			a->slots[i] = k->next;
			free(k);
		}
	a->n_known = 0;
}

/* Nobody who was seen may be lost before the store knows when. */
void callers_forget(struct auth *a)
{
	callers_write(a);
	pthread_mutex_lock(&a->lock);
	a->changes++;
	a->reps_read_ms = 0;
	forget_locked(a);
	pthread_mutex_unlock(&a->lock);
}

static void keep(struct auth *a, const struct known *fresh, uint64_t changes)
{
	struct known *k;

	pthread_mutex_lock(&a->lock);
	if (a->changes != changes) { /* changed while we read: do not keep what may be old */
		pthread_mutex_unlock(&a->lock);
		return;
	}
	if (a->n_known >= KNOWN_MAX)
		forget_locked(a);
	if ((k = find_locked(a, fresh->hash)) == NULL && (k = calloc(1, sizeof(*k))) != NULL) {
		*k = *fresh;
		k->next = *slot_of(a, fresh->hash);
		*slot_of(a, fresh->hash) = k;
		a->n_known++;
	} else if (k != NULL) {
		struct known *next = k->next;
		int64_t seen = k->seen_ms;

		*k = *fresh;
		k->next = next;
		if (seen > k->seen_ms)
			k->seen_ms = seen;
	}
	pthread_mutex_unlock(&a->lock);
}

static int load(struct auth *a, bool is_key, struct known *k, struct err *e)
{
	struct arena mem = { .cap = 1 << 20 };
	int rc = is_key ? load_key(a, k, &mem, e) : load_session(a, k, &mem, e);

	arena_clear(&mem);
	k->valid = rc == 1;
	k->loaded_ms = clock_lately_mono_ms();
	return rc;
}

bool callers_known(struct auth *a, const uint8_t hash[32], struct caller *who)
{
	int64_t now = clock_lately_ms(), mono = clock_lately_mono_ms();
	struct known *k;
	bool good;

	pthread_mutex_lock(&a->lock);
	k = find_locked(a, hash);
	good = k != NULL && k->valid && k->who.key_id[0] != '\0' &&
	       mono - k->loaded_ms < AUTH_FRESH_MS &&
	       (k->expires_ms == MS_NONE || now < k->expires_ms);
	if (good) {
		k->seen_ms = now;
		*who = k->who;
	}
	pthread_mutex_unlock(&a->lock);
	return good;
}

int callers_find(
	struct auth *a, const uint8_t hash[32], bool is_key, struct known *out, struct err *e)
{
	int64_t now = clock_lately_ms(), mono = clock_lately_mono_ms();
	struct known *k;
	uint64_t changes;
	bool fresh, over;

	pthread_mutex_lock(&a->lock);
	k = find_locked(a, hash);
	changes = a->changes;
	fresh = k != NULL && mono - k->loaded_ms < AUTH_FRESH_MS;
	if (k != NULL)
		*out = *k;
	if (fresh && k->valid)
		k->seen_ms = now;
	pthread_mutex_unlock(&a->lock);
	if (!fresh) {
		int64_t seen = k != NULL ? out->seen_ms : 0;

		memset(out, 0, sizeof(*out));
		memcpy(out->hash, hash, 32);
		out->seen_ms = seen;
		if (load(a, is_key, out, e) == -1)
			return -1;
	}
	if (!out->valid) {
		keep(a, out, changes);
		return 0;
	}
	over = (out->expires_ms != MS_NONE && now >= out->expires_ms) ||
	       (!is_key && (now - out->seen_ms >= AUTH_IDLE_MS ||
				   now - out->created_ms >= AUTH_ABSOLUTE_MS));
	if (over)
		return 0;
	if (!fresh) {
		out->seen_ms = now;
		keep(a, out, changes);
	}
	return 1;
}

/* One at a time, so that no lock is held while the store works. */
static bool take_seen(struct auth *a, size_t *slot, struct known *out)
{
	bool found = false;

	pthread_mutex_lock(&a->lock);
	for (; *slot < KNOWN_SLOTS && !found; *slot += !found)
		for (struct known *k = a->slots[*slot]; k != NULL && !found; k = k->next)
			if (k->valid &&
				(k->written_ms == MS_NONE || k->seen_ms - k->written_ms >= 60000)) {
				*out = *k;
				k->written_ms = k->seen_ms;
				found = true;
			}
	pthread_mutex_unlock(&a->lock);
	return found;
}

void callers_write(struct auth *a)
{
	struct store *s = a->o.store;
	struct known k;
	size_t slot = 0;

	while (take_seen(a, &slot, &k)) {
		struct err e = { 0 };
		struct id id;
		int rc;

		if (k.who.key_id[0] != '\0' && id_parse_ulid(str_of(k.who.key_id), &id) == 0)
			rc = s->keys->used(s, id, k.seen_ms, &e);
		else
			rc = s->sessions->touch(s, k.hash, k.seen_ms, &e);
		if (rc == -1 && e.code != ERR_NOT_FOUND)
			log_err("auth.seen", &e);
	}
}
