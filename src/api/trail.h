/* SPDX-License-Identifier: Apache-2.0 */
/* trail.h: who did what, from a handler into the audit log. Ids and counts only. */
#ifndef API_TRAIL_H
#define API_TRAIL_H

#include "auth/trail.h"
#include "http/request.h"
#include "util/str.h"

struct err;

/* api_actor(r, out): the caller of ${r}; its texts live as long as the request. */
void api_actor(const struct req *r, struct actor *out);

/* api_trail(r, action, object, fmt, ...): safe on the disk when it returns 0. ${action} as
 * "leads.exported", ${object} as "lead HEX"; ${fmt} makes a JSON object, or is "". */
int api_trail(struct req *r, struct err *e, const char *action, struct str object, const char *fmt,
	...) __attribute__((format(printf, 5, 6)));

#endif
