/* SPDX-License-Identifier: Apache-2.0 */
/* The same random calls on both stores; after each round they must agree on everything that can be
 * asked: lists in any order with any filter, words, tallies, pages by cursor and by fraction. */
#include "store_test.h"

enum { PEOPLE = 3000 };

struct pair {
	struct fixture a, b; /* memory, SQLite */
	struct rng r;
	uint32_t layouts[3];
	struct id uploads[4];
};

static const char *const firsts[] = { "Anna", "ANNA", "Zoë", "Jürgen", "李", "Bob", "o'Neil",
	"anna-Maria", "  Max ", "Émile", "x" };
static const char *const lasts[] = { "Smith", "smith", "Müller", "García", "de la Cruz", "Ng", "",
	"Straße" };
static const char *const sources[] = { "Web", "web", "Google Ads", "google ads search", "Referral",
	"", "Ünïcode", "Trade show" };
static const char *const odd[] = { "1", "1.0", "-3", "20", "100", "abc", "", "1e3", "Zed",
	"9999999999", "7 of 9", "  5 " };
static const char *const long_text = "a very long text that goes on and on so that more than two "
				     "hundred bytes of it are there and "
				     "the end is what differs between leads, which nobody will see "
				     "when sorting because only the "
				     "start counts for that: ";

#define PICK(p, array) str_of((array)[rng_below(&(p)->r, sizeof(array) / sizeof((array)[0]))])

static void setup_layouts(struct pair *p)
{
	static const struct layout_column one[] = { { { "Plan", 4 }, LF_ATTRIBUTE, "" },
		{ { "Score me", 8 }, LF_ATTRIBUTE, "" }, { { "E-mail", 6 }, LF_EMAIL, "" },
		{ { "junk", 4 }, LF_IGNORE, "" } };
	static const struct layout_column two[] = { { { "E-mail", 6 }, LF_EMAIL, "" },
		{ { "Pages", 5 }, LF_ATTRIBUTE, "" }, { { "Plan", 4 }, LF_ATTRIBUTE, "" } };
	static const struct layout_column three[] = { { { "Pages", 5 }, LF_ATTRIBUTE, "" } };
	const struct layout all[] = { { .columns = one, .n = 4 }, { .columns = two, .n = 3 },
		{ .columns = three, .n = 1 } };
	size_t i;

	for (i = 0; i < 3; i++) {
		uint32_t other;

		ok(&p->a, p->a.s->layouts->put(p->a.s, &all[i], &p->layouts[i], &p->a.e));
		ok(&p->b, p->b.s->layouts->put(p->b.s, &all[i], &other, &p->b.e));
		assert_int_equal(p->layouts[i], other);
	}
}

static void random_score(struct pair *p, struct lead_score *s)
{
	memset(s, 0, sizeof(*s));
	strcpy(s->model, rng_below(&p->r, 4) == 0 ? "v2" : "v1");
	s->probability = (double)rng_below(&p->r, 200) / 200;
	s->points = (uint8_t)(s->probability * 100);
	s->heat = s->probability > 0.7 ? LEAD_HOT : s->probability > 0.3 ? LEAD_WARM : LEAD_COLD;
	s->confidence = rng_double(&p->r);
	s->as_of = 20000;
	s->scored_ms = 1000 * (int64_t)rng_below(&p->r, 50);
}

static struct id person(uint64_t n)
{
	struct id id = { { 0 } };

	n *= 0x9E3779B97F4A7C15u;
	memcpy(id.b, &n, 8);
	id.b[15] = 1;
	return id;
}

/* One row, its memory in ${a}. */
static void random_row(
	struct pair *p, struct arena *a, struct lead_put *to, struct lead_score *score)
{
	struct buf b = { 0 };
	struct str cells[4];
	uint64_t who = rng_below(&p->r, PEOPLE);
	size_t layout = rng_below(&p->r, 3);
	char text[400];
	size_t i;

	memset(to, 0, sizeof(*to));
	to->id = person(who);
	lead_values_none(&to->values);
	to->values.text[LF_FIRST_NAME] = PICK(p, firsts);
	to->values.text[LF_LAST_NAME] = PICK(p, lasts);
	to->values.text[LF_SOURCE] = PICK(p, sources);
	snprintf(text, sizeof(text), "P%u.%s@example.org", (unsigned)rng_below(&p->r, 2000),
		who % 2 ? "x" : "Y");
	to->values.text[LF_EMAIL] = (struct str){ arena_dup(a, str_of(text)), strlen(text) };
	if (rng_below(&p->r, 3) == 0) {
		snprintf(text, sizeof(text), "%s%u", long_text, (unsigned)rng_below(&p->r, 5));
		to->values.text[LF_NOTES] =
			(struct str){ arena_dup(a, str_of(text)), strlen(text) };
	}
	to->values.value = rng_below(&p->r, 3) == 0 ? NAN : (double)rng_below(&p->r, 40) * 2.5;
	if (rng_below(&p->r, 4) != 0)
		to->values.created_ms = (int64_t)rng_below(&p->r, 40) * 43200000 - 86400000;
	to->values.outcome = (enum lead_outcome)rng_below(&p->r, 3);
	to->mapped = ~(uint64_t)0;
	if (rng_below(&p->r, 3) == 0)
		to->mapped &= ~(FIELD_BIT(LF_NOTES) | FIELD_BIT(LF_OUTCOME) | FIELD_BIT(LF_SOURCE));
	for (i = 0; i < 4; i++)
		cells[i] = PICK(p, odd);
	cells_pack(cells, layout == 0 ? 4 : layout == 1 ? 3 : 1, &b);
	to->cells = (struct str){ arena_dup(a, buf_view(&b)), b.n };
	buf_clear(&b);
	to->layout = p->layouts[layout];
	for (i = 0; i < 16; i++)
		to->digest[i] = (uint8_t)rng_below(&p->r, 256);
	if (rng_below(&p->r, 5) != 0) {
		random_score(p, score);
		to->score = score;
	}
}

struct rest {
	struct lead_put *rows;
	size_t n;
};

static int give_rest(void *arg, bool wait, struct lead_put **rows, size_t *n, struct err *e)
{
	struct rest *r = arg;
	int rc = r->n != 0;

	*rows = r->rows;
	*n = r->n;
	r->n = 0;
	return rc;
}

static void make_words(struct arena *a, struct lead_put *p)
{
	struct buf b = { 0 };

	store_words(&p->values, p->mapped, &b);
	p->words = (struct str){ arena_dup(a, buf_view(&b)), b.n };
	buf_clear(&b);
}

/* Words made ahead, words that may be indexed later, neither. */
static void words_some_way(struct pair *p, struct arena *a, struct lead_put *rows, size_t n)
{
	uint32_t way = rng_below(&p->r, 4);

	for (size_t i = 0; i < n; i++) {
		if (way == 0 && i % 2 == 0)
			make_words(a, &rows[i]);
		rows[i].words_later = way == 1 || (way == 2 && rng_below(&p->r, 2) == 0);
	}
}

/* One of the two gets words some way, and some rows only when it asks for more. */
static void put_some(struct pair *p, size_t n, size_t upload, int64_t now)
{
	struct arena a = { .cap = 0 };
	struct lead_put *x = arena_array(&a, n, sizeof(*x)), *y = arena_array(&a, n, sizeof(*y));
	struct lead_score *scores = arena_array(&a, n, sizeof(*scores));
	struct lead_put_opts o = {
		.upload = p->uploads[upload], .now_ms = now, .update_only = rng_below(&p->r, 8) == 0
	};
	struct lead_put_opts in_parts = o;
	size_t i, first = rng_below(&p->r, (uint32_t)n + 1);
	struct rest rest = { y + first, n - first };

	in_parts.more = give_rest;
	in_parts.more_arg = &rest;
	for (i = 0; i < n; i++) {
		random_row(p, &a, &x[i], &scores[i]);
		x[i].row = i + 1;
	}
	memcpy(y, x, n * sizeof(*x));
	words_some_way(p, &a, y, n);
	ok(&p->a, p->a.s->leads->put(p->a.s, x, n, &o, &p->a.e));
	ok(&p->b, p->b.s->leads->put(p->b.s, y, first, &in_parts, &p->b.e));
	for (i = 0; i < n; i++) {
		assert_int_equal(x[i].result, y[i].result);
		assert_int_equal(x[i].wants_score, y[i].wants_score);
	}
	arena_clear(&a);
}

static void change_some(struct pair *p, size_t n, int64_t now)
{
	while (n-- > 0) {
		struct id id = person(rng_below(&p->r, PEOPLE));
		struct attribute_change at = { PICK(p, odd), PICK(p, odd) };
		struct lead_change c = { .now_ms = now,
			.fields = rng_u64(&p->r) &
				  (FIELD_BIT(LF_EMAIL) | FIELD_BIT(LF_SOURCE) |
					  FIELD_BIT(LF_OUTCOME) | FIELD_BIT(LF_VALUE) |
					  FIELD_BIT(LF_CREATED_AT)) };
		struct lead_score score;
		struct lead x, y;
		int rc;

		lead_values_none(&c.values);
		c.values.text[LF_EMAIL] = S("New@Example.com");
		c.values.text[LF_SOURCE] = PICK(p, sources);
		c.values.outcome = (enum lead_outcome)rng_below(&p->r, 3);
		c.values.value = 7;
		c.set_override = rng_below(&p->r, 3) == 0;
		c.override_heat = (enum lead_heat)rng_below(&p->r, 4);
		c.override_note = S("because");
		c.set_verdict = rng_below(&p->r, 3) == 0;
		c.verdict = (enum lead_verdict)rng_below(&p->r, 4);
		if (rng_below(&p->r, 2) == 0 && at.header.n > 0) {
			c.attributes = &at;
			c.n_attributes = 1;
		}
		if (rng_below(&p->r, 2) == 0) {
			random_score(p, &score);
			c.score = &score;
		}
		rc = p->a.s->leads->change(p->a.s, id, &c, &p->a.a, &x, &p->a.e);
		assert_int_equal(rc, p->b.s->leads->change(p->b.s, id, &c, &p->b.a, &y, &p->b.e));
		if (rc != 0) {
			assert_int_equal(p->a.e.code, ERR_NOT_FOUND);
			assert_int_equal(p->b.e.code, ERR_NOT_FOUND);
			continue;
		}
		assert_int_equal(x.version, y.version);
		assert_int_equal(x.content, y.content);
		assert_true(str_eq(x.cells, y.cells));
		assert_int_equal(lead_stale(&x), lead_stale(&y));
	}
}

static void score_some(struct pair *p, size_t n, int64_t now)
{
	struct arena a = { .cap = 0 };
	struct lead_set_score *x = arena_array(&a, n, sizeof(*x)),
			      *y = arena_array(&a, n, sizeof(*y));
	struct id *ids = arena_array(&a, n, sizeof(*ids));
	struct lead *leads = arena_array(&a, n, sizeof(*leads));
	bool *found = arena_array(&a, n, sizeof(*found));
	size_t i;

	for (i = 0; i < n; i++)
		ids[i] = person(rng_below(&p->r, PEOPLE));
	ok(&p->a, p->a.s->leads->get_many(p->a.s, ids, n, &a, leads, found, &p->a.e));
	for (i = 0; i < n; i++) {
		x[i].id = ids[i];
		x[i].content = found[i] ? leads[i].content - (rng_below(&p->r, 10) == 0) : 1;
		random_score(p, &x[i].score);
	}
	memcpy(y, x, n * sizeof(*x));
	ok(&p->a, p->a.s->leads->set_scores(p->a.s, x, n, SCORE_TIME, now, &p->a.e));
	ok(&p->b, p->b.s->leads->set_scores(p->b.s, y, n, SCORE_TIME, now, &p->b.e));
	for (i = 0; i < n; i++) {
		assert_int_equal(x[i].taken, y[i].taken);
		assert_int_equal(x[i].moved, y[i].moved);
	}
	arena_clear(&a);
}

static void remove_some(struct pair *p, size_t n)
{
	while (n-- > 0) {
		struct id id = person(rng_below(&p->r, PEOPLE));

		if (rng_below(&p->r, 4) == 0) {
			ok(&p->a, p->a.s->leads->erase(p->a.s, &id, 1, 5, &p->a.e));
			ok(&p->b, p->b.s->leads->erase(p->b.s, &id, 1, 5, &p->b.e));
		} else {
			assert_int_equal(p->a.s->leads->remove(p->a.s, id, 0, &p->a.e),
				p->b.s->leads->remove(p->b.s, id, 0, &p->b.e));
		}
	}
}

static void undo_all(struct pair *p, size_t upload, int64_t now)
{
	struct id by = { { 0 } };
	struct lead_undo x, y;
	uint64_t restored = 0, deleted = 0;
	size_t kept = 0;
	struct str cursor = S("");

	ok(&p->a, p->a.s->leads->undo(
			  p->a.s, p->uploads[upload], now, by, S(""), &p->a.a, &x, &p->a.e));
	do {
		ok(&p->b, p->b.s->leads->undo(p->b.s, p->uploads[upload], now, by, cursor, &p->b.a,
				  &y, &p->b.e));
		restored += y.restored;
		deleted += y.deleted;
		kept += y.n_kept;
		cursor = y.next;
	} while (cursor.n > 0);
	assert_int_equal(x.restored, restored);
	assert_int_equal(x.deleted, deleted);
	assert_int_equal(x.n_kept, kept);
}

static void same_lead(const struct lead *x, const struct lead *y)
{
	size_t f;

	assert_true(id_eq(x->id, y->id));
	assert_int_equal(x->version, y->version);
	assert_int_equal(x->content, y->content);
	for (f = 0; f < LF_TEXTS; f++)
		assert_true(str_eq(x->values.text[f], y->values.text[f]));
	assert_true(str_eq(x->cells, y->cells));
	assert_memory_equal(&x->score, &y->score, sizeof(x->score));
	assert_int_equal(x->override_heat, y->override_heat);
	assert_int_equal(x->values.outcome, y->values.outcome);
	assert_int_equal(x->updated_ms, y->updated_ms);
	assert_string_equal(x->closing_model, y->closing_model);
}

static struct query_column random_column(struct pair *p)
{
	static const char *const headers[] = { "Plan", "Pages", "Score me", "abc", "no such" };
	struct query_column c = { .field = (enum lead_field)rng_below(&p->r, LF_COUNT + 8) };

	if (c.field >= LF_COUNT) {
		c.field = LF_ATTRIBUTE;
		c.attribute = PICK(p, headers);
	}
	return c;
}

static const struct query_filter *random_filters(struct pair *p, struct arena *a, size_t *n)
{
	static const char *const words[] = { "a", "Web", "google", "smith", "ü", "1", "100", "Zed",
		"p1", "new@example.com", "", "v1", "straße", "x" };
	struct query_filter *f;
	size_t i, k;

	*n = rng_below(&p->r, 4);
	f = arena_array(a, *n + 1, sizeof(*f));
	for (i = 0; i < *n; i++) {
		enum field_kind kind;
		struct query_value *v = arena_array(a, 3, sizeof(*v));

		f[i].column = random_column(p);
		kind = field_kind(f[i].column.field);
		f[i].op = (enum query_op)rng_below(&p->r, QUERY_FILLED + 1);
		if ((f[i].op == QUERY_CONTAINS || f[i].op == QUERY_STARTS) && kind != FK_TEXT)
			f[i].op = QUERY_NE;
		f[i].n = f[i].op >= QUERY_EMPTY ? 0
			 : f[i].op <= QUERY_IN  ? 1 + rng_below(&p->r, 3)
						: 1;
		for (k = 0; k < f[i].n; k++) {
			v[k].number = NAN;
			if (kind == FK_CHOICE) {
				unsigned codes = 0;

				while (field_choice(f[i].column.field, codes) != NULL)
					codes++;
				v[k].text = str_of(field_choice(
					f[i].column.field, (unsigned)rng_below(&p->r, codes)));
			} else if (kind == FK_TEXT) {
				v[k].text = PICK(p, words);
			} else if (kind == FK_TIME) {
				v[k].number = (double)rng_below(&p->r, 40) * 43200000;
			} else {
				v[k].number = (double)rng_below(&p->r, 100) /
					      (f[i].column.field == LF_SCORE ? 1 : 100);
			}
		}
		f[i].values = v;
	}
	return f;
}

/* What the two did not agree on. */
static void tell(const struct lead_query *q, const struct lead_page *x, const struct lead_page *y)
{
	size_t i, k;

	print_error("sort %d " STR_FMT " %s, words " STR_FMT
		    ", at %g, limit %zu, cursor %zu bytes: %zu of "
		    "%llu, %zu of %llu\n",
		q->sort.field, STR_ARG(q->sort.attribute), q->descending ? "down" : "up",
		STR_ARG(q->words), q->at, q->limit, q->cursor.n, x->n, (unsigned long long)x->total,
		y->n, (unsigned long long)y->total);
	for (i = 0; i < x->n || i < y->n; i++) {
		char a[ID_HEX] = "", b[ID_HEX] = "";

		if (i < x->n)
			id_hex(x->leads[i].id, a);
		if (i < y->n)
			id_hex(y->leads[i].id, b);
		print_error("  %s " STR_FMT " | %s\n", a,
			STR_ARG(x->leads[i < x->n ? i : 0].values.text[LF_FIRST_NAME]), b);
	}
	for (i = 0; i < q->n_filters; i++) {
		const struct query_filter *f = &q->filters[i];

		print_error("  filter %d " STR_FMT " op %d\n", f->column.field,
			STR_ARG(f->column.attribute), f->op);
		for (k = 0; k < f->n; k++)
			print_error("    \"" STR_FMT "\" %g\n", STR_ARG(f->values[k].text),
				f->values[k].number);
	}
}

static void same_page(
	struct pair *p, struct lead_query *q, struct lead_page *x, struct lead_page *y)
{
	size_t i;

	ok(&p->a, p->a.s->leads->list(p->a.s, q, &p->a.a, x, &p->a.e));
	ok(&p->b, p->b.s->leads->list(p->b.s, q, &p->b.a, y, &p->b.e));
	if (x->n != y->n || x->total != y->total)
		tell(q, x, y);
	assert_int_equal(x->n, y->n);
	if (q->total)
		assert_int_equal(x->total, y->total);
	assert_true(y->total_exact);
	for (i = 0; i < x->n; i++)
		same_lead(&x->leads[i], &y->leads[i]);
	assert_int_equal(x->next_cursor.n == 0, y->next_cursor.n == 0);
	if (q->sort.field <= LF_ATTRIBUTE)
		assert_true(str_eq(x->next_cursor, y->next_cursor));
}

/* Some people, there or not, as a query wants them. */
static const struct id *random_ids(struct pair *p, struct arena *a, size_t *n)
{
	size_t asked = rng_below(&p->r, 200), i;
	struct id *ids = arena_array(a, asked + 1, sizeof(*ids));

	assert_non_null(ids);
	for (i = 0; i < asked; i++)
		ids[i] = person(rng_below(&p->r, PEOPLE));
	qsort(ids, asked, sizeof(*ids), id_order);
	for (*n = 0, i = 0; i < asked; i++)
		if (*n == 0 || !id_eq(ids[*n - 1], ids[i]))
			ids[(*n)++] = ids[i];
	return ids;
}

static size_t pages;

static void compare_lists(struct pair *p, size_t n)
{
	static const char *const words[] = { "", "", "anna", "smi", "an sm", "ex", "p1 example",
		"zoe", "李", "very long", "nobody", "..", "mull" };

	while (n-- > 0) {
		struct arena a = { .cap = 0 };
		struct lead_query q = {
			.limit = 1 + rng_below(&p->r, 60), .at = NAN, .total = true, .cells = true
		};
		struct lead_page x, y;
		size_t more = 3;

		arena_clear(&p->a.a);
		arena_clear(&p->b.a);
		q.filters = random_filters(p, &a, &q.n_filters);
		q.words = PICK(p, words);
		q.sort = random_column(p);
		q.descending = rng_below(&p->r, 2) != 0;
		if (rng_below(&p->r, 5) == 0)
			q.at = (double)rng_below(&p->r, 11) / 10;
		if (rng_below(&p->r, 10) == 0)
			q.sort = QUERY_NO_COLUMN, q.at = NAN;
		if (rng_below(&p->r, 6) == 0)
			q.ids = random_ids(p, &a, &q.n_ids);
		do {
			struct str cx, cy;

			same_page(p, &q, &x, &y);
			pages++;
			cx = x.next_cursor;
			cy = y.next_cursor;
			q.cursor = cx;
			if (cx.n > 0 && q.sort.field > LF_ATTRIBUTE)
				break; /* their own numbers: walked in another test */
			(void)cy;
		} while (q.cursor.n > 0 && more-- > 0);
		arena_clear(&a);
	}
}

static bool close_to(double a, double b)
{
	return fabs(a - b) <= 1e-9 * (1 + fabs(a));
}

static void compare_tallies(struct pair *p, size_t n)
{
	while (n-- > 0) {
		struct arena a = { .cap = 0 };
		struct lead_query q = { .at = NAN, .sums = rng_below(&p->r, 2) != 0 };
		struct lead_tally_by by[3];
		struct lead_tally *x, *y;
		size_t n_by = 1 + rng_below(&p->r, 3), i, k, nx, ny;
		int rc;

		for (i = 0; i < n_by; i++) {
			static const enum lead_field few[] = { LF_SOURCE, LF_HEAT, LF_OUTCOME,
				LF_CREATED_AT, LF_FIRST_NAME, LF_MODEL, LF_UPLOAD_ID, LF_VALUE };

			by[i] = (struct lead_tally_by){ .day_shift_ms = 3600000 };
			by[i].column.field = few[rng_below(&p->r, 8)];
			if (rng_below(&p->r, 5) == 0)
				by[i].column = (struct query_column){ LF_ATTRIBUTE, S("Plan") };
		}
		q.filters = random_filters(p, &a, &q.n_filters);
		if (rng_below(&p->r, 6) == 0)
			q.ids = random_ids(p, &a, &q.n_ids);
		rc = p->a.s->leads->tally(p->a.s, &q, by, n_by, &p->a.a, &x, &nx, &p->a.e);
		assert_int_equal(
			rc, p->b.s->leads->tally(p->b.s, &q, by, n_by, &p->b.a, &y, &ny, &p->b.e));
		if (rc != 0) {
			assert_int_equal(p->a.e.code, ERR_LIMIT);
			arena_clear(&a);
			continue;
		}
		assert_int_equal(nx, ny);
		for (i = 0; i < nx; i++) {
			assert_int_equal(x[i].leads, y[i].leads);
			assert_true(close_to(x[i].sum_probability, y[i].sum_probability));
			assert_true(close_to(x[i].sum_value, y[i].sum_value));
			for (k = 0; k < n_by; k++) {
				assert_true(fold_same(x[i].value[k].text, y[i].value[k].text));
				assert_true(x[i].value[k].number == y[i].value[k].number ||
					    (isnan(x[i].value[k].number) &&
						    isnan(y[i].value[k].number)));
			}
		}
		arena_clear(&a);
	}
}

/* Every lead once, in any order, on both. */
static void walk_all(struct pair *p)
{
	struct fixture *f[] = { &p->a, &p->b };
	uint64_t sum[2] = { 0, 0 }, n[2] = { 0, 0 };
	size_t k;

	for (k = 0; k < 2; k++) {
		struct lead_query q = { .limit = 37, .at = NAN, .sort = QUERY_NO_COLUMN };
		struct lead_page page;
		size_t i;

		do {
			ok(f[k], f[k]->s->leads->list(f[k]->s, &q, &f[k]->a, &page, &f[k]->e));
			for (i = 0; i < page.n; i++) {
				uint64_t h;

				memcpy(&h, page.leads[i].id.b, 8);
				sum[k] += h;
				n[k]++;
			}
			q.cursor = page.next_cursor;
		} while (q.cursor.n > 0);
		assert_int_equal(n[k], f[k]->s->leads->count(f[k]->s, &f[k]->e));
	}
	assert_int_equal(n[0], n[1]);
	assert_int_equal(sum[0], sum[1]);
}

static void compare_finds(struct pair *p)
{
	struct str texts[40];
	struct id x[40], y[40];
	char names[40][32];
	size_t i;

	for (i = 0; i < 40; i++) {
		snprintf(names[i], sizeof(names[i]), "p%u.X@EXAMPLE.org",
			(unsigned)rng_below(&p->r, 2500));
		texts[i] = str_of(names[i]);
	}
	texts[3] = texts[4];
	texts[5] = S("");
	ok(&p->a, p->a.s->leads->find(p->a.s, LF_EMAIL, texts, 40, x, &p->a.e));
	ok(&p->b, p->b.s->leads->find(p->b.s, LF_EMAIL, texts, 40, y, &p->b.e));
	assert_memory_equal(x, y, sizeof(x));
}

static void compare_attributes(struct pair *p)
{
	struct attribute_count *x, *y;
	size_t n, m, i, k = 0;

	ok(&p->a, p->a.s->leads->attributes(p->a.s, &p->a.a, &x, &n, &p->a.e));
	ok(&p->b, p->b.s->leads->attributes(p->b.s, &p->b.a, &y, &m, &p->b.e));
	for (i = 0; i < n; i++, k++) {
		assert_true(k < m);
		assert_true(str_eq(x[i].header, y[k].header));
		assert_int_equal(x[i].filled, y[k].filled);
	}
	assert_int_equal(k, m);
}

static void one_run(uint64_t seed, size_t rounds)
{
	struct pair p;
	size_t round, i;

	memset(&p, 0, sizeof(p));
	open_backend(&p.a, "memory");
	open_backend(&p.b, "sqlite");
	rng_seed(&p.r, seed);
	setup_layouts(&p);
	for (i = 0; i < 4; i++)
		p.uploads[i] = (struct id){ { 1, (uint8_t)i } };
	for (round = 0; round < rounds; round++) {
		int64_t now = 1000 * (int64_t)(round + 1);

		put_some(&p, 1 + rng_below(&p.r, 1500), rng_below(&p.r, 4), now);
		change_some(&p, rng_below(&p.r, 60), now + 1);
		score_some(&p, 1 + rng_below(&p.r, 1500), now + 2);
		remove_some(&p, rng_below(&p.r, 20));
		if (rng_below(&p.r, 4) == 0)
			undo_all(&p, rng_below(&p.r, 4), now + 3);
		if (rng_below(&p.r, 3) == 0)
			ok(&p.b, p.b.s->settle(p.b.s, &p.b.e));
		compare_lists(&p, 25);
		compare_tallies(&p, 6);
		compare_finds(&p);
		compare_attributes(&p);
		walk_all(&p);
		ok(&p.b, p.b.s->check(p.b.s, &p.b.e));
	}
	close_backend(&p.a);
	close_backend(&p.b);
}

static void test_both_stores_answer_alike_whatever_happens(void **state)
{
	const char *more = getenv("HEATSCORE_STORE_ROUNDS");
	uint64_t seed;

	for (seed = 1; seed <= (more != NULL ? strtoull(more, NULL, 10) : 2); seed++)
		one_run(seed, 12);
	print_message("%zu pages compared\n", pages);
	assert_true(pages > 700);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_stores_answer_alike_whatever_happens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
