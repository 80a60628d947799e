/* SPDX-License-Identifier: Apache-2.0 */
/* demo_internal.h: one invented lead, and the words it is made of. */
#ifndef LEADS_DEMO_INTERNAL_H
#define LEADS_DEMO_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/rng.h"
#include "util/str.h"

/* A word with the weight of being drawn and its part in the log odds; other spellings of the same
 * value follow the first, split by "|". */
struct demo_word {
	const char *text;
	double weight;
	double effect;
};

struct demo_country {
	const char *names;   /* as written in the Country column, "|" between spellings */
	const char *first;   /* given names, blank between; "Jürgen/Juergen": with an ASCII form */
	const char *last;    /* family names, the same */
	const char *company; /* legal forms, "|" between */
	const char *phone;   /* "+44 20 7946 0###": # is a digit; NULL: never given */
	double weight, effect;
	bool tracks; /* website visits are recorded without asking */
};

enum demo_source {
	SOURCE_ORGANIC,
	SOURCE_ADS,
	SOURCE_REFERRAL,
	SOURCE_PARTNER,
	SOURCE_WEBINAR,
	SOURCE_EVENT,
	SOURCE_SOCIAL,
	SOURCE_LIST,
	SOURCE_COUNT
};
enum demo_rank {
	RANK_CHIEF,
	RANK_VP,
	RANK_DIRECTOR,
	RANK_HEAD,
	RANK_MANAGER,
	RANK_STAFF,
	RANK_STUDENT,
	RANK_NONE,
	RANK_COUNT
};

extern const struct demo_word demo_sources[SOURCE_COUNT];
extern const struct demo_word demo_ranks[RANK_COUNT]; /* text: titles, "%" is the department */
extern const struct demo_word demo_departments[];
extern const size_t demo_n_departments;
extern const struct demo_word demo_industries[];
extern const size_t demo_n_industries;
extern const struct demo_country demo_countries[];
extern const size_t demo_n_countries;
extern const char *const demo_notes[];
extern const size_t demo_n_notes;
extern const char *const demo_company_a, *const demo_company_b; /* words, blank between */
extern const char *const demo_owners[];
extern const size_t demo_n_owners;
extern const char *const demo_lost_reasons[], *const demo_won_reasons[];
extern const size_t demo_n_lost_reasons, demo_n_won_reasons;

enum { DEMO_CAMPAIGNS = 30, DEMO_DAYS = 594 }; /* 549 days of history, 45 of new leads */
#define DEMO_FIRST_DAY   19539.0               /* 2023-07-01 */
#define DEMO_HISTORY_END 20088.0               /* 2024-12-31, exclusive */

/* What the row shows of a lead; the true odds are made of nothing else. */
struct demo_lead {
	double created; /* days since 1970 with the time of day */
	double t;       /* 0 at the first day of history, 1 at its end */
	int weekday;    /* 0 Monday */
	int hour;
	size_t country, industry, department; /* industry: demo_n_industries: not given */
	enum demo_source source;
	enum demo_rank rank;
	size_t campaign; /* DEMO_CAMPAIGNS: none */
	bool free_mail, phone, newsletter, webinar;
	double employees; /* NaN: not given */
	double budget;    /* NaN: not given */
	bool tracked;     /* visits, pages, minutes are known */
	unsigned visits, pages;
	double minutes;
	double returned; /* days from creation to the last activity */
	size_t n_notes;  /* sentences of the note */
};

struct demo_world { /* what differs from seed to seed */
	double campaign_effect[DEMO_CAMPAIGNS];
};

void demo_world_init(struct demo_world *w, uint64_t seed);
void demo_draw(const struct demo_world *w, double created, struct rng *r, struct demo_lead *l);
double demo_chance(const struct demo_world *w, const struct demo_lead *l);
bool demo_campaign_runs(size_t campaign, enum demo_source s, double t);

/* The k-th of the pieces of ${words} between ${sep}; k is taken modulo their number. */
struct str demo_piece(const char *words, char sep, uint64_t k);

#endif
