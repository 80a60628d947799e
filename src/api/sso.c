/* SPDX-License-Identifier: Apache-2.0 */
/* Signing in at an identity provider. Both are pages that a browser goes to, so what goes wrong is
 * shown by the login page and not as JSON. */
#include <stdio.h>

#include "api/api.h"
#include "api/identity_json.h"
#include "api/routes.h"
#include "api/trail.h"
#include "auth/auth.h"
#include "auth/gate.h"
#include "auth/login.h"
#include "auth/oidc.h"
#include "http/respond.h"
#include "obs/log.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"

static void callback_url(const struct req *r, char out[420])
{
	char base[300];

	base_url(r, base, sizeof(base));
	snprintf(out, 420, "%s/api/v1/auth/oidc/callback", base);
}

/* The state that this browser began with. Lax: the provider's page sends it back to us. */
static void state_cookie(struct req *r, const char *state)
{
	bool secure = auth_options(api_of(r)->auth)->secure;

	respond_header(r, "Set-Cookie", "%s=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%d%s",
		secure ? "__Host-heatscore-sso" : "heatscore_sso", state,
		state[0] != '\0' ? 600 : 0, secure ? "; Secure" : "");
}

static struct str state_of(const struct req *r)
{
	return req_cookie(r,
		auth_options(api_of(r)->auth)->secure ? "__Host-heatscore-sso" : "heatscore_sso");
}

static int start(struct req *r, struct err *e)
{
	char callback[420], state[TOKEN_SIZE];
	struct buf to = { 0 };
	int rc = -1;

	if (api_of(r)->oidc == NULL)
		return err_set(e, ERR_NOT_FOUND, "no identity provider is set up");
	callback_url(r, callback);
	if (oidc_start(api_of(r)->oidc, api_of(r)->auth, callback, req_str(r, "return"), &to, state,
		    e) == 0) {
		state_cookie(r, state);
		rc = respond_redirect(r, 302, to.p, e);
	}
	buf_clear(&to);
	return rc;
}

static int refused(struct req *r, const struct err *why, struct err *e)
{
	log_err("sso.refused", why);
	if (api_trail(r, e, "login.failed", S(""), "{\"why\":\"sso\"}") == -1)
		return -1;
	return respond_redirect(
		r, 303, why->code == ERR_AUTH ? "/login?sso=refused" : "/login?sso=failed", e);
}

static int callback(struct req *r, struct err *e)
{
	struct oidc_answer in = { .code = req_str(r, "code"),
		.state = req_str(r, "state"),
		.iss = req_str(r, "iss"),
		.error = req_str(r, "error"),
		.cookie = state_of(r),
		.address = str_of(req_address(r)),
		.request = str_of(req_id(r)) };
	struct auth *a = api_of(r)->auth;
	char url[420], token[TOKEN_SIZE], ulid[ID_ULID];
	struct err why = { 0 };
	struct actor by = { 0 };
	struct user u;
	struct str back = S("/");

	if (api_of(r)->oidc == NULL)
		return err_set(e, ERR_NOT_FOUND, "no identity provider is set up");
	callback_url(r, url);
	state_cookie(r, "");
	if (oidc_finish(api_of(r)->oidc, a, url, &in, req_arena(r), &u, &back, &why) == -1)
		return refused(r, &why, e);
	if (login_begin(a, &u, str_of(req_address(r)), req_header(r, "User-Agent"), token, e) == -1)
		return -1;
	gate_cookie(a, r, token);
	id_ulid(u.id, ulid);
	snprintf(by.name, sizeof(by.name), "user %s", ulid);
	by.address = in.address;
	by.request = in.request;
	if (trail_id(api_of(r)->store, &by, "login.ok", "user", u.id, S("{\"why\":\"sso\"}"), e) ==
		-1)
		return -1;
	return respond_redirect(r, 303, back.p, e);
}

static const struct param start_query[] = {
	{ "return", "str", 0, 1000, NULL, "Page to come back to, as /leads", false }, { 0 }
};
static const struct param callback_query[] = { { "code", "str", 0, 4000, NULL,
						       "What the provider gives", false },
	{ "state", "str", 0, 200, NULL, "What we gave", false },
	{ "iss", "str", 0, 1000, NULL, "The provider", false },
	{ "error", "str", 0, 200, NULL, "Why not", false },
	{ "error_description", "str", 0, 2000, NULL, "Why not, in words", false },
	{ "error_uri", "str", 0, 2000, NULL, "Why not, to read on", false },
	{ "scope", "str", 0, 1000, NULL, "What was granted", false },
	{ "session_state", "str", 0, 1000, NULL, "Of the provider; not used", false },
	{ "authuser", "str", 0, 100, NULL, "Of the provider; not used", false },
	{ "prompt", "str", 0, 100, NULL, "Of the provider; not used", false },
	{ "hd", "str", 0, 300, NULL, "Of the provider; not used", false }, { 0 } };

static const struct route routes[] = {
	{ .method = M_GET,
		.path = "/api/v1/auth/oidc/start",
		.fn = start,
		.role = ROLE_PUBLIC,
		.public_why = "nobody is signed in before this",
		.rate = RATE_LOGIN,
		.doc = { .id = "startOidc",
			.summary = "Go and sign in at the identity provider",
			.query = start_query,
			.statuses = "302 404 429 502" } },
	{ .method = M_GET,
		.path = "/api/v1/auth/oidc/callback",
		.fn = callback,
		.role = ROLE_PUBLIC,
		.public_why = "the provider's signature is the proof",
		.rate = RATE_LOGIN,
		.doc = { .id = "finishOidc",
			.summary = "Come back from the identity provider",
			.query = callback_query,
			.statuses = "303 404 429" } },
	{ 0 }
};

const struct route_set sso_set = { "Single sign-on", "OpenID Connect.", routes, NULL };
