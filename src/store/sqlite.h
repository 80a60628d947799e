/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite.h: a store in one SQLite file, for one process and any number of threads. */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct store;

struct store_sqlite_opts {
	const char *path; /* "DIR/heatscore.db"; made with its folder (0700) when it is not there */
	bool must_exist;  /* ERR_NOT_FOUND instead of making it */
	bool read_only;   /* for looking at it while another process has it: no migration */
	uint32_t readers; /* connections for reading; 0: 4 */
	uint32_t log_pages; /* of the write-ahead log, before it is written back; 0: 8,000 */
};

/* store_sqlite_open(o, e): brings an older schema up to date first, behind a snapshot beside it
 * (PATH.before-vN). ERR_CONFIG: the file is of a newer version of the program, or no store of ours;
 * ERR_UNAVAILABLE: another process has it open for writing. Closed by store->close. */
struct store *store_sqlite_open(const struct store_sqlite_opts *o, struct err *e);

/* store_sqlite_migrations(path, from, to, e): the version of the file and of this program, without
 * changing anything; *from 0: no file. */
int store_sqlite_migrations(const char *path, uint32_t *from, uint32_t *to, struct err *e);

#endif
