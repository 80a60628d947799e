/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite_migrate_internal.h: numbered steps from one schema to the next, and for tests a way to run
 * other steps than the real ones. */
#ifndef STORE_SQLITE_MIGRATE_INTERNAL_H
#define STORE_SQLITE_MIGRATE_INTERNAL_H

#include "store/sqlite_internal.h"

struct sq_step {
	uint32_t to;      /* the version that the data has behind it: 1, 2, ... without holes */
	const char *what; /* a few words */
	const char *sql;
};
int sq_migrate_by(
	const char *path, bool must_exist, const struct sq_step *all, size_t n, struct err *e);

/* sq_file_publish(part, name, e): flush, then rename, then flush the folder. */
int sq_file_publish(const char *part, const char *name, struct err *e);

#endif
