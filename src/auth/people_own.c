/* SPDX-License-Identifier: Apache-2.0 */
/* What people change of their own account: names, taste, and the second factor. */
#include <stdio.h>
#include <string.h>

#include "auth/auth_internal.h"
#include "auth/people.h"
#include "auth/throttle.h"
#include "auth/totp.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/crypto.h"
#include "util/err.h"
#include "util/json.h"
#include "util/radix.h"
#include "util/utf8.h"

enum { PREFERENCES_MAX = 16 << 10 };

static int merged(const struct person_own *own, struct str stored, struct buf *out, struct err *e)
{
	struct json *doc = stored.n > 0 ? json_parse(stored, NULL) : NULL;
	struct jw w = { .b = out };
	struct str key;

	jw_obj(&w);
	for (size_t i = 0; i < json_len(doc); i++) {
		const struct json *v = json_member(doc, i, &key);

		if ((own->set_time_zone && str_eq(key, S("time_zone"))) ||
			(own->set_preferences && str_eq(key, S("preferences"))))
			continue;
		jw_key_str(&w, key);
		jw_put(&w, v);
	}
	if (own->set_time_zone)
		jw_kstr(&w, "time_zone", own->time_zone);
	if (own->set_preferences) {
		jw_key(&w, "preferences");
		jw_raw(&w, own->preferences);
	}
	jw_end_obj(&w);
	json_free(doc);
	return buf_done(out, e);
}

int people_set_own(struct auth *a, const struct actor *by, struct id id,
	const struct person_own *own, struct err *e)
{
	struct arena mem = { .cap = 1 << 20 };
	struct store *s = a->o.store;
	struct buf prefs = { 0 };
	struct user u;
	int rc = -1;

	if (own->set_name && (own->name.n > 120 || !utf8_valid(own->name)))
		return err_set(e, ERR_INPUT, "a name has at most 120 bytes");
	if (own->set_time_zone && own->time_zone.n > 64)
		return err_set(e, ERR_INPUT, "a time zone is a name such as Europe/Berlin");
	if (own->set_preferences && own->preferences.n > PREFERENCES_MAX)
		return err_set(e, ERR_LIMIT, "preferences take at most %d bytes", PREFERENCES_MAX);
	if (s->users->get(s, id, &mem, &u, e) == -1 || merged(own, u.preferences, &prefs, e) == -1)
		goto done;
	u.preferences = buf_view(&prefs);
	if (own->set_name)
		u.name = own->name;
	u.updated_ms = clock_ms();
	if (s->users->put(s, &u, u.version, e) == -1)
		goto done;
	rc = own->set_name ? trail_id(s, by, "user.changed", "user", id, S(""), e) : 0;
done:
	buf_clear(&prefs);
	arena_clear(&mem);
	return rc;
}

/* --- second factor --- */

/* A secret that no code has proved yet waits as a token under a name made of the person's id. */
static void pending_name(const struct auth *a, struct id id, uint8_t hash[32])
{
	uint8_t key[SECRET_KEY];

	auth_key(a, "totp pending", key);
	secret_hmac256(key, (struct str){ (const char *)id.b, sizeof(id.b) }, hash);
}

int people_totp_start(
	struct auth *a, struct id id, struct buf *base32, struct buf *uri, struct err *e)
{
	struct arena mem = { .cap = 1 << 20 };
	struct store *s = a->o.store;
	uint8_t raw[TOTP_SECRET], key[SECRET_KEY];
	char text[RADIX32_SIZE(TOTP_SECRET)];
	struct str secret = { (const char *)raw, sizeof(raw) };
	struct token t = { .kind = S("totp"), .created_ms = clock_ms() };
	struct buf sealed = { 0 };
	struct user u;
	int rc = -1;

	if (s->users->get(s, id, &mem, &u, e) == -1)
		goto done;
	if (u.totp.n > 0) {
		err_set(e, ERR_CONFLICT, "there is a second factor already; remove it first");
		goto done;
	}
	crypto_random(raw, sizeof(raw));
	auth_key(a, "totp", key);
	if (secret_seal(key, secret, &sealed, e) == -1)
		goto done;
	pending_name(a, id, t.hash);
	t.data = buf_view(&sealed);
	t.expires_ms = t.created_ms + 10 * 60 * 1000;
	radix32_write(raw, sizeof(raw), text);
	buf_z(base32, text);
	totp_uri(uri, u.email, secret);
	/* The same name again: the one before is taken away. */
	s->tokens->take(s, t.hash, t.kind, t.created_ms, &mem, &(struct token){ 0 }, NULL);
	rc = s->tokens->put(s, &t, e);
done:
	crypto_wipe(raw, sizeof(raw));
	crypto_wipe(text, sizeof(text));
	buf_clear(&sealed);
	arena_clear(&mem);
	return rc;
}

/* The step that ${code} proves, of a sealed secret; 0: none. */
static int step_of(const struct auth *a, struct str sealed, struct str code, uint64_t used,
	uint64_t *step, struct err *e)
{
	struct buf raw = { 0 };
	uint8_t key[SECRET_KEY];
	int rc;

	auth_key(a, "totp", key);
	if ((rc = secret_open(key, sealed, &raw, e)) == 0)
		*step = totp_step(buf_view(&raw), code, clock_ms(), used);
	else
		err_set(e, ERR_CONFIG,
			"the second factor does not open: secret.key is not the one "
			"it was sealed with");
	if (raw.p != NULL)
		crypto_wipe(raw.p, raw.n);
	buf_clear(&raw);
	return rc;
}

static void codes_json(char codes[RECOVERY_CODES][RECOVERY_SIZE], struct buf *out)
{
	struct jw w = { .b = out };

	jw_arr(&w);
	for (int i = 0; i < RECOVERY_CODES; i++)
		jw_z(&w, codes[i]);
	jw_end_arr(&w);
}

int people_totp_confirm(struct auth *a, const struct actor *by, struct id id, struct str code,
	struct buf *out, struct err *e)
{
	struct arena mem = { .cap = 1 << 20 };
	struct store *s = a->o.store;
	char codes[RECOVERY_CODES][RECOVERY_SIZE];
	struct buf hashes = { 0 };
	uint8_t name[32];
	uint64_t step = 0;
	struct token t;
	struct user u;
	int rc = -1;

	pending_name(a, id, name);
	if (s->users->get(s, id, &mem, &u, e) == -1)
		goto done;
	if (s->tokens->peek(s, name, S("totp"), clock_ms(), &mem, &t, e) == -1) {
		if (e->code == ERR_NOT_FOUND)
			err_set(e, ERR_CONFLICT,
				"begin anew: the secret was shown over ten minutes ago");
		goto done;
	}
	if (step_of(a, t.data, code, 0, &step, e) == -1)
		goto done;
	if (step == 0) {
		err_set(e, ERR_INPUT, "this is not the code that the app shows now");
		goto done;
	}
	recovery_make(codes, &hashes);
	u.totp = t.data;
	u.totp_step = step;
	u.recovery = buf_view(&hashes);
	u.updated_ms = clock_ms();
	if (buf_done(&hashes, e) == -1 || s->users->put(s, &u, u.version, e) == -1 ||
		s->tokens->take(s, name, S("totp"), clock_ms(), &mem, &t, e) == -1)
		goto done;
	codes_json(codes, out);
	auth_changed(a);
	rc = trail_id(s, by, "user.totp-added", "user", id, S(""), e);
done:
	crypto_wipe(codes, sizeof(codes));
	buf_clear(&hashes);
	arena_clear(&mem);
	return rc;
}

static int try_recovery(struct auth *a, struct user *u, struct str code, bool *ok, struct err *e)
{
	struct store *s = a->o.store;
	struct buf left = { 0 };
	int rc = 0;

	if (recovery_use(u->recovery, code, &left)) {
		u->recovery = buf_view(&left);
		/* By version: of two who use the same code at once, one loses. */
		rc = s->users->put(s, u, u->version, e);
		*ok = rc == 0;
		if (rc == -1 && e->code == ERR_CONFLICT)
			rc = 0;
	}
	buf_clear(&left);
	return rc;
}

int people_totp_check(struct auth *a, const struct user *u, struct str code, struct str address,
	bool *ok, struct err *e)
{
	struct store *s = a->o.store;
	struct user mine = *u;
	struct throttle t;
	uint64_t step = 0;
	int64_t wait;

	*ok = false;
	if (throttle_check(&t, s, "totp", u->email, address, clock_ms(), &wait, e) == -1)
		return -1;
	if (wait > 0)
		return err_set(e, ERR_RATE, "too many wrong codes; try again in %lld s",
			(long long)(wait + 999) / 1000);
	if (step_of(a, u->totp, code, u->totp_step, &step, e) == -1)
		return -1;
	if (step != 0) {
		*ok = s->users->use_totp(s, u->id, step, e) == 0;
		if (!*ok && e->code != ERR_CONFLICT)
			return -1;
	} else if (try_recovery(a, &mine, code, ok, e) == -1) {
		return -1;
	}
	return *ok ? throttle_passed(&t, s, clock_ms(), e) : throttle_failed(&t, s, clock_ms(), e);
}

int people_totp_remove(struct auth *a, const struct actor *by, struct id id, struct err *e)
{
	struct arena mem = { .cap = 1 << 20 };
	struct store *s = a->o.store;
	struct user u;
	int rc = s->users->get(s, id, &mem, &u, e);

	if (rc == 0) {
		u.totp = u.recovery = S("");
		u.totp_step = 0;
		u.updated_ms = clock_ms();
		rc = s->users->put(s, &u, u.version, e);
	}
	if (rc == 0)
		rc = trail_id(s, by, "user.totp-removed", "user", id, S(""), e);
	arena_clear(&mem);
	auth_changed(a);
	return rc;
}
