/* SPDX-License-Identifier: Apache-2.0 */
/* rule.h: a score without outcomes: points for recency, engagement and fit, by the columns' roles.
 *
 * A stand-in until there is a model, labelled `rule` wherever it is shown. It is a heuristic, not a
 * measured probability; docs/rule-score.md has the table of points. Each part that the file has
 * columns for gives a value between 0 and 1, missing ones count nothing, and the weighted mean x
 * goes to the shown number by 1 / (1 + exp(-(x - .5) * 5)). Threads: never changes after rule_new.
 */
#ifndef MODEL_RULE_H
#define MODEL_RULE_H

#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"

struct bases;
struct err;
struct profile;
struct rule;

/* rule_new(p, e): the parts that the columns of ${p} can feed. Borrows nothing. */
struct rule *rule_new(const struct profile *p, struct err *e);
void rule_free(struct rule *r);
const struct bases *rule_bases(const struct rule *r); /* what rule_score wants computed */
/* rule_score(r, num, code): probability-like number in (0, 1) from one row's base values. */
double rule_score(const struct rule *r, const float *num, const uint32_t *code);
/* rule_parts(r, i): one line on part ${i} ("recency: days since Last Activity, weight 2"), NULL
 * after the last. */
const char *rule_part(const struct rule *r, size_t i);

#endif
