/* SPDX-License-Identifier: Apache-2.0 */
/* card_internal.h: the facts of a report, read once, and the pieces that the formats share. */
#ifndef MODEL_CARD_INTERNAL_H
#define MODEL_CARD_INTERNAL_H

#include <stdbool.h>

#include "model/baseline.h"
#include "model/card.h"
#include "model/evaluate.h"
#include "model/heat.h"
#include "model/summary.h"
#include "util/buf.h"
#include "util/json.h"

enum { CARD_FIELDS = 12, CARD_LIMITS = 12 };

/* A field and how far it moves the probability: the standard deviation, over the leads, of the mean
 * probability of its bins. */
struct card_field {
	const struct summary_col *col;
	double spread;
};

struct card_split { /* figures on one split of the data */
	bool has;
	struct eval eval;
	struct baseline_figures base;
};

struct card {
	const struct card_about *about;
	const struct json *report;
	struct card_split fold, later;
	bool has_bands, has_curves;
	struct bands bands;
	struct eval_curves curves;
	struct card_field *fields; /* [n_fields] the strongest first */
	size_t n_fields;
};

/* card_open(r, about, e): owned; NULL on failure. */
struct card *card_open(const struct json *report, const struct card_about *about, struct err *e);
void card_close(struct card *c);

/* ---- words, not escaped */
void card_headline(const struct card *c, struct buf *b); /* what it is worth, for a manager */
/* card_limit(c, i, b): known limit ${i}; false after the last. */
bool card_limit(const struct card *c, size_t i, struct buf *b);
void card_count(struct buf *b, double n);       /* 12,345 */
void card_percent(struct buf *b, double x);     /* 12.3 % with a space that does not break */
void card_time(struct buf *b, int64_t seconds); /* 2026-03-31 14:05 UTC */
void card_number(struct buf *b, double x, int decimals); /* "-" for NaN */
double card_num(const struct json *v, const char *key);
struct str card_str(const struct json *v, const char *key);

/* ---- HTML */
void card_esc(struct buf *b, struct str s);  /* text of ours or theirs */
void card_name(struct buf *b, struct str s); /* theirs, kept from turning the line around */
void card_page(const struct card *c, struct buf *b);
void card_style(struct buf *b);
void card_icon(struct buf *b, enum heat h); /* icon and word, coloured */

/* card_parts: sections below the first */
void card_baselines(const struct card *c, struct buf *b);
void card_classes(const struct card *c, struct buf *b);
void card_later(const struct card *c, struct buf *b);
void card_groups(const struct card *c, struct buf *b);
void card_fields(const struct card *c, struct buf *b);
void card_left_out(const struct card *c, struct buf *b);
void card_live(const struct card *c, struct buf *b);
void card_limits(const struct card *c, struct buf *b);
void card_making(const struct card *c, struct buf *b);
void card_interval(struct buf *b, struct eval_value v, int decimals); /* as table cell text */

/* card_chart: one svg each */
void card_chart_reliability(const struct card *c, struct buf *b);
void card_chart_gain(const struct card *c, struct buf *b);
void card_chart_scores(const struct card *c, struct buf *b);
void card_chart_roc(const struct card *c, struct buf *b);
void card_chart_pr(const struct card *c, struct buf *b);
void card_chart_bound(const struct card *c, struct buf *b);
void card_chart_field(
	const struct card *c, const struct summary_col *s, double most, struct buf *b);
double card_chart_most(const struct card *c); /* the common scale of the fields */

void card_markdown(const struct card *c, struct buf *b);
void card_json(const struct card *c, struct buf *b);

#endif
