/* SPDX-License-Identifier: Apache-2.0 */
/* columns.h: the columns of a file that is to be scored, by the names a model knows. */
#ifndef LEADS_COLUMNS_H
#define LEADS_COLUMNS_H

#include "leads/hooks.h"
#include "util/str.h"

struct err;
struct model;
struct table;

/* columns_open(path, m, e): the table; the model's column names (${m} NULL: none) help to tell its
 * header line from data. */
struct table *columns_open(const char *path, const struct model *m, struct err *e);

/* columns_names(t, m, notes, e): a name per column, for free(); the texts are the table's or the
 * model's. A file without a header line that has as many columns as the training file (or all but
 * the outcome) is taken in that order, and a note says so. */
struct str *columns_names(const struct table *t, const struct model *m,
	const struct leads_notes *notes, struct err *e);

#endif
