/* SPDX-License-Identifier: Apache-2.0 */
/* setup.h: the first account. As long as nobody has one, the server makes a link at its start, good
 * once and for an hour, that only those see who see its output or its data folder; there is no
 * default password and no moment when the first to come gets in. Threads: any. */
#ifndef AUTH_SETUP_H
#define AUTH_SETUP_H

#include <stdbool.h>

#include "auth/key.h"
#include "record/user.h"

struct arena;
struct auth;
struct err;

enum { SETUP_MS = 60 * 60 * 1000 };

/* setup_link(a, base, link, n, e): when nobody has an account: a new link in ${link} (those of
 * earlier starts stay good for their hour) and in DATA/setup-link (0600); else "" and the file is
 * removed. ${base}: "http://127.0.0.1:8000". */
int setup_link(struct auth *a, const char *base, char *link, size_t n, struct err *e);
/* setup_needed(a, needed, e): nobody has an account. */
int setup_needed(struct auth *a, bool *needed, struct err *e);
/* setup_claim(a, token, email, name, pw, address, request, mem, out, e): the first admin. Of those
 * who come at once one gets it. ERR_NOT_FOUND: no such link; ERR_CONFLICT: somebody has an account;
 * ERR_INPUT: the link stays good. */
int setup_claim(struct auth *a, struct str token, struct str email, struct str name, struct str pw,
	struct str address, struct str request, struct arena *mem, struct user *out, struct err *e);

#endif
