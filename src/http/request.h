/* SPDX-License-Identifier: Apache-2.0 */
/* request.h: what a handler sees of a request. Everything has been checked against the route's
 * entry before the handler runs, so the getters do not fail: asking for what the entry does not
 * declare is a mistake of ours and stops the program.
 *
 * All text is borrowed from the request and lives until the answer has been sent. Threads: one
 * handler owns the request; req_cancelled alone may be asked by any thread meanwhile. */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/route.h"
#include "record/id.h"
#include "util/str.h"

struct arena;
struct err;
struct json;
struct req;

/* Who calls. Filled by the hook of the part that knows people and keys (http/server.h). */
struct caller {
	enum role role;   /* ROLE_PUBLIC: nobody known */
	unsigned scopes;  /* of enum scope; SCOPE_ALL for people */
	char user_id[33]; /* "" for nobody, "local" before anyone has been set up */
	char key_id[33];  /* "" when it is no API key */
	char session[33]; /* "" when it is no session: a name for it, never its secret */
	bool own_only;    /* sees only the leads it owns */
	char owner[128];  /* the name under which it owns leads; "" for none */
};

void *req_app(const struct req *r); /* what server_start was given */
const struct route *req_route(const struct req *r);
const struct caller *req_caller(const struct req *r);
/* req_new_id(r): for a record that the request makes. With an Idempotency-Key the first, second ..
 * one is the same whenever the request is run again, so that making it twice makes it once. */
struct id req_new_id(struct req *r);
const char *req_id(const struct req *r);      /* request id, also in logs and problems */
const char *req_address(const struct req *r); /* the client's, as text: for rates and the audit */
bool req_is_head(const struct req *r);
/* req_room(r): bytes that belong to its connection, for what authenticate wants to know again at
 * the next request there; zero at first, aligned for anything of 8 bytes, wiped when the connection
 * ends. For server_opts.authenticate alone: no other may call it. */
enum { REQ_ROOM = 128 };
void *req_room(struct req *r);
/* req_arena(r): memory until the answer has been sent; capped, see the option request-memory. */
struct arena *req_arena(struct req *r);
/* req_cancelled(r): nobody waits any more (deadline over, server stopping). Long work asks. */
bool req_cancelled(const struct req *r);

struct str req_path(const struct req *r, const char *name); /* of {name}; decoded, never empty */
struct str req_target(const struct req *r);                 /* path and query as sent */
struct str req_query(const struct req *r);                  /* after "?", as sent; may be empty */
/* Headers in any case; empty when absent. Only the first of several. */
struct str req_header(const struct req *r, const char *name);
struct str req_cookie(const struct req *r, const char *name);

/* Query parameters: the value sent, else the default of the entry. */
bool req_has(const struct req *r, const char *name); /* sent, not by default */
int64_t req_int(const struct req *r, const char *name, int64_t otherwise);
double req_num(const struct req *r, const char *name, double otherwise);
bool req_bool(const struct req *r, const char *name, bool otherwise);
double req_date(const struct req *r, const char *name); /* days since 1970; NaN when absent */
struct str req_str(const struct req *r, const char *name);
int req_word(const struct req *r, const char *name); /* index in the type's list; -1 when absent */
uint64_t req_words(const struct req *r, const char *name); /* bit per word; 0 when absent */

/* A filter as FIELD=V (op is then "eq") or FIELD[op]=V, in the order sent. */
struct req_filter {
	struct str field, op, value;
};
size_t req_filters(const struct req *r, const struct req_filter **out);

/* BODY_JSON: the document, owned by the request. */
const struct json *req_json(const struct req *r);
struct str req_body(const struct req *r); /* its bytes */

/* BODY_UPLOAD: the bytes are in a file of the server's upload folder, removed with the request
 * unless taken. */
struct req_file {
	const char *path;
	struct str name; /* of the part, or ?filename=; without folders; empty when not told */
	struct str type; /* media type as sent */
	uint64_t bytes;
	char sha256[65]; /* of the bytes, hex */
};
const struct req_file *req_file(const struct req *r); /* NULL when no file came */
/* req_file_take(r, to, e): rename it to ${to} (same file system), synced; now the caller's. */
int req_file_take(struct req *r, const char *to, struct err *e);

/* Other parts of a multipart body, and fields of a form; empty when absent. */
struct str req_part(const struct req *r, const char *name);

#endif
