/* SPDX-License-Identifier: Apache-2.0 */
#include "features/leak.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "features/leak_internal.h"
#include "features/words.h"
#include "util/buf.h"
#include "util/err.h"

#define MOST_ROWS 30000
#define LEAST     8 /* won and lost leads below which only names speak */

/* Thresholds, all against the cautious end of the interval. Honest columns reach an area of .85;
 * what is named as written late needs less, what is named as known before needs more. */
#define ALONE          .88
#define ALONE_INNOCENT .97
#define ALONE_WEAK     .78
#define ALONE_MEDIUM   .60
#define ALONE_STRONG   .57
#define ALONE_CERTAIN  .54 /* headers of a known system, another tool's score */
#define FILLED_AUC     .85
#define FILLED_FLAG    .62
#define FILLED_TIMES   20.0 /* filled so many times more often for one outcome */
#define PURE_SHARE     .35
#define PURE_RIGHT     .80
#define PURE_ODDS      19.0
#define ONE_LOST_SHARE .75 /* in one value; half of all leads can be plainly out of reach */
#define LOST_LEVELS    .50 /* share of the lost in several such levels: reasons */
#define LOST_BINS      .80 /* the same for bins of a number */

struct str leak_level(const struct leak_judge *j, size_t base, uint32_t code)
{
	if (j->o->level == NULL || j->f->cols[base].kind != BASE_CAT ||
		j->f->cols[base].n_levels > LEAK_HUGE)
		return S("");
	return j->o->level(j->o->level_ctx, base, code);
}

int leak_say(struct leak_judge *j, size_t col, enum leak_verdict verdict, enum leak_kind kind,
	struct err *e, const char *fmt, ...)
{
	struct leak_column *c = &j->out->cols[col];
	char room[600];
	va_list ap;
	char *text;

	if (c->verdict >= verdict)
		return 0;
	va_start(ap, fmt);
	vsnprintf(room, sizeof(room), fmt, ap);
	va_end(ap);
	if ((text = str_dup(str_of(room))) == NULL)
		return err_nomem(e);
	free(c->evidence);
	c->evidence = text;
	c->verdict = verdict;
	c->kind = kind;
	return 0;
}

void leak_report_clear(struct leak_report *r)
{
	for (size_t i = 0; i < r->n && r->cols != NULL; i++)
		free(r->cols[i].evidence);
	free(r->cols);
	*r = (struct leak_report){ 0 };
}

/* Measuring. */

static bool row_filled(const struct leak_judge *j, size_t col, size_t row)
{
	const struct frame *f = j->f;

	if (f->filled != NULL)
		return f->filled[row * f->filled_words + col / 64] >> (col % 64) & 1;
	for (size_t b = 0; b < f->n_cols; b++) {
		const struct base_col *base = &f->cols[b];

		if (base->n_sources == 1 && base->sources[0] == col && base->is_column)
			return base->kind == BASE_CAT ? base->code[row] != 0
						      : !isnan(base->num[row]);
	}
	return true;
}

static void measure_filled(struct leak_judge *j, size_t col)
{
	struct leak_facts *x = &j->facts[col];
	double won, lost;

	for (size_t i = 0; i < j->rows.n; i++) {
		if (!row_filled(j, col, j->rows.row[i]))
			continue;
		x->filled_won += j->rows.won[i];
		x->filled_lost += !j->rows.won[i];
	}
	won = x->filled_won / j->rows.n_won;
	lost = x->filled_lost / j->rows.n_lost;
	x->filled_auc = .5 + fabs(won - lost) / 2;
	x->filled_low = leak_auc_low(x->filled_auc, j->rows.n_won, j->rows.n_lost);
}

/* Levels named after an outcome: the one with the most leads whose name is right. */
static int measure_words(struct leak_judge *j, size_t base, struct leak_facts *x, struct err *e)
{
	const struct base_col *b = &j->f->cols[base];
	uint32_t *count = calloc((size_t)b->n_levels * 2 + 2, sizeof(*count));
	double labelled = 0, filled = 0;

	if (count == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < j->rows.n; i++) {
		uint32_t code = b->code[j->rows.row[i]];

		if (code < b->n_levels)
			count[(size_t)code * 2 + j->rows.won[i]]++;
	}
	for (uint32_t code = 1; code < b->n_levels; code++) {
		double lost = count[(size_t)code * 2], won = count[(size_t)code * 2 + 1];
		struct str text = leak_level(j, base, code);
		enum words_side side;
		bool right;

		filled += won + lost;
		if (won + lost < 8 || text.n == 0)
			continue;
		if (words_label(text) >= 0)
			labelled += won + lost;
		side = words_side(text);
		if (side == SIDE_NONE && words_ended(text))
			side = won > lost ? SIDE_WON : SIDE_LOST;
		if (side == SIDE_NONE || words_yesno(text) >= 0)
			continue;
		right = side == SIDE_WON ? leak_share_low(won, won + lost) >= .85 &&
						   won >= .05 * j->rows.n_won &&
						   leak_share_low(won, j->rows.n_won) >=
							   5 * leak_share_high(lost, j->rows.n_lost)
					 : leak_share_high(won, j->rows.n_won) * 8 <=
							   leak_share_low(lost, j->rows.n_lost) &&
						   lost >= .05 * j->rows.n_lost;
		if (right && won + lost > x->word_all) {
			x->word_base = base;
			x->word_code = code;
			x->word_won = won;
			x->word_all = won + lost;
			x->word_is_won = side == SIDE_WON;
		}
	}
	x->labels = filled > 0 ? labelled / filled : 0;
	free(count);
	return 0;
}

static int measure_base(struct leak_judge *j, size_t base, struct err *e)
{
	const struct base_col *b = &j->f->cols[base];
	struct leak_facts *x = &j->facts[b->sources[0]];
	uint32_t bins = (uint32_t)(j->rows.n / 25);
	struct leak_cells cells = { 0 };
	struct leak_power power;
	double raw = 0;

	bins = bins < 4 ? 4 : bins > 32 ? 32 : bins;
	if (leak_cells_base(j->f, base, &j->rows, bins, &cells, e) != 0)
		return -1;
	if (leak_power_of(&cells, &j->rows, &power, e) != 0) {
		leak_cells_clear(&cells);
		return -1;
	}
	leak_cells_clear(&cells);
	if (b->kind == BASE_NUM) {
		double *v = malloc((j->rows.n + 1) * sizeof(*v));

		if (v == NULL)
			return err_nomem(e);
		for (size_t i = 0; i < j->rows.n; i++)
			v[i] = b->num[j->rows.row[i]];
		raw = leak_raw_auc(v, &j->rows, e);
		free(v);
		if (isnan(raw))
			return -1;
	}
	if (!x->judged || fmax(power.auc, raw) > x->power.auc) {
		x->base = base;
		x->by_spread = raw > power.auc;
		x->power = power;
		if (x->by_spread) {
			x->power.auc = raw;
			x->power.auc_low = leak_auc_low(raw, j->rows.n_won, j->rows.n_lost);
		}
	}
	if (!x->judged || power.pure_won > x->pure.pure_won) {
		x->pure_base = base;
		x->pure = power;
	}
	if (!x->judged ||
		fmax(power.one_lost, power.pure_lost) > fmax(x->lost.one_lost, x->lost.pure_lost)) {
		x->lost_base = base;
		x->lost = power;
	}
	x->judged = true;
	if (b->kind == BASE_CAT && b->is_column && !j->o->ignore_names)
		return measure_words(j, base, x, e);
	return 0;
}

static int measure(struct leak_judge *j, struct err *e)
{
	for (size_t b = 0; b < j->f->n_cols; b++) {
		const struct base_col *base = &j->f->cols[b];

		if (base->n_sources != 1 || base->sources[0] >= j->p->n ||
			j->p->cols[base->sources[0]].out != COL_IN)
			continue;
		if (measure_base(j, b, e) != 0)
			return -1;
		if (j->o->progress != NULL && j->o->progress(j->o->progress_ctx,
						      .7 * (double)b / (double)j->f->n_cols) != 0)
			return err_set(e, ERR_CANCELLED, "stopped while looking for leaks");
	}
	for (size_t c = 0; c < j->p->n; c++) {
		if (j->facts[c].judged) {
			measure_filled(j, c);
			j->out->cols[c].auc = j->facts[c].power.auc;
		}
	}
	return 0;
}

/* Judging. */

static int percent(double part, double whole)
{
	return whole > 0 ? (int)floor(100 * part / whole + .5) : 0;
}

static int say_filled(struct leak_judge *j, size_t c, enum leak_verdict v, struct err *e)
{
	const struct leak_facts *x = &j->facts[c];

	return leak_say(j, c, v, LEAK_FILLED, e,
		"filled for %d %% of won leads and %d %% of lost ones",
		percent(x->filled_won, j->rows.n_won), percent(x->filled_lost, j->rows.n_lost));
}

static int say_alone(struct leak_judge *j, size_t c, const char *why, struct err *e)
{
	const struct leak_facts *x = &j->facts[c];
	double auc = fmax(x->power.auc, x->filled_auc);
	int right = (int)floor(100 * auc);

	if (why != NULL)
		return leak_say(j, c, LEAK_OUT, x->name.score ? LEAK_SCORE : LEAK_NAMED, e,
			"its name says: %s; alone it ranks %d of 100 pairs of a won and a lost "
			"lead right",
			why, right);
	return leak_say(j, c, LEAK_OUT, LEAK_ALONE, e,
		"alone it ranks %d of 100 pairs of a won and a lost lead right, which nothing "
		"known "
		"before the outcome does",
		right);
}

/* Filled (or empty) almost only for one outcome. */
static int judge_filled(struct leak_judge *j, size_t c, struct err *e)
{
	const struct leak_facts *x = &j->facts[c];
	double nw = j->rows.n_won, nl = j->rows.n_lost, w = x->filled_won, l = x->filled_lost;
	bool only_won, only_lost, empty_lost, empty_won;

	only_won = w + l >= 12 && w >= .05 * nw &&
		   leak_share_low(w, nw) >= FILLED_TIMES * leak_share_high(l, nl) &&
		   (leak_share_low(w, w + l) >= .93 || leak_share_low(w, nw) >= .4);
	only_won |= w >= 5 && w >= .3 * nw && l <= .002 * nl &&
		    leak_share_low(w, nw) >= FILLED_TIMES / 2 * leak_share_high(l, nl);
	only_lost = w + l >= 12 && l >= .15 * nl &&
		    leak_share_low(l, nl) >= FILLED_TIMES / 2 * leak_share_high(w, nw);
	empty_lost = nl - l >= .4 * nl &&
		     leak_share_low(nl - l, nl) >= 1.5 * FILLED_TIMES * leak_share_high(nw - w, nw);
	empty_won = nw - w >= .4 * nw &&
		    leak_share_low(nw - w, nw) >= 1.5 * FILLED_TIMES * leak_share_high(nl - l, nl);
	if (x->name.innocent && x->filled_low < FILLED_AUC)
		return x->filled_low >= FILLED_FLAG ? say_filled(j, c, LEAK_FLAG, e) : 0;
	if (x->filled_low >= FILLED_AUC || only_won || only_lost || empty_lost || empty_won)
		return say_filled(j, c, LEAK_OUT, e);
	if (x->name.hint >= HINT_MEDIUM && x->filled_low >= ALONE_MEDIUM)
		return leak_say(j, c, LEAK_OUT, x->name.score ? LEAK_SCORE : LEAK_NAMED, e,
			"its name says: %s; filled for %d %% of won leads and %d %% of lost ones",
			x->name.why, percent(w, nw), percent(l, nl));
	if (x->filled_low >= FILLED_FLAG)
		return say_filled(j, c, LEAK_FLAG, e);
	return 0;
}

static double alone_threshold(const struct leak_facts *x)
{
	if (x->name.innocent)
		return ALONE_INNOCENT;
	switch (x->name.hint) {
	case HINT_STRONG:
		return ALONE_STRONG;
	case HINT_MEDIUM:
		return ALONE_MEDIUM;
	case HINT_WEAK:
		return ALONE_WEAK;
	case HINT_NONE:
		break;
	}
	return ALONE;
}

/* Values that decide the outcome for a large share of the leads. */
static int judge_pure(struct leak_judge *j, size_t c, struct err *e)
{
	const struct leak_facts *x = &j->facts[c];
	enum leak_verdict v = x->name.innocent ? LEAK_FLAG : LEAK_OUT;
	struct str level;

	if (x->pure.pure_won >= PURE_SHARE && x->pure.pure_won_right >= PURE_RIGHT &&
		x->pure.odds_won >= PURE_ODDS) {
		level = leak_level(j, x->pure_base, x->pure.top_won_cell);
		return leak_say(j, c, v, LEAK_PURE, e,
			"%d %% of the won leads have values that hardly any lost lead has%s" STR_FMT
			"%s",
			(int)floor(100 * x->pure.pure_won), level.n > 0 ? ", first of all '" : "",
			STR_ARG(words_clip(level, 60)), level.n > 0 ? "'" : "");
	}
	if (x->lost.one_lost >= ONE_LOST_SHARE && x->lost.one_lost_cell != 0) {
		level = leak_level(j, x->lost_base, x->lost.one_lost_cell);
		return leak_say(j, c, v, LEAK_PURE, e,
			"%d %% of the lost leads have one value that hardly any won lead "
			"has%s" STR_FMT "%s",
			(int)floor(100 * x->lost.one_lost), level.n > 0 ? ", '" : "",
			STR_ARG(words_clip(level, 60)), level.n > 0 ? "'" : "");
	}
	if (x->lost.pure_lost >= LOST_BINS ||
		(j->f->cols[x->lost_base].kind == BASE_CAT && x->lost.pure_lost >= LOST_LEVELS &&
			x->lost.lost_cells >= 2))
		return leak_say(j, c, v, LEAK_PURE, e,
			"%d %% of the lost leads have values that hardly any won lead has",
			(int)floor(100 * x->lost.pure_lost));
	return 0;
}

static int judge_values(struct leak_judge *j, size_t c, struct err *e)
{
	const struct leak_facts *x = &j->facts[c];

	if (x->word_all > 0) {
		double right = x->word_is_won ? x->word_won : x->word_all - x->word_won;

		return leak_say(j, c, LEAK_OUT, LEAK_WORDS, e,
			"its value '" STR_FMT "' is named after the outcome: %.0f of %.0f %s",
			STR_ARG(words_clip(leak_level(j, x->word_base, x->word_code), 60)), right,
			x->word_all, x->word_is_won ? "won" : "lost");
	}
	if (x->labels >= .9 && x->power.auc_low >= ALONE_MEDIUM)
		return leak_say(j, c, LEAK_OUT, LEAK_SCORE, e,
			"its values hot, warm and cold are somebody's or another tool's grade of "
			"the lead, "
			"and alone it ranks %d of 100 pairs of a won and a lost lead right",
			(int)floor(100 * x->power.auc));
	return 0;
}

/* What the profile knows of the column's meaning. */
static int judge_role(struct leak_judge *j, size_t c, struct err *e)
{
	const struct column *col = &j->p->cols[c];
	struct leak_facts *x = &j->facts[c];
	double low = fmax(x->power.auc_low, x->filled_low);

	if (col->role == ROLE_OUTCOME_AT || col->role == ROLE_LOST_REASON ||
		(col->kind == KIND_DATE && x->name.at_end && x->name.hint == HINT_STRONG))
		return leak_say(j, c, LEAK_OUT, LEAK_NAMED, e,
			"its name says that it is written when the outcome is known; filled for %d "
			"%% of won "
			"leads and %d %% of lost ones",
			percent(x->filled_won, j->rows.n_won),
			percent(x->filled_lost, j->rows.n_lost));
	if (col->leak_hint.n > 0 && !x->name.innocent) {
		if (low >= ALONE_CERTAIN || col->product.n > 0)
			return leak_say(
				j, c, LEAK_OUT, LEAK_NAMED, e, STR_FMT, STR_ARG(col->leak_hint));
		return leak_say(j, c, LEAK_FLAG, LEAK_NAMED, e, STR_FMT, STR_ARG(col->leak_hint));
	}
	if (x->name.vetoed)
		return 0;
	if (col->role == ROLE_SCORE_FOREIGN) {
		x->name.score = true;
		return leak_say(j, c, low >= ALONE_CERTAIN ? LEAK_OUT : LEAK_FLAG, LEAK_SCORE, e,
			"another tool's score or a person's grade; alone it ranks %d of 100 pairs "
			"of a won "
			"and a lost lead right",
			(int)floor(100 * x->power.auc));
	}
	if ((col->role == ROLE_STAGE || col->role == ROLE_TAGS) && x->name.hint < HINT_MEDIUM) {
		x->name.hint = HINT_MEDIUM;
		x->name.why = "written by the people who work the lead";
	}
	if (col->role == ROLE_STATUS && x->name.hint < HINT_MEDIUM) {
		x->name.hint = HINT_MEDIUM;
		x->name.why = "the state of the work on the lead";
	}
	return 0;
}

static int judge_column(struct leak_judge *j, size_t c, struct err *e)
{
	const struct column *col = &j->p->cols[c];
	struct leak_facts *x = &j->facts[c];

	if (!j->o->ignore_names) {
		x->name = leak_name_read(col->name, j->target);
		/* The age of a date is known at any time; what it has to tell is judged with
		 * others. */
		if (x->name.state && col->kind == KIND_DATE)
			x->name.hint = HINT_NONE;
		if (judge_role(j, c, e) != 0)
			return -1;
	}
	if (j->rows.n_won < LEAST || j->rows.n_lost < LEAST)
		return 0;
	if (judge_filled(j, c, e) != 0 || judge_values(j, c, e) != 0)
		return -1;
	if (x->power.auc_low >= alone_threshold(x) &&
		say_alone(j, c, x->power.auc_low < ALONE ? x->name.why : NULL, e) != 0)
		return -1;
	if (judge_pure(j, c, e) != 0)
		return -1;
	if (x->name.hint >= HINT_MEDIUM)
		return leak_say(j, c, LEAK_FLAG, LEAK_NAMED, e,
			"its name says: %s; the data show no sign of it", x->name.why);
	return 0;
}

/* Columns of one tool: named alike, all scores or grades, empty in the same rows. */
static bool same_tool(const struct leak_judge *j, size_t a, size_t b, size_t prefix)
{
	size_t other, differ = 0, filled = 0;
	char one[WORDS_MAX], two[WORDS_MAX];
	struct str na, nb;

	if (!j->facts[b].judged || j->facts[b].name.vetoed ||
		!leak_name_score_part(j->p->cols[b].name, &other) || other != prefix)
		return false;
	na = words_fold(j->p->cols[a].name, one);
	nb = words_fold(j->p->cols[b].name, two);
	if (!str_eq(str_sub(na, 0, prefix), str_sub(nb, 0, prefix)))
		return false;
	for (size_t i = 0; i < j->rows.n; i++) {
		bool fa = row_filled(j, a, j->rows.row[i]), fb = row_filled(j, b, j->rows.row[i]);

		differ += fa != fb;
		filled += fa;
	}
	return differ * 50 <= j->rows.n && filled > 0 && filled < j->rows.n;
}

static int judge_families(struct leak_judge *j, struct err *e)
{
	for (size_t a = 0; a < j->p->n; a++) {
		double low = j->facts[a].power.auc_low;
		size_t members = 1, prefix;

		if (!j->facts[a].judged || j->facts[a].name.vetoed ||
			!leak_name_score_part(j->p->cols[a].name, &prefix))
			continue;
		for (size_t b = 0; b < j->p->n; b++) {
			if (b == a || !same_tool(j, a, b, prefix))
				continue;
			members++;
			low = fmax(low, j->facts[b].power.auc_low);
		}
		if (members < 2 || low < ALONE_CERTAIN)
			continue;
		if (leak_say(j, a, LEAK_OUT, LEAK_SCORE, e,
			    "another tool's score: one of %zu columns named '" STR_FMT
			    " ...' that are filled for the same leads",
			    members, STR_ARG(words_clip(j->p->cols[a].name, prefix))) != 0)
			return -1;
	}
	return 0;
}

static int judge_all(struct leak_judge *j, struct err *e)
{
	if (j->rows.n_won > 0 && j->rows.n_lost > 0 && measure(j, e) != 0)
		return -1;
	for (size_t c = 0; c < j->p->n; c++) {
		if (j->facts[c].judged && judge_column(j, c, e) != 0)
			return -1;
	}
	if (j->rows.n_won < LEAST || j->rows.n_lost < LEAST)
		return 0;
	if (!j->o->ignore_names && judge_families(j, e) != 0)
		return -1;
	return leak_combos(j, e);
}

int leak_judge(const struct frame *f, const struct profile *p, const struct leak_opts *o,
	struct leak_report *out, struct err *e)
{
	struct leak_judge j = { .f = f, .p = p, .o = o, .out = out };
	int failed;

	*out = (struct leak_report){ .cols = calloc(p->n + 1, sizeof(*out->cols)), .n = p->n };
	j.facts = calloc(p->n + 1, sizeof(*j.facts));
	if (out->cols == NULL || j.facts == NULL) {
		free(j.facts);
		leak_report_clear(out);
		return err_nomem(e);
	}
	for (size_t c = 0; c < p->n; c++) {
		out->cols[c].auc = NAN;
		out->cols[c].with = -1;
		if (p->cols[c].out == COL_OUTCOME)
			j.target = p->cols[c].name;
	}
	failed = leak_rows_make(f, MOST_ROWS, o->seed, &j.rows, e);
	if (failed == 0)
		failed = judge_all(&j, e);
	if (failed != 0)
		leak_report_clear(out);
	leak_rows_clear(&j.rows);
	free(j.facts);
	return failed;
}

const char *leak_kind_name(enum leak_kind k)
{
	static const char *const names[] = { "none", "alone", "filled", "pure", "words", "named",
		"score", "late", "together" };

	return names[k];
}

const char *left_reason_name(enum left_reason r)
{
	static const char *const names[] = { "leak", "identifier", "empty", "constant",
		"dropped by you" };

	return names[r];
}

bool leak_keeps(const struct profile *p, const struct leak_report *r, size_t col)
{
	if (p->cols[col].out != COL_IN)
		return false;
	return p->cols[col].kept_by_user || r->cols[col].verdict != LEAK_OUT;
}

int leak_left_out(const struct profile *p, const struct leak_report *r, struct left_out **out,
	size_t *n, struct err *e)
{
	static const char *const plain[] = { "",
		"an identifier: it names the lead and tells nothing", "empty in every row",
		"the same value in every row", "left out by --drop or the profile" };

	*n = 0;
	if ((*out = calloc(p->n + 1, sizeof(**out))) == NULL)
		return err_nomem(e);
	for (size_t c = 0; c < p->n; c++) {
		struct left_out x = { .column = (uint32_t)c };

		switch (p->cols[c].out) {
		case COL_IN:
			if (leak_keeps(p, r, c))
				continue;
			x.reason = LEFT_LEAK;
			x.evidence = r->cols[c].evidence;
			break;
		case COL_IDENTIFIER:
			x.reason = LEFT_IDENTIFIER;
			break;
		case COL_EMPTY:
			x.reason = LEFT_EMPTY;
			break;
		case COL_CONSTANT:
			x.reason = LEFT_CONSTANT;
			break;
		case COL_DROPPED:
			x.reason = LEFT_DROPPED;
			break;
		case COL_OUTCOME:
			continue;
		}
		if (x.evidence == NULL)
			x.evidence =
				p->cols[c].out_why.n > 0 ? p->cols[c].out_why.p : plain[x.reason];
		(*out)[(*n)++] = x;
	}
	return 0;
}
