/* SPDX-License-Identifier: Apache-2.0 */
/* aside.h: what becomes of the bad rows of a file that is learned from, evaluated or compared: the
 * first few are told, all of them are written to a rejects file (util/rejects.h). */
#ifndef LEADS_ASIDE_H
#define LEADS_ASIDE_H

#include <stdint.h>

#include "leads/hooks.h"
#include "util/str.h"

struct err;
struct rejects;
struct row;
struct table;

struct aside {
	const struct str *names;
	const struct leads_notes *notes;
	struct rejects *rejects;
	uint64_t rows;
};

/* aside_init(a, t, names, path, notes, e): borrows all; ${path}: where the rows go. NULL: beside
 * ${input}, as rejects_beside. */
int aside_init(struct aside *a, const struct table *t, const struct str *names, const char *input,
	const char *path, const struct leads_notes *notes, struct err *e);
/* aside_row(a, r, e): one bad row. Once per row: a second pass over the file has no need to. */
int aside_row(struct aside *a, const struct row *r, struct err *e);
/* aside_end(a, e): the file appears, and a note says where. Nothing without bad rows. */
int aside_end(struct aside *a, struct err *e);
/* aside_path(a): the file, after aside_end; NULL without bad rows. */
const char *aside_path(const struct aside *a);
void aside_clear(struct aside *a);

#endif
