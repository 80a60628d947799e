/* SPDX-License-Identifier: Apache-2.0 */
/* event.h: what happened to a lead and cannot be read off the lead itself; and what people wrote
 * about it. Plain data. */
#ifndef RECORD_EVENT_H
#define RECORD_EVENT_H

#include <stdint.h>

#include "record/id.h"
#include "util/str.h"

struct event {
	struct id id; /* ULID; the same id again changes nothing */
	struct id lead;
	int64_t at_ms;
	struct id by; /* user, key or upload; none: the server itself */
	struct str
		kind; /* "created|updated|scored|band|outcome|override|verdict|note|undo|owner" */
	struct str text; /* a sentence; may be empty */
	struct str data; /* JSON; may be empty */
};

struct note {
	struct id id; /* ULID */
	struct id lead;
	struct id by;
	struct str text;
	int64_t created_ms, updated_ms;
};

#endif
