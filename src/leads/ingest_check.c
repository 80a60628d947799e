/* SPDX-License-Identifier: Apache-2.0 */
/* What an import would do, what is wrong with its file, and the rows it rejects. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "leads/ingest_internal.h"
#include "util/arena.h"
#include "util/err.h"
#include "util/file.h"
#include "util/json.h"

enum { FAULTS = ROW_STANDING + 1, EXAMPLE = 100 };
/* Rows with problems that are shown to be mended; a cell's text is cut at SHOWN_CELL. */
enum { SHOWN_ROWS = 100, SHOWN_BYTES = 128 * 1024, SHOWN_CELL = 1000 };

struct seen {
	uint64_t count, line;
	uint32_t column;
	char example[EXAMPLE + 1];
};

struct checker {
	struct intake *in;
	uint64_t create, update, unchanged, reject, superseded, rows;
	uint64_t keys[KEY_COUNT];
	struct seen faults[FAULTS];
	struct seen *cells;  /* [columns] that cannot be read as what they are mapped to */
	struct seen *unsure; /* [columns] that can be read as two things */
	struct buf shown;    /* items of a JSON array: rows with problems */
	size_t n_shown;
	uint64_t with_problems;
	struct keyset occurrences, made; /* made: new leads of rows before */
	struct arena mem;
	bool empty; /* no leads at all: nothing to look up */
};

static void see(struct seen *s, uint64_t line, uint32_t column, struct str example)
{
	if (s->count++ != 0)
		return;
	s->line = line;
	s->column = column;
	snprintf(s->example, sizeof(s->example), STR_FMT, STR_ARG(str_sub(example, 0, EXAMPLE)));
}

/* A row as it stands, with what is wrong with it. */
static void show(struct checker *c, const struct row *r)
{
	const struct mapping *m = c->in->o->map;
	struct jw w = { .b = &c->shown };

	c->with_problems++;
	if (c->n_shown == SHOWN_ROWS || c->shown.n > SHOWN_BYTES)
		return;
	if (c->n_shown++ != 0)
		buf_c(&c->shown, ',');
	jw_obj(&w);
	jw_kint(&w, "line", (int64_t)r->line);
	if (r->bad)
		jw_kz(&w, "reason", r->reason);
	jw_kbool(&w, "fixable", mapping_fixable(r));
	jw_key(&w, "columns");
	jw_arr(&w);
	for (size_t k = 0; k < m->n && !r->bad; k++)
		if (!mapping_cell_ok(m, k, r->cells[k]))
			jw_str(&w, m->cols[k].name);
	jw_end_arr(&w);
	jw_key(&w, "cells");
	jw_arr(&w);
	for (size_t k = 0; k < m->n && mapping_fixable(r); k++)
		jw_str(&w, str_sub(r->cells[k], 0, SHOWN_CELL));
	jw_end_arr(&w);
	jw_end_obj(&w);
}

static void look_at_rows(struct checker *c, const struct prepared *p)
{
	const struct mapping *m = c->in->o->map;

	for (size_t i = 0; i < p->block->n; i++) {
		const struct row *r = &p->block->rows[i];
		bool odd = false;

		if (r->bad) {
			see(&c->faults[r->fault], r->line, r->bad_column, r->bad_cell);
			show(c, r);
			continue;
		}
		for (size_t k = 0; k < m->n; k++) {
			if (!mapping_cell_ok(m, k, r->cells[k])) {
				see(&c->cells[k], r->line, (uint32_t)k, r->cells[k]);
				odd = true;
			} else if (mapping_cell_unsure(m, k, r->cells[k])) {
				see(&c->unsure[k], r->line, (uint32_t)k, r->cells[k]);
			}
		}
		if (odd)
			show(c, r);
	}
}

static int decide(struct checker *c, struct prepared *p, const struct lead *leads,
	const bool *found, struct err *e)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct lead_put *put = &p->puts[i];
		uint32_t *before;
		uint64_t hash;

		memcpy(&hash, put->id.b, sizeof(hash));
		if ((before = keyset_at(&c->made, hash, e)) == NULL)
			return -1;
		if (found != NULL && found[i]) {
			bool same = memcmp(leads[i].digest, put->digest, sizeof(put->digest)) == 0;

			*(same ? &c->unchanged : &c->update) += 1;
		} else if (c->in->o->update_only) {
			c->reject++; /* unless its address is that of a lead with an id */
		} else {
			*(*before != 0 ? &c->update : &c->create) += 1;
			*before = 1;
		}
		c->keys[p->key[i]]++;
	}
	return 0;
}

static int look_up(struct checker *c, struct prepared *p, struct err *e)
{
	struct store *s = c->in->o->store;
	struct id *ids;
	struct lead *leads;
	bool *found;

	for (size_t i = 0; i < p->n; i++) {
		uint32_t *n;

		if (p->key[i] != KEY_ROW)
			continue;
		if ((n = keyset_at(&c->occurrences, str_hash(p->puts[i].cells, 1), e)) == NULL)
			return -1;
		store_lead_id_row(s, p->puts[i].cells, (*n)++, &p->puts[i].id);
	}
	if (c->empty)
		return decide(c, p, NULL, NULL, e);
	arena_reset(&c->mem);
	ids = arena_array(&c->mem, p->n + 1, sizeof(*ids));
	leads = arena_array(&c->mem, p->n + 1, sizeof(*leads));
	found = arena_array(&c->mem, p->n + 1, sizeof(*found));
	if (ids == NULL || leads == NULL || found == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < p->n; i++)
		ids[i] = p->puts[i].id;
	if (s->leads->get_many(s, ids, p->n, &c->mem, leads, found, e) == -1)
		return -1;
	return decide(c, p, leads, found, e);
}

static int check_block(void *arg, struct flow *f, struct prepared *p, struct err *e)
{
	struct checker *c = arg;
	int rc;

	if (p == NULL)
		return 0;
	look_at_rows(c, p);
	c->reject += p->bad;
	c->superseded += p->superseded;
	c->rows += p->read;
	rc = look_up(c, p, e);
	flow_give_back(f, p);
	if (rc == 0 && intake_stop(c->in))
		rc = err_set(e, ERR_CANCELLED, "stopped");
	return rc;
}

/* ---- in words ---- */

static void problem(struct jw *w, const char *kind, const char *column, const struct seen *s,
	const char *expected, const char *detail, const char *fix)
{
	jw_obj(w);
	jw_kz(w, "kind", kind);
	if (column != NULL)
		jw_kz(w, "column", column);
	if (s->line != 0)
		jw_kint(w, "line", (int64_t)s->line);
	jw_kint(w, "count", (int64_t)s->count);
	jw_kz(w, "expected", expected);
	jw_kz(w, "found", s->example);
	jw_kz(w, "detail", detail);
	jw_kz(w, "fix", fix);
	jw_end_obj(w);
}

static void write_faults(const struct checker *c, struct jw *w)
{
	static const struct {
		const char *kind, *expected, *detail, *fix;
	} words[FAULTS] = {
		[ROW_SHORT] = { "short row", "as many cells as the header has",
			"these rows have fewer cells than the header",
			"look for line breaks inside cells, or add the missing cells" },
		[ROW_LONG] = { "long row", "as many cells as the header has",
			"these rows have more cells than the header",
			"put cells that hold the delimiter into quotes" },
		[ROW_NUL] = { "zero byte", "text", "these rows hold a zero byte",
			"export the file again" },
		[ROW_TEXT] = { "encoding", "text in the file's encoding",
			"these rows hold bytes that are not text in the file's encoding",
			"save the file as UTF-8" },
		[ROW_QUOTE] = { "open quote", "a closing quote", "a quote is opened and not closed",
			"double quotes inside cells, or close them" },
		[ROW_TOO_LARGE] = { "large row", "a row within the limits",
			"these rows are larger than a row may be",
			"cut long texts, or raise the limit" },
		[ROW_HEADER] = { "repeated header", "a lead", "the header line comes again",
			"nothing: these lines are left out" },
		[ROW_STANDING] = { "set aside", "a row that has been mended",
			"these rows were set aside earlier and still have the fault they name",
			"mend them, or empty heatscore_reason where a row is right as it is" },
	};

	for (int i = 1; i < FAULTS; i++)
		if (c->faults[i].count != 0)
			problem(w, words[i].kind, NULL, &c->faults[i], words[i].expected,
				words[i].detail, words[i].fix);
}

/* One rule for the whole column, which only a person knows. */
static int write_unsure(const struct checker *c, struct jw *w, struct err *e)
{
	const struct mapping *m = c->in->o->map;

	for (size_t k = 0; k < m->n; k++) {
		bool date = field_kind(m->cols[k].use) == FK_TIME;
		char *name;

		if (c->unsure[k].count == 0)
			continue;
		if ((name = str_dup(m->cols[k].name)) == NULL)
			return err_nomem(e);
		problem(w, date ? "date order" : "decimal mark", name, &c->unsure[k],
			date ? "to know whether the day or the month comes first"
			     : "to know which is the decimal mark",
			date ? "these dates are read with the day first, and could mean another day"
			     : "these numbers are read with a decimal point, and could mean "
			       "another "
			       "number",
			date ? "say which comes first in this column"
			     : "say which mark this column has");
		free(name);
	}
	return 0;
}

static int write_cells(const struct checker *c, struct jw *w, struct err *e)
{
	const struct mapping *m = c->in->o->map;

	for (size_t k = 0; k < m->n; k++) {
		bool date = field_kind(m->cols[k].use) == FK_TIME;
		char *name;

		if (c->cells[k].count == 0)
			continue;
		if ((name = str_dup(m->cols[k].name)) == NULL)
			return err_nomem(e);
		problem(w, date ? "date" : "number", name, &c->cells[k],
			date ? "a date" : "a number",
			"these cells are kept as they are; the field stays empty",
			date ? "map the column to \"attribute\", or write dates as 2026-03-31"
			     : "map the column to \"attribute\", or write plain numbers");
		free(name);
	}
	return 0;
}

static void write_duplicates(const struct checker *c, struct jw *w)
{
	struct seen s = { .count = c->superseded };

	if (s.count != 0)
		problem(w, "duplicate", NULL, &s, "one row per lead",
			"further rows of the same lead; the last one counts",
			"if they are different leads, map an id that tells them apart");
}

static void write_unkeyed(const struct checker *c, struct jw *w)
{
	struct seen s = { .count = c->keys[KEY_ROW] };

	if (s.count != 0 && c->in->has_keys)
		problem(w, "no key", NULL, &s, "an id or an e-mail address",
			"rows without either: a changed row will come in as a new lead",
			"fill in the id, or leave it so");
}

static int write_check(struct checker *c, struct jw *w, struct err *e)
{
	static const char *const keys[KEY_COUNT] = { "external_id", "email", "row" };
	int most = KEY_ROW;

	for (int k = 0; k < KEY_COUNT; k++)
		if (c->keys[k] > c->keys[most] || (k < most && c->keys[k] == c->keys[most]))
			most = k;
	jw_obj(w);
	jw_kint(w, "rows", (int64_t)c->rows);
	jw_kint(w, "create", (int64_t)c->create);
	jw_kint(w, "update", (int64_t)c->update);
	jw_kint(w, "unchanged", (int64_t)(c->unchanged + c->superseded));
	jw_kint(w, "reject", (int64_t)c->reject);
	jw_kz(w, "key", keys[most]);
	jw_key(w, "problems");
	jw_arr(w);
	write_faults(c, w);
	if (write_cells(c, w, e) == -1 || write_unsure(c, w, e) == -1)
		return -1;
	write_duplicates(c, w);
	write_unkeyed(c, w);
	jw_end_arr(w);
	jw_kint(w, "problem_rows", (int64_t)c->with_problems);
	jw_key(w, "shown_rows");
	jw_arr(w);
	if (c->n_shown != 0)
		jw_raw(w, buf_view(&c->shown));
	jw_end_arr(w);
	jw_end_obj(w);
	return buf_done(&c->shown, e);
}

int ingest_check(const struct ingest_opts *o, struct jw *w, struct err *e)
{
	struct intake in;
	struct checker c = { .in = &in };
	struct store *s = o->store;
	int64_t leads = s->leads->count(s, e);
	int rc = -1;

	if (leads == -1 || intake_open(&in, o, false, e) == -1)
		return -1;
	c.empty = leads == 0;
	c.cells = calloc(o->map->n + 1, sizeof(*c.cells));
	c.unsure = calloc(o->map->n + 1, sizeof(*c.unsure));
	if (c.cells == NULL || c.unsure == NULL)
		err_nomem(e);
	else if (intake_last_rows(&in, e) == 0 &&
		 intake_flow(&in, o->threads, check_block, &c, e) == 0)
		rc = write_check(&c, w, e);
	keyset_clear(&c.occurrences);
	keyset_clear(&c.made);
	arena_clear(&c.mem);
	buf_clear(&c.shown);
	free(c.cells);
	free(c.unsure);
	intake_close(&in);
	return rc;
}

/* ---- rejected rows ---- */

struct rejecter {
	struct intake *in;
	struct table_writer *w;
	struct arena mem;
	uint64_t n;
};

static int write_header(struct rejecter *r, struct err *e)
{
	static const char *const diagnostics[] = { "heatscore_line", "heatscore_column",
		"heatscore_reason", "heatscore_cell" };

	for (size_t i = 0; i < 4; i++)
		table_writer_cell(r->w, str_of(diagnostics[i]));
	for (size_t i = 0; i < table_columns(r->in->table); i++)
		table_writer_cell(r->w, table_column(r->in->table, i));
	return table_writer_end_row(r->w, e);
}

static int reject(struct rejecter *r, const struct row *row, const char *why, struct err *e)
{
	size_t n = table_columns(r->in->table);
	char line[24];

	snprintf(line, sizeof(line), "%llu", (unsigned long long)row->line);
	table_writer_cell(r->w, str_of(line));
	table_writer_cell(r->w, row->bad && row->bad_column < n
					? table_column(r->in->table, row->bad_column)
					: S(""));
	table_writer_cell(r->w, str_of(why));
	table_writer_cell(r->w, row->bad ? row->bad_cell : S(""));
	table_writer_row(r->w, row, n);
	r->n++;
	return table_writer_end_row(r->w, e);
}

/* Which rows of an update found no lead. */
static int find_missing(struct rejecter *r, struct prepared *p, bool *missing, struct err *e)
{
	struct store *s = r->in->o->store;
	size_t n = 0;
	struct str *texts;
	struct id *ids, *by_email;
	struct lead *leads;
	bool *found;

	arena_reset(&r->mem);
	texts = arena_array(&r->mem, p->n + 1, sizeof(*texts));
	ids = arena_array(&r->mem, p->n + 1, sizeof(*ids));
	by_email = arena_array(&r->mem, p->n + 1, sizeof(*by_email));
	leads = arena_array(&r->mem, p->n + 1, sizeof(*leads));
	found = arena_array(&r->mem, p->n + 1, sizeof(*found));
	if (texts == NULL || ids == NULL || by_email == NULL || leads == NULL || found == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < p->n; i++)
		ids[i] = p->puts[i].id;
	if (s->leads->get_many(s, ids, p->n, &r->mem, leads, found, e) == -1)
		return -1;
	for (size_t i = 0; i < p->n; i++)
		if (!found[i])
			texts[n++] = p->puts[i].values.text[LF_EMAIL];
	if (n != 0 && s->leads->find(s, LF_EMAIL, texts, n, by_email, e) == -1)
		return -1;
	n = 0;
	for (size_t i = 0; i < p->n; i++)
		if (!found[i]) {
			missing[i] = texts[n].n == 0 || id_is_none(by_email[n]);
			n++;
		}
	return 0;
}

static int reject_block(void *arg, struct flow *f, struct prepared *p, struct err *e)
{
	struct rejecter *r = arg;
	bool missing[INGEST_BLOCK] = { false };
	size_t k = 0;
	int rc = 0;

	if (p == NULL)
		return 0;
	if (r->in->o->update_only)
		rc = find_missing(r, p, missing, e);
	for (size_t i = 0; i < p->block->n && rc == 0; i++) {
		const struct row *row = &p->block->rows[i];

		if (row->bad)
			rc = reject(r, row, row->reason, e);
		if (k == p->n || p->puts[k].row != p->block->first + i)
			continue;
		if (missing[k++])
			rc = reject(r, row, "no lead with this key is there", e);
	}
	flow_give_back(f, p);
	return rc;
}

int ingest_rejects(const struct ingest_opts *o, const char *path, uint64_t *n, struct err *e)
{
	struct intake in;
	struct rejecter r = { .in = &in };
	struct file_out *out = NULL;
	struct table_info like;
	int rc = -1;

	if (intake_open(&in, o, false, e) == -1)
		return -1;
	like = *table_info(in.table);
	if ((out = file_out_open(path, e)) == NULL ||
		(r.w = table_writer_open(out, &like, e)) == NULL)
		goto done;
	if (write_header(&r, e) == 0 && intake_last_rows(&in, e) == 0 &&
		intake_flow(&in, o->threads, reject_block, &r, e) == 0)
		rc = 0;
	if (table_writer_close(r.w, rc == 0 ? e : NULL) == -1)
		rc = -1;
	if (rc == 0) {
		rc = file_out_commit(out, e);
		out = NULL;
	}
done:
	file_out_abort(out);
	arena_clear(&r.mem);
	intake_close(&in);
	*n = r.n;
	return rc;
}
