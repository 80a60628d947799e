/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of thousands of leads in a file: of more than one segment, and while these change. */
#include "store_test.h"
#include "store/sqlite_strip_internal.h"

/* Number ${i} of many, all different, in no order; every 50th has none. */
static void put_names(struct fixture *f, unsigned from, unsigned n)
{
	struct lead_put *rows = calloc(n, sizeof(*rows));
	struct lead_put_opts o = { .now_ms = 1 };
	char(*names)[16] = calloc(n, sizeof(*names));
	unsigned i;

	for (i = 0; i < n; i++) {
		lead_values_none(&rows[i].values);
		snprintf(names[i], sizeof(names[i]), "n%05u", (from + i) * 7919 % 10007);
		if ((from + i) % 50 != 0)
			rows[i].values.text[LF_NAME] = str_of(names[i]);
		rows[i].mapped = ~(uint64_t)0;
		rows[i].id = (struct id){ { (uint8_t)((from + i) >> 8), (uint8_t)(from + i), 1 } };
		rows[i].digest[0] = 1;
	}
	ok(f, f->s->leads->put(f->s, rows, n, &o, &f->e));
	free(names);
	free(rows);
}

static int by_name(const void *p, const void *q)
{
	return strcmp(*(char *const *)p, *(char *const *)q);
}

static void test_a_list_of_many_values_starts_anywhere(void **state)
{
	enum { MANY = 9000, NAMED = MANY - MANY / 50 };
	static char text[MANY][16], *names[MANY];
	struct fixture *f = *state;
	unsigned i, n = 0;
	int k;

	for (i = 0; i < MANY; i++) {
		snprintf(text[i], sizeof(text[i]), "n%05u", i * 7919 % 10007);
		if (i % 50 != 0)
			names[n++] = text[i];
	}
	assert_int_equal(n, NAMED);
	qsort(names, n, sizeof(*names), by_name);
	put_names(f, 0, 4500);
	put_names(f, 4500, 4400);
	ok(f, f->s->settle(f->s, &f->e));
	put_names(f, 8900, 100); /* not in strips yet */
	for (k = 1; k < 200; k++) {
		struct lead_query q = { .limit = 2,
			.at = k / 200.0,
			.total = true,
			.sort = { .field = LF_NAME },
			.descending = k % 2 != 0 };
		unsigned nth = (unsigned)(q.at * MANY);
		struct lead_page page;

		arena_reset(&f->a);
		ok(f, f->s->leads->list(f->s, &q, &f->a, &page, &f->e));
		assert_int_equal(page.total, MANY);
		for (i = 0; i < 2; i++, nth++)
			same_text(page.leads[i].values.text[LF_NAME],
				nth >= NAMED ? "" : names[q.descending ? NAMED - 1 - nth : nth]);
	}
}

/* Row ${i} of an import; every seventh comes again behind the others, with another name. */
static void import_rows(struct fixture *f, unsigned from, unsigned n)
{
	struct lead_put *rows = calloc(2 * n, sizeof(*rows));
	struct lead_put_opts o = { .now_ms = 1 };
	char(*names)[24] = calloc(2 * n, sizeof(*names));
	struct buf words = { 0 };
	unsigned i, k = 0;

	for (i = 0; i < 2 * n; i++) {
		unsigned number = from + i % n;

		if (i >= n && number % 7 != 0)
			continue;
		snprintf(names[k], sizeof(names[k]), "%s N\xC3\xA9%u", i < n ? "First" : "Then",
			number);
		lead_values_none(&rows[k].values);
		rows[k].values.text[LF_NAME] = str_of(names[k]);
		rows[k].mapped = ~(uint64_t)0;
		rows[k].id = (struct id){ { (uint8_t)(number >> 8), (uint8_t)number, 1 } };
		rows[k].digest[0] = i < n ? 1 : 2;
		rows[k++].row = i;
	}
	/* The words of some are made ahead: they are found like the others. */
	for (i = 0; i < k; i += 2)
		store_words(&rows[i].values, rows[i].mapped, &words);
	for (i = 0, words.n = 0; i < k; i += 2) {
		size_t at = words.n;

		store_words(&rows[i].values, rows[i].mapped, &words);
		rows[i].words = (struct str){ words.p + at, words.n - at };
	}
	ok(f, f->s->leads->put(f->s, rows, k, &o, &f->e));
	buf_clear(&words);
	free(names);
	free(rows);
}

static uint64_t found(struct fixture *f, const char *text, const char *name)
{
	struct lead_query q = { .limit = 1,
		.at = NAN,
		.total = true,
		.words = str_of(text),
		.sort = { .field = LF_NAME } };
	struct lead_page page;

	arena_reset(&f->a);
	ok(f, f->s->leads->list(f->s, &q, &f->a, &page, &f->e));
	if (name != NULL)
		same_text(page.leads[0].values.text[LF_NAME], name);
	return page.total;
}

/* The same by the column, which lists read, and not by the words. */
static uint64_t holding(struct fixture *f, const char *text)
{
	struct query_value value = { .text = str_of(text), .number = NAN };
	struct query_filter filter = { { .field = LF_NAME }, QUERY_CONTAINS, &value, 1 };
	struct lead_query q = { .filters = &filter,
		.n_filters = 1,
		.limit = 1,
		.at = NAN,
		.total = true,
		.sort = { .field = LF_NAME } };
	struct lead_page page;

	arena_reset(&f->a);
	ok(f, f->s->leads->list(f->s, &q, &f->a, &page, &f->e));
	return page.total;
}

static void test_batches_of_any_size_are_found_at_once(void **state)
{
	static const unsigned sizes[] = { 1000, 3000, 90, 10, 2400, 2400, 7 };
	struct fixture *f = *state;
	unsigned n = 0;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		unsigned first = n, again = (n + 6) / 7 * 7, behind;

		import_rows(f, n, sizes[i]);
		n += sizes[i];
		behind = (n + 6) / 7;
		ok(f, f->s->check(f->s, &f->e));
		assert_int_equal(found(f, "", NULL), n);
		assert_int_equal(found(f, "then", NULL), behind);
		assert_int_equal(found(f, "first", NULL), n - behind);
		assert_int_equal(holding(f, "then"), behind);
		assert_int_equal(holding(f, "first"), n - behind);
		if (again < n) {
			char word[24], name[24];

			snprintf(word, sizeof(word), "NE%u then", again);
			snprintf(name, sizeof(name), "Then N\xC3\xA9%u", again);
			assert_true(found(f, word, name) >= 1);
		}
		/* Once more the same: nothing changes. */
		import_rows(f, first, sizes[i]);
		assert_int_equal(found(f, "then", NULL), behind);
	}
	ok(f, f->s->settle(f->s, &f->e));
	ok(f, f->s->check(f->s, &f->e));
	assert_int_equal(found(f, "first", NULL), n - (n + 6) / 7);
}

/* Leads ${from} to ${from} + ${n} - 1 get a name of words that ${turn} picks. */
static void name_again(struct fixture *f, unsigned from, unsigned n, unsigned turn)
{
	static const char *const first[] = { "Ann", "Bob", "\xC3\x89va", "" }, *const then[] = {
		"common Stone", "common Hill", "common"
	};
	struct lead_put *rows = calloc(n, sizeof(*rows));
	struct lead_put_opts o = { .now_ms = 1 };
	char(*names)[40] = calloc(n, sizeof(*names));
	unsigned i;

	for (i = 0; i < n; i++) {
		unsigned k = from + i, mix = (k * 7919 + turn * 104729) % 1000;

		lead_values_none(&rows[i].values);
		snprintf(names[i], sizeof(names[i]), "%s %s n%u", first[mix % 4], then[mix % 3],
			mix % 97);
		rows[i].values.text[LF_NAME] = str_of(names[i]);
		rows[i].values.text[LF_CITY] = str_of(first[mix / 4 % 4]);
		rows[i].mapped = ~(uint64_t)0;
		rows[i].id = (struct id){ { (uint8_t)(k >> 8), (uint8_t)k, 1 } };
		rows[i].digest[0] = (uint8_t)(turn + 1);
	}
	ok(f, f->s->leads->put(f->s, rows, n, &o, &f->e));
	free(names);
	free(rows);
}

static void same_page(struct fixture *f, struct fixture *as, const struct lead_query *q)
{
	struct lead_page a, b;

	arena_reset(&f->a);
	arena_reset(&as->a);
	ok(f, f->s->leads->list(f->s, q, &f->a, &a, &f->e));
	ok(as, as->s->leads->list(as->s, q, &as->a, &b, &as->e));
	assert_int_equal(a.total, b.total);
	assert_int_equal(a.n, b.n);
	for (size_t i = 0; i < a.n; i++)
		assert_memory_equal(a.leads[i].id.b, b.leads[i].id.b, sizeof(a.leads[i].id.b));
}

/* Lists of both stores: searched, filtered, sorted, from the start and from the middle. */
static void same_lists(struct fixture *f, struct fixture *as)
{
	static const char *const words[] = { "", "common", "ann sto", "n9", "eva hill", "nobody" };
	struct query_value value = { .text = S("n"), .number = NAN };
	struct query_filter filter = { { .field = LF_CITY }, QUERY_CONTAINS, &value, 1 };
	struct lead_query q = { .filters = &filter, .limit = 7, .total = true };

	for (unsigned k = 0; k < 48; k++) {
		q.words = str_of(words[k % 6]);
		q.n_filters = k / 6 % 2;
		q.sort.field = k / 12 % 2 != 0 ? LF_NAME : LF_CITY;
		q.descending = k % 4 == 1;
		q.at = k / 24 != 0 ? 0.01 * (k * 37 % 100) : NAN;
		same_page(f, as, &q);
	}
}

/* What lists and searches read stays in memory: it is what the file has, whichever leads of
 * whichever part of it are changed, few or many at once. */
static void test_what_is_kept_of_pages_is_never_out_of_date(void **state)
{
	static const struct {
		unsigned from, n;
	} changes[] = { { 4000, 1 }, { 10, 2 }, { 0, 1500 }, { 4096, 3000 }, { 8000, 900 },
		{ 3000, 1200 }, { 9000, 5 }, { 4090, 12 } };
	struct fixture *f = *state, as;

	open_backend(&as, "memory");
	for (unsigned i = 0; i < 3; i++) {
		name_again(f, i * 3000, 3000, 0);
		name_again(&as, i * 3000, 3000, 0);
	}
	ok(f, f->s->settle(f->s, &f->e));
	for (unsigned i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct id gone = { { 0, (uint8_t)(i * 9), 1 } };

		same_lists(f, &as);
		name_again(f, changes[i].from, changes[i].n, i + 1);
		name_again(&as, changes[i].from, changes[i].n, i + 1);
		ok(f, f->s->leads->remove(f->s, gone, 0, &f->e));
		ok(&as, as.s->leads->remove(as.s, gone, 0, &as.e));
		same_lists(f, &as);
		if (i % 3 == 2)
			ok(f, f->s->settle(f->s, &f->e));
	}
	same_lists(f, &as);
	close_backend(&as);
}

/* How many leads pass, as of the transaction of ${c}. */
static unsigned count_query(
	struct fixture *f, struct sq *s, struct sq_conn *c, const struct lead_query *q)
{
	uint64_t bits[SEG / 64];
	struct sq_scan scan;
	unsigned n = 0;

	ok(f, sq_scan_open(&scan, s, c, q, &f->a, &f->e));
	for (int64_t i = 0; i < scan.segments; i++) {
		ok(f, sq_scan_segment(&scan, i, bits, &f->e));
		for (size_t w = 0; w < SEG / 64; w++)
			n += (unsigned)__builtin_popcountll(bits[w]);
	}
	for (size_t i = 0; i < scan.n_dirty; i++) {
		const struct layout *layout;
		struct lead l;

		n += sq_scan_dirty(&scan, i, &l, &layout, &f->e) == 1;
	}
	sq_scan_close(&scan);
	return n;
}

static unsigned count_words(struct fixture *f, struct sq *s, struct sq_conn *c, const char *words)
{
	struct lead_query q = { .words = str_of(words), .limit = 1, .at = NAN };

	return count_query(f, s, c, &q);
}

/* A reader of its own, which is no matter to the store when a check fails. */
static void begin_reading(struct fixture *f, struct sq_conn *c)
{
	struct sq *s = sq_of(f->s);

	ok(f, sq_conn_open(c, s->path, SQ_READ, &f->e));
	c->strips.cache = s->cache;
	c->strips.s = s;
	ok(f, sq_exec(c, "BEGIN", &f->e));
}

/* One that reads as of an earlier moment finds what was then, though others have kept what is. */
static void test_a_reader_keeps_to_its_moment(void **state)
{
	struct fixture *f = *state;
	struct sq *s = sq_of(f->s);
	struct sq_conn conn, *c = &conn;

	put_leads(f, 0, 5000, "Common");
	ok(f, f->s->settle(f->s, &f->e));
	assert_int_equal(found(f, "common", NULL), 5000);
	begin_reading(f, c);
	assert_int_equal(count_words(f, s, c, "other"), 0);
	put_leads(f, 5, 3, "Zed");
	put_leads(f, 4990, 1, "Zed");
	assert_int_equal(found(f, "zed", NULL), 4);
	assert_int_equal(found(f, "common", NULL), 4996);
	assert_int_equal(count_words(f, s, c, "zed"), 0);
	assert_int_equal(count_words(f, s, c, "common"), 5000);
	put_leads(f, 0, 2000, "Another");
	assert_int_equal(found(f, "zed", NULL), 1);
	assert_int_equal(found(f, "common", NULL), 2999);
	assert_int_equal(count_words(f, s, c, "zed"), 0);
	assert_int_equal(count_words(f, s, c, "common"), 5000);
	assert_int_equal(found(f, "common", NULL), 2999);
	sq_conn_close(c);
}

/* So many columns that the file keeps no strips of the last one. */
enum { WIDE = 405 };

static uint32_t wide_layout(struct fixture *f)
{
	static struct layout_column c[WIDE];
	static char headers[WIDE][16];
	struct layout l = { .columns = c, .n = WIDE };
	uint32_t number;

	for (unsigned i = 0; i < WIDE; i++) {
		snprintf(headers[i], sizeof(headers[i]), "Column %u", i);
		c[i] = (struct layout_column){ str_of(headers[i]), LF_ATTRIBUTE, "" };
	}
	ok(f, f->s->layouts->put(f->s, &l, &number, &f->e));
	return number;
}

/* Leads whose last column has one of a few values, or none. */
static void put_wide(struct fixture *f, uint32_t layout, unsigned from, unsigned n, unsigned turn)
{
	static const char *const values[] = { "12", "-3", "7.5", "Gold", "gr\xC3\xBCn", "" };
	struct lead_put *rows = calloc(n, sizeof(*rows));
	struct lead_put_opts o = { .now_ms = 1 };
	struct buf cells[6] = { { 0 } };

	for (unsigned i = 0; i < 6; i++) {
		struct str all[WIDE] = { { NULL, 0 } };

		all[WIDE - 1] = str_of(values[i]);
		cells_pack(all, WIDE, &cells[i]);
	}
	for (unsigned i = 0; i < n; i++) {
		unsigned k = from + i;

		lead_values_none(&rows[i].values);
		rows[i].cells = buf_view(&cells[(k * 7919 + turn) % 6]);
		rows[i].layout = layout;
		rows[i].id = (struct id){ { (uint8_t)(k >> 8), (uint8_t)k, 1 } };
		rows[i].digest[0] = (uint8_t)(turn + 1);
	}
	ok(f, f->s->leads->put(f->s, rows, n, &o, &f->e));
	for (unsigned i = 0; i < 6; i++)
		buf_clear(&cells[i]);
	free(rows);
}

static void same_wide_lists(struct fixture *f, struct fixture *as)
{
	struct query_column last = { LF_ATTRIBUTE, S("Column 404") };
	struct query_value value = { .text = S("gold"), .number = 7 };
	struct query_filter filter = { last, QUERY_EQ, &value, 1 };
	struct lead_query q = { .filters = &filter, .limit = 5, .total = true };

	for (unsigned k = 0; k < 12; k++) {
		q.n_filters = k % 3 != 0;
		filter.op = k % 3 == 1 ? QUERY_EQ : QUERY_GTE;
		value.number = k % 3 == 1 ? NAN : 7;
		q.sort = k % 2 != 0 ? last : (struct query_column){ .field = LF_NAME };
		q.descending = k % 4 == 1;
		q.at = k >= 6 ? 0.08 * k : NAN;
		same_page(f, as, &q);
	}
}

static void test_attributes_beyond_the_many_are_listed_like_others(void **state)
{
	static const unsigned changes[][2] = { { 4090, 12 }, { 0, 1500 }, { 4500, 3 } };
	struct fixture *f = *state, as;
	uint32_t ours = wide_layout(f), theirs;

	open_backend(&as, "memory");
	theirs = wide_layout(&as);
	put_wide(f, ours, 0, 5000, 0);
	put_wide(&as, theirs, 0, 5000, 0);
	same_wide_lists(f, &as);
	ok(f, f->s->settle(f->s, &f->e));
	same_wide_lists(f, &as);
	for (unsigned i = 0; i < 3; i++) {
		put_wide(f, ours, changes[i][0], changes[i][1], i + 1);
		put_wide(&as, theirs, changes[i][0], changes[i][1], i + 1);
		same_wide_lists(f, &as);
	}
	close_backend(&as);
}

static void test_what_is_made_for_a_list_is_of_its_moment(void **state)
{
	struct query_value value = { .text = S("gold"), .number = NAN };
	struct query_filter filter = { { LF_ATTRIBUTE, S("Column 404") }, QUERY_EQ, &value, 1 };
	struct lead_query q = {
		.filters = &filter, .n_filters = 1, .limit = 1, .at = NAN, .total = true
	};
	struct fixture *f = *state;
	uint32_t layout = wide_layout(f);
	struct lead_page page;
	struct sq_conn c;
	unsigned then = 0;

	for (unsigned k = 0; k < 5000; k++)
		then += (k * 7919 + 9) % 6 == 3;
	put_wide(f, layout, 0, 5000, 9);
	ok(f, f->s->settle(f->s, &f->e));
	begin_reading(f, &c);
	assert_int_equal(count_words(f, sq_of(f->s), &c, "nobody"), 0);
	/* The strips are made by one who reads as of now, when 19 leads are not as they were. */
	put_wide(f, layout, 0, 19, 10);
	ok(f, f->s->leads->list(f->s, &q, &f->a, &page, &f->e));
	assert_int_not_equal(page.total, then);
	assert_int_equal(count_query(f, sq_of(f->s), &c, &q), then);
	sq_conn_close(&c);
}

#define T(name) cmocka_unit_test_setup_teardown(name, store_in_file, store_gone)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_list_of_many_values_starts_anywhere),
		T(test_batches_of_any_size_are_found_at_once),
		T(test_what_is_kept_of_pages_is_never_out_of_date),
		T(test_a_reader_keeps_to_its_moment),
		T(test_attributes_beyond_the_many_are_listed_like_others),
		T(test_what_is_made_for_a_list_is_of_its_moment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
