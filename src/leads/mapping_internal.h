/* SPDX-License-Identifier: Apache-2.0 */
/* mapping_internal.h: what the files of mapping share. */
#ifndef LEADS_MAPPING_INTERNAL_H
#define LEADS_MAPPING_INTERNAL_H

#include "leads/mapping.h"
#include "util/buf.h"

int mapping_start(struct mapping *m, size_t n, struct err *e);
/* mapping_text(m, s, out, e): a copy that lives as long as ${m}. */
int mapping_text(struct mapping *m, struct str s, struct str *out, struct err *e);
int mapping_guess_outcome(
	struct mapping *m, const struct profile *p, const struct outcome_rule *like, struct err *e);
/* mapping_words(m, e): words from won and lost. */
int mapping_words(struct mapping *m, struct err *e);
/* mapping_value_guess(value): what a word in an outcome column says: "Closed Won" is won. ${plain}:
 * words that mean it only where the column is about nothing else ("yes", "1"). */
enum lead_outcome mapping_value_guess(struct str value, bool plain);

#endif
