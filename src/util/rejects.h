/* SPDX-License-Identifier: Apache-2.0 */
/* rejects.h: the rows of a table that could not be read, as a table that can be mended and read
 * again.
 *
 * Its first columns are heatscore_line (in the file the row was first found in), heatscore_column,
 * heatscore_reason and heatscore_cell (how the offending cell begins); behind them stands the row,
 * under its own header and in the dialect and encoding of its file. A table with these four columns
 * is known again when it is read (table_info.set_aside): a row that still has the fault its
 * heatscore_reason names is bad again (ROW_STANDING), so that what was set aside never turns into a
 * good row by being written down. To say that a row is right as it stands, empty its
 * heatscore_reason. Not safe for two threads at once. */
#ifndef UTIL_REJECTS_H
#define UTIL_REJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

struct err;
struct row;
struct table;

enum rejects_column { REJECTS_LINE, REJECTS_NAME, REJECTS_REASON, REJECTS_CELL, REJECTS_COLUMNS };

const char *rejects_column(enum rejects_column c); /* "heatscore_line", ... */

/* rejects_find(names, n, at): whether all four are among ${n} columns, and where. */
bool rejects_find(const struct str *names, size_t n, uint32_t at[REJECTS_COLUMNS]);

/* rejects_path(from, avoid, path, size, e): OUT.csv (also OUT.csv.gz) gives OUT.rejected.csv. A
 * name that is the file ${avoid} gets a number: what is being read is not written over. */
int rejects_path(const char *from, const char *avoid, char *path, size_t size, struct err *e);
/* rejects_beside(input, path, size, e): rejects_path for a file that is only read: beside it, in
 * the working folder when nothing can be written there or ${input} is "-". */
int rejects_beside(const char *input, char *path, size_t size, struct err *e);

struct rejects;
/* rejects_new(t, names, path, e): borrows ${t} and ${names} (one per column); ${path} is copied. No
 * file is made before the first row comes. A file that stands there and has been changed since it
 * was written (or was never ours) may be half mended: it stays, and the new one gets a number. */
struct rejects *rejects_new(
	const struct table *t, const struct str *names, const char *path, struct err *e);
int rejects_put(struct rejects *r, const struct row *row, struct err *e); /* a bad one */
/* rejects_own(r, row): a bad row that has not been split, without the cells that say why it was set
 * aside earlier: what of it is to be written elsewhere. */
struct row rejects_own(const struct rejects *r, const struct row *row);
/* rejects_finish(r, e): the file appears whole. Needs to be called once; later calls do nothing. */
int rejects_finish(struct rejects *r, struct err *e);
const char *rejects_name(const struct rejects *r); /* NULL: no row came, or not finished */
/* rejects_stays(r): the file asked for, when it stays as it was and another was written. Else NULL.
 */
const char *rejects_stays(const struct rejects *r);
void rejects_free(struct rejects *r); /* what is not finished vanishes; NULL is fine */

#endif
