/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "http/params.h"
#include "http/router.h"
#include "http/uri.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/err.h"

struct node {
	struct str literal; /* of the segment; empty for {name} */
	struct node *child; /* literal ones */
	struct node *next;  /* sibling */
	struct node *any;   /* {name} */
	struct routed *by[M_DELETE + 1];
	unsigned allowed;
};

struct router {
	struct node root;
	struct routed *all;
	size_t n;
	struct arena mem;
};

static const char *const methods[] = { "", "GET", "POST", "PUT", "PATCH", "DELETE" };
static const char *const roles[] = { "", "public", "viewer", "rep", "manager", "admin" };
static const char *const scopes[] = { "read", "score", "write", "upload", "models", "admin" };

const char *http_method_name(enum http_method m)
{
	return methods[m];
}

const char *role_name(enum role r)
{
	return roles[r];
}

enum role role_of(const char *name)
{
	for (int r = ROLE_PUBLIC; r <= ROLE_ADMIN; r++)
		if (strcmp(roles[r], name) == 0)
			return (enum role)r;
	return ROLE_UNSET;
}

const char *scope_name(enum scope one)
{
	for (int i = 0; i < 6; i++)
		if (one == (enum scope)(1 << i))
			return scopes[i];
	return "";
}

enum scope scope_of(const char *name)
{
	for (int i = 0; i < 6; i++)
		if (strcmp(scopes[i], name) == 0)
			return (enum scope)(1 << i);
	return SCOPE_NONE;
}

static int wrong(const struct route *r, const char *what, struct err *e)
{
	return err_set(e, ERR_INTERNAL, "route %s %s: %s", methods[r->method],
		r->path != NULL ? r->path : "without a path", what);
}

static bool has_body(const struct route *r)
{
	return r->body != BODY_NONE;
}

static int check_access(const struct route *r, struct err *e)
{
	if (r->role == ROLE_UNSET)
		return wrong(r, "no role", e);
	if (r->role == ROLE_PUBLIC && r->public_why == NULL)
		return wrong(r, "public, but not said why", e);
	if (r->role != ROLE_PUBLIC && r->public_why != NULL)
		return wrong(r, "not public, but said why it is", e);
	return 0;
}

static int check_entry(const struct route *r, struct err *e)
{
	if (r->path == NULL || r->path[0] != '/' || r->fn == NULL)
		return wrong(r, "no path or no function", e);
	if (check_access(r, e) == -1)
		return -1;
	if (r->doc.id == NULL || r->doc.summary == NULL || r->doc.statuses == NULL)
		return wrong(r, "no operation id, summary or statuses", e);
	if (r->method == M_GET && has_body(r))
		return wrong(r, "a GET with a body", e);
	if ((r->flags & ROUTE_IDEMPOTENT) != 0 && (r->method != M_POST || r->run == RUN_INLINE))
		return wrong(r, "idempotency keys are for POST in a worker", e);
	if (r->run == RUN_INLINE && r->body == BODY_UPLOAD)
		return wrong(r, "an upload cannot be handled inline", e);
	for (const struct param *p = r->doc.query; p != NULL && p->name != NULL; p++)
		if (!params_type_known(p))
			return wrong(r, p->name, e);
	return 0;
}

/* The child of ${n} for ${segment}, made when it is not there. */
static struct node *step(struct router *r, struct node *n, struct str segment)
{
	struct node *c;

	if (segment.n != 0 && segment.p[0] == '{') {
		if (n->any == NULL)
			n->any = arena_alloc(&r->mem, sizeof(*c));
		return n->any;
	}
	for (c = n->child; c != NULL; c = c->next)
		if (str_eq(c->literal, segment))
			return c;
	if ((c = arena_alloc(&r->mem, sizeof(*c))) == NULL)
		return NULL;
	c->literal = segment;
	c->next = n->child;
	n->child = c;
	return c;
}

static int add_name(struct router *r, struct routed *d, struct str segment, struct err *e)
{
	char *name;

	if (d->n_names == ROUTE_PARAMS_MAX || segment.n < 3 || !str_ends(segment, S("}")))
		return wrong(d->route, "a {name} that is not one", e);
	if ((name = arena_dup(&r->mem, str_sub(segment, 1, segment.n - 1))) == NULL)
		return err_nomem(e);
	d->names[d->n_names++] = name;
	return 0;
}

static int add(struct router *r, struct routed *d, struct err *e)
{
	struct str rest = str_of(d->route->path + 1), segment;
	struct node *n = &r->root;
	bool more = true;

	while (more) {
		more = str_split(rest, '/', &segment, &rest);
		if ((n = step(r, n, segment)) == NULL)
			return err_nomem(e);
		if (segment.n != 0 && segment.p[0] == '{' && add_name(r, d, segment, e) == -1)
			return -1;
	}
	if (n->by[d->route->method] != NULL)
		return wrong(d->route, "declared twice", e);
	n->by[d->route->method] = d;
	n->allowed |= 1u << d->route->method;
	return 0;
}

/* Operation ids are the names of functions in clients made from the description. */
static int check_ids(const struct router *r, struct err *e)
{
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(r->all[i].route->doc.id, r->all[k].route->doc.id) == 0)
				return wrong(
					r->all[i].route, "its operation id is taken already", e);
	return 0;
}

static int add_set(struct router *r, const struct route_set *set, struct err *e)
{
	for (const struct route *p = set->routes; p->method != M_NONE; p++) {
		struct routed *d = &r->all[r->n++];

		d->route = p;
		d->set = set;
		for (const struct param *q = p->doc.query; q != NULL && q->name != NULL; q++)
			d->n_query++;
		if (d->n_query > ROUTE_QUERY_MAX)
			return wrong(p, "too many query parameters", e);
		if (check_entry(p, e) == -1 || add(r, d, e) == -1)
			return -1;
		if (params_defaults(p->doc.query, &r->mem, &d->defaults) == -1)
			return err_nomem(e);
	}
	return 0;
}

struct router *router_new(const struct route_set *const *sets, struct err *e)
{
	struct router *r = calloc(1, sizeof(*r));
	size_t n = 1;

	if (r == NULL)
		goto nomem;
	for (size_t i = 0; sets[i] != NULL; i++)
		for (const struct route *p = sets[i]->routes; p->method != M_NONE; p++)
			n++;
	if ((r->all = calloc(n, sizeof(*r->all))) == NULL)
		goto nomem;
	for (size_t i = 0; sets[i] != NULL; i++)
		if (add_set(r, sets[i], e) == -1)
			goto fail;
	if (check_ids(r, e) == -1)
		goto fail;
	return r;
nomem:
	err_nomem(e);
fail:
	router_free(r);
	return NULL;
}

void router_free(struct router *r)
{
	if (r == NULL)
		return;
	arena_clear(&r->mem);
	free(r->all);
	free(r);
}

struct search {
	enum http_method method;
	struct arena *mem;
	struct str *values;
	unsigned allowed; /* of the paths that fit, whatever the method */
};

static struct routed *here(const struct node *n, struct search *s)
{
	s->allowed |= n->allowed;
	return n->by[s->method];
}

/* Literal segments first; when they lead nowhere, the {name}. Depth is bounded by the tree's. */
static struct routed *walk(
	const struct node *n, struct str rest, bool more, size_t depth, struct search *s)
{
	struct str segment, after;
	struct routed *found;
	bool last;

	if (!more)
		return here(n, s);
	last = !str_split(rest, '/', &segment, &after);
	for (const struct node *c = n->child; c != NULL; c = c->next) {
		if (!str_eq(c->literal, segment))
			continue;
		if ((found = walk(c, after, !last, depth, s)) != NULL)
			return found;
	}
	if (n->any == NULL || segment.n == 0 || depth == ROUTE_PARAMS_MAX)
		return NULL;
	if (uri_decode(s->mem, segment, false, &s->values[depth], NULL) == -1)
		return NULL;
	return walk(n->any, after, !last, depth + 1, s);
}

struct routed *router_find(struct router *r, enum http_method m, struct str path, struct arena *mem,
	struct str values[ROUTE_PARAMS_MAX], unsigned *allowed)
{
	struct search s = { m, mem, values, 0 };
	struct routed *found = walk(&r->root, str_sub(path, 1, path.n), true, 0, &s);

	*allowed = s.allowed;
	return found;
}

/* Statuses that a route may answer often, each with a counter of its own. */
static const int counted[25] = { 200, 201, 202, 204, 206, 302, 303, 304, 400, 401, 403, 404, 405,
	409, 412, 413, 415, 422, 429, 431, 500, 502, 503, 507, 0 };

void router_count(struct route_stat *s, int status, double seconds)
{
	size_t i = 0;

	while (counted[i] != status && counted[i] != 0)
		i++;
	atomic_fetch_add_explicit(&s->by_status[i], 1, memory_order_relaxed);
	metric_hist_add(&s->duration, seconds);
}

static void print_labels(struct buf *b, const struct routed *d)
{
	buf_fmt(b, "method=\"%s\",route=\"", d != NULL ? methods[d->route->method] : "_OTHER");
	metric_label(b, str_of(d != NULL ? d->route->path : ""));
	buf_c(b, '"');
}

static void print_counts(struct buf *b, const struct routed *d, const struct route_stat *s)
{
	for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++) {
		unsigned long long n = atomic_load(&s->by_status[i]);

		if (n == 0)
			continue;
		buf_z(b, "heatscore_http_requests_total{");
		print_labels(b, d);
		if (counted[i] != 0)
			buf_fmt(b, ",status=\"%d\"} %llu\n", counted[i], n);
		else
			buf_fmt(b, ",status=\"other\"} %llu\n", n);
	}
}

static bool used(const struct route_stat *s)
{
	for (size_t i = 0; i <= METRIC_BOUNDS; i++)
		if (atomic_load(&s->duration.bucket[i]) != 0)
			return true;
	return false;
}

static void print_duration(struct buf *b, const struct routed *d, const struct route_stat *s)
{
	struct buf labels = { 0 };

	if (!used(s))
		return;
	print_labels(&labels, d);
	b->failed = b->failed || labels.failed;
	metric_hist_print(b, "heatscore_http_server_request_duration_seconds", buf_view(&labels),
		&s->duration);
	buf_clear(&labels);
}

void router_print(struct router *r, struct route_stat *other, struct buf *b)
{
	metric_family(b, "heatscore_http_requests_total", "counter",
		"Requests answered, by method, route and status");
	for (size_t i = 0; i < r->n; i++)
		print_counts(b, &r->all[i], &r->all[i].stat);
	print_counts(b, NULL, other);
	metric_family(b, "heatscore_http_server_request_duration_seconds", "histogram",
		"From the request line to the last byte handed to the system");
	for (size_t i = 0; i < r->n; i++)
		print_duration(b, &r->all[i], &r->all[i].stat);
	print_duration(b, NULL, other);
}
