/* SPDX-License-Identifier: Apache-2.0 */
/* outcome_internal.h: what counting values (outcome.c) and making a rule (outcome_rule.c) share. */
#ifndef MODEL_OUTCOME_INTERNAL_H
#define MODEL_OUTCOME_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "features/cell.h"
#include "util/arena.h"
#include "util/map.h"
#include "util/str.h"

#define OUTCOME_KEY_MAX     CELL_TEXT_MAX /* bytes of a value that count */
#define OUTCOME_MOST_VALUES 10000

struct outcome_value {
	struct str text; /* as first seen, trimmed */
	struct str key;  /* what values are compared by */
	uint64_t count;
	int8_t cls;   /* enum outcome, or 0 hot 1 warm 2 cold */
	int8_t yesno; /* words_yesno */
};

struct outcome_counter {
	struct map map; /* key to index into values */
	struct outcome_value *values;
	size_t n, cap;
	uint64_t rows, blank;
	uint64_t beyond; /* cells whose value is not kept: too many different ones */
	struct arena mem;
};

/* outcome_key(s, out): what a value is compared by; empty for a blank. Lives in ${out} or ${s}. */
struct str outcome_key(struct str s, char out[OUTCOME_KEY_MAX]);
/* The value with that key, made when it is new; NULL when out of memory. */
struct outcome_value *outcome_counter_value(
	struct outcome_counter *c, struct str key, struct str text);
/* Index of the name that ${want} may have meant, or -1. */
ptrdiff_t outcome_nearest(const struct str *names, size_t n, struct str want);

#endif
