/* SPDX-License-Identifier: Apache-2.0 */
/* formula.h: cells that a spreadsheet would run, and the mark that keeps them from it.
 *
 * A cell is guarded by one ' in front when its first character, behind blanks, is = + - @, a tab or
 * a line end (or their full-width forms), unless all of it is a plain number or a phone number. So
 * is a cell that reads like a guarded one already: therefore formula_open(guarded cell) is the
 * cell, and any other cell is left as it is. Pure functions; any bytes are safe input; any thread.
 */
#ifndef UTIL_FORMULA_H
#define UTIL_FORMULA_H

#include <stdbool.h>

#include "util/str.h"

bool formula_risky(struct str cell); /* wants the mark */
/* formula_open(cell): without the mark that an export put there; borrowed from ${cell}. */
struct str formula_open(struct str cell);

#endif
