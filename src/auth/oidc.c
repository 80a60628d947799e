/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/oidc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/auth_internal.h"
#include "auth/oidc_keys.h"
#include "auth/people.h"
#include "net/client.h"
#include "net/guard.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/clock.h"
#include "util/crypto.h"
#include "util/err.h"
#include "util/json.h"
#include "util/radix.h"

enum { PENDING_MS = 10 * 60 * 1000, SKEW_S = 60, ANSWER_MAX = 256 << 10 };

struct oidc {
	struct oidc_opts o;
	struct client client;
	struct provider *provider;
};

static int check_groups(const struct oidc_opts *o, struct err *e)
{
	for (size_t i = 0; i < o->n_groups; i++) {
		struct str group, role;

		if (!str_split(o->groups[i], '=', &group, &role) || group.n == 0 ||
			user_role_parse(role) < 0)
			return err_set(e, ERR_CONFIG, "--oidc-group is GROUP=ROLE, as sales=rep");
	}
	if (o->default_role != NULL && user_role_parse(str_of(o->default_role)) < 0)
		return err_set(
			e, ERR_CONFIG, "--oidc-default-role is admin, manager, rep or viewer");
	return 0;
}

struct oidc *oidc_open(const struct oidc_opts *o, struct err *e)
{
	struct oidc *c;

	if (o->client_id == NULL) {
		err_set(e, ERR_CONFIG, "--oidc-issuer needs --oidc-client-id");
		return NULL;
	}
	if (guard_url(str_of(o->issuer), e) == -1) {
		if (e != NULL)
			e->code = ERR_CONFIG;
		err_prefix(e, "--oidc-issuer: ");
		return NULL;
	}
	if (check_groups(o, e) == -1)
		return NULL;
	if ((c = calloc(1, sizeof(*c))) == NULL) {
		err_nomem(e);
		return NULL;
	}
	c->o = *o;
	c->client = (struct client){ .allow_private = o->allow_private,
		.connect_ms = 5000,
		.total_ms = 10000,
		.max = ANSWER_MAX,
		.ca_file = o->ca_file };
	if ((c->provider = provider_new(o->issuer, &c->client, e)) == NULL) {
		free(c);
		return NULL;
	}
	return c;
}

void oidc_close(struct oidc *c)
{
	if (c == NULL)
		return;
	provider_free(c->provider);
	free(c);
}

/* A page of ours: "/leads?heat=hot", and no "//evil.example". */
static bool is_ours(struct str back)
{
	if (back.n == 0 || back.n > 1000 || back.p[0] != '/')
		return false;
	if (back.n > 1 && (back.p[1] == '/' || back.p[1] == '\\'))
		return false;
	for (size_t i = 0; i < back.n; i++)
		if ((unsigned char)back.p[i] <= 0x20 || back.p[i] == '\\' || back.p[i] == 0x7F)
			return false;
	return true;
}

static void query(struct buf *b, const char *name, struct str value)
{
	buf_fmt(b, "&%s=", name);
	client_escape(b, value);
}

/* What must be remembered until the browser comes back; good once. */
static int remember(struct auth *a, const uint8_t hash[32], const char *nonce, const char *verifier,
	struct str back, struct err *e)
{
	struct store *s = auth_store(a);
	struct token t = { .kind = S("oidc"), .created_ms = clock_ms() };
	struct buf data = { 0 };
	struct jw w = { .b = &data };
	int rc;

	jw_obj(&w);
	jw_kz(&w, "nonce", nonce);
	jw_kz(&w, "verifier", verifier);
	jw_kstr(&w, "back", is_ours(back) ? back : S("/"));
	jw_end_obj(&w);
	memcpy(t.hash, hash, 32);
	t.expires_ms = t.created_ms + PENDING_MS;
	t.data = buf_view(&data);
	rc = buf_done(&data, e) == 0 ? s->tokens->put(s, &t, e) : -1;
	buf_clear(&data);
	return rc;
}

int oidc_start(struct oidc *c, struct auth *a, const char *callback, struct str back,
	struct buf *to, char state[TOKEN_SIZE], struct err *e)
{
	char nonce[TOKEN_SIZE], verifier[TOKEN_SIZE], challenge[RADIX64_SIZE(32)];
	uint8_t hash[32], unused[32], digest[32];

	token_make(state, hash);
	token_make(nonce, unused);
	token_make(verifier, unused);
	crypto_sha256(str_of(verifier), digest);
	radix64_write(digest, sizeof(digest), challenge);
	if (provider_endpoint(c->provider, "authorization_endpoint", to, e) == -1 ||
		remember(a, hash, nonce, verifier, back, e) == -1)
		return -1;
	buf_c(to, str_chr(buf_view(to), '?') >= 0 ? '&' : '?');
	buf_z(to, "response_type=code");
	query(to, "client_id", str_of(c->o.client_id));
	query(to, "redirect_uri", str_of(callback));
	query(to, "scope", S("openid email profile"));
	query(to, "state", str_of(state));
	query(to, "nonce", str_of(nonce));
	query(to, "code_challenge", str_of(challenge));
	query(to, "code_challenge_method", S("S256"));
	buf_c(to, '\0');
	return buf_done(to, e);
}

/* --- coming back --- */

static struct json *exchange(
	struct oidc *c, const char *callback, struct str code, struct str verifier, struct err *e)
{
	struct buf url = { 0 }, body = { 0 };
	struct client_reply r = { 0 };
	struct json *doc = NULL;

	buf_z(&body, "grant_type=authorization_code");
	query(&body, "code", code);
	query(&body, "redirect_uri", str_of(callback));
	query(&body, "code_verifier", verifier);
	query(&body, "client_id", str_of(c->o.client_id));
	if (provider_endpoint(c->provider, "token_endpoint", &url, e) == 0) {
		buf_c(&url, '\0');
		if (buf_done(&url, e) == 0 && buf_done(&body, e) == 0 &&
			client_form(&c->client, url.p,
				c->o.client_secret != NULL ? c->o.client_id : NULL,
				c->o.client_secret, buf_view(&body), &r, e) == 0) {
			if (r.status != 200)
				err_set(e, ERR_AUTH, "the provider does not take the code (%ld)",
					r.status);
			else if ((doc = json_parse(buf_view(&r.body), e)) == NULL && e != NULL)
				e->code = ERR_UPSTREAM;
		}
	}
	if (r.body.p != NULL)
		crypto_wipe(r.body.p, r.body.n);
	buf_clear(&r.body);
	buf_clear(&url);
	buf_clear(&body);
	return doc;
}

static bool is_audience(const struct json *aud, struct str client)
{
	if (json_type(aud) == J_STR)
		return str_eq(json_str(aud, S("")), client);
	for (size_t i = 0; i < json_len(aud); i++)
		if (str_eq(json_str(json_at(aud, i), S("")), client))
			return true;
	return false;
}

static int check_claims(const struct oidc *c, const struct json *t, struct str nonce, struct err *e)
{
	struct str client = str_of(c->o.client_id), azp = json_str(json_get(t, "azp"), client);
	double now = (double)(clock_ms() / 1000), exp = json_num(json_get(t, "exp"), 0);
	double iat = json_num(json_get(t, "iat"), 0);
	struct str got = json_str(json_get(t, "nonce"), S(""));

	if (!str_eq(json_str(json_get(t, "iss"), S("")), str_of(c->o.issuer)))
		return err_set(e, ERR_AUTH, "the token is of another issuer");
	if (!is_audience(json_get(t, "aud"), client) || !str_eq(azp, client))
		return err_set(e, ERR_AUTH, "the token is for another program");
	if (exp < now - SKEW_S || iat > now + SKEW_S)
		return err_set(e, ERR_AUTH, "the token is not of now");
	if (got.n != nonce.n || nonce.n == 0 || !crypto_equal(got.p, nonce.p, nonce.n))
		return err_set(e, ERR_AUTH, "the token answers another request");
	if (json_str(json_get(t, "sub"), S("")).n == 0)
		return err_set(e, ERR_AUTH, "the token names nobody");
	return 0;
}

/* The highest role of the groups; USER_NONE: not let in. */
static enum user_role role_by_groups(const struct oidc *c, const struct json *t)
{
	const struct json *in = json_get(t, c->o.group_claim);
	enum user_role best = c->o.default_role != NULL
				      ? (enum user_role)user_role_parse(str_of(c->o.default_role))
				      : USER_NONE;
	size_t n = json_type(in) == J_ARR ? json_len(in) : 1;

	for (size_t g = 0; g < c->o.n_groups; g++) {
		struct str group, role;
		enum user_role r;

		str_split(c->o.groups[g], '=', &group, &role);
		r = (enum user_role)user_role_parse(role);
		for (size_t i = 0; i < n; i++) {
			const struct json *one = json_type(in) == J_ARR ? json_at(in, i) : in;

			if (str_eq(json_str(one, S("")), group) && r > best)
				best = r;
		}
	}
	return best;
}

/* By the provider's name for the person; else by an address that the provider has verified, which
 * then belongs to the provider's name. */
static int find(struct auth *a, const struct json *t, struct str subject, struct arena *mem,
	struct user *u, bool *there, struct err *e)
{
	struct store *s = auth_store(a);
	struct str email = json_str(json_get(t, "email"), S(""));

	*there = s->users->by_subject(s, subject, mem, u, e) == 0;
	if (*there)
		return 0;
	if (e->code != ERR_NOT_FOUND)
		return -1;
	if (email.n == 0 || !json_bool(json_get(t, "email_verified"), false))
		return err_set(e, ERR_AUTH, "the provider tells no verified email address");
	if (s->users->by_email(s, email, mem, u, e) == -1)
		return e->code == ERR_NOT_FOUND ? 0 : -1;
	if (u->subject.n > 0)
		return err_set(
			e, ERR_AUTH, "this address belongs to another account of the provider");
	u->subject = subject;
	if (s->users->put(s, u, u->version, e) == -1)
		return -1;
	*there = true;
	return s->users->get(s, u->id, mem, u, e);
}

static int admit(struct oidc *c, struct auth *a, const struct json *t, struct str subject,
	const struct actor *by, struct arena *mem, struct user *u, struct err *e)
{
	enum user_role role = role_by_groups(c, t);
	bool there;

	if (find(a, t, subject, mem, u, &there, e) == -1)
		return -1;
	if (there && u->disabled)
		return err_set(e, ERR_AUTH, "this account is disabled");
	if (role == USER_NONE)
		return err_set(e, ERR_AUTH, "nobody has given you a role here: ask an admin");
	if (!there) {
		struct person_new p = { .email = json_str(json_get(t, "email"), S("")),
			.name = json_str(json_get(t, "name"), S("")),
			.role = role,
			.subject = subject };

		return people_add(a, by, &p, mem, u, e);
	}
	if (u->role != role) {
		struct person_change change = { .set_role = true, .role = role };

		return people_change(a, by, u->id, &change, mem, u, e);
	}
	return 0;
}

static int with_token(struct oidc *c, struct auth *a, struct str id_token, struct str nonce,
	const struct actor *by, struct arena *mem, struct user *u, struct err *e)
{
	struct buf payload = { 0 }, subject = { 0 };
	struct json *t = NULL;
	int rc = -1;

	if (provider_verify(c->provider, id_token, &payload, e) == -1) {
		if (e != NULL && e->code == ERR_INPUT)
			e->code = ERR_AUTH;
	} else if ((t = json_parse(buf_view(&payload), e)) != NULL &&
		   check_claims(c, t, nonce, e) == 0) {
		buf_fmt(&subject, "%s ", c->o.issuer);
		buf_str(&subject, json_str(json_get(t, "sub"), S("")));
		if (buf_done(&subject, e) == 0)
			rc = admit(c, a, t, buf_view(&subject), by, mem, u, e);
	}
	json_free(t);
	buf_clear(&payload);
	buf_clear(&subject);
	return rc;
}

int oidc_finish(struct oidc *c, struct auth *a, const char *callback, const struct oidc_answer *in,
	struct arena *mem, struct user *out, struct str *back, struct err *e)
{
	struct store *s = auth_store(a);
	struct json *pending = NULL, *tokens = NULL;
	struct actor by;
	uint8_t hash[32];
	struct token t;
	int rc = -1;

	actor_server(&by);
	by.address = in->address;
	by.request = in->request;
	if (in->state.n == 0 || in->state.n != in->cookie.n ||
		!crypto_equal(in->state.p, in->cookie.p, in->state.n) ||
		token_read(in->state, hash) == -1 ||
		s->tokens->take(s, hash, S("oidc"), clock_ms(), mem, &t, e) == -1)
		return err_set(e, ERR_AUTH, "signing in was not begun here, or took too long");
	if (in->iss.n > 0 && !str_eq(in->iss, str_of(c->o.issuer)))
		return err_set(e, ERR_AUTH, "the answer is of another issuer");
	if (in->error.n > 0 || in->code.n == 0)
		return err_set(e, ERR_AUTH, "the provider says: " STR_FMT,
			STR_ARG(str_sub(in->error, 0, 80)));
	if ((pending = json_parse(t.data, e)) == NULL ||
		(tokens = exchange(c, callback, in->code,
			 json_str(json_get(pending, "verifier"), S("")), e)) == NULL)
		goto done;
	rc = with_token(c, a, json_str(json_get(tokens, "id_token"), S("")),
		json_str(json_get(pending, "nonce"), S("")), &by, mem, out, e);
	*back = (struct str){ arena_dup(mem, json_str(json_get(pending, "back"), S("/"))), 0 };
	if (back->p == NULL)
		rc = err_nomem(e);
	else
		*back = str_of(back->p);
done:
	json_free(pending);
	json_free(tokens);
	return rc;
}
