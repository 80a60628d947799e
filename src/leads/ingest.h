/* SPDX-License-Identifier: Apache-2.0 */
/* ingest.h: the rows of a file into the store, scored as they land.
 *
 * One thread or more read, map and score blocks of rows; the caller's puts them into the store, in
 * the order of the file, in batches of up to 4,096 rows. A batch is begun with its first block and
 * takes others as they are ready; where none is, whoever waits prepares one meanwhile. Once it is
 * 250 ms old it waits for none. It is one commit and
 * carries how far the import was before it, so that after a kill at most one batch is done again,
 * with the same result.
 *
 * A row's lead is that of its external id, else of its e-mail address, else of its very cells and
 * how often they came before. Of several rows of one lead the last counts; the others change
 * nothing, and are counted so. Bad rows are rejected. */
#ifndef LEADS_INGEST_H
#define LEADS_INGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/id.h"
#include "record/upload.h"

struct err;
struct jw;
struct live;
struct mapping;
struct store;
struct table;

struct ingest_opts {
	struct store *store;
	struct live *live;
	const char *path;
	struct table *table; /* borrowed: of ${path}, as ingest_open opens it; NULL: opened here */
	const struct mapping *map;
	struct id upload, by;
	bool update_only;        /* rows whose lead is not there are rejected */
	unsigned threads;        /* 0: 1, or 2 where there are more than two processors */
	bool (*stop)(void *arg); /* asked often, by several threads; NULL: never */
	void (*tell)(void *arg, const struct upload_progress *p); /* after each batch; NULL: no */
	void *arg;
};

/* ingest_open(path, m, e): the table as it was when it was profiled. ERR_CONFLICT when its columns
 * are not those of ${m} (the file was changed). */
struct table *ingest_open(const char *path, const struct mapping *m, struct err *e);

/* ingest_run(o, p, e): from row p->position on. ${p} is kept up to date, in the store as well.
 * ERR_CANCELLED when asked to stop; whatever it fails with, calling again goes on. */
int ingest_run(const struct ingest_opts *o, struct upload_progress *p, struct err *e);

/* ingest_check(o, w, e): what ingest_run would do, and what is wrong with the file, without
 * changing anything: one JSON object (create, update, unchanged, reject, key, problems, and rows
 * with problems as they stand, to be mended). */
int ingest_check(const struct ingest_opts *o, struct jw *w, struct err *e);

/* ingest_rejects(o, path, n, e): the rows that ingest_run rejects as a CSV in the form of
 * heatscore's rejects files: to be mended and fed again. Written whole or not at all. */
int ingest_rejects(const struct ingest_opts *o, const char *path, uint64_t *n, struct err *e);

#endif
