/* SPDX-License-Identifier: Apache-2.0 */
/* xlsx_zip.c: files inside a zip archive, through libarchive's reader of the central directory: an
 * archive that is cut has none and is refused as a whole. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>

#include "util/err.h"
#include "util/lazy.h"
#include "util/source.h"
#include "util/xlsx_internal.h"

/* clang-format off */
#define ZIP_API(F) F(archive_entry_is_encrypted) F(archive_entry_pathname) \
	F(archive_read_data) F(archive_read_free) \
	F(archive_read_new) F(archive_read_next_header) \
	F(archive_read_open1) F(archive_read_set_callback_data) \
	F(archive_read_set_read_callback) F(archive_read_set_seek_callback) \
	F(archive_read_set_skip_callback) F(archive_read_support_format_zip_seekable) \
	F(archive_set_error)
/* clang-format on */
LAZY(zip, ZIP_API, LAZY_ARCHIVE_SONAME);

struct zip_part {
	struct archive *a;
	const struct source *s; /* borrowed */
	uint64_t at;            /* in the archive file */
	uint64_t unpacked;
	char block[64 * 1024];
};

static la_ssize_t on_read(struct archive *a, void *user, const void **to)
{
	struct zip_part *p = user;
	ptrdiff_t n = source_at(p->s, p->at, p->block, sizeof(p->block), NULL);

	if (n == -1) {
		zip.archive_set_error(a, EIO, "cannot be read");
		return -1;
	}
	p->at += (uint64_t)n;
	*to = p->block;
	return n;
}

static la_int64_t on_skip(struct archive *a, void *user, la_int64_t n)
{
	struct zip_part *p = user;
	uint64_t left = source_size(p->s) - p->at;

	if (n < 0)
		return 0;
	if ((uint64_t)n > left)
		n = (la_int64_t)left;
	p->at += (uint64_t)n;
	return n;
}

static la_int64_t on_seek(struct archive *a, void *user, la_int64_t off, int whence)
{
	struct zip_part *p = user;
	la_int64_t size = (la_int64_t)source_size(p->s), at = off;

	if (whence == SEEK_CUR)
		at += (la_int64_t)p->at;
	else if (whence == SEEK_END)
		at += size;
	if (at < 0 || at > size)
		return ARCHIVE_FATAL;
	p->at = (uint64_t)at;
	return at;
}

static int damaged(struct err *e)
{
	return err_set(e, ERR_INPUT,
		"is a zip or .xlsx archive that is cut or damaged: get the file again");
}

static struct zip_part *begin(struct source *s, struct err *e)
{
	struct zip_part *p;

	if (lazy_load(&zip_library, &zip, e) == -1)
		return NULL;
	p = calloc(1, sizeof(*p));
	if (p == NULL || (p->a = zip.archive_read_new()) == NULL) {
		free(p);
		err_nomem(e);
		return NULL;
	}
	p->s = s;
	zip.archive_read_support_format_zip_seekable(p->a);
	zip.archive_read_set_read_callback(p->a, on_read);
	zip.archive_read_set_skip_callback(p->a, on_skip);
	zip.archive_read_set_seek_callback(p->a, on_seek);
	zip.archive_read_set_callback_data(p->a, p);
	if (zip.archive_read_open1(p->a) != ARCHIVE_OK) {
		damaged(e);
		zip_close(p);
		return NULL;
	}
	return p;
}

void zip_close(struct zip_part *p)
{
	if (p == NULL)
		return;
	zip.archive_read_free(p->a);
	free(p);
}

/* The next entry's name without a leading slash; NULL at the end (*rc 0) or on damage (*rc -1). */
static const char *next_name(
	struct zip_part *p, size_t *seen, struct archive_entry **entry, int *rc, struct err *e)
{
	const char *name;
	int got;

	for (;;) {
		got = zip.archive_read_next_header(p->a, entry);
		*rc = 0;
		if (got == ARCHIVE_EOF)
			return NULL;
		if (got < ARCHIVE_WARN) {
			*rc = damaged(e);
			return NULL;
		}
		if (++*seen > XLSX_ENTRIES) {
			*rc = err_set(
				e, ERR_LIMIT, "is an archive of more than %d files", XLSX_ENTRIES);
			return NULL;
		}
		name = zip.archive_entry_pathname(*entry);
		if (name != NULL)
			return name[0] == '/' ? name + 1 : name;
	}
}

struct zip_part *zip_open(struct source *s, struct str want, struct err *e)
{
	struct zip_part *p = begin(s, e);
	struct archive_entry *entry;
	const char *name;
	size_t seen = 0;
	int rc;

	if (p == NULL)
		return NULL;
	while ((name = next_name(p, &seen, &entry, &rc, e)) != NULL) {
		if (!str_eqi(str_of(name), want))
			continue;
		if (zip.archive_entry_is_encrypted(entry)) {
			err_set(e, ERR_INPUT, "is protected by a password: save it without one");
			break;
		}
		return p;
	}
	if (name == NULL && rc == 0)
		err_set(e, ERR_NOT_FOUND, "has no part " STR_FMT, STR_ARG(want));
	zip_close(p);
	return NULL;
}

ptrdiff_t zip_read(struct zip_part *p, char *to, size_t n, struct err *e)
{
	la_ssize_t got = zip.archive_read_data(p->a, to, n);

	if (got < 0)
		return damaged(e);
	p->unpacked += (uint64_t)got;
	if (p->unpacked > XLSX_FREE && p->unpacked / XLSX_RATIO > source_size(p->s))
		return err_set(e, ERR_LIMIT,
			"unpacks to more than %d times its size: this is no honest workbook",
			XLSX_RATIO);
	return got;
}

double zip_progress(const struct zip_part *p)
{
	uint64_t size = source_size(p->s);

	return size != 0 ? (double)p->at / (double)size : 1;
}

int zip_is(struct source *s, struct err *e)
{
	static const struct {
		const char *part, *is, *advice;
	} known[] = {
		{ "xl/workbook.bin", "a binary Excel workbook (.xlsb)", "save it as .xlsx or CSV" },
		{ "word/document.xml", "a Word document", "save the table in it as CSV or .xlsx" },
		{ "ppt/presentation.xml", "a presentation",
			"save the table in it as CSV or .xlsx" },
		{ "content.xml", "an OpenDocument file (.ods)", "save it as .xlsx or CSV" },
		{ "Index/Document.iwa", "an Apple Numbers file", "export it as CSV or .xlsx" },
	};
	struct zip_part *p = begin(s, e);
	struct archive_entry *entry;
	char first[80] = "";
	const char *name;
	size_t seen = 0;
	int rc;

	if (p == NULL)
		return -1;
	while ((name = next_name(p, &seen, &entry, &rc, e)) != NULL) {
		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
			if (!str_eq(str_of(name), str_of(known[i].part)))
				continue;
			zip_close(p);
			return err_set(e, ERR_INPUT, "is %s, not a table: %s", known[i].is,
				known[i].advice);
		}
		if (first[0] == '\0')
			snprintf(first, sizeof(first), " (%.60s)", name);
	}
	zip_close(p);
	if (rc == -1)
		return -1;
	return err_set(e, ERR_INPUT,
		"is a zip archive, not a table: unpack it and give the table inside%s", first);
}
