/* SPDX-License-Identifier: Apache-2.0 */
/* leak_internal.h: what the judge (leak.c), the search for combinations (leak_combo.c) and the
 * sentences (leak_words.c) share. */
#ifndef FEATURES_LEAK_INTERNAL_H
#define FEATURES_LEAK_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "features/frame.h"
#include "features/leak.h"
#include "features/leak_names.h"
#include "features/leak_stats.h"
#include "features/profile.h"

/* What was measured of one column of the file. */
struct leak_facts {
	bool judged;             /* it has base columns */
	size_t base;             /* the base that tells most */
	struct leak_power power; /* of that base */
	bool by_spread;          /* power comes from the order of the number, without bins */
	size_t pure_base;        /* the base with the largest pure share, and its figures */
	struct leak_power pure;
	size_t lost_base; /* the base with the largest share of lost in one cell */
	struct leak_power lost;
	double filled_won, filled_lost; /* leads for which it is filled */
	double filled_auc, filled_low;  /* what being filled tells, at least .5 */
	struct name_reading name;
	/* A level named after the outcome, and right: its code, won and all leads; 0 without. */
	size_t word_base;
	uint32_t word_code;
	double word_won, word_all;
	bool word_is_won;
	double labels; /* share of the filled leads whose value is hot, warm or cold */
};

struct leak_judge {
	const struct frame *f;
	const struct profile *p;
	const struct leak_opts *o;
	struct leak_report *out;
	struct leak_rows rows;
	struct leak_facts *facts; /* [p->n] */
	struct str target;        /* name of the target column */
};

/* leak_say(j, col, verdict, kind, fmt, ...): set the verdict of a column with its sentence, unless
 * it has a harder one already. 0 or -1. */
int leak_say(struct leak_judge *j, size_t col, enum leak_verdict verdict, enum leak_kind kind,
	struct err *e, const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/* Verdicts on combinations of columns that were kept so far. */
int leak_combos(struct leak_judge *j, struct err *e);
/* Text of a level, or empty. */
struct str leak_level(const struct leak_judge *j, size_t base, uint32_t code);

#endif
