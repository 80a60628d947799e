/* SPDX-License-Identifier: Apache-2.0 */
/* drift.h: how far new leads are from those the model learned from, and whether chance alone goes
 * that far at this number of rows.
 *
 * Per column the population stability index, sum of (now - then) ln(now / then) over bins with half
 * a lead added to each. Its null: training and new leads thrown together and dealt out again at
 * random (999 seeded deals; bin counts are hypergeometric), so a small file needs a large shift.
 * Columns count as moved when Benjamini and Hochberg's (1995) procedure at 5 % over all columns
 * says so; how much is then read from the index above its mean under the null: .1 and .25, as
 * usual. Threads: no state; any number at once. Same counts and seed, same bytes. */
#ifndef MODEL_DRIFT_H
#define MODEL_DRIFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct jw;
struct summary;
struct summary_counter;

enum drift_verdict {
	DRIFT_CHANCE, /* no further than chance goes */
	DRIFT_SLIGHT, /* real, but small */
	DRIFT_MOVED,
	DRIFT_STRONG
};

struct drift_share {
	double then, now; /* shares of the rows */
	double p;         /* how often chance makes as large a difference */
};

struct drift_col {
	size_t col;                        /* of the summary; for the score its number of columns */
	double psi, psi_chance;            /* measured; the 95th percentile under the null */
	double p;                          /* how often chance reaches it */
	struct drift_share missing, fresh; /* fresh: categories new or rare in training */
	uint32_t bin;                      /* whose share changed most */
	double bin_then, bin_now;
	enum drift_verdict verdict;
	char text[256]; /* "moved: Referral went from 22 % to 41 % of the leads" */
};

struct drift {
	uint64_t rows_then, rows_now;
	struct drift_col *cols; /* [n] one per column of the summary; owned */
	size_t n;
	struct drift_col score;
	double heat_then[3], heat_now[3], heat_p; /* mix of hot, warm, cold */
	double expected_wins;                     /* among the new rows */
	size_t moved;                             /* columns at DRIFT_MOVED or more */
	char text[512];                           /* the whole in a sentence or two */
};

/* drift_judge(s, c, seed, out, e): ERR_INPUT without a row to judge. */
int drift_judge(const struct summary *s, const struct summary_counter *c, uint64_t seed,
	struct drift *out, struct err *e);
void drift_clear(struct drift *d);
void drift_write(struct jw *w, const struct summary *s, const struct drift *d); /* members */
const char *drift_name(enum drift_verdict v); /* "within chance", "slight", "moved", "strong" */

#endif
