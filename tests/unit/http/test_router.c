/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "http/router.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/err.h"

static int nothing(struct req *r, struct err *e)
{
	return 0;
}

#define DOC(id) .doc = { id, "x", NULL, NULL, NULL, NULL, "200", NULL }
#define GET(p, id) \
	{ \
		.method = M_GET, .path = p, .fn = nothing, .role = ROLE_VIEWER, \
		.scope = SCOPE_READ, DOC(id) \
	}

static const struct route good[] = {
	GET("/", "root"),
	GET("/api/v1/leads", "list"),
	{ .method = M_POST,
		.path = "/api/v1/leads",
		.fn = nothing,
		.role = ROLE_REP,
		.scope = SCOPE_WRITE,
		DOC("create") },
	GET("/api/v1/leads/export.csv", "export"),
	GET("/api/v1/leads/{id}", "get"),
	GET("/api/v1/leads/{id}/notes/{note}", "note"),
	GET("/api/v1/leads/by-external-id/{id}", "byExternal"),
	GET("/api/v1/{kind}/all", "all"),
	{ 0 },
};

static struct router *of(const struct route *routes, struct err *e)
{
	const struct route_set set = { "t", "t", routes, NULL };
	const struct route_set *const sets[] = { &set, NULL };

	return router_new(sets, e);
}

static void test_the_most_literal_path_wins(void **state)
{
	static const struct {
		const char *path, *id, *values[2];
	} cases[] = {
		{ "/", "root", { NULL, NULL } },
		{ "/api/v1/leads", "list", { NULL, NULL } },
		{ "/api/v1/leads/export.csv", "export", { NULL, NULL } },
		{ "/api/v1/leads/export.cs", "get", { "export.cs", NULL } },
		{ "/api/v1/leads/a%2Fb", "get", { "a/b", NULL } },
		{ "/api/v1/leads/1/notes/2", "note", { "1", "2" } },
		{ "/api/v1/leads/by-external-id/7", "byExternal", { "7", NULL } },
		{ "/api/v1/leads/all", "get", { "all", NULL } },
		{ "/api/v1/users/all", "all", { "users", NULL } },
		/* The literal way is a dead end: back, and through the name. */
		{ "/api/v1/leads/by-external-id/notes/2", "note", { "by-external-id", "2" } },
		{ "/api/v1/leads/", NULL, { NULL, NULL } },
		{ "/api/v1/leads//notes/2", NULL, { NULL, NULL } },
		{ "/api/v1/leads/1/", NULL, { NULL, NULL } },
		{ "/api/v1/leads/%ff", NULL, { NULL, NULL } },
		{ "/api/v1/leads/%0", NULL, { NULL, NULL } },
		{ "/api/v1/leads/%00", NULL, { NULL, NULL } },
		{ "/API/v1/leads", NULL, { NULL, NULL } },
		{ "/api/v1", NULL, { NULL, NULL } },
		{ "//", NULL, { NULL, NULL } },
	};
	struct err e = { 0 };
	struct router *r = of(good, &e);
	struct arena mem = { 0 };
	struct str values[ROUTE_PARAMS_MAX];
	unsigned allowed;

	assert_non_null(r);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct routed *d =
			router_find(r, M_GET, str_of(cases[i].path), &mem, values, &allowed);

		if ((d == NULL) != (cases[i].id == NULL))
			fail_msg("%s", cases[i].path);
		if (d == NULL)
			continue;
		assert_string_equal(d->route->doc.id, cases[i].id);
		for (size_t k = 0; k < d->n_names; k++)
			assert_true(str_eq(values[k], str_of(cases[i].values[k])));
	}
	arena_clear(&mem);
	router_free(r);
}

static void test_a_wrong_method_says_which_are_right(void **state)
{
	struct err e = { 0 };
	struct router *r = of(good, &e);
	struct arena mem = { 0 };
	struct str values[ROUTE_PARAMS_MAX];
	unsigned allowed;

	assert_null(router_find(r, M_DELETE, S("/api/v1/leads"), &mem, values, &allowed));
	assert_int_equal(allowed, 1u << M_GET | 1u << M_POST);
	assert_null(router_find(r, M_NONE, S("/api/v1/nothing"), &mem, values, &allowed));
	assert_int_equal(allowed, 0);
	arena_clear(&mem);
	router_free(r);
}

static void test_a_wrong_table_stops_the_start(void **state)
{
	static const struct {
		const char *says;
		struct route routes[3];
	} cases[] = {
		{ "no role", { { .method = M_GET, .path = "/a", .fn = nothing, DOC("a") } } },
		{ "not said why", { { .method = M_GET,
					  .path = "/a",
					  .fn = nothing,
					  .role = ROLE_PUBLIC,
					  DOC("a") } } },
		{ "not public", { { .method = M_GET,
					.path = "/a",
					.fn = nothing,
					.role = ROLE_ADMIN,
					.public_why = "x",
					DOC("a") } } },
		{ "no operation id",
			{ { .method = M_GET, .path = "/a", .fn = nothing, .role = ROLE_ADMIN } } },
		{ "no path", { { .method = M_GET, .fn = nothing, .role = ROLE_ADMIN, DOC("a") } } },
		{ "no path", { { .method = M_GET, .path = "/a", .role = ROLE_ADMIN, DOC("a") } } },
		{ "GET with a body", { { .method = M_GET,
					     .path = "/a",
					     .fn = nothing,
					     .role = ROLE_ADMIN,
					     .body = BODY_JSON,
					     DOC("a") } } },
		{ "idempotency", { { .method = M_PUT,
					 .path = "/a",
					 .fn = nothing,
					 .role = ROLE_ADMIN,
					 .flags = ROUTE_IDEMPOTENT,
					 DOC("a") } } },
		{ "declared twice", { GET("/a/{x}", "a"), GET("/a/{y}", "b") } },
		{ "taken already", { GET("/a", "a"), GET("/b", "a") } },
		{ "a {name}", { GET("/a/{x", "a") } },
		{ "upload", { { .method = M_POST,
				    .path = "/a",
				    .fn = nothing,
				    .role = ROLE_ADMIN,
				    .body = BODY_UPLOAD,
				    .run = RUN_INLINE,
				    DOC("a") } } },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e = { 0 };
		struct router *r = of(cases[i].routes, &e);

		if (r != NULL || strstr(e.msg, cases[i].says) == NULL)
			fail_msg("case %zu: %s", i, e.msg);
	}
}

static void test_counts_are_printed_per_route(void **state)
{
	struct err e = { 0 };
	struct router *r = of(good, &e);
	struct arena mem = { 0 };
	struct str values[ROUTE_PARAMS_MAX];
	struct route_stat other = { 0 };
	struct buf b = { 0 };
	unsigned allowed;

	router_count(&router_find(r, M_GET, S("/api/v1/leads/7"), &mem, values, &allowed)->stat,
		200, 0.006);
	router_count(&other, 404, 0.001);
	router_count(&other, 418, 0.001);
	router_print(r, &other, &b);
	buf_c(&b, '\0');
	assert_non_null(strstr(b.p, "heatscore_http_requests_total{method=\"GET\",route=\"/api/v1/"
				    "leads/{id}\",status=\"200\"} 1\n"));
	assert_non_null(strstr(b.p,
		"heatscore_http_requests_total{method=\"_OTHER\",route=\"\",status=\"404\"} 1\n"));
	assert_non_null(strstr(b.p, "status=\"other\"} 1\n"));
	assert_non_null(strstr(
		b.p, "_bucket{method=\"GET\",route=\"/api/v1/leads/{id}\",le=\"0.005\"} 0\n"));
	assert_non_null(strstr(
		b.p, "_bucket{method=\"GET\",route=\"/api/v1/leads/{id}\",le=\"0.01\"} 1\n"));
	buf_clear(&b);
	arena_clear(&mem);
	router_free(r);
}

static void test_roles_and_scopes_have_names(void **state)
{
	for (int r = ROLE_PUBLIC; r <= ROLE_ADMIN; r++)
		assert_int_equal(role_of(role_name((enum role)r)), r);
	assert_int_equal(role_of("root"), ROLE_UNSET);
	for (unsigned s = 1; s < SCOPE_ALL; s *= 2)
		assert_int_equal(scope_of(scope_name((enum scope)s)), s);
	assert_int_equal(scope_of(""), SCOPE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_most_literal_path_wins),
		cmocka_unit_test(test_a_wrong_method_says_which_are_right),
		cmocka_unit_test(test_a_wrong_table_stops_the_start),
		cmocka_unit_test(test_counts_are_printed_per_route),
		cmocka_unit_test(test_roles_and_scopes_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
