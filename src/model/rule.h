/* SPDX-License-Identifier: Apache-2.0 */
/* rule.h: a score without outcomes: points for recency, engagement and fit, by the columns' roles.
 *
 * A stand-in until there is a model, labelled "rule" wherever it is shown: a heuristic, not a
 * measured probability. Each part for which the file has a column gives a value between 0 and 1:
 *
 *   part        weight  value
 *   recency       3     half as much for every 30 days since the last activity (else the last
 *                       change, else the creation); a column of days works the same
 *   engagement    3     log(1 + x) / log(1 + most), the mean over visits, opens, minutes, ...
 *   interest      1     1 when an interest, note or tag is filled, else 0
 *   seniority     2     by job title: decides 1, leads a department 0.7, other 0.4, student 0.1
 *   company       1     e-mail under a company's own domain 1, at a free mailbox 0.3
 *   size          1     log(1 + employees) / log(10001), at most 1
 *   source        2     by its words: referral or event 1, search or the web site 0.6, advertising
 *                       0.4, bought list or cold call 0.1, other 0.5
 *   contact       1     share of e-mail, phone and company that is filled
 *   consent       2     0 for "unsubscribed", "opted out", a yes under "do not email" or a no under
 *                       "newsletter", else 1
 *
 * A missing value counts .3, and where the parts with a column have less than half of all weight,
 * so does what is missing of that half. The weighted mean x of the parts becomes the shown number
 * by 1 / (1 + exp(-6 (x - 0.55))); hot from .6, warm from .35. Threads: never changes after
 * rule_new. */
#ifndef MODEL_RULE_H
#define MODEL_RULE_H

#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

#define RULE_PARTS 9

struct bands;
struct buf;
struct err;
struct profile;
struct rule;

/* rule_new(p, e): the parts that the columns of ${p} can feed; rows are read by its formats. Copies
 * what it needs. A file without any such column gives a rule of no parts, and .5 for every lead. */
struct rule *rule_new(const struct profile *p, struct err *e);
void rule_free(struct rule *r);
/* rule_score(r, cells, as_of): number in (0, 1) for a row with one cell per column of the profile.
 */
double rule_score(const struct rule *r, const struct str *cells, double as_of);
const struct bands *rule_bands(const struct rule *r);
/* rule_part(r, i): what part ${i} is made from: "recency: Last Activity Date"; NULL after the
 * last. */
const char *rule_part(const struct rule *r, size_t i);

struct rule_reason {
	unsigned part;    /* its place in the table above */
	const char *text; /* "recency: Last Activity Date"; borrowed from the rule */
	double value;     /* what it adds to the number, against a missing value */
	int points;
};
/* base + the values + rest = the number; base_points + the points + rest_points = its score. */
struct rule_explain {
	double base; /* the number of a lead of which nothing is known */
	int base_points;
	struct rule_reason reasons[RULE_PARTS]; /* the largest first */
	size_t n;
	double rest;
	int rest_points;
};
/* rule_explain(r, cells, as_of, k, x): the ${k} parts that say most, of a row as rule_score takes
 * it. */
void rule_explain(const struct rule *r, const struct str *cells, double as_of, size_t k,
	struct rule_explain *x);
/* rule_line(r, cells, as_of, k, out): the same in one line, as reasons_line has it. */
void rule_line(
	const struct rule *r, const struct str *cells, double as_of, size_t k, struct buf *out);

#endif
