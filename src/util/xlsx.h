/* SPDX-License-Identifier: Apache-2.0 */
/* xlsx.h: the first sheet of an .xlsx workbook that has rows, as UTF-8 comma CSV text with LF.
 *
 * Record n of the text is row n of the sheet; rows that the sheet leaves out are blank lines. Dates
 * (told by their number format) come as 2024-03-15 or 2024-03-15T14:30:00, times as 14:30:00,
 * truth values as TRUE and FALSE, errors as their name (#N/A), formulas as the value kept with
 * them, other numbers as short as reads back the same. Memory: the shared strings, up to a limit.
 * All bytes are taken as hostile: sizes, ratios and counts are bounded. */
#ifndef UTIL_XLSX_H
#define UTIL_XLSX_H

#include <stdbool.h>
#include <stddef.h>

#include "util/str.h"

struct err;
struct source;
struct xlsx;

/* xlsx_open(s, e): borrows ${s}, a zip archive. ERR_INPUT, in one sentence, when it is cut,
 * encrypted, no workbook, or has no rows; ERR_LIMIT when it unpacks to too much. */
struct xlsx *xlsx_open(struct source *s, struct err *e);
void xlsx_free(struct xlsx *x);
/* xlsx_read(x, to, n, e): next text; 0 at the end; -1. */
ptrdiff_t xlsx_read(struct xlsx *x, char *to, size_t n, struct err *e);
int xlsx_rewind(struct xlsx *x, struct err *e);
struct str xlsx_sheet(const struct xlsx *x); /* name of the sheet read */
size_t xlsx_sheets(const struct xlsx *x);    /* how many the workbook has */
double xlsx_progress(const struct xlsx *x);

#endif
