/* SPDX-License-Identifier: Apache-2.0 */
/* columns.h: the columns of a file that is to be scored, by the names a model knows. */
#ifndef LEADS_COLUMNS_H
#define LEADS_COLUMNS_H

#include <stddef.h>
#include <stdint.h>

#include "leads/hooks.h"
#include "util/str.h"

struct err;
struct model;
struct row;
struct table;

/* columns_open(path, m, e): the table; the model's column names (${m} NULL: none) help to tell its
 * header line from data. */
struct table *columns_open(const char *path, const struct model *m, struct err *e);

/* columns_names(t, m, notes, e): a name per column, for free(); the texts are the table's or the
 * model's. A file without a header line that has as many columns as the training file (or all but
 * the outcome) is taken in that order, and a note says so. */
struct str *columns_names(const struct table *t, const struct model *m,
	const struct leads_notes *notes, struct err *e);

/* columns_note_bad(names, r, nth, notes): warns of the ${nth} bad row (from 0) of a file that is
 * learned from or evaluated: line, column, reason and cell. Only the first few are told; how many
 * there are is in the result. */
void columns_note_bad(const struct str *names, const struct row *r, uint64_t nth,
	const struct leads_notes *notes);

#endif
