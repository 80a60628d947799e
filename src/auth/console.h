/* SPDX-License-Identifier: Apache-2.0 */
/* console.h: what an operator at the machine may do with people, keys and the audit log, as a JSON
 * object in and one out. The commands user, key and audit speak it, to the running server over its
 * control socket or, when none runs, to the data folder itself. Threads: any. */
#ifndef AUTH_CONSOLE_H
#define AUTH_CONSOLE_H

#include "util/str.h"

struct auth;
struct buf;
struct err;

/* console_run(a, request, reply, e): ${request} is {"do":"user.add", ...}; ${reply} gets one
 * object. A failure is -1 with ${e}; console_failure puts it into a reply, console_result takes it
 * out. */
int console_run(struct auth *a, struct str request, struct buf *reply, struct err *e);
void console_failure(const struct err *e, struct buf *reply);
/* console_result(reply, e): 0, or -1 with the failure that is in it. */
int console_result(struct str reply, struct err *e);

#endif
