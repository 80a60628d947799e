/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "features/profile.h"
#include "features/words.h"
#include "leads/aside.h"
#include "leads/columns.h"
#include "util/err.h"
#include "util/file.h"
#include "util/json.h"
#include "util/table.h"

enum { MOST_CANDIDATES = 6 };

/* Every row of ${t} into a profile. */
static struct profile *read_rows(struct cli *c, struct table *t, const struct str *names,
	const struct profile_opts *o, struct aside *aside, struct err *e)
{
	struct profiler *p = profiler_new(names, table_columns(t), o, e);
	struct row row;
	int got = -1;

	if (p == NULL)
		return NULL;
	for (uint64_t i = 0; (got = table_next(t, &row, e)) == 1; i++) {
		if ((row.bad ? aside_row(aside, &row, e) : profiler_row(p, row.cells, e)) == -1)
			goto fail;
		if (i % 1024 == 0 && cli_progress(c, "reading", table_progress(t))) {
			err_set(e, ERR_CANCELLED, "stopped while reading");
			goto fail;
		}
	}
	if (got == -1 || aside_end(aside, e) == -1)
		goto fail;
	return profiler_end(p, e);
fail:
	profiler_free(p);
	return NULL;
}

/* What is worth saying about a column beside its figures. */
static void remarks(const struct column *c, uint64_t rows, struct buf *b)
{
	const char *sep = "";

#define SAY(...) (buf_z(b, sep), buf_fmt(b, __VA_ARGS__), sep = "; ")
	if (c->out != COL_IN && c->out != COL_OUTCOME)
		SAY("left out: %s", profile_out_name(c->out));
	if (c->kept_by_user)
		SAY("kept by you");
	if (c->leak_hint.n > 0)
		SAY(STR_FMT, STR_ARG(c->leak_hint));
	if (c->kind == KIND_CATEGORY && c->out == COL_IN)
		SAY("%s%.0f values", c->distinct > 4096 ? "about " : "", c->distinct);
	if (c->placeholders > 0 && rows > 0) {
		buf_z(b, sep);
		print_percent(b, (double)c->placeholders / (double)rows);
		buf_z(b, " placeholders");
		sep = "; ";
	}
	if (c->n_sentinels > 0)
		SAY("%g means missing", c->sentinels[0]);
	if (c->kind == KIND_DATE && c->format.order != ORDER_UNKNOWN)
		SAY("%s first", c->format.order == ORDER_DMY ? "day" : "month");
	if (c->kind == KIND_NUMBER && c->format.mark == MARK_COMMA)
		SAY("decimal comma");
	if (c->kind == KIND_LIST && c->list_sep != 0)
		SAY("split at %c", c->list_sep);
	if (c->counter != 0 && c->out == COL_IN)
		SAY("counts the rows");
#undef SAY
}

static void samples(const struct column *c, struct buf *b)
{
	for (size_t i = 0; i < c->n_samples; i++) {
		buf_z(b, i > 0 ? " | " : "");
		buf_str(b, c->samples[i]);
	}
}

static void column_row(struct grid *g, const struct column *c, uint64_t rows)
{
	struct buf b = { 0 };
	bool in = c->out == COL_IN, target = c->out == COL_OUTCOME;

	grid_text(g, target ? STYLE_GOOD : in ? STYLE_BOLD : STYLE_DIM, c->name);
	grid_text(g, STYLE_PLAIN, str_of(profile_role_name(c->role)));
	grid_text(g, STYLE_PLAIN, str_of(profile_kind_name(c->kind)));
	grid_percent(g, STYLE_PLAIN, rows > 0 ? (double)c->filled / (double)rows : NAN);
	samples(c, &b);
	grid_text(g, STYLE_DIM, buf_view(&b));
	buf_reset(&b);
	remarks(c, rows, &b);
	grid_text(g, in ? STYLE_PLAIN : STYLE_DIM, buf_view(&b));
	g->failed = g->failed || b.failed;
	buf_clear(&b);
}

static void print_profile(
	struct cli *c, const struct profile *p, const struct table_info *info, uint64_t bad)
{
	static const struct grid_col cols[] = { { .title = "column", .shrink = true, .max = 32 },
		{ .title = "role" }, { .title = "kind" }, { .title = "filled", .right = true },
		{ .title = "samples", .shrink = true, .max = 44 },
		{ .title = "", .shrink = true, .max = 48 } };
	struct print *out = &c->out;
	struct grid g;

	print_text(out, STYLE_BOLD, str_of(c->o->args[0]));
	print_fmt(out, STYLE_PLAIN, ": ");
	print_count(&out->b, p->rows);
	print_fmt(out, STYLE_PLAIN, " rows, %zu columns, %s%s%s", p->n, info->encoding,
		info->xlsx ? ", a workbook" : "", info->gzip ? ", gzip" : "");
	if (p->product.n > 0)
		print_fmt(out, STYLE_PLAIN, "; looks like an export of " STR_FMT,
			STR_ARG(p->product));
	if (bad > 0)
		print_fmt(out, STYLE_WARM, "; %llu row%s cannot be read", (unsigned long long)bad,
			bad == 1 ? "" : "s");
	print_fmt(out, STYLE_PLAIN, "\n\n");
	grid_init(&g, cols, sizeof(cols) / sizeof(cols[0]));
	for (size_t i = 0; i < p->n; i++)
		column_row(&g, &p->cols[i], p->rows);
	grid_print(&g, out);
}

static bool names_end(const struct column *c, enum words_side side)
{
	for (size_t i = 0; i < c->n_top; i++)
		if (words_side(c->top[i].text) == side && words_label(c->top[i].text) < 0)
			return true;
	return false;
}

/* The column whose values tell of both ends, "Closed Won" and "Closed Lost"; -1 when not one. Hot
 * and cold are more often a rep's grade. */
static ptrdiff_t tells_ends(const struct profile *p)
{
	ptrdiff_t found = -1;

	for (size_t i = 0; i < p->n; i++) {
		const struct column *c = &p->cols[i];

		if (c->out != COL_IN || c->kind != KIND_CATEGORY || c->distinct > PROFILE_TOP ||
			!names_end(c, SIDE_WON) || !names_end(c, SIDE_LOST))
			continue;
		if (found >= 0)
			return -1;
		found = (ptrdiff_t)i;
	}
	return found;
}

/* Hot, warm and cold need no flags. */
static bool labels(const struct column *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_top; i++)
		n += words_label(c->top[i].text) >= 0;
	return n == 3;
}

/* The flags that a column of more than two values needs, as far as its values tell. */
static void print_flags(struct print *out, const struct column *c)
{
	if (c->distinct <= 2)
		return;
	for (int lost = 0; lost < 2; lost++) {
		enum words_side side = lost ? SIDE_LOST : SIDE_WON;
		bool any = lost;

		for (size_t i = 0; i < c->n_top; i++)
			if (words_side(c->top[i].text) == side && words_label(c->top[i].text) < 0) {
				print_fmt(out, STYLE_PLAIN, lost ? " --lost " : " --won ");
				print_shell(out, c->top[i].text);
				any = true;
			}
		if (!any && !labels(c))
			print_fmt(out, STYLE_PLAIN, " --won VALUE");
	}
}

/* Columns that could be the outcome where none is known to be: those with two values or the three
 * labels. */
static void print_candidates(struct print *out, const struct profile *p)
{
	size_t n = 0, hot = 0;

	for (size_t i = 0; i < p->n && hot < MOST_CANDIDATES; i++)
		if (p->cols[i].out == COL_IN && p->cols[i].distinct == 3 && labels(&p->cols[i])) {
			print_fmt(
				out, STYLE_PLAIN, hot++ == 0 ? " Hot, warm and cold has: " : ", ");
			print_text(out, STYLE_BOLD, p->cols[i].name);
		}
	if (hot > 0)
		print_fmt(out, STYLE_PLAIN, ".");
	for (size_t i = 0; i < p->n && n < MOST_CANDIDATES; i++)
		if (p->cols[i].out == COL_IN && p->cols[i].distinct == 2) {
			print_fmt(out, STYLE_PLAIN, n++ == 0 ? " Two values have: " : ", ");
			print_text(out, STYLE_BOLD, p->cols[i].name);
		}
	if (n > 0)
		print_fmt(out, STYLE_PLAIN, n < MOST_CANDIDATES ? "." : ", ...");
}

/* What to do next, as a command that can be copied. */
static void print_next(struct cli *c, const struct profile *p)
{
	ptrdiff_t outcome = profile_with_role(p, ROLE_OUTCOME);
	struct print *out = &c->out;

	if (outcome < 0)
		outcome = tells_ends(p);
	print_fmt(out, STYLE_PLAIN, "\n");
	if (p->rows == 0) {
		print_fmt(out, STYLE_WARM, "There are no rows below the header.\n");
		return;
	}
	print_fmt(out, STYLE_PLAIN, "Next: heatscore train ");
	print_shell(out, str_of(c->o->args[0]));
	if (outcome >= 0) {
		print_fmt(out, STYLE_PLAIN, " --target ");
		print_shell(out, p->cols[outcome].name);
		print_flags(out, &p->cols[outcome]);
	} else {
		print_fmt(out, STYLE_PLAIN,
			" --target COLUMN, the column that tells how a lead ended.");
		print_candidates(out, p);
	}
	print_fmt(out, STYLE_PLAIN, "\n");
}

int cmd_profile(struct cli *c, struct err *e)
{
	const struct options *o = c->o;
	struct profile_opts po = { .target = str_of(o->target), .now = cli_today() };
	struct table_opts to = { .known = &po.target, .known_count = po.target.n > 0 };
	struct table *t = table_open(o->args[0], &to, e);
	struct profile *p = NULL;
	struct buf json = { 0 };
	struct jw w = { .b = &json, .indent = 2 };
	struct leads_notes notes = { cli_note, c };
	struct aside aside = { 0 };
	struct str *names = NULL;
	char note[PROFILE_NOTE];
	int r = -1;

	if (t == NULL)
		return -1;
	if ((names = columns_names(t, NULL, &notes, e)) == NULL ||
		aside_init(&aside, t, names, o->args[0], o->rejects, &notes, e) == -1 ||
		(p = read_rows(c, t, names, &po, &aside, e)) == NULL)
		goto done;
	for (size_t i = 0; table_note(t, i) != NULL; i++)
		cli_note(c, table_note(t, i));
	for (size_t i = 0; profile_note(p, i, note) != NULL; i++)
		cli_note(c, note);
	profile_write(p, &w);
	buf_c(&json, '\n');
	if (buf_done(&json, e) == -1 ||
		(o->output != NULL && file_write(o->output, buf_view(&json), e) == -1))
		goto done;
	if (o->json && o->output == NULL)
		buf_str(&c->out.b, buf_view(&json));
	if (!o->json) {
		print_profile(c, p, table_info(t), aside.rows);
		if (o->output != NULL) {
			print_fmt(&c->out, STYLE_PLAIN, "\nSaved as ");
			print_text(&c->out, STYLE_BOLD, str_of(o->output));
			print_fmt(&c->out, STYLE_PLAIN,
				"; edit roles and kinds there, then train with --profile.\n");
		}
		print_next(c, p);
	}
	r = 0;
done:
	buf_clear(&json);
	profile_free(p);
	aside_clear(&aside);
	free(names);
	table_free(t);
	return r;
}
