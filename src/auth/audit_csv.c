/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/audit_csv.h"

#include <string.h>

#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/formula.h"
#include "util/radix.h"
#include "util/when.h"

static void cell(struct buf *b, struct str s, char end)
{
	buf_c(b, '"');
	if (formula_risky(s))
		buf_c(b, '\'');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			buf_c(b, '"');
		buf_c(b, s.p[i]);
	}
	buf_c(b, '"');
	buf_c(b, end);
}

static void row(struct buf *b, const struct audit *a)
{
	char when[WHEN_TEXT], hex[65];

	when_write(a->at_ms, when);
	radix16_write(a->hash, sizeof(a->hash), hex);
	buf_fmt(b, "%llu,%s,", (unsigned long long)a->sequence, when);
	cell(b, a->actor, ',');
	cell(b, a->action, ',');
	cell(b, a->object, ',');
	cell(b, a->address, ',');
	cell(b, a->request, ',');
	cell(b, a->detail, ',');
	buf_fmt(b, "%s\r\n", hex);
}

int audit_csv(struct store *s, const struct audit_filter *f, struct buf *out, struct err *e)
{
	struct arena mem = { .cap = 64 << 20 };
	struct str cursor = S("");
	char held[512];
	int rc = -1;

	buf_z(out, "sequence,at,actor,action,object,address,request,detail,hash\r\n");
	do {
		struct audit *list;
		size_t n;

		arena_reset(&mem);
		if (s->audit->list(s, f, 500, cursor, &mem, &list, &n, &cursor, e) == -1)
			goto done;
		for (size_t i = 0; i < n; i++)
			row(out, &list[i]);
		if (out->n > AUDIT_CSV_MAX || cursor.n > sizeof(held)) {
			err_set(e, ERR_LIMIT,
				"the log is too long for one file: say since and until");
			goto done;
		}
		if (cursor.n > 0)
			memcpy(held, cursor.p, cursor.n);
		cursor.p = held;
	} while (cursor.n > 0);
	rc = buf_done(out, e);
done:
	arena_clear(&mem);
	return rc;
}
