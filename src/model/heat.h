/* SPDX-License-Identifier: Apache-2.0 */
/* heat.h: from a probability to hot, warm or cold, to 0-100, and how sure that is.
 *
 * A lead is hot at p >= hot, warm at p >= warm, else cold. The thresholds are stored with the
 * model. By default hot starts at twice the base rate (or at twice its odds, where twice the rate
 * is out of reach above one half) or at the top tenth of the training leads' out-of-fold
 * probabilities, whichever is stricter, and warm at the base rate.
 * Threads: no state; any number at once. */
#ifndef MODEL_HEAT_H
#define MODEL_HEAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct json;
struct jw;

/* In the order of the classes of three labels. */
enum heat { HEAT_HOT, HEAT_WARM, HEAT_COLD, HEAT_COUNT };

enum bands_how { BANDS_DEFAULT, BANDS_HAND, BANDS_CAPACITY, BANDS_VALUE, BANDS_LABELS };

struct bands {
	double hot, warm; /* thresholds, 0 < warm <= hot; a hot above 1 is never reached */
	enum bands_how how_hot, how_warm;
	double base_rate;         /* of the training outcomes */
	double sd;                /* calibration error on the logit, see bands_calibration_sd */
	size_t count[HEAT_COUNT]; /* training leads in each band */
	/* What the thresholds were made from; 0 where it does not apply. */
	double leads_per_day, capacity_per_day, hot_per_day, wins_per_day;
	double win_value, contact_cost;
	char note[512]; /* how they were chosen and why a band is empty: sentences */
};

/* Leads to size bands on: the training rows with out-of-fold probabilities. */
struct bands_rows {
	const double *p;       /* [n] */
	const int8_t *y;       /* [n] enum outcome */
	const double *created; /* [n] days since 1970, NaN; NULL without a creation date */
	size_t n;
	uint64_t all; /* leads these rows stand for, when open ones are not among them; 0: n */
};

/* bands_default(r, out, e): as above. ERR_INPUT without a won or a lost row. */
int bands_default(const struct bands_rows *r, struct bands *out, struct err *e);
/* bands_by_hand(b, hot, warm, r, e): NaN keeps what is there. ERR_USAGE unless 0 < warm <= hot < 1.
 * ${r} (NULL: none) recounts the bands. */
int bands_by_hand(
	struct bands *b, double hot, double warm, const struct bands_rows *r, struct err *e);
/* bands_by_capacity(b, per_day, r, e): hot so that as many leads a day are hot as can be worked,
 * given how many leads a day came (${r}->all over the days that the creation dates span). ERR_INPUT
 * without creation dates over at least seven days. Warm stays, or moves to hot when it was above.
 */
int bands_by_capacity(struct bands *b, double per_day, const struct bands_rows *r, struct err *e);
/* bands_by_value(b, win, cost, r, e): hot where a contact pays for itself: p >= cost / win. */
int bands_by_value(
	struct bands *b, double win, double cost, const struct bands_rows *r, struct err *e);
/* bands_by_labels(b, p, y, n): with three labels heat is the likeliest label, p[n][3]; thresholds
 * do not apply and the three calls above then fail with ERR_USAGE. */
void bands_by_labels(struct bands *b, const double *p, const int8_t *y, size_t n);
/* bands_outgrown(b, hot_leads, days, out, n): with a capacity: true, and a sentence, when more
 * leads a day are hot than can be worked and by more than chance explains. */
bool bands_outgrown(const struct bands *b, size_t hot_leads, double days, char *out, size_t n);

/* bands_calibration_sd(p, y, n): how far off the calibration may be, as a standard deviation on the
 * logit: over ten bins of equal count, the scatter of observed against promised log odds beyond
 * chance (DerSimonian and Laird 1986) and the error with which a bin's rate is known. */
double bands_calibration_sd(const double *p, const int8_t *y, size_t n);

enum heat heat_of(const struct bands *b, double p);
/* heat_masses(b, p, fold_sd, mass): mass in each band of a normal on the logit with mean logit(p)
 * and variance fold_sd^2 + b->sd^2; they sum to 1. Confidence is mass[heat_of(b, p)]. */
void heat_masses(const struct bands *b, double p, double fold_sd, double mass[HEAT_COUNT]);
/* heat_of_classes(p): with three labels, the largest of P(hot), P(warm), P(cold); the hotter of
 * equals. Confidence is p[that]. */
enum heat heat_of_classes(const double p[HEAT_COUNT]);
/* heat_score(p): the whole number nearest to 100 p, a half upwards, decided on the exact value of
 * the double; 0 to 100. */
int heat_score(double p);
const char *heat_name(enum heat h);               /* "hot", "warm", "cold" */
int heat_parse(const char *name, enum heat *out); /* 0, or -1 when it is none of them */

void bands_write(struct jw *w, const struct bands *b); /* one object */
int bands_read(const struct json *obj, struct bands *out, struct err *e);

#endif
