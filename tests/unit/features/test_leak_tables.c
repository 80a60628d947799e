/* SPDX-License-Identifier: Apache-2.0 */
/* 200 made tables with leaks of a dozen kinds among honest columns of ROC AUC .5 to .85: how many
 * leaks are caught and how many honest columns are accused, with telling names and without any. */
#include "unit.h"

#include "leak_stub.h"
#include "util/rng.h"

#define TABLES 200

enum kind {
	K_COPY,       /* the outcome itself, with up to 4 % of the rows wrong */
	K_ONLY_WON,   /* filled for 40 to 100 % of the won and at most 1 % of the lost */
	K_ONLY_LOST,  /* the other way round */
	K_SCORE,      /* a number of ROC AUC .96 to .99 */
	K_ZERO,       /* an amount that is 0 for all lost and for some won */
	K_STATUS,     /* a category with values only won leads have, and shared ones */
	K_REASON,     /* a category with values only lost leads have */
	K_LATE,       /* a date that moves on when a lead is won */
	K_XOR,        /* two categories that agree on nothing else */
	K_DIFFERENCE, /* two numbers, one above the other when won */
	K_SAME,       /* two codes that are the same when won */
	K_PARITY,     /* three yes/no columns */
	K_WEAK_NAMED, /* written after contact, of ROC AUC .70 to .85: only its name gives it away
		       */
	KINDS
};
static const char *const kind_names[KINDS] = { "copy of the outcome", "filled for won only",
	"filled for lost only", "score", "zero for lost", "status", "lost reason", "late date",
	"two together", "difference", "same or not", "three together", "weak, named" };

static const char *const leak_names[KINDS][4] = {
	{ "Converted to customer", "Abschluss", "is_won", "Fechado" },
	{ "Contract number", "Rechnungsnummer", "Closed date", "Fatura" },
	{ "Lost reason", "Verlustgrund", "Disqualification reason", "Motivo da perda" },
	{ "Lead Score", "Win probability", "Propensity", "Pontuacao do lead" },
	{ "Deal value", "Auftragswert", "Amount paid", "Valor do negocio" },
	{ "Lead Status", "Tags", "Deal stage", "Etapa" },
	{ "Call result", "Feedback", "Closed reason", "Resultado" },
	{ "Last modified", "Update time", "Geandert am", "Signed at" },
	{ "Field", "Merkmal", "Campo", "Flag" },
	{ "Field", "Merkmal", "Campo", "Flag" },
	{ "Field", "Merkmal", "Campo", "Flag" },
	{ "Field", "Merkmal", "Campo", "Flag" },
	{ "Last Activity", "Lead Quality", "Call duration", "Letzte Aktivitat" },
};
/* Honest names, many of which hold words that leaks are named with. */
static const char *const honest_names[] = { "Company size", "Lead Source", "Marital status",
	"Employment status", "Company Status", "Credit score", "Lead Score Source",
	"Stage of company", "Last campaign", "Number of closed accounts", "Country",
	"Policy duration", "Page views", "Time spent on website", "Previous purchases",
	"Education level", "Annual revenue", "Branche", "Familienstand", "Umsatz", "Cargo",
	"Origem", "Estado civil", "Renda mensal", "Account type", "Loan status",
	"Membership duration", "Consumer price index", "Days since signup", "Job title",
	"Email quality", "Region", "Product interest", "Trial duration", "Credit rating", "Budget",
	"Employees", "Score of the credit bureau", "First contact channel", "Web sessions" };

struct table {
	struct stub s;
	size_t n;
	double rate, created0;
	double *created;
	struct rng rng;
	bool names;
	int leak_of[STUB_COLS]; /* -1 honest, else index of the leak it belongs to */
	enum kind kinds[4];
	size_t n_leaks;
	size_t next_name;
};

static double uniform(struct table *t, double lo, double hi)
{
	return lo + (hi - lo) * rng_double(&t->rng);
}

static bool chance(struct table *t, double p)
{
	return rng_double(&t->rng) < p;
}

/* Distance of two normals with that area under the curve, by bisection on the error function. */
static double distance(double auc)
{
	double lo = 0, hi = 6;

	for (int i = 0; i < 50; i++) {
		double mid = (lo + hi) / 2;

		if (.5 + .5 * erf(mid / 2) < auc)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

static bool won(const struct table *t, size_t i)
{
	return t->s.f.outcome[i] == OUTCOME_WON;
}

static const char *column_name(struct table *t, int leak, char room[80])
{
	if (!t->names || (leak >= 0 && t->kinds[leak] != K_WEAK_NAMED && chance(t, .3))) {
		snprintf(room, 80, "col_%zu", t->s.p.n + 1);
	} else if (leak >= 0) {
		snprintf(room, 80, "%s%s", leak_names[t->kinds[leak]][rng_below(&t->rng, 4)],
			t->s.p.n % 3 == 0 ? " (2)" : "");
	} else {
		size_t count = sizeof(honest_names) / sizeof(honest_names[0]);

		snprintf(room, 80, "%s", honest_names[t->next_name++ % count]);
	}
	return room;
}

static void put_num(struct table *t, int leak, const double *v, enum col_kind kind)
{
	char room[80];

	t->leak_of[stub_num(&t->s, column_name(t, leak, room), v, kind)] = leak;
}

static void put_cat(struct table *t, int leak, const uint32_t *code, uint32_t levels)
{
	char room[80], **texts = calloc(levels, sizeof(*texts));

	for (uint32_t k = 0; k < levels; k++) {
		snprintf(room, sizeof(room), "v%u", k);
		texts[k] = str_dup(str_of(room));
	}
	t->leak_of[stub_cat(&t->s, column_name(t, leak, room), code, levels, texts)] = leak;
}

/* Honest columns: one per call, of an area up to .85. */
static void honest(struct table *t, size_t which)
{
	double auc = uniform(t, .5, .85), d = distance(auc), shift = chance(t, .5) ? 1 : -1;
	double *v = calloc(t->n, sizeof(*v)), fill_won, fill_lost;
	uint32_t *code = calloc(t->n, sizeof(*code)), levels;

	switch (which % 11) {
	case 0: /* a plain number */
		for (size_t i = 0; i < t->n; i++)
			v[i] = rng_normal(&t->rng) + shift * (won(t, i) ? d : 0);
		put_num(t, -1, v, KIND_NUMBER);
		break;
	case 1: /* a skewed amount, rounded */
		for (size_t i = 0; i < t->n; i++)
			v[i] = floor(
				exp(5 + 1.2 * (rng_normal(&t->rng) + shift * (won(t, i) ? d : 0))));
		put_num(t, -1, v, KIND_NUMBER);
		break;
	case 2: /* a category cut from a latent number */
		levels = 3 + (uint32_t)rng_below(&t->rng, 8);
		for (size_t i = 0; i < t->n; i++) {
			double x = rng_normal(&t->rng) + (won(t, i) ? d : 0);
			double at = (x + 2.5) / (5 + d) * levels;

			code[i] = 1 + (uint32_t)(at < 0 ? 0 : at >= levels ? levels - 1 : at);
		}
		put_cat(t, -1, code, levels + 1);
		break;
	case 3: /* many-valued codes with an effect of their own */
		levels = (uint32_t)(t->n / 6);
		for (size_t i = 0; i < t->n; i++) {
			double x = (won(t, i) ? d : 0) * .7 + rng_normal(&t->rng);
			double at = .5 + .5 * erf(x / 2);

			code[i] = 1 + (uint32_t)(at * .999 * levels);
		}
		put_cat(t, -1, code, levels + 1);
		break;
	case 4: /* small levels that nearly always win, as referrals do */
		for (size_t i = 0; i < t->n; i++)
			code[i] = won(t, i)
					  ? chance(t, .15) ? 1 : 2 + (uint32_t)rng_below(&t->rng, 4)
				  : chance(t, .01) ? 1
						   : 2 + (uint32_t)(rng_below(&t->rng, 6) * 4 / 6);
		put_cat(t, -1, code, 6);
		break;
	case 5: /* missing for a reason */
		fill_won = uniform(t, .6, .95);
		fill_lost = fill_won - uniform(t, 0, .45);
		if (chance(t, .3)) {
			double swap = fill_won;

			fill_won = fill_lost;
			fill_lost = swap;
		}
		for (size_t i = 0; i < t->n; i++) {
			bool filled = chance(t, won(t, i) ? fill_won : fill_lost);

			v[i] = filled ? rng_normal(&t->rng) + (won(t, i) ? d / 3 : 0) : NAN;
		}
		put_num(t, -1, v, KIND_NUMBER);
		break;
	case 6: /* yes or no */
		fill_won = uniform(t, .2, .8);
		fill_lost = fill_won * uniform(t, .3, 1);
		for (size_t i = 0; i < t->n; i++)
			code[i] = chance(t, won(t, i) ? fill_won : fill_lost) ? 1 : 2;
		put_cat(t, -1, code, 3);
		break;
	case 7: /* a count with many zeros */
		for (size_t i = 0; i < t->n; i++) {
			double x = rng_normal(&t->rng) + (won(t, i) ? d : 0);

			v[i] = x < .3 ? 0 : floor(exp(x));
		}
		put_num(t, -1, v, KIND_NUMBER);
		break;
	case 8: /* half of the lost can hardly ever be won: those already insured elsewhere */
		for (size_t i = 0; i < t->n; i++)
			code[i] = chance(t, won(t, i) ? .01 : .5) ? 1 : 2;
		put_cat(t, -1, code, 3);
		break;
	case 9: /* a date close to the creation, a little later for some */
		for (size_t i = 0; i < t->n; i++)
			v[i] = t->created[i] + floor(uniform(t, 0, 20));
		put_num(t, -1, v, KIND_DATE);
		break;
	default: /* hardly ever filled, and rare values */
		for (size_t i = 0; i < t->n; i++)
			code[i] = chance(t, won(t, i) ? .06 : .03)
					  ? 1 + (uint32_t)rng_below(&t->rng, 3)
					  : 0;
		put_cat(t, -1, code, 4);
	}
	free(v);
	free(code);
}

/* Two honest columns that matter together, as far as real ones do. */
static void honest_pair(struct table *t)
{
	uint32_t *a = calloc(t->n, sizeof(*a)), *b = calloc(t->n, sizeof(*b));

	for (size_t i = 0; i < t->n; i++) {
		a[i] = 1 + (uint32_t)rng_below(&t->rng, 4);
		b[i] = chance(t, won(t, i) ? .5 : .2) ? 1 + a[i] % 4
						      : 1 + (uint32_t)rng_below(&t->rng, 4);
	}
	put_cat(t, -1, a, 5);
	put_cat(t, -1, b, 5);
	free(a);
	free(b);
}

static void add_leak(struct table *t, enum kind kind)
{
	int id = (int)t->n_leaks;
	double *v = calloc(t->n, sizeof(*v)), *w = calloc(t->n, sizeof(*w));
	uint32_t *a = calloc(t->n, sizeof(*a)), *b = calloc(t->n, sizeof(*b)),
		 *c = calloc(t->n, sizeof(*c));
	double x = rng_double(&t->rng), d;

	t->kinds[t->n_leaks++] = kind;
	for (size_t i = 0; i < t->n; i++) {
		a[i] = 1 + (uint32_t)rng_below(&t->rng, 6);
		b[i] = 1 + (uint32_t)rng_below(&t->rng, 6);
	}
	switch (kind) {
	case K_COPY:
		for (size_t i = 0; i < t->n; i++)
			a[i] = 1 + (won(t, i) != chance(t, .04 * x));
		put_cat(t, id, a, 3);
		break;
	case K_ONLY_WON:
	case K_ONLY_LOST:
		for (size_t i = 0; i < t->n; i++) {
			if (!chance(t, won(t, i) == (kind == K_ONLY_WON) ? .4 + .6 * x : .01 * x))
				a[i] = 0;
		}
		put_cat(t, id, a, 7);
		break;
	case K_SCORE:
		d = distance(.96 + .03 * x);
		for (size_t i = 0; i < t->n; i++)
			v[i] = floor(50 + 10 * (rng_normal(&t->rng) + (won(t, i) ? d : 0)));
		put_num(t, id, v, KIND_NUMBER);
		break;
	case K_ZERO:
		for (size_t i = 0; i < t->n; i++)
			v[i] = won(t, i) && chance(t, .5 + .5 * x)
				       ? floor(exp(6 + rng_normal(&t->rng)))
				       : 0;
		put_num(t, id, v, KIND_NUMBER);
		break;
	case K_STATUS:
	case K_REASON:
		for (size_t i = 0; i < t->n; i++) {
			bool side = won(t, i) == (kind == K_STATUS);

			a[i] = side && chance(t, .6 + .4 * x) ? 1 + (uint32_t)rng_below(&t->rng, 3)
							      : 4 + a[i] / 2;
		}
		put_cat(t, id, a, 8);
		break;
	case K_LATE:
		for (size_t i = 0; i < t->n; i++)
			v[i] = t->created[i] + floor(exp(1 + .6 * rng_normal(&t->rng) +
							 (won(t, i) ? 1.3 + .5 * x : 0)));
		put_num(t, id, v, KIND_DATE);
		break;
	case K_XOR:
		for (size_t i = 0; i < t->n; i++) {
			bool wrong = chance(t, .03 * x);

			b[i] = 1 + (a[i] + (won(t, i) != wrong)) % 2 +
			       2 * (uint32_t)rng_below(&t->rng, 2);
		}
		put_cat(t, id, a, 7);
		put_cat(t, id, b, 5);
		break;
	case K_DIFFERENCE:
		for (size_t i = 0; i < t->n; i++) {
			v[i] = floor(1000 + 300 * rng_normal(&t->rng));
			w[i] = v[i] - (won(t, i) ? floor(uniform(t, 1, 60))
						 : -floor(uniform(t, 0, 60 * x)));
		}
		put_num(t, id, v, KIND_NUMBER);
		put_num(t, id, w, KIND_NUMBER);
		break;
	case K_SAME:
		for (size_t i = 0; i < t->n; i++) {
			a[i] = 1 + (uint32_t)rng_below(&t->rng, 40);
			b[i] = won(t, i) && chance(t, .9 + .1 * x)
				       ? a[i]
				       : 1 + (uint32_t)rng_below(&t->rng, 40);
		}
		put_cat(t, id, a, 41);
		put_cat(t, id, b, 41);
		break;
	case K_PARITY:
		for (size_t i = 0; i < t->n; i++) {
			a[i] = 1 + (uint32_t)rng_below(&t->rng, 2);
			b[i] = 1 + (uint32_t)rng_below(&t->rng, 2);
			c[i] = 1 + (a[i] + b[i] + (won(t, i) != chance(t, .02 * x))) % 2;
		}
		put_cat(t, id, a, 3);
		put_cat(t, id, b, 3);
		put_cat(t, id, c, 3);
		break;
	default: /* weak, named */
		d = distance(.7 + .15 * x);
		for (size_t i = 0; i < t->n; i++) {
			double at = rng_normal(&t->rng) + (won(t, i) ? d : 0);

			a[i] = 1 + (at > -.5) + (at > .5) + (at > 1.5);
		}
		put_cat(t, id, a, 5);
		break;
	}
	free(v);
	free(w);
	free(a);
	free(b);
	free(c);
}

static void make_table(struct table *t, uint64_t seed, bool names)
{
	size_t columns;

	memset(t, 0, sizeof(*t));
	rng_seed(&t->rng, seed);
	t->names = names;
	t->n = (size_t)exp(uniform(t, log(300), log(5000)));
	t->rate = exp(uniform(t, log(.05), log(.5)));
	stub_init(&t->s, t->n);
	t->created = calloc(t->n, sizeof(*t->created));
	for (size_t i = 0; i < t->n; i++) {
		t->s.f.outcome[i] = chance(t, t->rate);
		/* Newer leads win more often: the date of creation itself ranks up to .75. */
		t->created[i] = 19000 + floor(600 * rng_double(&t->rng)) + (won(t, i) ? 120 : 0);
	}
	if (chance(t, .7)) {
		t->s.f.created = malloc(t->n * sizeof(double));
		memcpy(t->s.f.created, t->created, t->n * sizeof(double));
	}
	put_num(t, -1, t->created, KIND_DATE);
	t->s.col[0].role = t->s.f.created != NULL ? ROLE_CREATED_AT : ROLE_ATTRIBUTE;
	t->next_name = (size_t)rng_below(&t->rng, 40);
	columns = 8 + rng_below(&t->rng, 8);
	for (size_t i = 0; i < columns; i++)
		honest(t, i + seed);
	if (chance(t, .5))
		honest_pair(t);
	add_leak(t, (enum kind)(seed % (names ? KINDS : K_WEAK_NAMED)));
	if (seed % 3 == 0)
		add_leak(t, (enum kind)rng_below(&t->rng, names ? KINDS : K_WEAK_NAMED));
	for (size_t i = 0; i < 3; i++)
		honest(t, rng_below(&t->rng, 11));
}

struct tally {
	size_t leaks[KINDS], hits[KINDS], honest, accused, flagged;
	size_t all, hit;
};

static void judge_table(uint64_t seed, bool names, struct tally *sum, bool verbose)
{
	struct table *t = calloc(1, sizeof(*t));
	struct leak_report r;
	bool hit[4] = { false };

	make_table(t, seed, names);
	r = stub_judge(&t->s, !names);
	for (size_t c = 0; c < t->s.p.n; c++) {
		bool out = r.cols[c].verdict == LEAK_OUT;

		if (t->leak_of[c] >= 0) {
			hit[t->leak_of[c]] |= out;
			continue;
		}
		sum->honest++;
		sum->accused += out;
		sum->flagged += r.cols[c].verdict == LEAK_FLAG;
		if (out && verbose)
			printf("  table %llu (%zu rows, %.2f): honest %s: %s\n",
				(unsigned long long)seed, t->n, t->rate, t->s.names[c],
				r.cols[c].evidence);
	}
	for (size_t k = 0; k < t->n_leaks; k++) {
		sum->leaks[t->kinds[k]]++;
		sum->hits[t->kinds[k]] += hit[k];
		sum->all++;
		sum->hit += hit[k];
		if (!hit[k] && verbose)
			printf("  table %llu (%zu rows, %.2f): missed %s\n",
				(unsigned long long)seed, t->n, t->rate, kind_names[t->kinds[k]]);
	}
	leak_report_clear(&r);
	stub_clear(&t->s);
	free(t->created);
	free(t);
}

static void run(bool names, double least_hits, double most_alarms)
{
	struct tally sum = { 0 };
	bool verbose = getenv("HEATSCORE_VERBOSE") != NULL;

	for (uint64_t seed = 1; seed <= TABLES; seed++)
		judge_table(seed + (names ? 1000 : 0), names, &sum, verbose);
	for (int k = 0; k < KINDS; k++) {
		if (sum.leaks[k] > 0)
			printf("  %-22s %3zu of %3zu caught\n", kind_names[k], sum.hits[k],
				sum.leaks[k]);
	}
	printf("%s names, %d tables: %zu of %zu leaks caught (%.1f %%); %zu of %zu honest columns "
	       "left "
	       "out (%.2f %%), %zu flagged\n",
		names ? "with" : "without", TABLES, sum.hit, sum.all,
		100.0 * (double)sum.hit / (double)sum.all, sum.accused, sum.honest,
		100.0 * (double)sum.accused / (double)sum.honest, sum.flagged);
	assert_true((double)sum.hit >= least_hits * (double)sum.all);
	assert_true((double)sum.accused <= most_alarms * (double)sum.honest);
}

static void test_under_neutral_names(void **state)
{
	run(false, .85, .03);
}

static void test_among_telling_names(void **state)
{
	run(true, .90, .03);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_under_neutral_names),
		cmocka_unit_test(test_among_telling_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
