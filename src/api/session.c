/* SPDX-License-Identifier: Apache-2.0 */
/* Signing in and out, the first account, and links to choose a password with. */
#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "api/identity_json.h"
#include "api/routes.h"
#include "api/trail.h"
#include "auth/gate.h"
#include "auth/login.h"
#include "auth/people.h"
#include "auth/setup.h"
#include "config/options.h"
#include "http/respond.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"

static int wait_first(struct req *r, int64_t wait_ms, struct err *e)
{
	long long s = (long long)(wait_ms + 999) / 1000;

	respond_header(r, "Retry-After", "%lld", s);
	return err_set(e, ERR_RATE, "too many failures; try again in %lld s", s);
}

static int login(struct req *r, struct err *e)
{
	struct auth *a = api_of(r)->auth;
	struct login l = { .address = str_of(req_address(r)),
		.request = str_of(req_id(r)),
		.agent = req_header(r, "User-Agent"),
		.code = json_str(json_get(req_json(r), "totp"), S("")) };
	char token[TOKEN_SIZE];
	struct user u;
	int64_t wait;

	if (need_text(r, "email", &l.email, e) == -1 ||
		need_text(r, "password", &l.password, e) == -1)
		return -1;
	switch (login_try(a, &l, req_arena(r), &u, token, &wait, e)) {
	case LOGIN_OK:
		gate_cookie(a, r, token);
		return send_me(r, 200, &u, e);
	case LOGIN_WAIT:
		return wait_first(r, wait, e);
	case LOGIN_TOTP:
		respond_extra(r, "totp_required", S("true"));
		return err_set(e, ERR_AUTH,
			l.code.n > 0 ? "this is not the code that the app shows now"
				     : "now the code of the authenticator app");
	case LOGIN_WRONG:
		return err_set(e, ERR_AUTH, "the email address or the password is wrong");
	}
	return -1;
}

static int logout(struct req *r, struct err *e)
{
	const struct caller *who = req_caller(r);
	struct auth *a = api_of(r)->auth;
	struct id user, session;

	if (who->session[0] != '\0' && id_parse_ulid(str_of(who->user_id), &user) == 0 &&
		id_parse_ulid(str_of(who->session), &session) == 0) {
		if (login_end_one(a, user, session, e) == -1 && e->code != ERR_NOT_FOUND)
			return -1;
		if (api_trail(r, e, "logout", S(""), "%s", "") == -1)
			return -1;
	}
	gate_cookie(a, r, "");
	respond_header(r, "Clear-Site-Data", "\"cache\", \"storage\"");
	return respond_empty(r, 204, e);
}

static int setup_status(struct req *r, struct err *e)
{
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	bool needed;

	if (setup_needed(api_of(r)->auth, &needed, e) == -1)
		return -1;
	jw_obj(&w);
	jw_kbool(&w, "needed", needed);
	jw_end_obj(&w);
	return send_json(r, 200, &b, e);
}

static int start_session(struct req *r, const struct user *u, struct err *e)
{
	struct auth *a = api_of(r)->auth;
	char token[TOKEN_SIZE];

	if (login_begin(a, u, str_of(req_address(r)), req_header(r, "User-Agent"), token, e) == -1)
		return -1;
	gate_cookie(a, r, token);
	return send_me(r, 200, u, e);
}

static int setup(struct req *r, struct err *e)
{
	struct str token, email, password;
	struct str name = json_str(json_get(req_json(r), "name"), S(""));
	struct user u;

	if (need_text(r, "token", &token, e) == -1 || need_text(r, "email", &email, e) == -1 ||
		need_text(r, "password", &password, e) == -1 ||
		setup_claim(api_of(r)->auth, token, email, name, password, str_of(req_address(r)),
			str_of(req_id(r)), req_arena(r), &u, e) == -1)
		return -1;
	return start_session(r, &u, e);
}

static int choose_password(struct req *r, struct err *e)
{
	struct str token, password;
	struct user u;

	if (need_text(r, "token", &token, e) == -1 ||
		need_text(r, "password", &password, e) == -1 ||
		people_redeem(api_of(r)->auth, token, password, str_of(req_address(r)),
			str_of(req_id(r)), req_arena(r), &u, e) == -1)
		return -1;
	/* Who has a second factor shows it: the link alone signs nobody in past it. */
	if (u.totp.n > 0)
		return respond_empty(r, 204, e);
	return start_session(r, &u, e);
}

static int methods(struct req *r, struct err *e)
{
	struct buf b = { 0 };
	struct jw w = { .b = &b };

	jw_obj(&w);
	jw_kbool(&w, "password", true);
	jw_key(&w, "oidc");
	if (api_of(r)->oidc != NULL) {
		jw_obj(&w);
		jw_kz(&w, "name", api_of(r)->options->oidc_name);
		jw_end_obj(&w);
	} else {
		jw_null(&w);
	}
	jw_end_obj(&w);
	return send_json(r, 200, &b, e);
}

static const struct api_schema schemas[] = {
	{ "Me", "{\"type\":\"object\",\"required\":[\"id\",\"email\",\"name\",\"role\",\"totp\","
		"\"sessions\",\"preferences\"],\"properties\":{\"id\":{\"type\":\"string\"},"
		"\"email\":{\"type\":\"string\"},\"name\":{\"type\":\"string\"},\"role\":{\"type\":"
		"\"string\",\"enum\":[\"viewer\",\"rep\",\"manager\",\"admin\"]},\"scopes\":{"
		"\"type\":"
		"\"array\",\"items\":{\"type\":\"string\"}},\"totp\":{\"type\":\"boolean\"},"
		"\"must_add_totp\":{\"type\":\"boolean\"},\"sessions\":{\"type\":\"integer\"},"
		"\"must_change_password\":{\"type\":\"boolean\"},\"time_zone\":{\"type\":"
		"\"string\"},"
		"\"preferences\":{\"type\":\"object\"}}}" },
	{ "Login", "{\"type\":\"object\",\"required\":[\"email\",\"password\"],\"properties\":{"
		   "\"email\":{\"type\":\"string\"},\"password\":{\"type\":\"string\"},\"totp\":{"
		   "\"type\":\"string\"}}}" },
	{ "Setup",
		"{\"type\":\"object\",\"required\":[\"token\",\"email\",\"password\"],"
		"\"properties\":{\"token\":{\"type\":\"string\"},\"email\":{\"type\":\"string\"},"
		"\"name\":{\"type\":\"string\"},\"password\":{\"type\":\"string\"}}}" },
	{ "SetupStatus",
		"{\"type\":\"object\",\"required\":[\"needed\"],\"properties\":{\"needed\":{"
		"\"type\":\"boolean\"}}}" },
	{ "ChoosePassword",
		"{\"type\":\"object\",\"required\":[\"token\",\"password\"],"
		"\"properties\":{\"token\":{\"type\":\"string\"},\"password\":{\"type\":"
		"\"string\"}}}" },
	{ "LoginMethods",
		"{\"type\":\"object\",\"required\":[\"password\",\"oidc\"],\"properties\":{"
		"\"password\":{\"type\":\"boolean\"},\"oidc\":{\"type\":[\"object\","
		"\"null\"],\"properties\":{\"name\":{\"type\":\"string\"}}}}}" },
	{ 0 }
};

static const struct route routes[] = {
	{ .method = M_POST,
		.path = "/api/v1/auth/login",
		.fn = login,
		.role = ROLE_PUBLIC,
		.public_why = "nobody is signed in before this",
		.rate = RATE_LOGIN,
		.body = BODY_JSON,
		.doc = { .id = "login",
			.summary = "Sign in with email and password",
			.text = "401 with `totp_required` when the code of an authenticator app is "
				"wanted. After five failures each further try has to wait (429).",
			.request = "Login",
			.response = "Me",
			.statuses = "200 401 429",
			.example = "{\"email\":\"anna@acme.example\",\"password\":\"purple lamp "
				   "seven river\"}" } },
	{ .method = M_POST,
		.path = "/api/v1/auth/logout",
		.fn = logout,
		.role = ROLE_PUBLIC,
		.public_why = "signing out twice is fine",
		.body = BODY_MAYBE_JSON,
		.doc = { .id = "logout", .summary = "End this session", .statuses = "204" } },
	{ .method = M_GET,
		.path = "/api/v1/auth/setup",
		.fn = setup_status,
		.role = ROLE_PUBLIC,
		.public_why = "the login page asks whether there is anyone to sign in",
		.rate = RATE_API,
		.doc = { .id = "getSetup",
			.summary = "Is the first account still to be made?",
			.response = "SetupStatus",
			.statuses = "200" } },
	{ .method = M_POST,
		.path = "/api/v1/auth/setup",
		.fn = setup,
		.role = ROLE_PUBLIC,
		.public_why = "the token of the set-up link is the proof",
		.rate = RATE_SETUP,
		.body = BODY_JSON,
		.doc = { .id = "setup",
			.summary = "Make the first account, an admin",
			.request = "Setup",
			.response = "Me",
			.statuses = "200 404 409 422 429" } },
	{ .method = M_POST,
		.path = "/api/v1/auth/password",
		.fn = choose_password,
		.role = ROLE_PUBLIC,
		.public_why = "the token of an invitation or reset is the proof",
		.rate = RATE_SETUP,
		.body = BODY_JSON,
		.doc = { .id = "choosePassword",
			.summary = "Choose a password with a one-time link",
			.text = "204 when the account has a second factor: sign in with it now.",
			.request = "ChoosePassword",
			.response = "Me",
			.statuses = "200 204 404 422 429" } },
	{ .method = M_GET,
		.path = "/api/v1/auth/methods",
		.fn = methods,
		.role = ROLE_PUBLIC,
		.public_why = "the login page shows what there is",
		.doc = { .id = "getLoginMethods",
			.summary = "Ways to sign in",
			.response = "LoginMethods",
			.statuses = "200" } },
	{ 0 }
};

const struct route_set session_set = { "Signing in",
	"Sessions of people. Programs send an API key instead: `Authorization: Bearer lhs_...`.",
	routes, schemas };
