/* SPDX-License-Identifier: Apache-2.0 */
/* route.h: a route is declared once, beside its handler; everything else is made from the entry:
 * matching, who may call, how often, which query parameters and body are taken (checked before the
 * handler runs), how long it may take, and its page in the API description.
 *
 * How to add routes (the folder src/api, one file per resource):
 *   1. write src/api/leads.c: handlers, tables, and at its end
 *          const struct route_set leads_set = { "Leads", "What it is about", routes, schemas };
 *   2. add SET(leads) to src/api/sets.def and 'leads.c' to src/api/meson.build.
 * Use designated initialisers; what is left out takes the default named below.
 *
 *      static const struct param list_query[] = {
 *              { "heat", "hot|warm|cold...", 0, 0, NULL, "Only leads in these bands" },
 *              { "limit", "int", 1, 500, "50", "Page size" },
 *              { 0 }
 *      };
 *      static const struct route routes[] = {
 *              { .method = M_GET, .path = "/api/v1/leads/{id}", .fn = lead_get,
 *                .role = ROLE_VIEWER, .scope = SCOPE_READ,
 *                .doc = { .id = "getLead", .summary = "One lead", .response = "Lead",
 *                         .statuses = "200 304 404" } },
 *              { 0 }
 *      };
 *
 * A literal segment beats a {name}: /leads/export.csv is never the lead called "export.csv". HEAD
 * is answered wherever GET is; OPTIONS and 405 by themselves. */
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct req;

enum http_method { M_NONE, M_GET, M_POST, M_PUT, M_PATCH, M_DELETE };

/* The least role that may call; each has all rights of those before it. */
enum role {
	ROLE_UNSET, /* a route without a role stops the server from starting */
	ROLE_PUBLIC,
	ROLE_VIEWER,
	ROLE_REP,
	ROLE_MANAGER,
	ROLE_ADMIN
};

/* What an API key must have been given; people in a session have all that their role allows. */
enum scope {
	SCOPE_NONE = 0,
	SCOPE_READ = 1,
	SCOPE_SCORE = 2,
	SCOPE_WRITE = 4,
	SCOPE_UPLOAD = 8,
	SCOPE_MODELS = 16,
	SCOPE_ADMIN = 32,
	SCOPE_ALL = 63
};

/* Token buckets and limits on how many at once; see http/ratelimit.h. */
enum rate_class {
	RATE_API,    /* the default: per caller */
	RATE_NONE,   /* probes and static files */
	RATE_LOGIN,  /* per address */
	RATE_SETUP,  /* per address: set-up, reset, unsubscribe */
	RATE_UPLOAD, /* as RATE_API, and few at once per caller and in all */
	RATE_EXPORT, /* as RATE_API, and one at once per caller */
	RATE_COUNT
};

enum body_kind {
	BODY_NONE,       /* a body is refused */
	BODY_JSON,       /* application/json only; parsed, see req_json */
	BODY_FORM,       /* application/x-www-form-urlencoded; see req_part */
	BODY_UPLOAD,     /* multipart with a part "file", or the bytes themselves; see req_file */
	BODY_MAYBE_JSON, /* as BODY_JSON, or none at all: req_json is then NULL */
	BODY_RAW_JSON    /* as BODY_JSON, not parsed: for handlers with a faster reader; req_body */
};

/* WORKER: in a pool of threads, may wait for the store and the disk; the handler deadline counts.
 * INLINE: on the thread that reads sockets; for what takes microseconds and never waits. */
enum run_mode { RUN_WORKER, RUN_INLINE };

enum route_flags {
	ROUTE_IDEMPOTENT = 1, /* takes Idempotency-Key: every POST that creates or sends */
	ROUTE_SLOW = 2,       /* the export deadline counts, not the API's */
	ROUTE_EVENTS = 4,     /* answers with server-sent events; the description says so */
	ROUTE_HIDDEN = 8,     /* not in the API description */
	ROUTE_CACHEABLE = 16 /* no Cache-Control: no-store by itself; the handler sets what holds */
};

/* One query parameter. A value that does not fit answers 422 with its name; one not declared 400.
 * Types:
 *   "int"  lo to hi      "num"  lo to hi, finite     "bool"  true|false|1|0
 *   "str"  up to hi bytes (0: 1,000), valid UTF-8 without control characters
 *   "date" 2026-03-31, with or without T13:45:10Z
 *   "hot|warm|cold"      one of these words          "hot|warm|cold..."  some, split by commas
 *   "filter"             name "*": every other FIELD=V and FIELD[op]=V; see req_filter. */
struct param {
	const char *name;
	const char *type;
	double lo, hi;
	const char *otherwise; /* default, as text; NULL: none */
	const char *help;
	bool required;
};

struct route_doc {
	const char *id;      /* operationId */
	const char *summary; /* one line */
	const char *text;    /* more, Markdown; NULL: none */
	const struct param *query;
	const char *request;  /* name of a schema; NULL with a body: any object */
	const char *response; /* name of a schema, or a media type as "text/csv"; NULL: no body */
	const char *statuses; /* as "200 304 404"; those every route may answer are added */
	const char *example;  /* request body as JSON; NULL: none */
};

/* A handler answers through one respond_* call and returns 0, or returns -1 with ${e}, which
 * becomes problem details with the status of its code (util/err.def); faults named by respond_fault
 * go along. It runs in one thread from start to end. */
typedef int route_fn(struct req *r, struct err *e);

struct route {
	enum http_method method; /* M_NONE ends a table */
	const char *path;        /* "/api/v1/leads/{id}" */
	route_fn *fn;
	enum role role;
	enum scope scope; /* SCOPE_NONE: keys may not call it at all, unless the route is public */
	enum rate_class rate;
	enum body_kind body;
	enum run_mode run;
	unsigned flags;         /* of enum route_flags */
	const char *public_why; /* must be said when role is ROLE_PUBLIC */
	size_t body_max;        /* bytes; 0: the option for the kind of body */
	struct route_doc doc;
};

/* A component of the API description: ${json} is a JSON Schema 2020-12 object as text; other
 * schemas are named by "$ref":"#/components/schemas/NAME". */
struct api_schema {
	const char *name; /* NULL ends a table */
	const char *json;
};

struct route_set {
	const char *tag;   /* heading in the API description */
	const char *about; /* one sentence */
	const struct route *routes;
	const struct api_schema *schemas; /* NULL: none */
};

const char *http_method_name(enum http_method m); /* "GET" */
const char *role_name(enum role r);               /* "viewer" */
enum role role_of(const char *name);              /* ROLE_UNSET: no such role */
const char *scope_name(enum scope one);           /* "read" */
enum scope scope_of(const char *name);            /* SCOPE_NONE: no such scope */

#endif
