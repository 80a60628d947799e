/* SPDX-License-Identifier: Apache-2.0 */
/* demo.h: an export of leads as a CRM makes it, whose true odds are known.
 *
 * Everything in it is invented: people, companies, telephone numbers (from the ranges kept free for
 * fiction) and mail domains (.example). It has what real exports have: gaps with a reason, several
 * spellings of one value, placeholders, a free-text note with line breaks, effects that depend on
 * each other, habits that change over the months, campaigns never seen before, leads still open,
 * and a column that is filled in only once a lead is decided. The chance to win a lead follows
 * from what its row shows, by a formula that only the generator knows. The same rows and seed give
 * the same bytes. */
#ifndef LEADS_DEMO_H
#define LEADS_DEMO_H

#include <stddef.h>
#include <stdint.h>

struct err;

/* Two files are written: decided (and some open) leads to learn from, and the newest leads, whose
 * outcome column is not there, to score. */
struct demo_opts {
	size_t rows; /* of both files together; three in four to learn from */
	uint64_t seed;
	int weeks; /* all dates later by as many weeks, so that weekdays stay; 0: 2023 to 2025 */
	const char *history; /* path of the first */
	const char *leads;   /* path of the second */
	/* progress(arg, done) from time to time; nonzero stops with ERR_CANCELLED. NULL: none. */
	int (*progress)(void *arg, double done);
	void *progress_arg;
};

/* What is known about the second file's rows, in its order. */
struct demo_truth {
	size_t n;
	double *chance; /* [n] true chance to be won; owned */
	double as_of;   /* the day to score them on, days since 1970 */
	size_t history; /* rows in the first file */
	double base;    /* mean chance over the first file's rows */
};

/* The day after the last activity when weeks is 0 (2025-02-28): all of the files has happened. */
#define DEMO_AS_OF 20147.0

#define DEMO_TARGET "Status" /* the first file's outcome column: Won, Lost, Open */
#define DEMO_WON    "Won"
#define DEMO_LOST   "Lost"
#define DEMO_ID     "Lead ID"

/* demo_write(o, t, e): both files, each whole or not at all. */
int demo_write(const struct demo_opts *o, struct demo_truth *t, struct err *e);
void demo_truth_clear(struct demo_truth *t);

#endif
