/* SPDX-License-Identifier: Apache-2.0 */
/* How the ambiguous cells of a file are read: by its own other cells, else by the other columns of
 * the file, else as in training. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "features/bind_internal.h"

static void later(double *newest, double days, double now)
{
	if ((now == 0 || days <= now) && !(*newest >= days))
		*newest = days;
}

static void keep_example(struct step_seen *s, struct str cell)
{
	if (s->example[0] == '\0' && cell.n < sizeof(s->example))
		snprintf(s->example, sizeof(s->example), STR_FMT, STR_ARG(cell));
}

static void vote_date(const struct step *step, struct step_seen *s, struct str cell, double now)
{
	struct cell_date d;
	enum cell_result r;

	if (step->read.unix_time && cell_unix(cell, &d)) {
		later(&s->newest[0], d.days, now);
		later(&s->newest[1], d.days, now);
		return;
	}
	if ((r = cell_date(cell, ORDER_DMY, &d)) == CELL_NO)
		return;
	later(&s->newest[0], d.days, now);
	if (r == CELL_AMBIGUOUS) {
		keep_example(s, cell);
		cell_date(cell, ORDER_MDY, &d);
	}
	later(&s->newest[1], d.days, now);
	cell_vote_date(&s->votes, cell);
}

void bind_vote(struct bind *x, const struct str *cells, double now)
{
	for (size_t i = 0; i < x->n_steps; i++) {
		const struct step *s = &x->steps[i];
		struct step_seen *seen = &x->seen[i];
		uint64_t was = seen->votes.number_ambiguous;

		if (s->cell < 0)
			continue;
		if (s->read.parse == PARSE_DATE) {
			vote_date(s, seen, cells[s->cell], now);
		} else if (s->read.parse == PARSE_NUMBER) {
			cell_vote_number(&seen->votes, cells[s->cell]);
			if (seen->votes.number_ambiguous != was)
				keep_example(seen, cells[s->cell]);
		}
	}
}

static void note(struct bind *x, const struct step *s, const char *how, const char *whence)
{
	const struct step_seen *seen = &x->seen[s - x->steps];
	uint64_t n = seen->votes.number_ambiguous + seen->votes.date_ambiguous;
	char room[700];

	snprintf(room, sizeof(room),
		"column \"" STR_FMT
		"\": %llu cell%s such as \"%s\" can be read in two ways; read %s, %s",
		STR_ARG(str_sub(x->b->cols[s->col].name, 0, 200)), (unsigned long long)n,
		n == 1 ? "" : "s", seen->example, how, whence);
	if ((x->notes[x->n_notes] = arena_dup(&x->mem, str_of(room))) != NULL)
		x->n_notes++;
}

static const char *const by_column = "as other columns of the file show";
static const char *const by_training = "as in training";
static const char *const by_nothing = "as nothing in the file or in training shows which";

static void decide_mark(struct bind *x, struct step *s, const struct cell_votes *all)
{
	const struct cell_votes *votes = &x->seen[s - x->steps].votes;
	enum cell_mark own = cell_votes_mark(votes), file = cell_votes_mark(all);
	enum cell_mark trained = x->b->cols[s->col].format.mark;

	s->format.mark = own != MARK_UNKNOWN ? own : file != MARK_UNKNOWN ? file : trained;
	/* One kind of figure with three decimals is so common, and points so often decimal, that
	 * points as in training are no news. */
	if (own != MARK_UNKNOWN || votes->number_ambiguous == 0 ||
		(trained == MARK_DOT && s->format.mark == MARK_DOT))
		return;
	note(x, s, s->format.mark == MARK_COMMA ? "with a decimal comma" : "with a decimal point",
		file != MARK_UNKNOWN      ? by_column
		: trained != MARK_UNKNOWN ? by_training
					  : by_nothing);
}

static void decide_order(struct bind *x, struct step *s, const struct cell_votes *all)
{
	const struct cell_votes *votes = &x->seen[s - x->steps].votes;
	enum cell_order own = cell_votes_order(votes), file = cell_votes_order(all);
	enum cell_order trained = x->b->cols[s->col].format.order;

	s->format.order = own != ORDER_UNKNOWN ? own : file != ORDER_UNKNOWN ? file : trained;
	if (own == ORDER_UNKNOWN && votes->date_ambiguous != 0)
		note(x, s, s->format.order == ORDER_MDY ? "month first" : "day first",
			file != ORDER_UNKNOWN      ? by_column
			: trained != ORDER_UNKNOWN ? by_training
						   : by_nothing);
}

void bind_decide(struct bind *x)
{
	struct cell_votes all = { 0 };

	x->newest = NAN;
	x->n_notes = 0;
	for (size_t i = 0; i < x->n_steps; i++)
		cell_votes_add(&all, &x->seen[i].votes);
	for (size_t i = 0; i < x->n_steps; i++) {
		struct step *s = &x->steps[i];
		double newest;

		if (s->read.parse == PARSE_NUMBER)
			decide_mark(x, s, &all);
		if (s->read.parse != PARSE_DATE)
			continue;
		decide_order(x, s, &all);
		newest = x->seen[i].newest[s->format.order == ORDER_MDY];
		if (!isnan(newest) && !(x->newest >= newest))
			x->newest = newest;
	}
	x->decided = true;
}

void bind_set(struct bind *x, const struct cell_format *formats)
{
	for (size_t i = 0; i < x->n_steps; i++) {
		struct step *s = &x->steps[i];

		if (s->cell < 0)
			continue;
		if (formats[s->cell].mark != MARK_UNKNOWN)
			s->format.mark = formats[s->cell].mark;
		if (formats[s->cell].order != ORDER_UNKNOWN)
			s->format.order = formats[s->cell].order;
	}
	x->newest = NAN;
	x->decided = true;
}
