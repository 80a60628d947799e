/* SPDX-License-Identifier: Apache-2.0 */
/* One cell, any bytes: every reading of it stays in its range, and folding is a fixed point. */
#include <math.h>
#include <stdint.h>
#include <stddef.h>
#include <string.h>

#include "features/cell.h"
#include "util/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str s = { (const char *)data, size }, item, rest = s, t, again;
	char room[CELL_TEXT_MAX], more[CELL_TEXT_MAX], date[32];
	struct cell_votes v = { 0 };
	struct cell_date d;
	double x;

	for (enum cell_mark m = MARK_UNKNOWN; m <= MARK_COMMA; m++)
		ASSERT(cell_number(s, m, &x) == CELL_NO || isfinite(x));
	for (enum cell_order o = ORDER_UNKNOWN; o <= ORDER_MDY; o++) {
		if (cell_date(s, o, &d) == CELL_NO)
			continue;
		ASSERT(d.days > -25570 && d.days < 84010);
		ASSERT(cell_date_format(d.days, date) >= 10);
	}
	cell_vote_number(&v, s);
	cell_vote_date(&v, s);
	cell_unix(s, &d);
	cell_yesno(s);
	cell_fill(s);
	t = cell_text(s, room);
	ASSERT(t.n <= CELL_TEXT_MAX);
	again = cell_text(t, more);
	ASSERT(again.n <= CELL_TEXT_MAX);
	while (cell_list(&rest, size != 0 ? (char)data[0] : ';', &item))
		ASSERT(item.n != 0 && item.n <= size);
	return 0;
}
