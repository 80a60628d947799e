/* SPDX-License-Identifier: Apache-2.0 */
#include "api/trail.h"

#include <stdarg.h>
#include <stdio.h>

#include "api/api.h"

void api_actor(const struct req *r, struct actor *out)
{
	actor_of(out, req_caller(r), str_of(req_address(r)), str_of(req_id(r)));
}

int api_trail(
	struct req *r, struct err *e, const char *action, struct str object, const char *fmt, ...)
{
	char detail[1024];
	struct actor by;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	api_actor(r, &by);
	return trail_add(api_of(r)->store, &by, action, object, str_of(detail), e);
}
