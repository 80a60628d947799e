/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/gate.h"

#include <stdio.h>
#include <string.h>

#include "auth/auth_internal.h"
#include "auth/csrf.h"
#include "auth/key.h"
#include "auth/trail.h"
#include "http/respond.h"
#include "http/route.h"
#include "util/err.h"

/* A browser takes a __Host- cookie only from HTTPS, for this host alone and for all of it. Over
 * plain HTTP, on loopback, it needs another name. */
static const char *cookie_name(const struct auth *a)
{
	return a->o.secure ? "__Host-heatscore" : "heatscore_session";
}

void gate_cookie(struct auth *a, struct req *r, const char *token)
{
	respond_header(r, "Set-Cookie", "%s=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%d%s",
		cookie_name(a), token, token[0] != '\0' ? AUTH_ABSOLUTE_MS / 1000 : 0,
		a->o.secure ? "; Secure" : "");
}

/* The refusals that say that somebody tries what he may not, as opposed to one who is not signed in
 * yet. */
static void refused(
	struct auth *a, const struct req *r, const struct caller *who, const char *action)
{
	const struct route *t = req_route(r);
	struct refusal n = { 0 };
	struct actor by;

	actor_of(&by, who, str_of(req_address(r)), str_of(req_id(r)));
	snprintf(n.actor, sizeof(n.actor), "%s", by.name);
	snprintf(n.address, sizeof(n.address), "%s", req_address(r));
	snprintf(n.request, sizeof(n.request), "%s", req_id(r));
	snprintf(n.action, sizeof(n.action), "%s", action);
	snprintf(n.object, sizeof(n.object), "%s %s", http_method_name(t->method), t->path);
	refusal_add(a, &n);
}

/* A key that memory does not know (any more). */
static int from_new_key(
	struct auth *a, const struct req *r, struct str text, struct caller *who, struct err *e)
{
	struct caller nobody = { .role = ROLE_PUBLIC };
	struct known k = { 0 };
	uint8_t hash[32];
	struct id id;
	int rc;

	if (key_read(text, &id, hash) == -1)
		return err_set(e, ERR_AUTH, "this is no API key of heatscore");
	if ((rc = callers_find(a, hash, true, &k, e)) == -1)
		return -1;
	if (rc == 1) {
		*who = k.who;
		return 0;
	}
	snprintf(nobody.key_id, sizeof(nobody.key_id), STR_FMT, STR_ARG(str_sub(text, 4, 30)));
	refused(a, r, &nobody, "key.refused");
	return err_set(e, ERR_AUTH, "this API key is not known, expired or revoked");
}

/* "Bearer KEY" */
static int from_header(
	struct auth *a, struct req *r, struct str header, struct caller *who, struct err *e)
{
	_Static_assert(sizeof(struct key_seen) <= REQ_ROOM, "it must fit");
	struct str word, key;
	uint8_t hash[32];

	if (!str_split(header, ' ', &word, &key) || !str_eqi(word, S("Bearer")))
		return err_set(e, ERR_AUTH, "only \"Authorization: Bearer KEY\" is known here");
	key = str_trim(key);
	if (key_hash(req_room(r), key, hash) == 0 && callers_known(a, hash, who))
		return 0;
	return from_new_key(a, r, key, who, e);
}

static bool same_site(struct auth *a, const struct req *r, bool cookie)
{
	struct csrf c = { .safe = req_route(r)->method == M_GET,
		.cookie = cookie,
		.fetch_site = req_header(r, "Sec-Fetch-Site"),
		.origin = req_header(r, "Origin"),
		.host = req_header(r, "Host"),
		.public_url = str_of(a->o.public_url) };

	return csrf_ok(&c);
}

/* What such a person may still do: see who they are, change what is asked of them, sign out. */
static bool is_own_account(const struct req *r)
{
	struct str path = str_of(req_route(r)->path);

	return str_eq(path, S("/api/v1/me")) || str_starts(path, S("/api/v1/me/")) ||
	       str_starts(path, S("/api/v1/auth/"));
}

static int from_cookie(
	struct auth *a, struct req *r, struct str token, struct caller *who, struct err *e)
{
	struct known k = { 0 };
	uint8_t hash[32];
	int rc = token_read(token, hash) == 0 ? callers_find(a, hash, false, &k, e) : 0;

	if (rc == -1)
		return -1;
	if (rc == 0) {
		memset(&k, 0, sizeof(k));
		k.who.role = ROLE_PUBLIC;
	}
	if (!same_site(a, r, rc == 1)) {
		refused(a, r, &k.who, "request.cross-site");
		return err_set(e, ERR_PERM, "this request comes from another site");
	}
	if (rc == 1 && !is_own_account(r)) {
		if (k.must_change)
			return err_set(e, ERR_PERM, "first choose a new password");
		if (k.unproven)
			return err_set(e, ERR_PERM,
				"first set up a second factor: admins of a "
				"server that others can reach need one");
	}
	*who = k.who;
	return 0;
}

static void note_what_is_not_allowed(struct auth *a, const struct req *r, const struct caller *who)
{
	const struct route *t = req_route(r);

	if (who->role > ROLE_PUBLIC && who->role < t->role)
		refused(a, r, who, "refused.role");
	else if (t->role != ROLE_PUBLIC && who->key_id[0] != '\0' &&
		 (who->scopes & (unsigned)t->scope) == 0)
		refused(a, r, who, "refused.scope");
}

int gate_caller(struct auth *a, struct req *r, struct caller *who, struct err *e)
{
	struct str header = req_header(r, "Authorization");
	int rc;

	if (header.n > 0)
		rc = from_header(a, r, header, who, e);
	else
		rc = from_cookie(a, r, req_cookie(r, cookie_name(a)), who, e);
	if (rc == 0)
		note_what_is_not_allowed(a, r, who);
	return rc;
}
