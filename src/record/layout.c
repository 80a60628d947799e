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
		struct str parts[3] = { { (const char *)before.b, sizeof(before.b) },
			l->columns[i].header, str_of(field_name(l->columns[i].use)) };

		crypto_hash128_parts(no_key, parts, 3, out->b);
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
		} else if (b->columns[i].use != LF_ATTRIBUTE) {
			c[m->value].use = b->columns[i].use;
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
