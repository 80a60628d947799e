/* SPDX-License-Identifier: Apache-2.0 */
/* reason_words.h: a reason as a sales rep reads it, with its evidence.
 *
 *	Came from Referral: 42 of 120 such leads won
 *	Total Time Spent 1532 (1100 or more): 310 of 420 such leads won
 *	Phone is missing: 14 of 210 such leads won
 *
 * Without points; who prints adds "+11". Text from leads is cut to 60 characters and control
 * characters are taken out; nothing else is escaped. */
#ifndef MODEL_REASON_WORDS_H
#define MODEL_REASON_WORDS_H

#include "util/str.h"

struct buf;
struct enc_evidence;
struct explain_reason;
struct model;

/* A value of the lead in the column of the reason. */
struct reason_value {
	struct str cell; /* as found; empty where the reason is a count over columns */
	float num;       /* of the reason's base column */
	unsigned code;
};

/* reason_words(m, r, v, ev, out): append the sentence. ${ev} NULL: training kept no evidence. */
void reason_words(const struct model *m, const struct explain_reason *r,
	const struct reason_value *v, const struct enc_evidence *ev, struct buf *out);

#endif
