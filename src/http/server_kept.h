/* SPDX-License-Identifier: Apache-2.0 */
/* server_kept.h: answers of the HTTP library that are used again. To make one with its ten headers
 * takes some thirty allocations, as long as reading the lead that is scored; all of it but the
 * body, the request's id and, from second to second, the date is the same each time. So a small
 * JSON answer is kept when it has been sent, and the next one of the same length takes its place:
 * the library fixes the length of a body when it makes the answer, and nothing else.
 *
 * Threads: any; an answer belongs to one request between kept_take and kept_give. */
#ifndef HTTP_SERVER_KEPT_H
#define HTTP_SERVER_KEPT_H

#include <stddef.h>

#include "util/str.h"

struct err;
struct kept;
struct kept_answers;
struct MHD_Response;

enum {
	KEPT_BYTES = 512, /* longest body */
	KEPT_MOST = 256   /* idle answers; each 1.5 KiB with its headers */
};

/* kept_new(e): empty; NULL without memory. */
struct kept_answers *kept_new(struct err *e);
/* No answer may be with a request any more. */
void kept_free(struct kept_answers *k);

/* kept_take(k, body, kind, id): an idle answer of that length and ${kind} (a number that stands for
 * all its other headers), now with ${body}, X-Request-Id ${id} and the Date; NULL: there is none.
 */
struct kept *kept_take(struct kept_answers *k, struct str body, unsigned kind, const char *id);

/* kept_make(body, kind, id): a new one with ${body}, X-Request-Id and Date, to which the caller
 * adds the headers of ${kind}. NULL without memory. */
struct kept *kept_make(struct str body, unsigned kind, const char *id);

struct MHD_Response *kept_response(struct kept *a);

/* kept_drop(a): one whose headers could not be added. */
void kept_drop(struct kept *a);

/* kept_give(k, a): the answer has gone out, or has not been queued. */
void kept_give(struct kept_answers *k, struct kept *a);

#endif
