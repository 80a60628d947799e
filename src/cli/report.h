/* SPDX-License-Identifier: Apache-2.0 */
/* report.h: what train and eval found, as text for people, from the JSON that programs get. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "util/str.h"

struct cli;
struct err;
struct json;
struct print;

/* report_training(p, v): of a training report. */
void report_training(struct print *p, const struct json *v);
/* report_evaluation(p, v): of an evaluation. */
void report_evaluation(struct print *p, const struct json *v);
/* report_explanation(p, v): of one lead. */
void report_explanation(struct print *p, const struct json *v);
void report_drift(struct print *p, const struct json *v);

/* report_print(c, json, report, e): ${json} as it is with --json, else by ${report}. */
int report_print(struct cli *c, struct str json,
	void (*report)(struct print *p, const struct json *v), struct err *e);

#endif
