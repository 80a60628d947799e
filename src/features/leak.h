/* SPDX-License-Identifier: Apache-2.0 */
/* leak.h: columns that are known only after the outcome, found and explained.
 *
 * Looks at the rows with a known outcome: does the column alone tell won from lost too well; is it
 * filled almost only for one outcome; do its values decide the outcome for much of the file; does a
 * date move with the outcome; do two columns together give it away. Names (of columns, of values,
 * in several languages) move the thresholds and never decide without support in the data, save for
 * headers that mean "written at the end" in a known system and another tool's score.
 *
 * Every estimate comes from held-out folds and counts with the cautious end of its interval, so
 * small tables accuse nobody. The same input gives the same verdicts; no clock, no threads. */
#ifndef FEATURES_LEAK_H
#define FEATURES_LEAK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

struct err;
struct frame;
struct jw;
struct profile;

enum leak_verdict {
	LEAK_KEEP,
	LEAK_FLAG, /* suspicious: shown, but used */
	LEAK_OUT   /* left out unless the user insists */
};

enum leak_kind {
	LEAK_NONE,
	LEAK_ALONE,   /* ranks won before lost too well by itself */
	LEAK_FILLED,  /* filled (or empty) almost only for one outcome */
	LEAK_PURE,    /* values that decide the outcome for a large share of the leads */
	LEAK_WORDS,   /* values named after the outcome ("closed won") */
	LEAK_NAMED,   /* a name of something written after contact, and support in the data */
	LEAK_SCORE,   /* another tool's score, or a person's forecast */
	LEAK_LATE,    /* a date that moves with the outcome */
	LEAK_TOGETHER /* gives it away in combination with another column */
};

struct leak_opts {
	bool ignore_names; /* judge by the data alone (names of columns and of values unread) */
	/* Text of a level of base column ${base}; NULL: values have no names. As bases_level. */
	struct str (*level)(const void *ctx, size_t base, uint32_t code);
	const void *level_ctx;
	uint64_t seed; /* of the folds and of the rows sampled from large files */
	/* Asked between columns; nonzero stops with ERR_CANCELLED. May be NULL. */
	int (*progress)(void *ctx, double fraction);
	void *progress_ctx;
};

struct leak_column {
	enum leak_verdict verdict;
	enum leak_kind kind;
	char *evidence; /* one sentence for a manager; NULL when kept without remark */
	double auc;   /* single-column ROC AUC, out of fold, never below .5; NaN if not measured */
	int32_t with; /* LEAK_TOGETHER: the other column, else -1 */
};

struct leak_report {
	struct leak_column *cols; /* [n] one per column of the profile; owned */
	size_t n;
};

/* leak_judge(f, p, o, out, e): a verdict for each column of ${p} that has base columns in ${f}, and
 * for those of its roles that are never inputs but tell the outcome. With three labels hot counts
 * as won, the rest as lost. ${out} is owned by the caller (leak_report_clear). */
int leak_judge(const struct frame *f, const struct profile *p, const struct leak_opts *o,
	struct leak_report *out, struct err *e);
void leak_report_clear(struct leak_report *r);

const char *leak_kind_name(enum leak_kind k); /* "alone", "filled", ... for JSON */

/* What training left out and why, as scripts read it. */
enum left_reason { LEFT_LEAK, LEFT_IDENTIFIER, LEFT_EMPTY, LEFT_CONSTANT, LEFT_DROPPED };
const char *left_reason_name(enum left_reason r); /* "leak", ..., "dropped by you" */

struct left_out {
	uint32_t column; /* of the profile */
	enum left_reason reason;
	const char *evidence; /* borrowed from profile or report; ends in NUL */
};

/* leak_left_out(p, r, out, n, e): every column that is not used, in file order: from the profile
 * (identifier, empty, constant, dropped) and from the report, without columns the user keeps. The
 * target is not among them. ${out} is an array for free(). */
int leak_left_out(const struct profile *p, const struct leak_report *r, struct left_out **out,
	size_t *n, struct err *e);

/* leak_keeps(p, r, col): whether base columns made from ${col} may be used: in by the profile, and
 * not LEAK_OUT unless the user keeps it. */
bool leak_keeps(const struct profile *p, const struct leak_report *r, size_t col);

#endif
