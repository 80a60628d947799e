/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "util/buf.h"
#include "util/err.h"
#include "util/file.h"
#include "util/rejects.h"
#include "util/table.h"

static const char *const columns[REJECTS_COLUMNS] = { "heatscore_line", "heatscore_column",
	"heatscore_reason", "heatscore_cell" };

struct rejects {
	const struct table *table;
	const struct str *names;
	size_t n_columns;
	bool again; /* the table is one of rejects itself: at says where its four columns are */
	uint32_t at[REJECTS_COLUMNS];
	char *path, *other; /* asked for; written instead, as what stands there was edited */
	struct file_out *file;
	struct table_writer *writer;
	bool finished;
};

const char *rejects_column(enum rejects_column c)
{
	return columns[c];
}

bool rejects_find(const struct str *names, size_t n, uint32_t at[REJECTS_COLUMNS])
{
	for (size_t i = 0; i < REJECTS_COLUMNS; i++) {
		size_t c = 0;

		while (c < n && !str_eqi(names[c], str_of(columns[i])))
			c++;
		if (c == n)
			return false;
		at[i] = (uint32_t)c;
	}
	return true;
}

/* --- where it goes --- */

static bool same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* How much of a path stands before ".csv", ".csv.gz" or the like. */
static int stem_of(const char *from)
{
	const char *slash = strrchr(from, '/'), *name = slash != NULL ? slash + 1 : from;
	size_t n = strlen(from);
	const char *dot = strrchr(name, '.');

	if (dot != NULL && dot > name && strcmp(dot, ".gz") == 0) {
		n = (size_t)(dot - from);
		while (dot > name && *--dot != '.')
			;
	}
	return (int)(dot != NULL && dot > name && *dot == '.' ? (size_t)(dot - from) : n);
}

int rejects_path(const char *from, const char *avoid, char *path, size_t size, struct err *e)
{
	int stem = stem_of(from);

	for (int i = 1; i < 100; i++) {
		int n = i == 1 ? snprintf(path, size, "%.*s.rejected.csv", stem, from)
			       : snprintf(path, size, "%.*s.rejected-%d.csv", stem, from, i);

		if (n < 0 || (size_t)n >= size)
			return err_set(e, ERR_CREATE,
				"the name of the file for bad rows would be too long");
		if (!same_file(path, avoid))
			break;
	}
	return 0;
}

int rejects_beside(const char *input, char *path, size_t size, struct err *e)
{
	const char *slash = strrchr(input, '/');
	char folder[4096];

	if (strcmp(input, "-") == 0)
		return rejects_path("heatscore", input, path, size, e);
	if (slash != NULL && (size_t)(slash - input) + 2 <= sizeof(folder)) {
		snprintf(folder, sizeof(folder), "%.*s", (int)(slash - input) + 1, input);
		if (access(folder, W_OK) == -1)
			input = slash + 1;
	}
	return rejects_path(input, input, path, size, e);
}

/* --- what somebody began to mend --- */

/* The digest of a file as it was left, kept beside its bytes. Editors that write a new file lose
 * it, those that write into the old one make it wrong: either way the file is no longer as it was
 * left. */
static const char seal[] = "user.heatscore.sha256";

/* Whether ${path} is a file with something in it: no device, no pipe, not what standard output goes
 * to. */
static bool holds_text(const char *path)
{
	struct stat st, out;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size != 0 &&
	       (fstat(STDOUT_FILENO, &out) == -1 || st.st_dev != out.st_dev ||
		       st.st_ino != out.st_ino);
}

static void put_seal(const char *path)
{
	char hex[65];

	/* Where the file system keeps no such thing, the next run finds a file that it leaves
	 * alone. */
	if (holds_text(path) && file_sha256(path, hex, NULL) == 0 &&
		setxattr(path, seal, hex, 64, 0) == -1)
		return;
}

/* Whether nothing is lost when ${path} is written over. */
static bool may_replace(const char *path)
{
	char was[64], is[65];

	if (!holds_text(path))
		return true;
	return getxattr(path, seal, was, sizeof(was)) == (ssize_t)sizeof(was) &&
	       file_sha256(path, is, NULL) == 0 && memcmp(was, is, sizeof(was)) == 0;
}

static bool same_bytes(const char *a, const char *b)
{
	char x[65], y[65];

	return file_sha256(a, x, NULL) == 0 && file_sha256(b, y, NULL) == 0 && strcmp(x, y) == 0;
}

/* OUT.rejected.csv, OUT.rejected-2.csv, ... */
static int numbered(const char *path, int i, char **out, struct err *e)
{
	const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
	const char *dot = strrchr(name, '.');
	int stem = (int)(dot != NULL && dot > name ? dot - path : (ptrdiff_t)strlen(path));

	if (asprintf(out, "%.*s-%d%s", stem, path, i, path + stem) == -1) {
		*out = NULL;
		return err_nomem(e);
	}
	return 0;
}

static const char *where(const struct rejects *r)
{
	return r->other != NULL ? r->other : r->path;
}

static int choose(struct rejects *r, struct err *e)
{
	for (int i = 2; i < 100; i++) {
		if (may_replace(where(r)))
			return 0;
		free(r->other);
		if (numbered(r->path, i, &r->other, e) == -1)
			return -1;
	}
	return err_set(e, ERR_CREATE,
		"%s and 97 more like it hold rows set aside earlier that somebody has changed "
		"since; move them "
		"away, or name another file with --rejects",
		r->path);
}

/* A second run over the same file has nothing new to say: the earlier file stands for it. */
static void keep_one(struct rejects *r)
{
	if (r->other != NULL && same_bytes(r->path, r->other) && unlink(r->other) == 0) {
		free(r->other);
		r->other = NULL;
	}
}

/* --- writing --- */

struct rejects *rejects_new(
	const struct table *t, const struct str *names, const char *path, struct err *e)
{
	struct rejects *r = calloc(1, sizeof(*r));

	if (r == NULL || (r->path = strdup(path)) == NULL) {
		free(r);
		err_nomem(e);
		return NULL;
	}
	r->table = t;
	r->names = names;
	r->n_columns = table_columns(t);
	r->again = table_info(t)->set_aside && rejects_find(names, r->n_columns, r->at);
	return r;
}

static bool is_ours(const struct rejects *r, size_t column)
{
	for (size_t i = 0; i < REJECTS_COLUMNS && r->again; i++)
		if (r->at[i] == column)
			return true;
	return false;
}

/* A column without a name keeps the letter it is called by: among four more columns it would be
 * another one. */
static struct str header(const struct rejects *r, size_t column)
{
	struct str cell = S("");

	if (table_info(r->table)->has_header)
		cell = table_header(r->table, column);
	return str_trim(cell).n != 0 ? cell : r->names[column];
}

static int start(struct rejects *r, struct err *e)
{
	if (choose(r, e) == -1 || (r->file = file_out_open(where(r), e)) == NULL ||
		(r->writer = table_writer_open(r->file, table_info(r->table), e)) == NULL)
		return -1;
	for (size_t i = 0; i < REJECTS_COLUMNS; i++)
		table_writer_cell(r->writer, str_of(columns[i]));
	for (size_t c = 0; c < r->n_columns; c++)
		if (!is_ours(r, c))
			table_writer_cell(r->writer, header(r, c));
	return table_writer_end_row(r->writer, e);
}

static void put_what_is_wrong(struct rejects *r, const struct row *row)
{
	char line[24];
	bool kept = r->again && row->split && row->cells[r->at[REJECTS_LINE]].n != 0;

	snprintf(line, sizeof(line), "%llu", (unsigned long long)row->line);
	if (row->fault == ROW_STANDING) {
		for (size_t i = 0; i < REJECTS_COLUMNS; i++)
			table_writer_cell(r->writer, row->cells[r->at[i]]);
		return;
	}
	table_writer_cell(r->writer, kept ? row->cells[r->at[REJECTS_LINE]] : str_of(line));
	table_writer_cell(
		r->writer, row->bad_column < r->n_columns ? r->names[row->bad_column] : S(""));
	table_writer_cell(r->writer, str_of(row->reason));
	table_writer_cell(r->writer, row->bad_cell);
}

/* ${raw} behind its first four cells, which are the usual place of ours. */
static struct str behind_ours(struct str raw, char delimiter)
{
	size_t at = 0, cells = 0;
	bool quoted = false, begins = true;

	for (; at < raw.n && cells < REJECTS_COLUMNS; at++) {
		if (raw.p[at] == '"' && (begins || quoted))
			quoted = !quoted;
		else if (raw.p[at] == delimiter && !quoted)
			cells++;
		begins = raw.p[at] == delimiter && !quoted;
	}
	return str_sub(raw, at, raw.n);
}

struct row rejects_own(const struct rejects *r, const struct row *row)
{
	struct row own = *row;

	if (!r->again)
		return own;
	own.raw = behind_ours(row->raw, table_info(r->table)->delimiter);
	own.found -= own.found < REJECTS_COLUMNS ? own.found : REJECTS_COLUMNS;
	return own;
}

static void put_row(struct rejects *r, const struct row *row)
{
	struct row own;

	if (!r->again) {
		table_writer_row(r->writer, row, r->n_columns);
		return;
	}
	if (row->split) {
		for (size_t c = 0; c < r->n_columns; c++)
			if (!is_ours(r, c))
				table_writer_cell(r->writer, row->cells[c]);
		return;
	}
	own = rejects_own(r, row);
	table_writer_row(r->writer, &own, r->n_columns - REJECTS_COLUMNS);
}

int rejects_put(struct rejects *r, const struct row *row, struct err *e)
{
	if (r->writer == NULL && start(r, e) == -1)
		return -1;
	put_what_is_wrong(r, row);
	put_row(r, row);
	return table_writer_end_row(r->writer, e);
}

int rejects_finish(struct rejects *r, struct err *e)
{
	struct table_writer *w = r->writer;
	struct file_out *f = r->file;

	if (w == NULL || r->finished)
		return 0;
	r->writer = NULL;
	if (table_writer_close(w, e) == -1)
		return -1;
	r->file = NULL;
	if (file_out_finish(f, e) == -1)
		return -1;
	keep_one(r);
	put_seal(where(r));
	r->finished = true;
	return 0;
}

const char *rejects_name(const struct rejects *r)
{
	return r != NULL && r->finished ? where(r) : NULL;
}

const char *rejects_stays(const struct rejects *r)
{
	return r != NULL && r->finished && r->other != NULL ? r->path : NULL;
}

void rejects_free(struct rejects *r)
{
	if (r == NULL)
		return;
	if (r->writer != NULL)
		table_writer_close(r->writer, NULL);
	file_out_abort(r->file);
	free(r->other);
	free(r->path);
	free(r);
}
