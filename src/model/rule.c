/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "features/profile.h"
#include "features/words.h"
#include "model/heat.h"
#include "model/points.h"
#include "model/rule.h"
#include "util/buf.h"
#include "util/err.h"

enum part_id {
	PART_RECENCY,
	PART_ENGAGEMENT,
	PART_INTEREST,
	PART_SENIORITY,
	PART_COMPANY,
	PART_SIZE,
	PART_SOURCE,
	PART_CONTACT,
	PART_CONSENT,
	PART_COUNT
};

enum { COLS_MAX = 12 }; /* per part; further ones of the same role say little more */

static const struct {
	const char *name;
	double weight;
} parts[PART_COUNT] = {
	{ "recency", 3 },
	{ "engagement", 3 },
	{ "interest", 1 },
	{ "seniority", 2 },
	{ "company", 1 },
	{ "size", 1 },
	{ "source", 2 },
	{ "contact", 1 },
	{ "consent", 2 },
};

#define MISSING_VALUE 0.3
#define HALF_LIFE     30.0
#define SLOPE         6.0
#define MIDDLE        0.55

_Static_assert(PART_COUNT == RULE_PARTS, "rule.h says how many parts there are");

struct rule_col {
	size_t col;
	struct cell_format format;
	bool date, unix_time;
	double most; /* engagement: the largest value in the file */
	int refusal; /* consent: the yes (1) or no (0) that refuses, by the header; -1: neither */
	double sentinels[PROFILE_SENTINELS];
	size_t n_sentinels;
};

struct rule {
	struct {
		struct rule_col cols[COLS_MAX];
		size_t n;
		char text[256];
	} part[PART_COUNT];
	struct bands bands;
};

/* "Do not email: yes" and "newsletter: no" both mean no. */
static int refusal(struct str name)
{
	static const char *const against[] = { "unsubscribe", "unsubscribed", "opt out",
		"opted out", "optout", "do not", "abgemeldet", "abbestellt", "desinscrit", NULL };
	static const char *const in_favour[] = { "newsletter", "opt in", "optin", "consent",
		"subscribed", "accepts", "einwilligung", "consentement", NULL };
	char room[WORDS_MAX];
	struct str folded = words_fold(name, room);

	for (size_t i = 0; against[i] != NULL; i++)
		if (words_has(folded, against[i]))
			return 1;
	for (size_t i = 0; in_favour[i] != NULL; i++)
		if (words_has(folded, in_favour[i]))
			return 0;
	return -1;
}

static void add(struct rule *r, enum part_id id, const struct profile *p, size_t col)
{
	const struct column *c = &p->cols[col];
	struct rule_col *to;
	size_t n = strlen(r->part[id].text);

	if (r->part[id].n == COLS_MAX)
		return;
	to = &r->part[id].cols[r->part[id].n++];
	to->col = col;
	to->format = c->format;
	to->date = c->kind == KIND_DATE;
	to->unix_time = c->unix_time;
	to->refusal = refusal(c->name);
	to->most = isnan(c->max) || c->max < 1 ? 1 : c->max;
	to->n_sentinels = c->n_sentinels;
	memcpy(to->sentinels, c->sentinels, sizeof(to->sentinels));
	snprintf(r->part[id].text + n, sizeof(r->part[id].text) - n,
		n == 0 ? "%s: %.*s" : ", %.0s%.*s", parts[id].name,
		STR_ARG(str_sub(c->name, 0, 60)));
}

/* Days or dates since something happened, under any name. */
static bool is_recency(const struct column *c)
{
	char folded[WORDS_MAX];
	struct str name = words_fold(c->name, folded);

	return c->kind == KIND_NUMBER &&
	       (words_has(name, "recency") || words_has(name, "days since") ||
		       words_has(name, "last touch") || words_has(name, "inactive days"));
}

static void add_recency(struct rule *r, const struct profile *p)
{
	static const enum col_role order[] = { ROLE_LAST_ACTIVITY_AT, ROLE_UPDATED_AT,
		ROLE_CREATED_AT };

	for (size_t i = 0; i < p->n && r->part[PART_RECENCY].n == 0; i++)
		if (is_recency(&p->cols[i]))
			add(r, PART_RECENCY, p, i);
	for (size_t k = 0; k < 3 && r->part[PART_RECENCY].n == 0; k++) {
		for (size_t i = 0; i < p->n && r->part[PART_RECENCY].n == 0; i++)
			if (p->cols[i].role == order[k] && p->cols[i].kind == KIND_DATE)
				add(r, PART_RECENCY, p, i);
	}
}

static void add_column(struct rule *r, const struct profile *p, size_t i)
{
	const struct column *c = &p->cols[i];

	if (c->out == COL_EMPTY || c->out == COL_DROPPED || c->out == COL_OUTCOME)
		return;
	switch (c->role) {
	case ROLE_ENGAGEMENT:
		if (c->kind == KIND_NUMBER && !is_recency(c))
			add(r, PART_ENGAGEMENT, p, i);
		else if (c->kind != KIND_NUMBER && c->kind != KIND_DATE)
			add(r, PART_INTEREST, p, i);
		break;
	case ROLE_NOTES:
	case ROLE_TAGS:
		add(r, PART_INTEREST, p, i);
		break;
	case ROLE_TITLE:
		add(r, PART_SENIORITY, p, i);
		break;
	case ROLE_EMAIL:
		add(r, PART_COMPANY, p, i);
		add(r, PART_CONTACT, p, i);
		break;
	case ROLE_PHONE:
	case ROLE_MOBILE:
	case ROLE_COMPANY:
		add(r, PART_CONTACT, p, i);
		break;
	case ROLE_COMPANY_SIZE:
		if (c->kind == KIND_NUMBER)
			add(r, PART_SIZE, p, i);
		break;
	case ROLE_SOURCE:
		add(r, PART_SOURCE, p, i);
		break;
	case ROLE_CONSENT:
		add(r, PART_CONSENT, p, i);
		break;
	default:
		break;
	}
}

struct rule *rule_new(const struct profile *p, struct err *e)
{
	struct rule *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		err_nomem(e);
		return NULL;
	}
	add_recency(r, p);
	for (size_t i = 0; i < p->n; i++)
		add_column(r, p, i);
	r->bands.hot = .6;
	r->bands.warm = .35;
	r->bands.base_rate = .5;
	/* Nothing has been measured: the number may well be off by a whole band. */
	r->bands.sd = 1;
	snprintf(r->bands.note, sizeof(r->bands.note),
		"A rule score: fixed thresholds, nothing learned from outcomes.");
	return r;
}

void rule_free(struct rule *r)
{
	free(r);
}

const struct bands *rule_bands(const struct rule *r)
{
	return &r->bands;
}

const char *rule_part(const struct rule *r, size_t i)
{
	for (int k = 0; k < PART_COUNT; k++)
		if (r->part[k].n != 0 && i-- == 0)
			return r->part[k].text;
	return NULL;
}

static bool number(const struct rule_col *c, struct str cell, double *x)
{
	if (cell_number(cell, c->format.mark, x) == CELL_NO)
		return false;
	for (size_t i = 0; i < c->n_sentinels; i++)
		if (*x == c->sentinels[i])
			return false;
	return true;
}

static double recency(const struct rule_col *c, struct str cell, double as_of)
{
	struct cell_date d;
	double days;

	if (c->date) {
		if (cell_date(cell, c->format.order, &d) == CELL_NO &&
			!(c->unix_time && cell_unix(cell, &d)))
			return NAN;
		if (isnan(as_of) || d.days > as_of)
			return NAN;
		days = as_of - d.days;
	} else if (!number(c, cell, &days) || days < 0) {
		return NAN;
	}
	return exp2(-days / HALF_LIFE);
}

/* A word of the text starts with one of ${words}; words of up to three letters must be whole. */
static bool any(struct str folded, const char *const *words)
{
	for (; *words != NULL; words++) {
		struct str rest = folded, word, want = str_of(*words);

		for (bool more = rest.n != 0; more;) {
			struct str from = rest;

			more = str_split(rest, ' ', &word, &rest);
			if (want.n <= 3 ? str_eq(word, want) : str_starts(from, want))
				return true;
		}
	}
	return false;
}

static double seniority(struct str cell)
{
	static const char *const top[] = { "chief", "ceo", "cto", "cfo", "coo", "cmo", "founder",
		"owner", "president", "partner", "managing director", "geschaftsfuhr", "inhaber",
		"gerente general", "directeur general", NULL };
	static const char *const lead[] = { "head", "director", "vp", "vice", "manager", "lead",
		"leiter", "principal", "gerente", "diretor", "responsable", NULL };
	static const char *const low[] = { "student", "intern", "trainee", "unemployed", "retired",
		NULL };
	char out[WORDS_MAX];
	struct str s = words_fold(cell, out);

	return any(s, low) ? .1 : any(s, top) ? 1 : any(s, lead) ? .7 : .4;
}

static double company(struct str cell)
{
	static const char *const free_mail[] = { "gmail", "googlemail", "yahoo", "hotmail",
		"outlook", "live com", "aol", "icloud", "gmx", "web de", "proton", "mail ru",
		"yandex", "qq com", NULL };
	ptrdiff_t at = str_chr(cell, '@');
	char out[WORDS_MAX];

	if (at < 0)
		return NAN;
	return any(words_fold(str_sub(cell, (size_t)at + 1, cell.n), out), free_mail) ? .3 : 1;
}

static double source(struct str cell)
{
	static const char *const best[] = { "refer", "partner", "event", "webinar", "fair",
		"empfehlung", "indica", "recommand", NULL };
	static const char *const bad[] = { "cold", "list", "purchased", "scrap", NULL };
	static const char *const paid[] = { "ad", "ads", "paid", "display", "ppc", "facebook",
		"banner", NULL };
	static const char *const own[] = { "web", "organic", "search", "direct", "google", "seo",
		"chat", "site", NULL };
	char out[WORDS_MAX];
	struct str s = words_fold(cell, out);

	return any(s, best) ? 1 : any(s, bad) ? .1 : any(s, own) ? .6 : any(s, paid) ? .4 : .5;
}

static double consent(const struct rule_col *c, struct str cell)
{
	char out[WORDS_MAX];
	struct str s = words_fold(cell, out);
	int yes = words_yesno(cell);

	if (yes >= 0 && yes == c->refusal)
		return 0;
	return str_eq(s, S("unsubscribed")) || str_eq(s, S("opted out")) ? 0 : 1;
}

static double value(enum part_id id, const struct rule_col *c, struct str cell, double as_of)
{
	double x;

	if (cell_fill(cell) != CELL_FILLED)
		return id == PART_INTEREST || id == PART_CONTACT ? 0 : NAN;
	switch (id) {
	case PART_RECENCY:
		return recency(c, cell, as_of);
	case PART_ENGAGEMENT:
		return !number(c, cell, &x) ? NAN : x <= 0 ? 0 : fmin(1, log1p(x) / log1p(c->most));
	case PART_SIZE:
		return !number(c, cell, &x) || x < 0 ? NAN : fmin(1, log1p(x) / log(10001));
	case PART_SENIORITY:
		return seniority(cell);
	case PART_COMPANY:
		return company(cell);
	case PART_SOURCE:
		return source(cell);
	case PART_CONSENT:
		return consent(c, cell);
	default:
		return 1;
	}
}

/* Mean of what the part's columns give, missing ones counted as MISSING_VALUE. */
static double part_value(
	const struct rule *r, enum part_id id, const struct str *cells, double as_of)
{
	double sum = 0;

	for (size_t i = 0; i < r->part[id].n; i++) {
		const struct rule_col *c = &r->part[id].cols[i];
		double v = value(id, c, cells[c->col], as_of);

		sum += isnan(v) ? MISSING_VALUE : v;
	}
	return sum / (double)r->part[id].n;
}

static double shown(double mean)
{
	return 1 / (1 + exp(-SLOPE * (mean - MIDDLE)));
}

/* What the parts are divided by: the weight of those that have columns, and of as many others, as
 * missing ones, as make up half of all. Two columns are no reason to call a lead hot. 0: no part.
 */
static double weight_of(const struct rule *r)
{
	double fed = 0, all = 0;

	for (int id = 0; id < PART_COUNT; id++) {
		all += parts[id].weight;
		fed += r->part[id].n != 0 ? parts[id].weight : 0;
	}
	return fed == 0 || fed > all / 2 ? fed : all / 2;
}

double rule_score(const struct rule *r, const struct str *cells, double as_of)
{
	double above = 0, weight = weight_of(r); /* above: of a lead of which nothing is known */

	for (int id = 0; id < PART_COUNT; id++)
		if (r->part[id].n != 0)
			above += parts[id].weight *
				 (part_value(r, (enum part_id)id, cells, as_of) - MISSING_VALUE);
	return weight == 0 ? .5 : shown(MISSING_VALUE + above / weight);
}

static int by_size(const void *a, const void *b)
{
	const struct rule_reason *x = a, *y = b;
	double d = fabs(y->value) - fabs(x->value);

	return d > 0 ? 1 : d < 0 ? -1 : x->part < y->part ? -1 : x->part > y->part;
}

void rule_explain(const struct rule *r, const struct str *cells, double as_of, size_t k,
	struct rule_explain *x)
{
	double p = rule_score(r, cells, as_of), sum = 0, weight = weight_of(r);
	double secant, line[RULE_PARTS + 2];
	int points[RULE_PARTS + 2];

	memset(x, 0, sizeof(*x));
	x->base = weight == 0 ? .5 : shown(MISSING_VALUE);
	for (int id = 0; id < PART_COUNT; id++) {
		double d;

		if (r->part[id].n == 0)
			continue;
		d = part_value(r, (enum part_id)id, cells, as_of) - MISSING_VALUE;
		d *= SLOPE * parts[id].weight / weight;
		sum += d;
		x->reasons[x->n++] = (struct rule_reason){ (unsigned)id, r->part[id].text, d, 0 };
	}
	/* From the logit to the number by the secant, as the model's reasons are. */
	secant = fabs(sum) > 1e-9 ? (p - x->base) / sum : x->base * (1 - x->base);
	for (size_t i = 0; i < x->n; i++)
		x->reasons[i].value *= secant;
	qsort(x->reasons, x->n, sizeof(x->reasons[0]), by_size);
	x->rest = p - x->base;
	k = k < x->n ? k : x->n;
	line[0] = 100 * x->base;
	for (size_t i = 0; i < k; i++) {
		line[i + 1] = 100 * x->reasons[i].value;
		x->rest -= x->reasons[i].value;
	}
	line[k + 1] = 100 * x->rest;
	points_share(line, k + 2, heat_score(p), points);
	x->n = k;
	x->base_points = points[0];
	for (size_t i = 0; i < k; i++)
		x->reasons[i].points = points[i + 1];
	x->rest_points = points[k + 1];
}

void rule_line(
	const struct rule *r, const struct str *cells, double as_of, size_t k, struct buf *out)
{
	struct rule_explain x;

	rule_explain(r, cells, as_of, k, &x);
	buf_fmt(out, "a lead of which nothing is known %d; ", x.base_points);
	for (size_t i = 0; i < x.n; i++)
		buf_fmt(out, "%s, %+d; ", x.reasons[i].text, x.reasons[i].points);
	buf_fmt(out, "everything else %+d", x.rest_points);
}
