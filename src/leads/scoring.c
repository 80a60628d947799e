/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "features/profile.h"
#include "leads/columns.h"
#include "leads/reasons.h"
#include "leads/scoring.h"
#include "model/model.h"
#include "model/rule.h"
#include "model/scorer.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/file.h"
#include "util/rejects.h"
#include "util/table.h"

enum { THREADS_MAX = 64, BLOCK_ROWS = 4096 };

static const char *const added[] = { "heatscore_probability", "heatscore_score", "heatscore_heat",
	"heatscore_confidence", "heatscore_model", "heatscore_reasons" };
enum { ADDED = 6, ADDED_REASONS = 5 };

bool scoring_is_ours(struct str name)
{
	return str_startsi(name, S("heatscore_"));
}

/* One run. What is above the locks does not change while threads work. */
struct run {
	const struct scoring_opts *o;
	struct scoring_result *r;
	struct table *table, *again;
	const struct table_info *info;
	size_t n_columns;
	struct str *columns;
	bool *replaced; /* [n_columns] columns of an earlier scoring; NULL when there are none */
	struct profile *profile;
	struct rule *rule;
	struct scorer *scorer;
	struct reasons *reasons; /* of the model; NULL: not wanted, or the rule has its own */
	size_t n_added;
	struct bands bands;

	pthread_mutex_t in;  /* table */
	pthread_mutex_t out; /* all below */
	pthread_cond_t turned;
	struct table_writer *writer;
	struct file_out *file;
	struct rejects *rejects;
	uint64_t turn; /* number of the block to be written next */
	bool failed;
	struct err err; /* the first failure */
};

/* What one thread has of its own. */
struct worker {
	struct run *run;
	struct table_block *block;
	struct scorer_work *work;
	struct explain_work *explain;
	struct buf lines, reasons;
	struct score scores[SCORER_BLOCK];
	const struct str *cells[SCORER_BLOCK];
	struct scoring_result sum; /* of the present block */
	struct err err;
};

/* --- output --- */

static void put_cells(struct run *r, struct buf *b, const struct row *row)
{
	if (r->replaced == NULL || !row->split) {
		struct row own = rejects_own(r->rejects, row);

		table_put_row(b, r->info, &own,
			r->n_columns - (r->info->set_aside ? REJECTS_COLUMNS : 0));
		return;
	}
	for (size_t c = 0, n = 0; c < r->n_columns; c++) {
		if (r->replaced[c])
			continue;
		if (n++ != 0)
			buf_c(b, r->info->delimiter);
		table_put_cell(b, r->info, row->cells[c]);
	}
}

static void put_score(struct run *r, struct buf *b, const struct score *s)
{
	char delimiter = r->info->delimiter;

	buf_c(b, delimiter);
	buf_num(b, s->probability);
	buf_c(b, delimiter);
	if (s->points >= 100)
		buf_str(b, S("100"));
	else if (s->points >= 10)
		buf_c(b, (char)('0' + s->points / 10));
	if (s->points < 100)
		buf_c(b, (char)('0' + s->points % 10));
	buf_c(b, delimiter);
	buf_z(b, heat_name(s->heat));
	buf_c(b, delimiter);
	buf_num(b, s->confidence);
	buf_c(b, delimiter);
	buf_z(b, scorer_version(r->scorer));
}

static int write_header(struct run *r, struct err *e)
{
	struct str raw = table_header_raw(r->table);

	if (r->replaced == NULL && raw.n != 0)
		table_writer_raw(r->writer, raw);
	for (size_t c = 0; c < r->n_columns && (r->replaced != NULL || raw.n == 0); c++)
		if (r->replaced == NULL || !r->replaced[c])
			table_writer_cell(r->writer,
				r->info->has_header ? table_header(r->table, c) : r->columns[c]);
	for (size_t i = 0; i < r->n_added; i++)
		table_writer_cell(r->writer, str_of(added[i]));
	return table_writer_end_row(r->writer, e);
}

/* --- one block --- */

static void put_reasons(struct worker *w, const struct score *s, size_t i)
{
	struct run *r = w->run;

	buf_reset(&w->reasons);
	if (r->reasons != NULL) {
		struct reasons_row row = { w->cells[i], scorer_num(w->work, i),
			scorer_code(w->work, i), s->probability };

		reasons_line(r->reasons, w->explain, &row, r->o->reasons, &w->reasons);
	} else {
		rule_line(
			r->rule, w->cells[i], scorer_as_of(r->scorer), r->o->reasons, &w->reasons);
	}
	buf_c(&w->lines, r->info->delimiter);
	table_put_cell(&w->lines, r->info, buf_view(&w->reasons));
}

static int score_part(struct worker *w, const struct row *rows, size_t n)
{
	struct run *r = w->run;
	size_t good = 0;

	for (size_t i = 0; i < n; i++)
		if (!rows[i].bad)
			w->cells[good++] = rows[i].cells;
	if (good != 0 && scorer_rows(r->scorer, w->work, w->cells, good, w->scores, &w->err) == -1)
		return -1;
	good = 0;
	for (size_t i = 0; i < n; i++) {
		put_cells(r, &w->lines, &rows[i]);
		if (rows[i].bad) {
			for (size_t k = 0; k < r->n_added; k++)
				buf_c(&w->lines, r->info->delimiter);
			w->sum.bad++;
		} else {
			const struct score *s = &w->scores[good++];

			put_score(r, &w->lines, s);
			if (r->o->reasons != 0)
				put_reasons(w, s, good - 1);
			w->sum.heat[s->heat]++;
			w->sum.sum_probability += s->probability;
		}
		table_put_end(&w->lines, r->info);
		w->sum.rows++;
	}
	return 0;
}

static int score_block(struct worker *w)
{
	buf_reset(&w->lines);
	w->sum = (struct scoring_result){ 0 };
	for (size_t at = 0; at < w->block->n; at += SCORER_BLOCK) {
		size_t n = w->block->n - at;

		if (score_part(w, w->block->rows + at, n < SCORER_BLOCK ? n : SCORER_BLOCK) == -1)
			return -1;
	}
	return buf_done(&w->lines, &w->err);
}

static int write_block_locked(struct worker *w, double progress)
{
	struct run *r = w->run;

	if (table_writer_lines(r->writer, buf_view(&w->lines), &w->err) == -1)
		return -1;
	for (size_t i = 0; i < w->block->n && w->sum.bad != 0; i++)
		if (w->block->rows[i].bad &&
			rejects_put(r->rejects, &w->block->rows[i], &w->err) == -1)
			return -1;
	r->r->rows += w->sum.rows;
	r->r->bad += w->sum.bad;
	r->r->sum_probability += w->sum.sum_probability;
	for (int h = 0; h < HEAT_COUNT; h++)
		r->r->heat[h] += w->sum.heat[h];
	if (leads_progress_step(&r->o->progress, "scoring", progress))
		return err_set(&w->err, ERR_CANCELLED, "stopped");
	return 0;
}

/* Waits for the block's turn and writes it. false: the run is over. */
static bool hand_over(struct worker *w, bool ok, double progress)
{
	struct run *r = w->run;
	bool go_on;

	pthread_mutex_lock(&r->out);
	while (ok && !r->failed && r->turn != w->block->number)
		pthread_cond_wait(&r->turned, &r->out);
	if (ok && !r->failed)
		ok = write_block_locked(w, progress) == 0;
	if (!ok && !r->failed) {
		r->failed = true;
		r->err = w->err;
	}
	r->turn++;
	go_on = !r->failed;
	pthread_cond_broadcast(&r->turned);
	pthread_mutex_unlock(&r->out);
	return go_on;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct run *r = w->run;
	double progress;
	int rc;

	do {
		pthread_mutex_lock(&r->in);
		rc = table_read_block(r->table, w->block, BLOCK_ROWS, &w->err);
		progress = table_progress(r->table);
		pthread_mutex_unlock(&r->in);
		if (rc == 0)
			break;
	} while (hand_over(w, rc == 1 && score_block(w) == 0, progress));
	return NULL;
}

static void worker_clear(struct worker *w)
{
	table_block_free(w->block);
	scorer_work_free(w->work);
	explain_work_free(w->explain);
	buf_clear(&w->lines);
	buf_clear(&w->reasons);
}

static int score_rows(struct run *r, struct err *e)
{
	uint32_t n = r->o->threads == 0 ? 2 : r->o->threads, made = 0, started = 0;
	struct worker *w;
	pthread_t id[THREADS_MAX];
	int rc = -1;

	if (n > THREADS_MAX)
		n = THREADS_MAX;
	if ((w = calloc(n, sizeof(*w))) == NULL)
		return err_nomem(e);
	for (made = 0; made < n; made++) {
		w[made].run = r;
		w[made].block = table_block_new(e);
		w[made].work = scorer_work_new(r->scorer, e);
		if (r->reasons != NULL)
			w[made].explain = explain_work_new(reasons_explainer(r->reasons), e);
		if (w[made].block == NULL || w[made].work == NULL ||
			(r->reasons != NULL && w[made].explain == NULL)) {
			made++;
			goto done;
		}
	}
	/* Fewer threads than asked for is slower, and nothing worse. */
	while (started + 1 < n && pthread_create(&id[started], NULL, work, &w[started + 1]) == 0)
		started++;
	work(&w[0]);
	for (uint32_t i = 0; i < started; i++)
		pthread_join(id[i], NULL);
	if (r->failed && e != NULL)
		*e = r->err;
	rc = r->failed ? -1 : 0;
done:
	for (uint32_t i = 0; i < made; i++)
		worker_clear(&w[i]);
	free(w);
	return rc;
}

/* --- before and after --- */

static bool same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* Beside OUT.csv; without an output file, named after the input, in the working folder. */
static int open_rejects(struct run *r, struct err *e)
{
	char path[sizeof(r->r->rejects)];
	const char *from = r->o->out, *slash;

	if (from == NULL) {
		slash = strrchr(r->o->path, '/');
		from = slash != NULL ? slash + 1 : r->o->path;
		if (strcmp(from, "-") == 0)
			from = "heatscore";
	}
	if (r->o->rejects == NULL && rejects_path(from, r->o->path, path, sizeof(path), e) == -1)
		return -1;
	r->rejects =
		rejects_new(r->table, r->columns, r->o->rejects != NULL ? r->o->rejects : path, e);
	return r->rejects == NULL ? -1 : 0;
}

static int find_columns(struct run *r, struct err *e)
{
	size_t ours = 0;
	char text[256];

	r->n_columns = table_columns(r->table);
	r->columns = columns_names(r->table, r->o->model, &r->o->notes, e);
	if (r->columns == NULL)
		return -1;
	r->replaced = calloc(r->n_columns + 1, sizeof(*r->replaced));
	if (r->replaced == NULL)
		return err_nomem(e);
	for (size_t c = 0; c < r->n_columns; c++) {
		for (size_t i = 0; i < ADDED; i++)
			r->replaced[c] |= str_eqi(r->columns[c], str_of(added[i]));
		for (size_t i = 0; i < REJECTS_COLUMNS; i++)
			r->replaced[c] |= str_eqi(r->columns[c], str_of(rejects_column(i)));
		ours += r->replaced[c];
	}
	if (ours == 0) {
		free(r->replaced);
		r->replaced = NULL;
		return 0;
	}
	if (ours == r->n_columns)
		return err_set(e, ERR_INPUT, "%s has no columns but those of heatscore itself",
			r->o->path);
	if (r->info->set_aside && ours == REJECTS_COLUMNS)
		return 0;
	snprintf(text, sizeof(text),
		"the file has been scored before: its %zu heatscore columns are replaced", ours);
	leads_note(&r->o->notes, text);
	return 0;
}

static int open_table(struct run *r, struct err *e)
{
	if ((r->table = columns_open(r->o->path, r->o->model, e)) == NULL ||
		(r->again = table_again(r->table, e)) == NULL)
		return -1;
	r->info = table_info(r->table);
	return find_columns(r, e);
}

static int bands_for(struct run *r, const struct bands *from, struct err *e)
{
	r->bands = *from;
	if (isnan(r->o->hot) && isnan(r->o->warm))
		return 0;
	return bands_by_hand(&r->bands, r->o->hot, r->o->warm, NULL, e);
}

static int open_scorer(struct run *r, struct err *e)
{
	struct scorer_input in = { .columns = r->columns,
		.n_columns = r->n_columns,
		.as_of = r->o->as_of,
		.today = r->o->today,
		.table = r->again,
		.bands = &r->bands };
	struct profile_opts po = { .now = r->o->today };

	if (r->o->model != NULL) {
		if (bands_for(r, &r->o->model->bands, e) == -1)
			return -1;
		if ((r->scorer = scorer_new(r->o->model, &in, e)) == NULL)
			return -1;
		if (r->o->reasons != 0 && (r->reasons = reasons_new(r->o->model, r->columns,
						   r->n_columns, e)) == NULL)
			return -1;
		return 0;
	}
	if ((r->profile = profile_table(r->again, &po, e)) == NULL ||
		(r->rule = rule_new(r->profile, e)) == NULL ||
		bands_for(r, rule_bands(r->rule), e) == -1)
		return -1;
	if (isnan(in.as_of))
		in.as_of = r->profile->as_of;
	r->scorer = scorer_new_rule(r->rule, &in, e);
	return r->scorer == NULL ? -1 : 0;
}

static void note_missing(struct run *r)
{
	struct buf b = { 0 };
	struct str name;
	size_t n = 0;

	for (; (name = scorer_missing(r->scorer, n)).n != 0; n++) {
		buf_z(&b, n == 0 ? "" : ", ");
		buf_str(&b, name);
	}
	if (n != 0 && r->o->model != NULL) {
		buf_fmt(&b, ": the model uses %s, the file does not have %s; scored as missing",
			n == 1 ? "this column" : "these columns", n == 1 ? "it" : "them");
		buf_c(&b, '\0');
		if (!b.failed)
			leads_note(&r->o->notes, b.p);
	}
	buf_clear(&b);
}

static int open_output(struct run *r, struct err *e)
{
	if (r->o->out != NULL && same_file(r->o->out, r->o->path))
		return err_set(e, ERR_USAGE,
			"%s is the input itself; give another name for the output", r->o->out);
	if (open_rejects(r, e) == -1)
		return -1;
	r->file = r->o->out != NULL ? file_out_open(r->o->out, e) : file_out_stdout(e);
	if (r->file == NULL || (r->writer = table_writer_open(r->file, r->info, e)) == NULL)
		return -1;
	return write_header(r, e);
}

static void note_stays(const struct run *r)
{
	char text[4200];

	if (rejects_stays(r->rejects) == NULL)
		return;
	snprintf(text, sizeof(text), "%s was changed since it was written and stays as it is",
		rejects_stays(r->rejects));
	leads_note(&r->o->notes, text);
}

static int close_output(struct run *r, struct err *e)
{
	struct table_writer *w = r->writer;
	struct file_out *f = r->file;

	r->writer = NULL;
	if (table_writer_close(w, e) == -1)
		return -1;
	if (rejects_finish(r->rejects, e) == -1)
		return -1;
	if (rejects_name(r->rejects) != NULL)
		snprintf(r->r->rejects, sizeof(r->r->rejects), "%s", rejects_name(r->rejects));
	note_stays(r);
	f = r->file;
	r->file = NULL;
	return file_out_finish(f, e);
}

/* The file's rows came in as many days as so many leads took in training. */
static void note_outgrown(struct run *r)
{
	const struct bands *b = &r->bands;
	double scored = (double)(r->r->rows - r->r->bad);
	char text[256];

	if (b->leads_per_day > 0 && bands_outgrown(b, r->r->heat[HEAT_HOT],
					    scored / b->leads_per_day, text, sizeof(text)))
		leads_note(&r->o->notes, text);
}

static void note_end(struct run *r)
{
	const char *note;

	for (size_t i = 0; (note = table_note(r->table, i)) != NULL; i++)
		leads_note(&r->o->notes, note);
	for (size_t i = 0; (note = scorer_note(r->scorer, i)) != NULL; i++)
		leads_note(&r->o->notes, note);
	note_outgrown(r);
}

static void run_clear(struct run *r)
{
	if (r->writer != NULL)
		table_writer_close(r->writer, NULL);
	file_out_abort(r->file);
	rejects_free(r->rejects);
	reasons_free(r->reasons);
	scorer_free(r->scorer);
	rule_free(r->rule);
	profile_free(r->profile);
	table_free(r->again);
	table_free(r->table);
	free(r->columns);
	free(r->replaced);
	pthread_mutex_destroy(&r->in);
	pthread_mutex_destroy(&r->out);
	pthread_cond_destroy(&r->turned);
}

int scoring_run(const struct scoring_opts *o, struct scoring_result *result, struct err *e)
{
	struct run r = { .o = o, .r = result, .n_added = o->reasons != 0 ? ADDED : ADDED_REASONS };
	int rc = -1;

	*result = (struct scoring_result){ 0 };
	pthread_mutex_init(&r.in, NULL);
	pthread_mutex_init(&r.out, NULL);
	pthread_cond_init(&r.turned, NULL);
	if (open_table(&r, e) == -1 || open_scorer(&r, e) == -1)
		goto done;
	note_missing(&r);
	result->as_of = scorer_as_of(r.scorer);
	if (open_output(&r, e) == -1 || score_rows(&r, e) == -1 || close_output(&r, e) == -1)
		goto done;
	note_end(&r);
	rc = 0;
done:
	run_clear(&r);
	return rc;
}
