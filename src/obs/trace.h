/* SPDX-License-Identifier: Apache-2.0 */
/* trace.h: which request or job this thread works on, so that its log lines carry the id.
 * W3C trace context: a traceparent that comes in is kept, one that is missing or wrong is made. */
#ifndef OBS_TRACE_H
#define OBS_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "util/str.h"

enum { TRACE_ID = 33 };

struct trace {
	char request_id[27]; /* a ULID; also X-Request-Id */
	uint64_t id[2];      /* of the trace, see trace_id */
	char parent_id[17];  /* the caller's span, 16 hex digits; "" when it sent none */
};

/* trace_begin(t, traceparent): fresh ids; the trace id from ${traceparent} when that is valid. */
void trace_begin(struct trace *t, struct str traceparent);

/* trace_adopt(t, traceparent): the trace id and parent of ${traceparent}, when it is valid. */
void trace_adopt(struct trace *t, struct str traceparent);

/* trace_id(t, out): the trace id as 32 hex digits and a NUL; few requests write theirs down. */
void trace_id(const struct trace *t, char out[TRACE_ID]);

/* trace_enter(t): from now on this thread's log lines carry ${t}, borrowed until trace_leave. */
void trace_enter(const struct trace *t);
void trace_leave(void);
const struct trace *trace_current(void); /* NULL: none */

#endif
