/* SPDX-License-Identifier: Apache-2.0 */
/* identity_json.h: accounts, keys and sessions as the API shows them; never a hash or a secret. */
#ifndef API_IDENTITY_JSON_H
#define API_IDENTITY_JSON_H

#include <stdint.h>

#include "http/request.h"
#include "record/user.h"

struct buf;
struct err;
struct jw;

void put_time(struct jw *w, const char *key, int64_t ms); /* nothing when it is MS_NONE */
void put_ulid(struct jw *w, const char *key, struct id id);
void put_user(struct jw *w, const struct user *u);                     /* a whole object */
void put_key(struct jw *w, const struct api_key *k, const char *text); /* ${text} NULL: not shown */

/* send_json(r, status, b, e): checks and answers; ${b} is empty afterwards in every case. */
int send_json(struct req *r, int status, struct buf *b, struct err *e);
/* send_me(r, who, u, e): the account of ${who}; ${u} NULL for a key and for "local". */
int send_me(struct req *r, int status, const struct user *u, struct err *e);

/* need_text(r, key, out, e): a member of the body that must be text; a fault is noted otherwise. */
int need_text(struct req *r, const char *key, struct str *out, struct err *e);
/* need_role(r, key, out, e): as need_text, a role. */
int need_role(struct req *r, const char *key, enum user_role *out, struct err *e);
/* path_id(r, out, e): {id} of the path as a ULID; ERR_NOT_FOUND. */
int path_id(const struct req *r, struct id *out, struct err *e);
/* base_url(r, out, n): "https://crm.example", as people reach this server. */
void base_url(const struct req *r, char *out, size_t n);

#endif
