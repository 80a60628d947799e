/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/keys.h"

#include <stdio.h>
#include <string.h>

#include "auth/auth_internal.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/utf8.h"

int keys_scopes(struct str words, unsigned *scopes, struct err *e)
{
	struct str word;
	char z[16];

	for (*scopes = 0; words.n > 0;) {
		str_split(words, ' ', &word, &words);
		if (word.n == 0)
			continue;
		snprintf(z, sizeof(z), STR_FMT, STR_ARG(str_sub(word, 0, 15)));
		if (scope_of(z) == SCOPE_NONE)
			return err_set(e, ERR_INPUT,
				"'%s' is no scope; there are read, score, write, upload, models "
				"and admin",
				z);
		*scopes |= scope_of(z);
	}
	return 0;
}

static void scope_words(unsigned scopes, char out[64])
{
	size_t n = 0;

	out[0] = '\0';
	for (unsigned bit = 1; bit <= SCOPE_ADMIN; bit <<= 1)
		if (scopes & bit)
			n += (size_t)snprintf(out + n, 64 - n, "%s%s", n > 0 ? " " : "",
				scope_name((enum scope)bit));
}

/* What a key of this role can use at all: asking for more is a mistake worth telling. */
static unsigned scopes_for(enum user_role role)
{
	switch (role) {
	case USER_VIEWER:
		return SCOPE_READ | SCOPE_SCORE;
	case USER_REP:
		return SCOPE_READ | SCOPE_SCORE | SCOPE_WRITE | SCOPE_UPLOAD;
	case USER_MANAGER:
		return SCOPE_ALL & ~(unsigned)SCOPE_ADMIN;
	default:
		return SCOPE_ALL;
	}
}

static int put(struct auth *a, struct api_key *k, char text[KEY_SIZE], struct err *e)
{
	k->id = id_new();
	k->created_ms = clock_ms();
	k->last_used_ms = k->revoked_ms = MS_NONE;
	key_make(k->id, text, k->hash);
	return a->o.store->keys->put(a->o.store, k, e);
}

int keys_add(struct auth *a, const struct actor *by, const struct key_new *n, char text[KEY_SIZE],
	struct arena *mem, struct api_key *out, struct err *e)
{
	struct store *s = a->o.store;
	unsigned scopes = n->scopes != 0 ? n->scopes : scopes_for(n->role);
	char words[64], detail[128];
	struct api_key k = { .name = n->name,
		.role = n->role,
		.created_by = by->user,
		.expires_ms = n->expires_ms };

	if (n->name.n == 0 || n->name.n > 120 || !utf8_valid(n->name))
		return err_set(e, ERR_INPUT, "a key needs a name of at most 120 bytes");
	if ((int)auth_role(n->role) > by->role)
		return err_set(e, ERR_PERM, "nobody can give a role above their own");
	if (k.expires_ms == MS_NONE)
		k.expires_ms = clock_ms() + KEYS_LIFE_MS;
	else if (k.expires_ms <= clock_ms() || k.expires_ms > clock_ms() + KEYS_LIFE_MS + 86400000)
		return err_set(e, ERR_INPUT, "a key ends within a year from now");
	scope_words(scopes, words);
	k.scopes = str_of(words);
	if (put(a, &k, text, e) == -1)
		return -1;
	snprintf(detail, sizeof(detail), "{\"role\":\"%s\",\"scopes\":\"%s\"}",
		user_role_name(n->role), words);
	if (trail_id(s, by, "key.created", "key", k.id, str_of(detail), e) == -1)
		return -1;
	auth_changed(a);
	return s->keys->get(s, k.id, mem, out, e);
}

int keys_rotate(struct auth *a, const struct actor *by, struct id id, char text[KEY_SIZE],
	struct arena *mem, struct api_key *out, struct err *e)
{
	struct store *s = a->o.store;
	struct api_key old, fresh;
	int64_t now = clock_ms();

	if (s->keys->get(s, id, mem, &old, e) == -1)
		return -1;
	if (old.revoked_ms != MS_NONE || (old.expires_ms != MS_NONE && old.expires_ms <= now))
		return err_set(e, ERR_CONFLICT, "this key does not work any more; make a new one");
	if (!id_is_none(old.rotated_to))
		return err_set(e, ERR_CONFLICT, "this key has been replaced already");
	if ((int)auth_role(old.role) > by->role)
		return err_set(e, ERR_PERM, "nobody can give a role above their own");
	fresh = old;
	fresh.expires_ms = now + KEYS_LIFE_MS;
	if (put(a, &fresh, text, e) == -1)
		return -1;
	old.rotated_to = fresh.id;
	if (old.expires_ms == MS_NONE || old.expires_ms > now + KEYS_OVERLAP_MS)
		old.expires_ms = now + KEYS_OVERLAP_MS;
	if (s->keys->put(s, &old, e) == -1 ||
		trail_id(s, by, "key.rotated", "key", id, S(""), e) == -1)
		return -1;
	auth_changed(a);
	return s->keys->get(s, fresh.id, mem, out, e);
}

static int revoke(struct auth *a, const struct actor *by, struct api_key *k, struct err *e)
{
	struct store *s = a->o.store;

	if (k->revoked_ms != MS_NONE)
		return 0;
	k->revoked_ms = clock_ms();
	if (s->keys->put(s, k, e) == -1)
		return -1;
	auth_changed(a);
	return trail_id(s, by, "key.revoked", "key", k->id, S(""), e);
}

int keys_revoke(struct auth *a, const struct actor *by, struct id id, struct err *e)
{
	struct arena mem = { .cap = 1 << 20 };
	struct api_key k;
	int rc = a->o.store->keys->get(a->o.store, id, &mem, &k, e);

	if (rc == 0)
		rc = revoke(a, by, &k, e);
	arena_clear(&mem);
	return rc;
}

int keys_revoke_of(struct auth *a, const struct actor *by, struct id user, struct err *e)
{
	struct arena mem = { .cap = 64 << 20 };
	struct api_key *list;
	size_t n;
	int rc = a->o.store->keys->list(a->o.store, &mem, &list, &n, e);

	for (size_t i = 0; rc == 0 && i < n; i++)
		if (id_eq(list[i].created_by, user))
			rc = revoke(a, by, &list[i], e);
	arena_clear(&mem);
	return rc;
}
