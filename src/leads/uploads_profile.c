/* SPDX-License-Identifier: Apache-2.0 */
/* What a file that was sent is: how it is laid out, what its columns are, what its rows look like.
 * The first rows tell; the dry run looks at all of them. */
#include <stdlib.h>

#include "features/profile.h"
#include "jobs/runner.h"
#include "leads/ingest.h"
#include "leads/live.h"
#include "leads/mapping.h"
#include "leads/reading.h"
#include "leads/scoring.h"
#include "leads/upload_detail.h"
#include "leads/uploads_internal.h"
#include "model/model.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"
#include "util/table.h"

enum {
	PROFILE_ROWS = 20000,
	LOOKS = 1000, /* what a column is shows in fewer cells than a model is to be made of; */
	VALUES = 512, /* an outcome has a dozen values, and all of those are counted */
	PREVIEW_ROWS = 20,
	PREVIEW_CELL = 200,
	BLOCK_ROWS = 2048,
};

struct reading {
	struct uploads *u;
	struct job_run *run;
	struct live_model *m;
	struct table *table;
	struct str *names;
	size_t n;
	struct profile *profile;
	struct mapping map;
	struct buf dialect, preview, columns, outcome;
	bool remembered;
	bool product_said;
	int product;
};

/* The columns of the live model help to tell a header line. Names of our fields do not: they are
 * words that stand in cells as well. */
static struct table *open_known(
	struct reading *r, const char *path, const struct table_reading *as, struct err *e)
{
	const struct model *m = live_model(r->m);
	size_t n = m != NULL ? m->profile->n : 0;
	struct str *known = calloc(n + 1, sizeof(*known));
	struct table_opts to = { .known = known, .known_count = n, .as = *as };
	struct table *t;

	if (known == NULL) {
		err_nomem(e);
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		known[i] = m->profile->cols[i].name;
	t = table_open(path, &to, e);
	free(known);
	return t;
}

static void write_dialect(struct reading *r)
{
	const struct table_info *i = table_info(r->table);
	struct jw w = { .b = &r->dialect };
	const char *note;
	char room[PROFILE_NOTE];

	jw_obj(&w);
	jw_kz(&w, "encoding", i->encoding);
	jw_kstr(&w, "delimiter", (struct str){ &i->delimiter, 1 });
	jw_kint(&w, "header_line", (int64_t)i->header_line);
	jw_kbool(&w, "has_header", i->has_header);
	jw_kbool(&w, "gzip", i->gzip);
	jw_kbool(&w, "xlsx", i->xlsx);
	if (r->profile->product.n != 0)
		jw_kstr(&w, "product", r->profile->product);
	jw_kint(&w, "footer_lines", (int64_t)i->footer_lines);
	jw_key(&w, "notes");
	jw_arr(&w);
	for (size_t k = 0; (note = table_note(r->table, k)) != NULL; k++)
		jw_z(&w, note);
	/* What to set in a profile's file is said to who has one; here the check asks. */
	for (size_t k = 0; (note = profile_note(r->profile, k, room)) != NULL; k++) {
		ptrdiff_t set = str_find(str_of(note), S(" (set \""));

		jw_str(&w, set < 0 ? str_of(note) : str_sub(str_of(note), 0, (size_t)set));
	}
	jw_end_arr(&w);
	jw_end_obj(&w);
}

static bool show_row(const struct reading *r, const struct row *row, struct jw *w)
{
	if (row->bad)
		return false;
	jw_arr(w);
	for (size_t c = 0; c < r->n; c++)
		jw_str(w, str_sub(row->cells[c], 0, PREVIEW_CELL));
	jw_end_arr(w);
	return true;
}

/* The first rows into a profile, and some of them to be shown. */
static int read_rows(struct reading *r, struct err *e)
{
	unsigned threads = r->u->threads != 0 ? r->u->threads : 2;
	struct profile_opts po = { .now = (double)clock_ms() / 86400000.0,
		.looks = LOOKS,
		.values = VALUES,
		.product_said = r->product_said,
		.product = r->product };
	struct profiler *p = profiler_new(r->names, r->n, &po, e);
	struct table_block *b = table_block_new(e);
	struct jw w = { .b = &r->preview };
	size_t rows = 0, shown = 0;
	int rc = p == NULL || b == NULL ? -1 : 1;

	jw_arr(&w);
	while (rc == 1 && rows < PROFILE_ROWS) {
		size_t most = PROFILE_ROWS - rows < BLOCK_ROWS ? PROFILE_ROWS - rows : BLOCK_ROWS;

		if ((rc = table_read_block(r->table, b, most, e)) != 1)
			break;
		rows += b->n;
		for (size_t i = 0; i < b->n && shown < PREVIEW_ROWS; i++)
			shown += show_row(r, &b->rows[i], &w);
		if (profiler_rows(p, b->rows, b->n, threads, e) == -1)
			rc = -1;
		else if (job_stopping(r->run))
			rc = job_stopped(r->run, e);
	}
	jw_end_arr(&w);
	table_block_free(b);
	if (rc == -1) {
		profiler_free(p);
		return -1;
	}
	r->profile = profiler_end(p, e);
	return r->profile == NULL ? -1 : 0;
}

/* Columns that heatscore wrote itself, in a file that it has scored or set aside. */
static void leave_out_ours(struct mapping *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (scoring_is_ours(m->cols[i].name))
			m->cols[i].use = m->cols[i].guess = LF_IGNORE;
}

/* What a person settled on for a file with these headers counts more than any guess. */
static int recall(struct reading *r, struct arena *a, struct err *e)
{
	struct store *s = r->u->store;
	char key[MAPPING_HEADERS], pointer[MAPPING_POINTER];
	struct err why = { 0 };
	struct str text;
	struct json *v;
	int rc;

	if (mapping_headers(&r->map, key, e) == -1)
		return -1;
	if (s->layouts->recall(s, str_of(key), a, &text, &why) == -1) {
		if (why.code == ERR_NOT_FOUND)
			return 0;
		if (e != NULL)
			*e = why;
		return -1;
	}
	if ((v = json_parse(text, e)) == NULL)
		return -1;
	rc = mapping_edit(&r->map, json_get(v, "mapping"), json_get(v, "outcome"), pointer, e);
	r->remembered = rc == 0;
	json_free(v);
	return rc;
}

static int guess(struct reading *r, struct arena *a, struct err *e)
{
	const struct model *m = live_model(r->m);
	struct jw w = { .b = &r->columns };

	if (mapping_guess(&r->map, r->profile, m != NULL ? m->outcome : NULL, e) == -1)
		return -1;
	leave_out_ours(&r->map);
	/* Who says whose export it is wants its meaning of the headers, and none from before. */
	if (!r->product_said && recall(r, a, e) == -1)
		return -1;
	jw_obj(&w);
	mapping_write(&r->map, r->profile, &w);
	jw_end_obj(&w);
	return buf_done(&r->columns, e);
}

static int write_detail(struct reading *r, struct upload *up, struct arena *a, struct err *e)
{
	struct json *cols = json_parse(buf_view(&r->columns), e);
	struct buf c = { 0 }, o = { 0 }, out = { 0 };
	struct jw cw = { .b = &c }, ow = { .b = &o };
	char *copy;
	int rc = -1;

	if (cols == NULL)
		return -1;
	detail_value(json_get(cols, "columns"), &cw);
	if (json_get(cols, "outcome") != NULL)
		detail_value(json_get(cols, "outcome"), &ow);
	{
		const struct detail_member set[] = {
			{ "dialect", buf_view(&r->dialect) },
			{ "columns", buf_view(&c) },
			{ "outcome", buf_view(&o) },
			{ "preview", buf_view(&r->preview) },
			{ "remembered_mapping", r->remembered ? S("true") : S("") },
		};

		if (buf_done(&r->dialect, e) == 0 && buf_done(&r->preview, e) == 0 &&
			buf_done(&c, e) == 0 && buf_done(&o, e) == 0)
			rc = detail_set(up->detail, set, sizeof(set) / sizeof(set[0]), &out, e);
	}
	if (rc == 0 && (copy = arena_dup(a, buf_view(&out))) == NULL)
		rc = err_nomem(e);
	else if (rc == 0)
		up->detail = (struct str){ copy, out.n };
	json_free(cols);
	buf_clear(&c);
	buf_clear(&o);
	buf_clear(&out);
	return rc;
}

/* What a person said of the file. Nothing was found in it yet. */
static struct table_reading asked(const struct upload *up, struct reading *r)
{
	struct json *v = up->detail.n != 0 ? json_parse(up->detail, NULL) : NULL;
	struct table_reading as;

	reading_of(v, &as);
	r->product_said = reading_product(v, &r->product);
	json_free(v);
	return as;
}

int upload_profile(struct uploads *u, struct upload *up, struct job_run *run, struct table **t,
	struct arena *a, struct err *e)
{
	struct reading r = { .u = u, .run = run };
	struct table_reading as = asked(up, &r);
	struct buf path = { 0 };
	int rc = -1;

	r.m = live_hold(u->live);
	if (uploads_path(u, up->file, &path, e) == -1 ||
		(r.table = open_known(&r, path.p, &as, e)) == NULL)
		goto done;
	r.n = table_columns(r.table);
	if ((r.names = calloc(r.n + 1, sizeof(*r.names))) == NULL) {
		err_nomem(e);
		goto done;
	}
	for (size_t i = 0; i < r.n; i++)
		r.names[i] = table_column(r.table, i);
	if (read_rows(&r, e) == -1 || guess(&r, a, e) == -1)
		goto done;
	write_dialect(&r);
	if ((rc = write_detail(&r, up, a, e)) == 0) {
		*t = r.table;
		r.table = NULL;
	}
done:
	mapping_clear(&r.map);
	profile_free(r.profile);
	table_free(r.table);
	free(r.names);
	live_drop(r.m);
	buf_clear(&path);
	buf_clear(&r.dialect);
	buf_clear(&r.preview);
	buf_clear(&r.columns);
	buf_clear(&r.outcome);
	return rc;
}
