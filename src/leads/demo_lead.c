/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "leads/demo_internal.h"

struct str demo_piece(const char *words, char sep, uint64_t k)
{
	struct str left = str_of(words), piece = left;
	uint64_t n = 1;

	for (const char *p = words; *p != '\0'; p++)
		n += *p == sep;
	for (k %= n;; k--) {
		str_split(left, sep, &piece, &left);
		if (k == 0)
			return piece;
	}
}

void demo_world_init(struct demo_world *w, uint64_t seed)
{
	struct rng r;

	rng_seed(&r, rng_fork(seed, 1));
	for (size_t i = 0; i < DEMO_CAMPAIGNS; i++)
		w->campaign_effect[i] = 0.45 * rng_normal(&r);
}

static bool chance(struct rng *r, double p)
{
	return rng_double(r) < p;
}

static size_t pick(struct rng *r, const double *weights, size_t n)
{
	double sum = 0, x;

	for (size_t i = 0; i < n; i++)
		sum += weights[i];
	x = rng_double(r) * sum;
	for (size_t i = 0; i + 1 < n; i++)
		if ((x -= weights[i]) < 0)
			return i;
	return n - 1;
}

static size_t pick_word(struct rng *r, const struct demo_word *words, size_t n)
{
	double w[16];

	for (size_t i = 0; i < n; i++)
		w[i] = words[i].weight;
	return pick(r, w, n);
}

/* Three campaigns in each of ten windows of the time, the last of them new leads only; they belong
 * to sources that campaigns are made for. */
bool demo_campaign_runs(size_t campaign, enum demo_source s, double t)
{
	static const enum demo_source of[] = { SOURCE_ADS, SOURCE_WEBINAR, SOURCE_SOCIAL };
	double start = (double)(campaign / 3) * 0.115 - 0.02;

	return of[campaign % 3] == s && t >= start && t < start + 0.2;
}

static void draw_company(struct rng *r, struct demo_lead *l)
{
	double w[16];

	for (size_t i = 0; i < demo_n_countries; i++)
		w[i] = demo_countries[i].weight;
	l->country = pick(r, w, demo_n_countries);
	l->industry = pick_word(r, demo_industries, demo_n_industries);
	l->department = pick_word(r, demo_departments, demo_n_departments);
	l->rank = (enum demo_rank)pick_word(r, demo_ranks, RANK_COUNT);
	l->employees = floor(exp(4.2 + 1.5 * rng_normal(r))) + 1;
	if (l->employees > 60000)
		l->employees = 60000;
	l->free_mail = chance(r, l->rank == RANK_STUDENT ? 0.8 : l->employees < 15 ? 0.35 : 0.08);
	/* Nobody asks a student for the size of the company; others often do not say. */
	if (l->rank == RANK_STUDENT || chance(r, 0.14))
		l->employees = NAN;
	if (l->rank == RANK_STUDENT || chance(r, 0.1))
		l->industry = demo_n_industries;
}

static void draw_source(struct rng *r, struct demo_lead *l)
{
	double w[SOURCE_COUNT];
	size_t running[DEMO_CAMPAIGNS], n = 0;

	for (size_t i = 0; i < SOURCE_COUNT; i++)
		w[i] = demo_sources[i].weight;
	/* Over the months there is more advertising in social media and fewer bought lists. */
	w[SOURCE_SOCIAL] *= 0.6 + 1.1 * l->t;
	w[SOURCE_LIST] *= 1.3 - l->t;
	l->source = (enum demo_source)pick(r, w, SOURCE_COUNT);
	l->campaign = DEMO_CAMPAIGNS;
	for (size_t i = 0; i < DEMO_CAMPAIGNS; i++)
		if (demo_campaign_runs(i, l->source, l->t))
			running[n++] = i;
	if (n > 0 && chance(r, 0.85))
		l->campaign = running[rng_below(r, n)];
}

static void draw_behaviour(struct rng *r, struct demo_lead *l)
{
	bool tracks = demo_countries[l->country].tracks;
	double interest = rng_normal(r);

	/* Who came from a list or a fair was never on the website; elsewhere many refuse. */
	l->tracked = l->source != SOURCE_LIST && l->source != SOURCE_EVENT &&
		     chance(r, tracks ? 0.93 : 0.62);
	l->visits = 1 + (unsigned)floor(exp(0.8 + 0.7 * interest));
	l->pages = l->visits + (unsigned)floor(l->visits * exp(0.4 * rng_normal(r) + 0.3));
	l->minutes = l->pages * exp(0.1 + 0.5 * rng_normal(r));
	l->webinar = chance(r, l->source == SOURCE_WEBINAR ? 0.7 : 0.08);
	l->phone = demo_countries[l->country].phone != NULL && chance(r, 0.55);
	l->newsletter = chance(r, 0.4);
	l->returned = chance(r, 0.45) ? 0 : floor(1 + 13 * rng_double(r) * rng_double(r));
	l->budget = NAN;
	if (l->rank <= RANK_MANAGER && chance(r, 0.4))
		l->budget = 500 * floor(1 + exp(2.4 + 0.9 * rng_normal(r)));
	l->n_notes = chance(r, 0.45) ? 0 : 1 + rng_below(r, 3);
}

void demo_draw(const struct demo_world *w, double created, struct rng *r, struct demo_lead *l)
{
	static const double hours[24] = { 1, 1, 1, 1, 1, 2, 4, 9, 16, 20, 20, 18, 12, 15, 18, 18,
		16, 12, 8, 6, 6, 5, 3, 2 };
	double day = floor(created);

	l->t = (created - DEMO_FIRST_DAY) / (DEMO_HISTORY_END - DEMO_FIRST_DAY);
	l->weekday = (int)fmod(day + 3, 7); /* 1970-01-01 was a Thursday */
	l->hour = (int)pick(r, hours, 24);
	l->created = day + (l->hour + rng_double(r)) / 24;
	draw_company(r, l);
	draw_source(r, l);
	draw_behaviour(r, l);
}

/* Effects that depend on one another. */
static double together(const struct demo_lead *l)
{
	bool large = l->employees >= 500, small = l->employees < 30;
	double x = 0;

	if (l->source == SOURCE_LIST && large)
		x -= 0.8;
	if (l->source == SOURCE_REFERRAL && small)
		x += 0.5;
	if (l->source == SOURCE_SOCIAL) /* got better at it */
		x += 0.7 * l->t;
	if (l->source == SOURCE_EVENT && l->country == 0)
		x += 0.6; /* the fairs are in Germany */
	if (l->rank <= RANK_HEAD && l->department == 2 && l->industry == 0)
		x += 0.8;
	if (l->rank == RANK_CHIEF && large)
		x -= 0.7; /* not the one who decides there */
	if (l->rank == RANK_CHIEF && small)
		x += 0.4;
	if (l->budget > 15000 && l->employees > 100)
		x += 0.5;
	return x;
}

double demo_chance(const struct demo_world *w, const struct demo_lead *l)
{
	double x = -1.95 - 0.35 * l->t;

	x += demo_sources[l->source].effect + demo_ranks[l->rank].effect +
	     demo_countries[l->country].effect;
	if (l->rank < RANK_STUDENT)
		x += demo_departments[l->department].effect;
	x += l->industry < demo_n_industries ? demo_industries[l->industry].effect : -0.3;
	if (l->campaign < DEMO_CAMPAIGNS)
		x += w->campaign_effect[l->campaign];
	if (isnan(l->employees))
		x -= 0.15;
	else { /* the middle-sized buy most */
		double z = (log(l->employees) - 5.2) / 2.0;

		x += 0.5 - 0.5 * z * z;
	}
	if (l->tracked && l->rank != RANK_STUDENT)
		x += 0.75 * (log1p(l->pages) - 1.9) + (l->minutes > 20 ? 0.3 : 0);
	if (!isnan(l->budget))
		x += 0.35;
	x += l->webinar ? 0.5 : 0;
	x += l->phone ? 0.45 : 0;
	x += l->free_mail ? -0.6 : 0.1;
	x += l->returned >= 3 ? 0.5 : 0;
	x += l->weekday >= 5 ? -0.35 : 0;
	x += 0.2 * (double)l->n_notes;
	x += together(l);
	return 1 / (1 + exp(-x));
}
