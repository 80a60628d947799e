/* SPDX-License-Identifier: Apache-2.0 */
/* The splitter against libcsv, the slow reference, and against what spreadsheets do. */
#include "unit.h"

#include <csv.h>

#include "util/buf.h"
#include "util/bytes.h"
#include "util/csv.h"
#include "util/err.h"
#include "util/rng.h"
#include "util/table.h"
#include "util/table_internal.h"

enum { MAX_CELLS = 64 };

/* Records as text that shows cell ends: "[a][b]\n". */
static void put_shown(struct buf *b, const char *p, size_t n)
{
	buf_c(b, '[');
	buf_bytes(b, p, n);
	buf_c(b, ']');
}

static void on_cell(void *p, size_t n, void *user)
{
	put_shown(user, p, n);
}

static void on_record(int end, void *user)
{
	buf_c(user, '\n');
}

static int no_space(unsigned char c)
{
	return 0;
}

static void by_libcsv(struct str text, struct buf *out)
{
	struct csv_parser p;

	buf_reset(out);
	assert_int_equal(csv_init(&p, 0), 0);
	csv_set_space_func(&p, no_space); /* blanks belong to the cell */
	assert_int_equal(csv_parse(&p, text.p, text.n, on_cell, on_record, out), text.n);
	csv_fini(&p, on_cell, on_record, out);
	csv_free(&p);
}

/* By csv_next, given ${step} bytes more whenever it wants more. */
static void by_ours(struct str text, size_t step, struct buf *out)
{
	char *copy = calloc(1, text.n + 64), *spare = malloc(2 * text.n + 1);
	uint64_t *mask = calloc(text.n / 64 + 1, sizeof(*mask));
	struct csv c = { .p = copy,
		.delim = ',',
		.max_row = 1 << 20,
		.max_span = 1 << 20,
		.mask = mask,
		.spare = spare,
		.spare_cap = 2 * text.n };
	struct str cells[MAX_CELLS];
	struct csv_record r;
	enum csv_result rc;

	buf_reset(out);
	memcpy(copy, text.p, text.n);
	while ((rc = csv_next(&c, &r, cells, MAX_CELLS)) != CSV_END) {
		if (rc == CSV_MORE) {
			assert_false(c.last);
			c.n = text.n - c.n > step ? c.n + step : text.n;
			c.last = c.n == text.n;
			bytes_mask(c.p, c.n, c.delim, c.mask);
			continue;
		}
		for (size_t i = 0; i < r.cells && r.end != r.start; i++)
			put_shown(out, cells[i].p, cells[i].n);
		if (r.end != r.start)
			buf_c(out, '\n');
		c.spare_n = 0;
	}
	free(copy);
	free(spare);
	free(mask);
}

/* A well-formed file: cells of every kind, quoted where they must be and sometimes where not. */
static void generate(struct rng *g, size_t rows, struct buf *b)
{
	static const char *const ends[] = { "\n", "\r\n", "\r" };
	const char *end = ends[rng_below(g, 3)];
	size_t columns = 1 + rng_below(g, 8);

	buf_reset(b);
	for (size_t i = 0; i < rows; i++) {
		for (size_t k = 0; k < columns; k++) {
			bool quoted = rng_below(g, 3) == 0;
			size_t n = rng_below(g, rng_below(g, 20) == 0 ? 200 : 12);

			buf_z(b, k != 0 ? "," : "");
			buf_z(b, quoted ? "\"" : "");
			/* A blank line is no record: the first cell is never empty. */
			buf_z(b, k == 0 ? "x" : "");
			while (n-- != 0) {
				char c = "abc XY0159.;-,\"\n\r"[rng_below(g, quoted ? 18 : 14)];

				if (c != '\0')
					buf_c(b, c);
				if (c == '"')
					buf_c(b, c);
			}
			buf_z(b, quoted ? "\"" : "");
		}
		if (i + 1 < rows || rng_below(g, 2) == 0)
			buf_z(b, end);
	}
}

static void test_cells_equal_those_of_libcsv(void **state)
{
	struct buf text = { 0 }, theirs = { 0 }, ours = { 0 };
	struct rng g;

	rng_seed(&g, 1);
	for (int i = 0; i < 400; i++) {
		generate(&g, 1 + rng_below(&g, 40), &text);
		by_libcsv(buf_view(&text), &theirs);
		by_ours(buf_view(&text), 1 + rng_below(&g, 90), &ours);
		assert_int_equal(ours.n, theirs.n);
		assert_memory_equal(ours.p, theirs.p, ours.n);
	}
	buf_clear(&text);
	buf_clear(&theirs);
	buf_clear(&ours);
}

/* A few MB through the whole reader, so that records lie across the ends of its blocks. */
static void test_a_table_over_many_blocks_equals_libcsv(void **state)
{
	struct buf text = { 0 }, theirs = { 0 }, ours = { 0 };
	struct err e = { 0 };
	struct table *t;
	struct row r;
	struct rng g;
	int rc;

	rng_seed(&g, 2);
	buf_z(&text, "id,first name,note,city\n");
	for (int i = 0; i < 40000; i++) {
		size_t n = rng_below(&g, 100);

		buf_fmt(&text, "%d,Ann%s,\"say \"\"%d\"\", ", i, i % 7 == 0 ? "a" : "", i * 7);
		while (n-- != 0)
			buf_c(&text, "abcdefgh ,\n"[rng_below(&g, 11)]);
		buf_z(&text, "\",Oslo\n");
	}
	by_libcsv(buf_view(&text), &theirs);
	t = table_open_bytes(buf_view(&text), NULL, &e);
	assert_non_null(t);
	for (size_t size = 300; size < 1000000; size *= 29) {
		assert_int_equal(table_tune(t, size, SIZE_MAX, &e), 0);
		buf_reset(&ours);
		for (size_t i = 0; i < table_columns(t); i++)
			put_shown(&ours, table_header(t, i).p, table_header(t, i).n);
		buf_c(&ours, '\n');
		while ((rc = table_next(t, &r, &e)) == 1) {
			assert_false(r.bad);
			for (size_t i = 0; i < table_columns(t); i++)
				put_shown(&ours, r.cells[i].p, r.cells[i].n);
			buf_c(&ours, '\n');
		}
		assert_int_equal(rc, 0);
		assert_int_equal(ours.n, theirs.n);
		assert_memory_equal(ours.p, theirs.p, ours.n);
	}
	table_free(t);
	buf_clear(&text);
	buf_clear(&theirs);
	buf_clear(&ours);
}

static void test_quotes_are_read_as_spreadsheets_read_them(void **state)
{
	static const char *const cases[][2] = {
		{ "abc\"def,ghi\"jkl", "[abc\"def][ghi\"jkl]\n" },
		{ "\"abc\"def,x", "[abcdef][x]\n" },
		{ "\"a\"\"b\",\"\"", "[a\"b][]\n" },
		{ "\"a\nb\",c\nd,e", "[a\nb][c]\n[d][e]\n" },
		{ " \"a,b\"", "[ \"a][b\"]\n" },
		{ "\"a\" \"b,c\"", "[a \"b][c\"]\n" },
		{ ",,\n\n,", "[][][]\n[][]\n" },
		{ "a,b\r\rc,d\r\n", "[a][b]\n[c][d]\n" },
	};
	struct buf out = { 0 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t step = 1; step < 8; step++) {
			by_ours(str_of(cases[i][0]), step, &out);
			buf_c(&out, '\0');
			assert_string_equal(out.p, cases[i][1]);
		}
	}
	buf_clear(&out);
}

static void test_every_variant_marks_the_same_bytes(void **state)
{
	char text[640 + 64];
	uint64_t want[10], got[10];
	const struct bytes_variant *v;
	size_t last = 0;
	struct rng g;

	while (bytes_variant(last + 1) != NULL)
		last++;
	assert_string_equal(bytes_variant(last)->name, "portable");
	rng_seed(&g, 3);
	for (int round = 0; round < 200; round++) {
		for (size_t i = 0; i < sizeof(text); i++)
			text[i] = (char)(rng_below(&g, 4) == 0
						 ? (uint64_t)(",\"\r\n,\"-/"[rng_below(&g, 8)])
						 : rng_below(&g, 256));
		bytes_variant(last)->mask(text, 10, ',', want);
		for (size_t i = 0; i < 640; i++) {
			bool is = text[i] == ',' || text[i] == '"' || text[i] == '\r' ||
				  text[i] == '\n';

			assert_int_equal(want[i / 64] >> (i % 64) & 1, is);
		}
		for (size_t k = 0; (v = bytes_variant(k)) != NULL; k++) {
			v->mask(text, 10, ',', got);
			assert_memory_equal(got, want, sizeof(want));
		}
	}
}

static void test_every_variant_finds_the_same_plain_run(void **state)
{
	char text[300];
	const struct bytes_variant *v;

	for (size_t at = 0; at <= 200; at++) {
		static const char odd[] = { 0, (char)0x80, (char)0xFF };

		memset(text, 'a' + (int)at % 20, sizeof(text));
		text[at / 2] = 0x7F;
		text[at] = odd[at % 3];
		for (size_t n = 0; n < 250; n += 7) {
			for (size_t k = 0; (v = bytes_variant(k)) != NULL; k++)
				assert_int_equal(v->plain_run(text, n), n < at ? n : at);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cells_equal_those_of_libcsv),
		cmocka_unit_test(test_a_table_over_many_blocks_equals_libcsv),
		cmocka_unit_test(test_quotes_are_read_as_spreadsheets_read_them),
		cmocka_unit_test(test_every_variant_marks_the_same_bytes),
		cmocka_unit_test(test_every_variant_finds_the_same_plain_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
