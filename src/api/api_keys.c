/* SPDX-License-Identifier: Apache-2.0 */
/* API keys, for admins. The text of a key is in one answer, once. */
#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "api/identity_json.h"
#include "api/routes.h"
#include "api/trail.h"
#include "auth/keys.h"
#include "http/respond.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/crypto.h"
#include "util/err.h"
#include "util/json.h"
#include "util/when.h"

static int list(struct req *r, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct api_key *list;
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	size_t n;

	if (s->keys->list(s, req_arena(r), &list, &n, e) == -1)
		return -1;
	jw_obj(&w);
	jw_key(&w, "items");
	jw_arr(&w);
	for (size_t i = 0; i < n; i++)
		put_key(&w, &list[i], NULL);
	jw_end_arr(&w);
	jw_key(&w, "next_cursor");
	jw_null(&w);
	jw_end_obj(&w);
	return send_json(r, 200, &b, e);
}

static int scopes(struct req *r, unsigned *out, struct err *e)
{
	const struct json *v = json_get(req_json(r), "scopes");
	char pointer[32];

	*out = 0;
	if (v != NULL && json_type(v) != J_ARR) {
		respond_fault(r, "/scopes", "is a list of words");
		return err_set(e, ERR_INPUT, "scopes is a list of words");
	}
	for (size_t i = 0; i < json_len(v); i++) {
		unsigned one = 0;

		if (json_type(json_at(v, i)) == J_STR &&
			keys_scopes(json_str(json_at(v, i), S("")), &one, e) == 0 && one != 0) {
			*out |= one;
			continue;
		}
		snprintf(pointer, sizeof(pointer), "/scopes/%zu", i);
		respond_fault(r, pointer, "is read, score, write, upload, models or admin");
		return err_set(
			e, ERR_INPUT, "a scope is read, score, write, upload, models or admin");
	}
	return 0;
}

static int expiry(struct req *r, int64_t *out, struct err *e)
{
	const struct json *v = json_get(req_json(r), "expires_at");

	*out = MS_NONE;
	if (v == NULL || json_type(v) == J_NULL)
		return 0;
	if (json_type(v) == J_STR && when_read(json_str(v, S("")), out, NULL) == 0)
		return 0;
	respond_fault(r, "/expires_at", "is a moment such as 2027-03-31T00:00:00Z");
	return err_set(e, ERR_INPUT, "expires_at is a moment such as 2027-03-31T00:00:00Z");
}

static int send_key(struct req *r, const struct api_key *k, char text[KEY_SIZE], struct err *e)
{
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	char ulid[ID_ULID], where[64];

	put_key(&w, k, text);
	crypto_wipe(text, KEY_SIZE);
	if (buf_done(&b, e) == -1) {
		buf_clear(&b);
		return -1;
	}
	id_ulid(k->id, ulid);
	snprintf(where, sizeof(where), "/api/v1/api-keys/%s", ulid);
	return respond_created(r, where, &b, e);
}

static int add(struct req *r, struct err *e)
{
	struct key_new n = { 0 };
	char text[KEY_SIZE];
	struct api_key k;
	struct actor by;

	api_actor(r, &by);
	if (need_text(r, "name", &n.name, e) == -1 || need_role(r, "role", &n.role, e) == -1 ||
		scopes(r, &n.scopes, e) == -1 || expiry(r, &n.expires_ms, e) == -1 ||
		keys_add(api_of(r)->auth, &by, &n, text, req_arena(r), &k, e) == -1)
		return -1;
	return send_key(r, &k, text, e);
}

static int rotate(struct req *r, struct err *e)
{
	char text[KEY_SIZE];
	struct api_key k;
	struct actor by;
	struct id id;

	api_actor(r, &by);
	if (path_id(r, &id, e) == -1 ||
		keys_rotate(api_of(r)->auth, &by, id, text, req_arena(r), &k, e) == -1)
		return -1;
	return send_key(r, &k, text, e);
}

static int revoke(struct req *r, struct err *e)
{
	struct actor by;
	struct id id;

	api_actor(r, &by);
	if (path_id(r, &id, e) == -1 || keys_revoke(api_of(r)->auth, &by, id, e) == -1)
		return -1;
	return respond_empty(r, 204, e);
}

static const struct api_schema schemas[] = {
	{ "ApiKey",
		"{\"type\":\"object\",\"required\":[\"id\",\"name\",\"role\",\"scopes\","
		"\"created_at\"],\"properties\":{\"id\":{\"type\":\"string\"},\"name\":{\"type\":"
		"\"string\"},\"role\":{\"type\":\"string\"},\"scopes\":{\"type\":\"array\","
		"\"items\":{\"type\":\"string\"}},\"created_by\":{\"type\":\"string\"},"
		"\"rotated_to\":{\"type\":\"string\"},\"created_at\":{\"type\":\"string\"},"
		"\"expires_at\":{\"type\":\"string\"},\"last_used_at\":{\"type\":\"string\"},"
		"\"revoked_at\":{\"type\":\"string\"},\"key\":{\"type\":\"string\",\"description\":"
		"\"Only in the answer that makes it\"}}}" },
	{ "ApiKeyPage", "{\"type\":\"object\",\"required\":[\"items\",\"next_cursor\"],"
			"\"properties\":{\"items\":{\"type\":\"array\",\"items\":{\"$ref\":"
			"\"#/components/schemas/ApiKey\"}},\"next_cursor\":{\"type\":[\"string\","
			"\"null\"]}}}" },
	{ "NewApiKey",
		"{\"type\":\"object\",\"required\":[\"name\",\"role\"],\"properties\":{"
		"\"name\":{\"type\":\"string\"},\"role\":{\"type\":\"string\"},\"scopes\":{"
		"\"type\":\"array\",\"items\":{\"type\":\"string\"}},\"expires_at\":{\"type\":["
		"\"string\",\"null\"]}}}" },
	{ 0 }
};

static const struct route routes[] = { { .method = M_GET,
					       .path = "/api/v1/api-keys",
					       .fn = list,
					       .role = ROLE_ADMIN,
					       .scope = SCOPE_ADMIN,
					       .doc = { .id = "listApiKeys",
						       .summary = "All keys, without their secrets",
						       .response = "ApiKeyPage",
						       .statuses = "200" } },
	/* Not idempotent: a kept answer would keep the key. */
	{ .method = M_POST,
		.path = "/api/v1/api-keys",
		.fn = add,
		.role = ROLE_ADMIN,
		.scope = SCOPE_ADMIN,
		.body = BODY_JSON,
		.doc = { .id = "addApiKey",
			.summary = "Make a key; it is shown in this answer only",
			.text = "Without scopes it may do all that its role may. It ends after a "
				"year "
				"unless `expires_at` is sooner.",
			.request = "NewApiKey",
			.response = "ApiKey",
			.statuses = "201 403 422",
			.example = "{\"name\":\"web "
				   "form\",\"role\":\"rep\",\"scopes\":[\"score\",\"write\"]}" } },
	{ .method = M_POST,
		.path = "/api/v1/api-keys/{id}/rotate",
		.fn = rotate,
		.role = ROLE_ADMIN,
		.scope = SCOPE_ADMIN,
		.body = BODY_MAYBE_JSON,
		.doc = { .id = "rotateApiKey",
			.summary = "Replace a key; the old one works for 24 hours more",
			.response = "ApiKey",
			.statuses = "201 404 409" } },
	{ .method = M_DELETE,
		.path = "/api/v1/api-keys/{id}",
		.fn = revoke,
		.role = ROLE_ADMIN,
		.scope = SCOPE_ADMIN,
		.doc = { .id = "revokeApiKey",
			.summary = "Revoke a key at once",
			.statuses = "204 404" } },
	{ 0 } };

const struct route_set api_keys_set = { "API keys",
	"Keys for programs: `Authorization: Bearer lhs_...`.", routes, schemas };
