/* SPDX-License-Identifier: Apache-2.0 */
/* summary.h: what training saw of every base column, in bins: how many leads, how many won, what
 * the model gave them. Small enough to be kept with the model; drift compares new leads with it,
 * and the model card draws each field's effect from it.
 *
 * Bins of a number: 0 missing, then up to ten of equal count, upper edges included, each value of
 * its own where there are few. Bins of a category: 0 missing, then the most frequent levels, then
 * all other levels, then last what training saw at most once and new values (both share a code).
 * Threads: a summary never changes after it is made; a counter has one thread. */
#ifndef MODEL_SUMMARY_H
#define MODEL_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "features/frame.h"
#include "util/str.h"

struct err;
struct json;
struct jw;

enum { SUMMARY_BINS = 24, SUMMARY_CUTS = 10, SUMMARY_LEVELS = 15 };

struct summary_col {
	char *name;   /* of the base column; owned */
	char *column; /* of the file, the one it is made from; "" for counts over many; owned */
	enum base_kind kind;
	uint32_t base;                /* its index among the base columns */
	bool itself;                  /* the column itself, not an engineered part of it */
	bool moves;                   /* changes with the day alone (an age) */
	bool used;                    /* the forest reads it */
	uint32_t n_bins;              /* 0 missing included */
	uint32_t n_levels;            /* categories: codes from here on are new */
	double edge[SUMMARY_BINS];    /* numbers: bin b > 0 ends at edge[b], the last at most */
	double low;                   /* numbers: the least */
	bool apart;                   /* numbers: each bin is one value */
	bool whole;                   /* numbers: every value is whole */
	uint32_t level[SUMMARY_BINS]; /* categories: code of bin b */
	char *label[SUMMARY_BINS];    /* categories: its text; owned, NULL for the others */
	uint64_t n[SUMMARY_BINS];     /* leads with a known outcome */
	uint64_t won[SUMMARY_BINS];
	double p[SUMMARY_BINS]; /* sum of their out-of-fold probabilities */
	uint8_t *bin_of;        /* [n_levels] categories; owned */
};

struct summary {
	uint64_t rows;
	struct summary_col *cols; /* [n] owned */
	size_t n;
	struct summary_col score; /* the probabilities themselves, as a number */
	uint64_t heat[3];         /* leads per band */
};

struct summary_opts {
	const bool *use;  /* [n_cols] base columns that may be used; NULL: all */
	const bool *used; /* [n_cols] those the forest reads; NULL: all of them */
	const double *p;  /* [rows] out-of-fold probability of won (with three labels of hot) */
	const int8_t *y;  /* [rows] enum outcome; rows without one are left out */
	/* What features/derive knows of base column ${i}; each may be NULL. */
	struct str (*column)(const void *ctx, size_t i); /* of the file; empty for counts */
	struct str (*level)(const void *ctx, size_t i, uint32_t code);
	bool (*moves)(const void *ctx, size_t i);
	uint32_t (*rare)(const void *ctx, size_t i); /* code pooled with new values */
	const void *ctx;
};

struct bands;
/* summary_make(f, o, b, out, e): ${b} splits the leads into bands. */
int summary_make(const struct frame *f, const struct summary_opts *o, const struct bands *b,
	struct summary *out, struct err *e);
void summary_clear(struct summary *s);
/* summary_find(s, base): the entry of base column ${base}, or NULL. */
const struct summary_col *summary_find(const struct summary *s, uint32_t base);

void summary_write(struct jw *w, const struct summary *s); /* one object */
/* summary_read(obj, n_base, out, e): hostile input; base columns lie below ${n_base}. */
int summary_read(const struct json *obj, size_t n_base, struct summary *out, struct err *e);

/* Counting other leads into the same bins. */
struct summary_counter {
	uint64_t rows;
	uint64_t *n; /* [cols + 1][SUMMARY_BINS], the score last; owned */
	size_t cols;
	uint64_t heat[3];
	double sum_p;
};
int summary_counter_init(struct summary_counter *c, const struct summary *s, struct err *e);
/* summary_count(c, s, num, code, p, heat): a row as bases_row gives it. */
void summary_count(struct summary_counter *c, const struct summary *s, const float *num,
	const uint32_t *code, double p, int heat);
void summary_counter_add(struct summary_counter *c, const struct summary_counter *other);
void summary_counter_clear(struct summary_counter *c);

uint32_t summary_bin(const struct summary_col *c, float num, uint32_t code);
/* summary_label(c, bin, out, n): "Referral", "12 to 40", "missing", "other", "new or rare". */
void summary_label(const struct summary_col *c, uint32_t bin, char *out, size_t n);

#endif
