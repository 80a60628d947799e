/* SPDX-License-Identifier: Apache-2.0 */
#include "record/layout.h"

#include <string.h>

#include "util/arena.h"
#include "util/buf.h"
#include "util/crypto.h"
#include "util/err.h"
#include "util/map.h"

static void put_size(struct buf *out, size_t n)
{
	while (n > 127) {
		buf_c(out, (char)(n | 128));
		n >>= 7;
	}
	buf_c(out, (char)n);
}

/* take_size(s, n): the length at the front of ${s}, or -1. */
static int take_size(struct str *s, size_t *n)
{
	size_t v = 0;
	unsigned shift;

	for (shift = 0; shift < 35; shift += 7) {
		uint8_t c;

		if (s->n == 0)
			return -1;
		c = (uint8_t)*s->p++;
		s->n--;
		v |= (size_t)(c & 127) << shift;
		if (c < 128) {
			*n = v;
			return 0;
		}
	}
	return -1;
}

static int take_cell(struct str *s, struct str *cell)
{
	size_t n;

	if (take_size(s, &n) != 0 || n > s->n)
		return -1;
	*cell = (struct str){ s->p, n };
	s->p += n;
	s->n -= n;
	return 0;
}

void cells_pack(const struct str *cells, size_t n, struct buf *out)
{
	size_t i;

	while (n > 0 && cells[n - 1].n == 0)
		n--;
	for (i = 0; i < n; i++) {
		put_size(out, cells[i].n);
		buf_str(out, cells[i]);
	}
}

int cells_unpack(struct str packed, struct str *out, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		out[i] = S("");
		if (packed.n != 0 && take_cell(&packed, &out[i]) != 0)
			return -1;
	}
	return 0;
}

struct str cells_get(struct str packed, size_t i)
{
	struct str cell = { NULL, 0 };

	do {
		if (packed.n == 0 || take_cell(&packed, &cell) != 0)
			return (struct str){ NULL, 0 };
	} while (i-- != 0);
	return cell;
}

static bool has_how(const struct layout *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->columns[i].how[0] != 0 || l->columns[i].how[1] != 0)
			return true;
	return false;
}

/* Two bytes a column behind them all, where a way to read is known: layouts without are as they
 * were before there was any. */
static void write_how(const struct layout *l, struct buf *out)
{
	for (size_t i = 0; has_how(l) && i < l->n; i++)
		for (size_t k = 0; k < 2; k++)
			buf_c(out, l->columns[i].how[k]);
}

static int read_how(struct str bytes, struct layout_column *c, size_t n)
{
	static const char known[2][2] = { { 'd', 'm' }, { '.', ',' } };

	if (bytes.n != 0 && bytes.n != 2 * n)
		return -1;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < 2; k++) {
			char x = bytes.n != 0 ? bytes.p[2 * i + k] : 0;

			if (x != 0 && x != known[k][0] && x != known[k][1])
				return -1;
			c[i].how[k] = x;
		}
	return 0;
}

void layout_write(const struct layout *l, struct buf *out)
{
	size_t i;

	put_size(out, l->n);
	for (i = 0; i < l->n; i++) {
		const char *use = field_name(l->columns[i].use);

		put_size(out, l->columns[i].header.n);
		buf_str(out, l->columns[i].header);
		put_size(out, strlen(use)); /* by name: numbers may change between versions */
		buf_z(out, use);
	}
	write_how(l, out);
}

int layout_read(struct str bytes, struct arena *a, struct layout *out, struct err *e)
{
	struct layout_column *c;
	size_t i, n;

	if (take_size(&bytes, &n) != 0 || n > LAYOUT_COLUMNS_MAX)
		goto damaged;
	c = arena_array(a, n > 0 ? n : 1, sizeof(*c));
	if (c == NULL)
		return err_nomem(e);
	for (i = 0; i < n; i++) {
		struct str use;
		int f;

		if (take_cell(&bytes, &c[i].header) != 0 || take_cell(&bytes, &use) != 0)
			goto damaged;
		f = field_parse(use);
		if (f < 0)
			goto damaged;
		c[i].use = (enum lead_field)f;
	}
	if (read_how(bytes, c, n) != 0)
		goto damaged;
	out->columns = c;
	out->n = n;
	layout_key(out, &out->key);
	return 0;
damaged:
	return err_set(e, ERR_INPUT, "a stored layout is damaged");
}

void layout_key(const struct layout *l, struct id *out)
{
	static const uint8_t no_key[CRYPTO_KEY] = "layout";
	size_t i;

	/* Chained, so that nothing is allocated. */
	memset(out, 0, sizeof(*out));
	for (i = 0; i < l->n; i++) {
		struct id before = *out;
		const struct layout_column *c = &l->columns[i];
		struct str parts[4] = { { (const char *)before.b, sizeof(before.b) }, c->header,
			str_of(field_name(c->use)), { c->how, sizeof(c->how) } };

		crypto_hash128_parts(
			no_key, parts, c->how[0] != 0 || c->how[1] != 0 ? 4 : 3, out->b);
	}
}

ptrdiff_t layout_find(const struct layout *l, struct str header)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (str_eq(l->columns[i].header, header))
			return (ptrdiff_t)i;
	return -1;
}

ptrdiff_t layout_of_field(const struct layout *l, enum lead_field f)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->columns[i].use == f)
			return (ptrdiff_t)i;
	return -1;
}

uint64_t layout_mapped(const struct layout *l)
{
	uint64_t set = 0;
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->columns[i].use < LF_MAPPED)
			set |= FIELD_BIT(l->columns[i].use);
	return set;
}

static void merge_column(struct layout_column *to, const struct layout_column *c)
{
	if (c->use != LF_ATTRIBUTE)
		to->use = c->use;
	for (size_t k = 0; k < 2; k++)
		if (c->how[k] != 0)
			to->how[k] = c->how[k];
}

int layout_merge(const struct layout *a, const struct layout *b, uint32_t *from,
	struct arena *arena, struct layout *out, struct err *e)
{
	struct layout_column *c = arena_array(arena, a->n + b->n + 1, sizeof(*c));
	struct map names = { 0 };
	size_t i, n = a->n;
	int rc = -1;

	if (c == NULL)
		return err_nomem(e);
	for (i = 0; i < a->n; i++) {
		struct map_entry *m = map_put(&names, a->columns[i].header, NULL);

		if (m == NULL)
			goto nomem;
		m->value = i;
		c[i] = a->columns[i];
	}
	for (i = 0; i < b->n; i++) {
		bool added;
		struct map_entry *m = map_put(&names, b->columns[i].header, &added);

		if (m == NULL)
			goto nomem;
		if (added) {
			m->value = n;
			c[n++] = b->columns[i];
		} else {
			merge_column(&c[m->value], &b->columns[i]);
		}
		from[i] = (uint32_t)m->value;
	}
	if (n > LAYOUT_COLUMNS_MAX) {
		err_set(e, ERR_LIMIT,
			"together the columns of a lead would be %zu, the limit is %d", n,
			LAYOUT_COLUMNS_MAX);
		goto done;
	}
	*out = (struct layout){ .columns = c, .n = n };
	layout_key(out, &out->key);
	rc = 0;
	goto done;
nomem:
	err_nomem(e);
done:
	map_clear(&names);
	return rc;
}
