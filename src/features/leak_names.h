/* SPDX-License-Identifier: Apache-2.0 */
/* leak_names.h: how much a column's name says about being written after the outcome.
 * Pure functions over tables of words in several languages; any thread. */
#ifndef FEATURES_LEAK_NAMES_H
#define FEATURES_LEAK_NAMES_H

#include <stdbool.h>

#include "util/str.h"

enum name_hint {
	HINT_NONE,
	HINT_WEAK,   /* "status", "duration": often innocent */
	HINT_MEDIUM, /* "tags", "lead quality", "last activity": written while a lead is worked */
	HINT_STRONG  /* "close date", "lost reason", "contract signed": written at the end */
};

struct name_reading {
	enum name_hint hint;
	const char *why; /* "written by the sales team", static; NULL without a hint */
	bool score;      /* another tool's score or a person's grade */
	bool state;      /* a state at export time; for dates it is only their age */
	bool at_end;     /* what it says happens when the deal ends */
	bool vetoed;     /* says that it is about something else than the lead's story */
	bool innocent; /* known before by what it says: "previous purchases", "days since visit" */
};

/* leak_name_read(name, target): what ${name} says, given the target column's name. */
struct name_reading leak_name_read(struct str name, struct str target);

/* leak_name_score_part(name, prefix): whether the last word is "score", "index" and the like;
 * ${prefix} is then the length in bytes of the first word of ${name}. */
bool leak_name_score_part(struct str name, size_t *prefix);

#endif
