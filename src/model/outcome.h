/* SPDX-License-Identifier: Apache-2.0 */
/* outcome.h: which leads are won, which are lost, which are still open: a rule, not a column.
 *
 *	c = outcome_counter_new(&opts, e);		// opts: column, --won, --lost
 *	while (rows) outcome_counter_cell(c, cell, e);	// the cells of the target column
 *	rule = outcome_resolve(c, &opts, e);
 *	label = outcome_label(rule, cell);
 *
 * Values agree when they are the same text after trimming, case folding and NFKC, or the same
 * number (1, 1.0 and "1"). Two-valued columns (1/0, yes/no, won/lost, Sim/Nao, converted / not
 * converted) and the three labels hot, warm, cold need no flags. With won values alone every other
 * filled value is lost; with lost values as well the rest is open. Blank cells, and words that say
 * nothing ("N/A", "unknown") unless a flag names them, are always open: scored, not trained on,
 * never a negative.
 *
 * A rule does not change after it is made: any thread may read it. */
#ifndef MODEL_OUTCOME_H
#define MODEL_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "features/frame.h" /* enum outcome */
#include "util/str.h"

struct buf;
struct err;
struct json;
struct jw;

struct outcome_rule;
struct outcome_counter;

struct outcome_opts {
	struct str column;     /* the target column's name, for the sentences */
	const struct str *won; /* values of --won; borrowed */
	size_t n_won;
	const struct str *lost; /* values of --lost; borrowed */
	size_t n_lost;
	/* The rule of a trained model, or NULL. Without flags it is taken over as it is when any
	 * of its values occurs, so that a file with one class only can be evaluated. */
	const struct outcome_rule *like;
};

/* outcome_find_column(names, n, want, index, e): the target among the columns: exact, else the
 * only one equal without case and punctuation. ERR_INPUT names the nearest, or lists them. */
int outcome_find_column(
	const struct str *names, size_t n, struct str want, size_t *index, struct err *e);

/* Counts the different values of the target column. Memory is bounded: beyond 10,000 different
 * values only their number is kept (values named in ${o} are always counted). */
struct outcome_counter *outcome_counter_new(const struct outcome_opts *o, struct err *e);
int outcome_counter_cell(struct outcome_counter *c, struct str cell, struct err *e);
void outcome_counter_free(struct outcome_counter *c);

/* outcome_resolve(c, o, e): the rule. ERR_INPUT, with values and counts and the flags to type, for
 * a column that is empty, has one class only, more than two values and no flags, two values of
 * which neither sounds won; or when a given value never occurs (the nearest is suggested) or is
 * given as both. ERR_INPUT when nothing is won or nothing is lost, unless o->like. */
struct outcome_rule *outcome_resolve(
	const struct outcome_counter *c, const struct outcome_opts *o, struct err *e);
void outcome_rule_free(struct outcome_rule *r);

/* outcome_label(r, cell): OUTCOME_OPEN, else with two classes OUTCOME_LOST or OUTCOME_WON, with
 * three 0 hot, 1 warm, 2 cold. No allocation. */
int8_t outcome_label(const struct outcome_rule *r, struct str cell);

uint32_t outcome_classes(const struct outcome_rule *r); /* 2 or 3 */
struct str outcome_column(const struct outcome_rule *r);
/* How many of the counted cells have a label: OUTCOME_OPEN, OUTCOME_LOST, OUTCOME_WON, or of three
 * labels 0, 1, 2. */
uint64_t outcome_total(const struct outcome_rule *r, int label);
/* outcome_note(r, i): sentence ${i} to show ("... sounds open"); NULL after the last. Not saved. */
const char *outcome_note(const struct outcome_rule *r, size_t i);

/* outcome_describe(r, b): "won = Converted is 1; lost = 0; 0 open", values as first seen. */
void outcome_describe(const struct outcome_rule *r, struct buf *b);

/* As one JSON value, both ways. outcome_read takes hostile input. */
void outcome_write(const struct outcome_rule *r, struct jw *w);
struct outcome_rule *outcome_read(const struct json *v, struct err *e);

#endif
