/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "features/cell.h"
#include "features/headers.h"
#include "features/profile.h"
#include "leads/fields.h"
#include "leads/lead_input.h"
#include "util/arena.h"
#include "util/err.h"

enum want { WANT_ANY, WANT_TEXT, WANT_NUMBER, WANT_DATE };

/* What a key means; small, as it is noted beside the keys of the lead before. */
struct meaning {
	int32_t col; /* -1: known, checked, and of no use to this model */
	uint8_t want;
	bool known : 1;
	bool weak : 1; /* a name of lead_keys.def: gives way to the column's own */
	bool ago : 1;  /* a number of days ago, for a column of dates */
	bool unix_time : 1;
	bool comma : 1;
	bool noted : 1;
};
_Static_assert(sizeof(struct meaning) == sizeof(uint64_t), "it is kept as a note");

struct key {
	struct str text; /* folded in the second table */
	uint64_t hash;
	struct meaning is;
};

struct keys {
	struct key *slots; /* open addressing; text.p NULL: free */
	size_t size;
};

struct lead_shape {
	struct str *names;
	size_t n;
	struct keys exact, folded;
	struct arena mem;
};

/* ---- tables ---- */

static struct key *slot(const struct keys *t, struct str text, uint64_t hash)
{
	size_t i = hash & (t->size - 1);

	while (t->slots[i].text.p != NULL &&
		(t->slots[i].hash != hash || !str_eq(t->slots[i].text, text)))
		i = (i + 1) & (t->size - 1);
	return &t->slots[i];
}

static const struct meaning *find(const struct keys *t, struct str text, uint64_t hash)
{
	const struct key *k = slot(t, text, hash);

	return k->text.p != NULL ? &k->is : NULL;
}

static const struct meaning *find_folded(const struct lead_shape *s, struct str text)
{
	char room[HEADER_MAX];
	struct str folded = header_fold(text, room);

	return find(&s->folded, folded, str_hash(folded, 0));
}

/* The first to come keeps the key. */
static int put(struct lead_shape *s, struct keys *t, struct str text, struct meaning is)
{
	uint64_t hash = str_hash(text, 0);
	struct key *to = slot(t, text, hash);

	if (to->text.p != NULL)
		return 0;
	is.known = true;
	*to = (struct key){ { arena_dup(&s->mem, text), text.n }, hash, is };
	return to->text.p != NULL ? 0 : -1;
}

static int put_both(struct lead_shape *s, struct str text, struct meaning is)
{
	char room[HEADER_MAX];

	if (put(s, &s->exact, text, is) == -1)
		return -1;
	return put(s, &s->folded, header_fold(text, room), is);
}

static int start_tables(struct lead_shape *s, size_t keys)
{
	size_t size = 64;

	while (size < keys * 3)
		size *= 2;
	s->exact.size = s->folded.size = size;
	s->exact.slots = arena_array(&s->mem, size, sizeof(*s->exact.slots));
	s->folded.slots = arena_array(&s->mem, size, sizeof(*s->folded.slots));
	return s->exact.slots == NULL || s->folded.slots == NULL ? -1 : 0;
}

/* ---- the shape ---- */

static struct meaning meaning_of(const struct profile *p, size_t i)
{
	const struct column *c = &p->cols[i];
	bool input = c->out == COL_IN && c->role != ROLE_PHONE && c->role != ROLE_MOBILE;
	struct meaning k = { .col = (int32_t)i, .unix_time = c->unix_time };

	k.comma = c->format.mark == MARK_COMMA;
	k.want = !input                   ? WANT_ANY
		 : c->kind == KIND_NUMBER ? WANT_NUMBER
		 : c->kind == KIND_DATE   ? WANT_DATE
					  : WANT_ANY;
	return k;
}

static int add_columns(struct lead_shape *s, const struct profile *p)
{
	char room[HEADER_MAX];

	for (size_t i = 0; i < p->n; i++) {
		s->names[i] = p->cols[i].name;
		if (put(s, &s->exact, p->cols[i].name, meaning_of(p, i)) == -1)
			return -1;
	}
	for (size_t i = 0; i < p->n; i++)
		if (put(s, &s->folded, header_fold(p->cols[i].name, room), meaning_of(p, i)) == -1)
			return -1;
	return 0;
}

/* The column of a role that scoring would miss most. */
static ptrdiff_t with_role(const struct profile *p, enum col_role role)
{
	ptrdiff_t first = -1;

	for (size_t i = 0; i < p->n; i++) {
		if (p->cols[i].role != role)
			continue;
		if (p->cols[i].out == COL_IN)
			return (ptrdiff_t)i;
		if (first < 0)
			first = (ptrdiff_t)i;
	}
	return first;
}

static enum want want_of(enum lead_field f)
{
	switch (field_kind(f)) {
	case FK_NUMBER:
		return WANT_NUMBER;
	case FK_TIME:
		return WANT_DATE;
	default:
		return WANT_TEXT;
	}
}

static int add_fields(struct lead_shape *s, const struct profile *p)
{
	for (int i = 0; i < LF_MAPPED; i++) {
		enum lead_field f = (enum lead_field)i;
		ptrdiff_t col = with_role(p, fields_role(f));
		struct meaning k = { .col = -1, .want = (uint8_t)want_of(f) };

		if (col >= 0)
			k = meaning_of(p, (size_t)col);
		/* The model does not mind what it is; the field does. */
		if (k.want == WANT_ANY)
			k.want = WANT_TEXT;
		if (put_both(s, str_of(field_name(f)), k) == -1)
			return -1;
	}
	return 0;
}

static int add_keys(struct lead_shape *s, const struct profile *p)
{
	enum { TEXT = WANT_TEXT, NUMBER = WANT_NUMBER, ANY = WANT_ANY };
	static const struct {
		const char *name;
		uint8_t want;
		const char *columns;
	} keys[] = {
#define KEY(name, want, columns) { name, want, columns },
#include "leads/lead_keys.def"
#undef KEY
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct str rest = str_of(keys[i].columns), one;
		struct meaning k = { .col = -1, .want = keys[i].want, .weak = true };

		for (bool more = true; more && k.col < 0;) {
			const struct meaning *c;

			more = str_split(rest, '|', &one, &rest);
			c = find(&s->folded, one, str_hash(one, 0));
			if (c == NULL || c->col < 0)
				continue;
			k.col = c->col;
			k.unix_time = c->unix_time;
			k.comma = c->comma;
			/* "email" as the last touch is no date, and no fault either. */
			if (k.want != WANT_ANY && c->want == WANT_DATE)
				k.want = c->want;
		}
		if (k.col < 0 && strcmp(keys[i].name, "recency_days") == 0) {
			ptrdiff_t col = with_role(p, ROLE_LAST_ACTIVITY_AT);

			k.col = (int32_t)col;
			k.ago = col >= 0;
			k.unix_time = col >= 0 && p->cols[col].unix_time;
		}
		if (put_both(s, str_of(keys[i].name), k) == -1)
			return -1;
	}
	return 0;
}

struct lead_shape *lead_shape_new(const struct profile *p, struct err *e)
{
	struct lead_shape *s = calloc(1, sizeof(*s));

	if (s == NULL)
		goto nomem;
	s->n = p->n;
	s->names = arena_array(&s->mem, p->n + 1, sizeof(*s->names));
	if (s->names == NULL || start_tables(s, p->n + 64) == -1 || add_columns(s, p) == -1 ||
		add_fields(s, p) == -1 || add_keys(s, p) == -1)
		goto nomem;
	return s;
nomem:
	err_nomem(e);
	lead_shape_free(s);
	return NULL;
}

void lead_shape_free(struct lead_shape *s)
{
	if (s == NULL)
		return;
	arena_clear(&s->mem);
	free(s);
}

size_t lead_shape_columns(const struct lead_shape *s)
{
	return s->n;
}

const struct str *lead_shape_names(const struct lead_shape *s)
{
	return s->names;
}

static const struct meaning *find_key(const struct lead_shape *s, struct str text, uint64_t hash)
{
	const struct meaning *k = find(&s->exact, text, hash);

	return k != NULL ? k : find_folded(s, text);
}

ptrdiff_t lead_shape_find(const struct lead_shape *s, struct str key)
{
	const struct meaning *k = find_key(s, key, str_hash(key, 0));

	return k != NULL && !k->ago ? k->col : -1;
}

/* ---- one lead ---- */

struct lead_input *lead_input_new(const struct lead_shape *s, struct err *e)
{
	struct lead_input *in = calloc(1, sizeof(*in));

	if (in == NULL)
		goto nomem;
	in->shape = s;
	in->cells = calloc(s->n + 1, sizeof(*in->cells));
	in->set = calloc(2 * (s->n / 64 + 1), sizeof(*in->set));
	if (in->cells == NULL || in->set == NULL)
		goto nomem;
	return in;
nomem:
	err_nomem(e);
	lead_input_free(in);
	return NULL;
}

void lead_input_free(struct lead_input *in)
{
	if (in == NULL)
		return;
	free(in->cells);
	free(in->set);
	free(in->room);
	free(in->extra);
	free(in);
}

static int make_room(struct lead_input *in, size_t n, struct err *e)
{
	size_t bytes = in->room_bytes == 0 ? 4096 : in->room_bytes;

	if (n <= in->room_bytes)
		return 0;
	while (bytes < n)
		bytes *= 2;
	free(in->room);
	free(in->extra);
	in->room = malloc(bytes);
	/* A number of n digits and its quotes become at most 32 bytes of a date. */
	in->extra = malloc(bytes * 8);
	in->room_bytes = in->room != NULL && in->extra != NULL ? bytes : 0;
	return in->room_bytes == 0 ? err_nomem(e) : 0;
}

static void fault(struct lead_input *in, struct str key, const char *want, const char *found)
{
	struct lead_fault *f;
	size_t n = 0;

	if (in->n_faults++ >= LEAD_FAULTS)
		return;
	f = &in->faults[in->n_faults - 1];
	f->pointer[n++] = '/';
	for (size_t i = 0; i < key.n && n + 3 < sizeof(f->pointer); i++) {
		char c = key.p[i];

		if (c == '~' || c == '/') {
			f->pointer[n++] = '~';
			c = c == '~' ? '0' : '1';
		}
		f->pointer[n++] = c;
	}
	/* Never half a character. */
	while (n > 1 && n + 3 >= sizeof(f->pointer) && ((unsigned char)f->pointer[n - 1] & 0x80))
		n--;
	f->pointer[n] = '\0';
	if (found != NULL)
		snprintf(f->detail, sizeof(f->detail), "expected %s, found %s", want, found);
	else
		snprintf(f->detail, sizeof(f->detail), "%s", want);
}

static const char *type_name(enum json_flat_type t)
{
	static const char *const names[] = { "null", "true", "false", "a number", "text", "a list",
		"an object" };

	return names[t];
}

static const char *const wanted[] = { "a value", "text", "a number",
	"a date such as 2026-03-31 or 2026-03-31T13:45:10Z" };

/* "1.234" would be a thousand and more where the training file has decimal commas: "1.2340" is the
 * same number and can be read in one way only. */
static struct str plain_number(struct lead_input *in, struct str s)
{
	ptrdiff_t dot = str_chr(s, '.');
	size_t end;
	char *to = in->extra + in->used;

	if (dot < 0)
		return s;
	for (end = (size_t)dot + 1; end < s.n && s.p[end] >= '0' && s.p[end] <= '9';)
		end++;
	if (end - (size_t)dot != 4)
		return s;
	memcpy(to, s.p, end);
	to[end] = '0';
	memcpy(to + end + 1, s.p + end, s.n - end);
	in->used += s.n + 1;
	return (struct str){ to, s.n + 1 };
}

static struct str put_days(struct lead_input *in, double days)
{
	char *to = in->extra + in->used;
	size_t n = cell_date_format(days, to);

	in->used += n;
	return (struct str){ to, n };
}

static bool number_of(struct str s, double *x)
{
	char z[64];
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < s.n && i < 15 && s.p[i] >= '0' && s.p[i] <= '9'; i++)
		v = v * 10 + (uint64_t)(s.p[i] - '0');
	if (i == s.n && i != 0) { /* as days mostly are */
		*x = (double)v;
		return true;
	}
	if (s.n >= sizeof(z))
		return false;
	memcpy(z, s.p, s.n);
	z[s.n] = '\0';
	*x = strtod(z, NULL);
	return true;
}

/* A number for a column of dates: Unix time, or days ago. */
static bool date_of_number(struct lead_input *in, const struct meaning *k, struct str s,
	double as_of, struct str *cell)
{
	struct cell_date d;
	double x;

	if (k->ago) {
		if (!number_of(s, &x) || x < 0 || x > 36500)
			return false;
		d.days = as_of - x;
		if (k->unix_time) {
			char *to = in->extra + in->used;
			int n = snprintf(to, 32, "%.0f", d.days * 86400);

			in->used += (size_t)n;
			*cell = (struct str){ to, (size_t)n };
			return n >= 10;
		}
		*cell = put_days(in, d.days);
		return true;
	}
	if (!cell_unix(s, &d))
		return false;
	*cell = k->unix_time ? s : put_days(in, d.days);
	return true;
}

static bool text_fits(const struct meaning *k, struct str s)
{
	struct cell_date d;
	double x;

	if (!k->ago && k->want != WANT_NUMBER && k->want != WANT_DATE)
		return true;
	if (cell_fill(s) != CELL_FILLED)
		return true;
	if (k->ago || k->want == WANT_NUMBER)
		return cell_number(s, k->comma ? MARK_COMMA : MARK_DOT, &x) != CELL_NO;
	if (k->want == WANT_DATE)
		return cell_date(s, ORDER_DMY, &d) != CELL_NO || cell_unix(s, &d);
	return true;
}

/* The cell of one member; false when its type is wrong. */
static bool take(struct lead_input *in, const struct meaning *k, const struct json_flat_member *m,
	double as_of, struct str *cell)
{
	double x;

	switch (m->type) {
	case FLAT_NULL:
		*cell = S("");
		return true;
	case FLAT_TRUE:
	case FLAT_FALSE:
		*cell = m->type == FLAT_TRUE ? S("true") : S("false");
		return k->want == WANT_ANY;
	case FLAT_NUM:
		if (k->ago || k->want == WANT_DATE)
			return date_of_number(in, k, m->value, as_of, cell);
		*cell = k->comma ? plain_number(in, m->value) : m->value;
		return true;
	case FLAT_STR:
		*cell = m->value;
		if (!text_fits(k, m->value))
			return false;
		if (!k->ago || cell_number(m->value, MARK_DOT, &x) == CELL_NO)
			return true;
		return date_of_number(in, k, str_trim(m->value), as_of, cell);
	default:
		return false;
	}
}

/* What the key means, as noted when the lead before had it in the same place. */
static struct meaning meaning_again(const struct lead_input *in, const struct json_flat_member *m)
{
	struct meaning is = { 0 };
	const struct meaning *k;

	if (m->note != NULL)
		memcpy(&is, m->note, sizeof(is));
	if (is.noted)
		return is;
	if ((k = find_key(in->shape, m->key, m->hash)) != NULL)
		is = *k;
	is.noted = true;
	if (m->note != NULL)
		memcpy(m->note, &is, sizeof(is));
	return is;
}

static void member(struct lead_input *in, const struct json_flat_member *m, double as_of)
{
	struct meaning is = meaning_again(in, m);
	const struct meaning *k = &is;
	uint64_t *set, *weak, bit;
	struct str cell;

	if (m->type == FLAT_ARR || m->type == FLAT_OBJ) {
		fault(in, m->key, "one value", type_name(m->type));
		return;
	}
	if (!k->known)
		return;
	if (!take(in, k, m, as_of, &cell)) {
		fault(in, m->key, k->ago ? "a number of days" : wanted[k->want],
			type_name(m->type));
		return;
	}
	if (k->col < 0)
		return;
	in->known++;
	bit = (uint64_t)1 << (k->col & 63);
	set = &in->set[k->col >> 6];
	weak = set + in->shape->n / 64 + 1;
	if ((*set & bit) != 0 && (k->weak || (*weak & bit) == 0)) {
		/* "source" and "Lead Source" in one lead: which one counts is not ours to choose.
		 */
		if (!k->weak && !str_eq(in->cells[k->col], cell))
			fault(in, m->key,
				"means the same column as another member, with another value",
				NULL);
		return;
	}
	*set |= bit;
	*weak = k->weak ? *weak | bit : *weak & ~bit;
	in->cells[k->col] = cell;
}

int lead_input_read(struct lead_input *in, struct str text, double as_of, struct err *e)
{
	struct json_flat_member m;
	int rc;

	in->n_faults = in->known = in->used = 0;
	memset(in->cells, 0, in->shape->n * sizeof(*in->cells));
	memset(in->set, 0, 2 * (in->shape->n / 64 + 1) * sizeof(*in->set));
	if (make_room(in, text.n + 64, e) == -1 ||
		json_flat_open(&in->flat, text, in->room, &in->last, e) == -1)
		return -1;
	while ((rc = json_flat_next(&in->flat, &m, e)) == 1)
		member(in, &m, as_of);
	if (rc == -1) {
		in->n_faults = 0;
		return -1;
	}
	if (in->n_faults != 0)
		return err_set(e, ERR_INPUT, "%zu %s of the lead cannot be used: %s %s",
			in->n_faults, in->n_faults == 1 ? "member" : "members",
			in->faults[0].pointer, in->faults[0].detail);
	return 0;
}
