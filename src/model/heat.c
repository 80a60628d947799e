/* SPDX-License-Identifier: Apache-2.0 */
#include "model/heat.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/err.h"
#include "util/json.h"
#include "util/str.h"

static const char *const heats[HEAT_COUNT] = { "hot", "warm", "cold" };
static const char *const hows[] = { "default", "by hand", "capacity", "value", "labels" };

/* Adds a sentence to the note; what does not fit is cut. */
static void say(struct bands *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(struct bands *b, const char *fmt, ...)
{
	size_t n = strlen(b->note);
	va_list ap;

	if (n > 0 && n + 1 < sizeof(b->note)) {
		b->note[n++] = ' ';
		b->note[n] = 0;
	}
	va_start(ap, fmt);
	vsnprintf(b->note + n, sizeof(b->note) - n, fmt, ap);
	va_end(ap);
}

const char *heat_name(enum heat h)
{
	return h >= HEAT_HOT && h < HEAT_COUNT ? heats[h] : "";
}

int heat_parse(const char *name, enum heat *out)
{
	for (int h = 0; h < HEAT_COUNT; h++)
		if (strcmp(name, heats[h]) == 0) {
			*out = (enum heat)h;
			return 0;
		}
	return -1;
}

enum heat heat_of(const struct bands *b, double p)
{
	return p >= b->hot ? HEAT_HOT : p >= b->warm ? HEAT_WARM : HEAT_COLD;
}

enum heat heat_of_classes(const double p[HEAT_COUNT])
{
	enum heat h = HEAT_HOT;

	for (int c = HEAT_WARM; c < HEAT_COUNT; c++)
		if (p[c] > p[h])
			h = (enum heat)c;
	return h;
}

int heat_score(double p)
{
	double s;

	if (!(p > 0))
		return 0;
	if (p >= 1)
		return 100;
	s = floor(100 * p + .5);
	/* 100 p was rounded; fma tells on which side of the half the exact product lies. */
	if (fma(p, 100, -(s - .5)) < 0)
		s--;
	else if (fma(p, 100, -(s + .5)) >= 0)
		s++;
	return (int)s;
}

static double logit(double p)
{
	return log(p) - log1p(-p);
}

/* The mass of a standard normal above z. */
static double above(double z)
{
	return .5 * erfc(z * 0.70710678118654752440);
}

/* ${z}: logit(p) */
static double mass_above(double threshold, double p, double z, double sd)
{
	if (threshold <= 0)
		return 1;
	if (threshold >= 1)
		return p >= threshold ? 1 : 0;
	if (!(sd > 0) || p <= 0 || p >= 1)
		return p >= threshold ? 1 : 0;
	return above((logit(threshold) - z) / sd);
}

void heat_masses(const struct bands *b, double p, double fold_sd, double mass[HEAT_COUNT])
{
	double sd = sqrt(fold_sd * fold_sd + b->sd * b->sd);
	double z = p <= 0 || p >= 1 ? 0 : logit(p);
	double hot = mass_above(b->hot, p, z, sd), warm = mass_above(b->warm, p, z, sd);

	mass[HEAT_HOT] = hot;
	mass[HEAT_WARM] = warm > hot ? warm - hot : 0;
	mass[HEAT_COLD] = fmax(1 - (mass[HEAT_HOT] + mass[HEAT_WARM]), 0);
}

/* ---- how sure the calibration is */

struct pair {
	double p;
	uint32_t i;
	int8_t y;
};

static int by_p(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	if (x->p != y->p)
		return x->p < y->p ? -1 : 1;
	return x->i < y->i ? -1 : x->i > y->i;
}

/* The rows with a known outcome (all: with any), ascending; NULL when out of memory. */
static struct pair *pairs(const double *p, const int8_t *y, size_t n, bool all, size_t *m)
{
	struct pair *v = malloc((n + 1) * sizeof(*v));

	*m = 0;
	for (size_t i = 0; v != NULL && i < n; i++)
		if ((all || y[i] >= 0) && !isnan(p[i]))
			v[(*m)++] = (struct pair){ p[i], (uint32_t)i, y[i] };
	if (v != NULL)
		qsort(v, *m, sizeof(*v), by_p);
	return v;
}

double bands_calibration_sd(const double *p, const int8_t *y, size_t n)
{
	enum { BINS = 10 };
	double w = 0, scatter = 0, noise = 0, tau2;
	size_t m, used = 0;
	struct pair *v = pairs(p, y, n, false, &m);

	for (size_t b = 0; v != NULL && b < BINS; b++) {
		size_t from = m * b / BINS, to = m * (b + 1) / BINS;
		double k = (double)(to - from), won = 0, sum = 0, rate, var, d, mean;

		if (to == from)
			continue;
		for (size_t i = from; i < to; i++) {
			won += v[i].y == 1;
			sum += v[i].p;
		}
		/* Half a lead of each outcome keeps the log odds finite (Haldane 1956); the
		 * promised mean is shrunk alike, so that a perfect bin still agrees. */
		mean = fmin(fmax((sum + .5) / (k + 1), 1e-9), 1 - 1e-9);
		rate = (won + .5) / (k + 1);
		/* The noise of a bin comes from what was promised, which has less of it. */
		var = 1 / ((k + 1) * mean * (1 - mean));
		d = logit(rate) - logit(mean);
		w += 1 / var;
		scatter += d * d / var;
		noise += var;
		used++;
	}
	free(v);
	if (used == 0)
		return 1;
	/* Scatter about no error at all: a common shift is an error too. */
	tau2 = fmax((scatter - (double)used) / w, 0);
	return sqrt(tau2 + noise / (double)used);
}

/* ---- thresholds */

static void recount(struct bands *b, const struct bands_rows *r)
{
	memset(b->count, 0, sizeof(b->count));
	for (size_t i = 0; r != NULL && i < r->n; i++)
		if (r->y[i] >= 0 && !isnan(r->p[i]))
			b->count[heat_of(b, r->p[i])]++;
}

/* Sentences on empty bands, given the highest and lowest probability of the training rows. */
static void explain_empty(struct bands *b, double lowest, double highest)
{
	if (b->count[HEAT_HOT] == 0)
		say(b,
			"No training lead is hot: hot starts at %.1f %% and the highest "
			"probability is %.1f %%.",
			100 * b->hot, 100 * highest);
	if (b->count[HEAT_WARM] == 0)
		say(b, "No training lead is warm: none lies from %.1f %% to below %.1f %%.",
			100 * b->warm, 100 * b->hot);
	if (b->count[HEAT_COLD] == 0)
		say(b,
			"No training lead is cold: warm starts at %.1f %% and the lowest "
			"probability is %.1f %%.",
			100 * b->warm, 100 * lowest);
}

/* The best tenth of ${v} won more often than the others by more than chance (two-sample z over
 * 1.645, one side of 5 %). */
static bool tenth_is_better(const struct pair *v, size_t m, double from)
{
	double n1 = 0, w1 = 0, n0 = 0, w0 = 0, pool, se;

	for (size_t i = 0; i < m; i++) {
		bool top = v[i].p >= from;

		*(top ? &n1 : &n0) += 1;
		*(top ? &w1 : &w0) += v[i].y == 1;
	}
	if (n1 < 1 || n0 < 1)
		return false;
	pool = (w1 + w0) / (n1 + n0);
	se = sqrt(pool * (1 - pool) * (1 / n1 + 1 / n0));
	return w1 / n1 - w0 / n0 > 1.645 * se;
}

static void default_thresholds(struct bands *b, const struct pair *v, size_t m)
{
	double base = b->base_rate, top = v[m - 1].p;
	double tenth = v[m - (m >= 10 ? m / 10 : 1)].p;
	double twice = base <= .5 ? 2 * base : 2 * base / (1 + base);
	const char *what = base <= .5 ? "twice the base rate" : "twice the odds of the base rate";

	b->warm = base;
	b->hot = fmax(twice, tenth);
	say(b, "Warm starts at the base rate, %.1f %%.", 100 * base);
	if (top >= b->hot)
		say(b, "Hot starts at %s, %.1f %%, the stricter of that and %s, %.1f %%.",
			twice >= tenth ? what : "the top tenth", 100 * b->hot,
			twice >= tenth ? "the top tenth" : what, 100 * fmin(twice, tenth));
	else if (tenth > base && tenth_is_better(v, m, tenth)) {
		b->hot = tenth;
		say(b,
			"No training lead reaches %s, %.1f %%, but the top tenth won more often "
			"than the others, so hot starts there, at %.1f %%.",
			what, 100 * twice, 100 * tenth);
	}
	if (b->hot >= 1)
		b->hot = nextafter(1, 0);
}

int bands_default(const struct bands_rows *r, struct bands *out, struct err *e)
{
	size_t m, won = 0;
	struct pair *v = pairs(r->p, r->y, r->n, false, &m);

	if (v == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < m; i++)
		won += v[i].y == 1;
	if (won == 0 || won == m) {
		free(v);
		return err_set(e, ERR_INPUT,
			"bands need won and lost leads, but there are %zu "
			"won and %zu lost",
			won, m - won);
	}
	memset(out, 0, sizeof(*out));
	out->base_rate = (double)won / (double)m;
	out->sd = bands_calibration_sd(r->p, r->y, r->n);
	default_thresholds(out, v, m);
	recount(out, r);
	explain_empty(out, v[0].p, v[m - 1].p);
	free(v);
	return 0;
}

static void lowest_highest(const struct bands_rows *r, double *lo, double *hi)
{
	*lo = 1;
	*hi = 0;
	for (size_t i = 0; i < r->n; i++)
		if (r->y[i] >= 0 && !isnan(r->p[i])) {
			*lo = fmin(*lo, r->p[i]);
			*hi = fmax(*hi, r->p[i]);
		}
}

static void finish(struct bands *b, const struct bands_rows *r)
{
	double lo, hi;

	if (r == NULL)
		return;
	lowest_highest(r, &lo, &hi);
	recount(b, r);
	explain_empty(b, lo, hi);
}

static int needs_thresholds(const struct bands *b, struct err *e)
{
	if (b->how_hot != BANDS_LABELS)
		return 0;
	return err_set(e, ERR_USAGE,
		"the outcome has the three labels hot, warm and cold, so heat is the likeliest "
		"label and no threshold applies");
}

void bands_by_labels(struct bands *b, const double *p, const int8_t *y, size_t n)
{
	b->how_hot = b->how_warm = BANDS_LABELS;
	b->note[0] = 0;
	say(b, "The outcome has three labels: heat is the likeliest of them, confidence its "
	       "probability.");
	memset(b->count, 0, sizeof(b->count));
	for (size_t i = 0; i < n; i++)
		if (y[i] >= 0)
			b->count[heat_of_classes(p + i * HEAT_COUNT)]++;
}

int bands_by_hand(
	struct bands *b, double hot, double warm, const struct bands_rows *r, struct err *e)
{
	double h = isnan(hot) ? b->hot : hot, w = isnan(warm) ? b->warm : warm;

	if (needs_thresholds(b, e) != 0)
		return -1;
	if ((!isnan(hot) && !(hot > 0 && hot < 1)) || (!isnan(warm) && !(warm > 0 && warm < 1)))
		return err_set(e, ERR_USAGE,
			"hot and warm are probabilities above 0 and below 1, as in .30, not %g",
			!isnan(hot) && !(hot > 0 && hot < 1) ? hot : warm);
	if (w > h)
		return err_set(e, ERR_USAGE,
			"warm starts at %g, which is above hot at %g: give both so that warm is "
			"the lower",
			w, h);
	b->note[0] = 0;
	if (!isnan(hot))
		b->how_hot = BANDS_HAND;
	if (!isnan(warm))
		b->how_warm = BANDS_HAND;
	b->hot = h;
	b->warm = w;
	say(b, "Hot starts at %.1f %%%s, warm at %.1f %%%s.", 100 * h,
		isnan(hot) ? "" : " (set by hand)", 100 * w, isnan(warm) ? "" : " (set by hand)");
	finish(b, r);
	return 0;
}

/* How many days the creation dates of ${r} span, and how many rows have one. */
static double span_days(const struct bands_rows *r, size_t *dated)
{
	double first = INFINITY, last = -INFINITY;

	*dated = 0;
	for (size_t i = 0; r->created != NULL && i < r->n; i++) {
		double d = r->created[i];

		if (!isfinite(d) || isnan(r->p[i]))
			continue;
		first = fmin(first, floor(d));
		last = fmax(last, floor(d));
		(*dated)++;
	}
	return *dated > 0 ? last - first + 1 : 0;
}

static void count_hot(struct bands *b, const struct pair *v, size_t m)
{
	double n = 0, wins = 0;

	for (size_t i = 0; i < m; i++)
		if (v[i].p >= b->hot) {
			n++;
			wins += v[i].p;
		}
	/* Leads without a date came at the same pace as the others. */
	b->hot_per_day = n / (double)m * b->leads_per_day;
	b->wins_per_day = wins / (double)m * b->leads_per_day;
}

enum { RATE_TEXT = 32 };

/* "30", or "28.6" where the team's week or month gives no whole day. */
static void a_day(double rate, char out[RATE_TEXT])
{
	snprintf(out, RATE_TEXT, rate == floor(rate) ? "%.0f" : "%.1f", rate);
}

int bands_by_capacity(struct bands *b, double per_day, const struct bands_rows *r, struct err *e)
{
	size_t m, dated, take;
	double days = span_days(r, &dated);
	char rate[RATE_TEXT];
	struct pair *v;

	if (needs_thresholds(b, e) != 0)
		return -1;
	if (!(per_day > 0) || !isfinite(per_day))
		return err_set(e, ERR_USAGE, "a capacity is a number of leads a day above 0");
	if (days < 7)
		return err_set(e, ERR_INPUT,
			"a capacity needs creation dates over at least seven days to know how "
			"many leads come; set hot by a probability instead");
	if ((v = pairs(r->p, r->y, r->n, true, &m)) == NULL)
		return err_nomem(e);
	b->note[0] = 0;
	b->how_hot = BANDS_CAPACITY;
	b->capacity_per_day = per_day;
	a_day(per_day, rate);
	b->leads_per_day = (double)dated / days;
	if (r->all > r->n)
		b->leads_per_day *= (double)r->all / (double)r->n;
	take = (size_t)fmin(floor(per_day / b->leads_per_day * (double)m), (double)m);
	if (take == m) {
		b->hot = b->warm;
	} else {
		/* Just above the first lead that is too many, so ties are left out together. */
		size_t i = m - take;
		double over = v[i - 1].p;

		while (i < m && v[i].p <= over)
			i++;
		b->hot = i < m ? v[i].p : nextafter(over, 2);
		b->hot = fmin(fmax(b->hot, 1e-9), nextafter(1, 0));
	}
	if (b->warm > b->hot) {
		b->warm = b->hot;
		b->how_warm = BANDS_CAPACITY;
	}
	count_hot(b, v, m);
	free(v);
	if (take < m)
		say(b,
			"Hot is sized to %s leads a day of the %.1f that come: it starts at "
			"%.1f %%, and %.1f hot leads a day should bring %.1f wins a day.",
			rate, b->leads_per_day, 100 * b->hot, b->hot_per_day, b->wins_per_day);
	else
		say(b,
			"%.1f leads a day come and %s a day can be worked, so all of them can be: "
			"hot starts where warm did, at %.1f %%, and %.1f hot leads a day should "
			"bring %.1f wins a day.",
			b->leads_per_day, rate, 100 * b->hot, b->hot_per_day, b->wins_per_day);
	finish(b, r);
	return 0;
}

int bands_by_value(
	struct bands *b, double win, double cost, const struct bands_rows *r, struct err *e)
{
	if (needs_thresholds(b, e) != 0)
		return -1;
	if (!(win > 0) || !(cost > 0) || !isfinite(win) || !isfinite(cost))
		return err_set(e, ERR_USAGE,
			"the value of a win and the cost of a contact are "
			"amounts above 0, in the same money");
	if (cost >= win)
		return err_set(e, ERR_USAGE,
			"a contact costs %.10g and a win brings %.10g: no lead would be worth a "
			"contact",
			cost, win);
	b->note[0] = 0;
	b->how_hot = BANDS_VALUE;
	b->win_value = win;
	b->contact_cost = cost;
	b->hot = cost / win;
	say(b,
		"A contact costs %.10g and a win brings %.10g, so hot starts at %.2f %%, where it "
		"pays.",
		cost, win, 100 * b->hot);
	if (b->warm > b->hot) {
		b->warm = b->hot / 2;
		b->how_warm = BANDS_VALUE;
		say(b, "Warm starts at half of that.");
	}
	finish(b, r);
	return 0;
}

bool bands_outgrown(const struct bands *b, size_t hot_leads, double days, char *out, size_t n)
{
	double room = b->capacity_per_day * days;
	char rate[RATE_TEXT];

	if (!(room > 0) || (double)hot_leads <= room + 2 * sqrt(room))
		return false;
	a_day(b->capacity_per_day, rate);
	snprintf(out, n,
		"%.1f leads a day are hot now, but only %s a day can be worked: raise the "
		"threshold with --capacity or work the hot leads from the top of the list",
		(double)hot_leads / days, rate);
	return true;
}

/* ---- JSON */

void bands_write(struct jw *w, const struct bands *b)
{
	jw_obj(w);
	jw_knum(w, "hot", b->hot);
	jw_knum(w, "warm", b->warm);
	jw_kz(w, "hot_from", hows[b->how_hot]);
	jw_kz(w, "warm_from", hows[b->how_warm]);
	jw_knum(w, "base_rate", b->base_rate);
	jw_knum(w, "calibration_sd", b->sd);
	jw_key(w, "count");
	jw_obj(w);
	for (int h = 0; h < HEAT_COUNT; h++)
		jw_kint(w, heats[h], (int64_t)b->count[h]);
	jw_end_obj(w);
	jw_knum(w, "leads_per_day", b->leads_per_day);
	jw_knum(w, "capacity_per_day", b->capacity_per_day);
	jw_knum(w, "hot_per_day", b->hot_per_day);
	jw_knum(w, "wins_per_day", b->wins_per_day);
	jw_knum(w, "win_value", b->win_value);
	jw_knum(w, "contact_cost", b->contact_cost);
	jw_kz(w, "note", b->note);
	jw_end_obj(w);
}

static int how_read(const struct json *obj, const char *key, enum bands_how *out, struct err *e)
{
	struct str s;

	if (json_need_str(obj, key, &s, e) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(hows) / sizeof(hows[0]); i++)
		if (str_eq(s, str_of(hows[i]))) {
			*out = (enum bands_how)i;
			return 0;
		}
	return err_set(e, ERR_INPUT, "\"%s\" is \"" STR_FMT "\", which is no way to set a band",
		key, STR_ARG(s));
}

int bands_read(const struct json *obj, struct bands *out, struct err *e)
{
	const struct json *count;
	struct str note;

	memset(out, 0, sizeof(*out));
	if (json_need_num(obj, "hot", &out->hot, e) != 0 ||
		json_need_num(obj, "warm", &out->warm, e) != 0 ||
		json_need_num(obj, "base_rate", &out->base_rate, e) != 0 ||
		json_need_num(obj, "calibration_sd", &out->sd, e) != 0 ||
		how_read(obj, "hot_from", &out->how_hot, e) != 0 ||
		how_read(obj, "warm_from", &out->how_warm, e) != 0 ||
		(count = json_need(obj, "count", J_OBJ, e)) == NULL)
		return -1;
	if (!(out->warm > 0 && out->warm <= out->hot && isfinite(out->hot) && out->sd >= 0))
		return err_set(e, ERR_INPUT, "the bands hot %g, warm %g do not go together",
			out->hot, out->warm);
	for (int h = 0; h < HEAT_COUNT; h++) {
		int64_t n;

		if (json_need_int(count, heats[h], 0, INT64_C(1) << 40, &n, e) != 0)
			return -1;
		out->count[h] = (size_t)n;
	}
	out->leads_per_day = json_num(json_get(obj, "leads_per_day"), 0);
	out->capacity_per_day = json_num(json_get(obj, "capacity_per_day"), 0);
	out->hot_per_day = json_num(json_get(obj, "hot_per_day"), 0);
	out->wins_per_day = json_num(json_get(obj, "wins_per_day"), 0);
	out->win_value = json_num(json_get(obj, "win_value"), 0);
	out->contact_cost = json_num(json_get(obj, "contact_cost"), 0);
	note = json_str(json_get(obj, "note"), S(""));
	snprintf(out->note, sizeof(out->note), STR_FMT, STR_ARG(note));
	return 0;
}
