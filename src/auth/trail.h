/* SPDX-License-Identifier: Apache-2.0 */
/* trail.h: writing to the audit log: who did what to what. Ids and counts only, never the personal
 * data of a lead and never a secret. Threads: any. */
#ifndef AUTH_TRAIL_H
#define AUTH_TRAIL_H

#include "record/id.h"
#include "util/str.h"

struct caller;
struct err;
struct store;

/* Who acts: a caller of the API, the command line, or the server itself. */
struct actor {
	char name[34];      /* "user ULID", "key ULID", "cli", "server", "local", "nobody" */
	struct str address; /* of the client; may be empty */
	struct str request; /* request id; may be empty */
	struct id user;     /* none: no person */
	int role;           /* enum role of http/route.h: what it may give others */
};

void actor_of(struct actor *out, const struct caller *who, struct str address, struct str request);
void actor_cli(struct actor *out);
void actor_server(struct actor *out);

/* trail_add(s, by, action, object, detail, e): ${action} as "login.failed"; ${object} as "user
 * ULID", may be empty; ${detail} a JSON object, may be empty. Safe on the disk when it returns. */
int trail_add(struct store *s, const struct actor *by, const char *action, struct str object,
	struct str detail, struct err *e);
/* trail_id(s, by, action, kind, id, detail, e): the object is "KIND ULID". */
int trail_id(struct store *s, const struct actor *by, const char *action, const char *kind,
	struct id id, struct str detail, struct err *e);

#endif
