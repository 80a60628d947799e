/* SPDX-License-Identifier: Apache-2.0 */
/* gate.h: who calls: the hook of http/server.h. A key in "Authorization: Bearer lhs_...", else the
 * cookie of a session. Answers from memory; refusals go into the audit log behind its back.
 * Threads: any. */
#ifndef AUTH_GATE_H
#define AUTH_GATE_H

#include <stddef.h>

struct auth;
struct caller;
struct err;
struct req;

/* gate_caller(a, r, who, e): fills ${who}. ERR_AUTH: a key that is none (any more); ERR_PERM: a
 * request from another site, or one who must first set a new password. */
int gate_caller(struct auth *a, struct req *r, struct caller *who, struct err *e);

/* gate_cookie(a, r, token): the cookie that keeps ${token} goes along with the answer; empty: the
 * one that the browser has is removed. */
void gate_cookie(struct auth *a, struct req *r, const char *token);

#endif
