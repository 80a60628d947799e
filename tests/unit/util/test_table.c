/* SPDX-License-Identifier: Apache-2.0 */
/* What happens with each file in tests/data/quirks, read in four ways: row by row, in blocks, in
 * buffers and pieces of the smallest size, and once more after having been written. */
#include "unit.h"

#include <unistd.h>

#include "util/buf.h"
#include "util/err.h"
#include "util/file.h"
#include "util/table.h"
#include "util/table_internal.h"

struct quirk {
	const char *file;
	const char *layout; /* encoding, BOM, delimiter, line end, line of header, padding */
	const char *rows;   /* header names, then "line:cells" each; "line! column reason" if bad */
	const char *note;   /* part of a note; NULL: there are none */
};

#define BASE "id|name|city|amount\n2:1|Ann|Köln|10.5\n3:2|Bob|Oslo|20\n4:3|Cem|Łódź|30\n"

static const struct quirk quirks[] = {
	{ "comma.csv", "UTF-8 , LF 1", BASE, NULL },
	{ "tab.csv", "UTF-8 tab LF 1", BASE, NULL },
	{ "pipe.csv", "UTF-8 | LF 1", BASE, NULL },
	{ "crlf.csv", "UTF-8 , CRLF 1", BASE, NULL },
	{ "cr.csv", "UTF-8 , CR 1", BASE, NULL },
	{ "utf8_bom.csv", "UTF-8 BOM , LF 1", BASE, NULL },
	{ "utf16le_bom_tab.csv", "UTF-16LE BOM tab CRLF 1", BASE, NULL },
	{ "utf16be_bom.csv", "UTF-16BE BOM , LF 1", BASE, NULL },
	{ "utf16le_no_bom.csv", "UTF-16LE , LF 1", BASE, NULL },
	{ "utf32le_bom.csv", "UTF-32LE BOM , LF 1", BASE, NULL },
	{ "gzip.csv.gz", "UTF-8 , LF 1 gzip", BASE, NULL },
	{ "gzip_two_members.csv.gz", "UTF-8 , LF 1 gzip", BASE, NULL },
	{ "semicolon_decimal_comma.csv", "UTF-8 ; LF 1",
		"id|name|amount\n2:1|Ann|1,5\n3:2|Bob|2,5\n4:3|Cem|3,5\n", NULL },
	{ "tsv_named.csv", "UTF-8 tab LF 1", "id|name\n2:1|Ann, Smith\n3:2|Bob, Jones\n", NULL },
	{ "sep_line.csv", "UTF-8 ; CRLF 2", "id|name\n3:1|Ann, the first\n4:2|Bob\n",
		"\"sep=\" line" },
	{ "sep_line_caret.csv", "UTF-8 ^ LF 2", "id|name\n3:1|Ann\n4:2|Bob\n", "\"sep=\" line" },
	{ "cp1252.csv", "CP1252 , LF 1",
		"id|name|note\n2:1|Müller|Grüße aus Köln\n3:2|Françoise|déjà vu – 5 €\n"
		"4:3|Søren|“quoted”\n",
		NULL },
	{ "cp1252_undefined_bytes.csv", "CP1252 , LF 1",
		"id|name|note\n2:1|Müller|Grüße aus Köln\n3:2|Françoise|déjà vu – 5 €\n"
		"4:3|Søren|“quoted”\n5:4|Zoë|a\xC2\x81"
		"b\xC2\x8D"
		"c\xC2\x8F"
		"d\xC2\x90"
		"e\xC2\x9D"
		"f\n",
		NULL },
	{ "cp1252_euros.csv", "CP1252 ; CRLF 1",
		"name|amount\n"
		"2:Østergård|1.204,56 €\n"
		"3:Novák|12,00 €\n"
		"4:Muñoz|118.400,10 €\n"
		"5:Größe|7,00 €\n"
		"6:Ålesund|5,50 €\n"
		"7:Château|9,99 €\n"
		"8:Peña|1,00 €\n"
		"9:Coïncidence|2,00 €\n",
		NULL },
	{ "cp850.csv", "CP850 , LF 1",
		"id|name|city\n2:1|Müller|Köln\n3:2|Jürgen Groß|Düsseldorf\n4:3|François|Orléans\n"
		"5:4|José|Málaga\n",
		NULL },
	{ "cp1251.csv", "WINDOWS-1251 , LF 1",
		"id|имя|город\n2:1|Анна Петрова|Москва\n3:2|Борис Иванов|Новосибирск\n"
		"4:3|Вера Смирнова|Екатеринбург\n",
		NULL },
	{ "shift_jis.csv", "SHIFT_JIS , LF 1",
		"番号|氏名|会社\n2:1|山田太郎|株式会社東京商事\n3:2|鈴木花子|大阪電機株式会社\n"
		"4:3|佐藤次郎|名古屋製作所\n",
		NULL },
	{ "some_bytes_not_utf8.csv", "UTF-8 , LF 1",
		"id|name\n2:1|Jürgen\n3:2|José\n4:3|Zoë\n5! 1 has bytes that are not UTF-8 text\n"
		"6:5|Ann\n",
		"not UTF-8" },
	{ "mixed_line_ends.csv", "UTF-8 , CRLF 1", "id|name\n2:1|Ann\n3:2|Bob\n4:3|Cem\n6:4|Dan\n",
		NULL },
	{ "quoted_newlines.csv", "UTF-8 , LF 1",
		"id|note|name\n2:1|two\nlines|Ann\n4:2|with\r\nCRLF, and comma|Bob\n"
		"6:3|He said \"hi\"|Cem\n",
		NULL },
	{ "blank_lines.csv", "UTF-8 , LF 3", "id|name\n5:1|Ann\n8:2|Bob\n", NULL },
	{ "ragged.csv", "UTF-8 , LF 1",
		"id|name|city\n2:1|Ann|Oslo\n3! 2 has 2 cells, the header has 3\n"
		"4! 2 has 4 cells, the header has 3\n5:4|Dan|Paris\n6:5|Eve|\n",
		NULL },
	{ "short_rows_are_habit.csv", "UTF-8 , LF 1 pads",
		"id|name|city|phone\n2:1|Ann|Oslo|123\n3:2|Bob||\n4:3|Cem|Rome|\n5:4|Dan|Paris|"
		"456\n",
		NULL },
	{ "duplicate_and_empty_headers.csv", "UTF-8 , LF 1",
		"name|email|name (2)|D|NAME|name (3)\n2:Ann|a@x.org|Smith|x|y|z\n",
		"2 columns repeat the name" },
	{ "no_header.csv", "UTF-8 , LF 0",
		"A|B|C|D|E\n1:1001|Ann|ann@example.com|2024-01-05|Oslo\n"
		"2:1002|Bob|bob@example.com|2024-01-06|Rome\n"
		"3:1003|Cem|cem@example.com|2024-01-07|Oslo\n",
		"no header line" },
	{ "header_only.csv", "UTF-8 , LF 1", "id|name|city\n", NULL },
	{ "one_column.csv", "UTF-8 , LF 1", "email\n2:ann@x.org\n3:bob@x.org\n", NULL },
	{ "text_only_header.csv", "UTF-8 , LF 1",
		"first|second|third\n2:red|round|soft\n3:green|square|hard\n4:blue|round|soft\n",
		NULL },
	{ "years_as_headers.csv", "UTF-8 , LF 1",
		"Region|2021|2022|2023\n2:North|10|20|30\n3:South|11|21|31\n4:West|12|22|32\n",
		NULL },
	{ "header_repeated.csv", "UTF-8 , LF 1",
		"id|name\n2:1|Ann\n3! 0 repeats the header line\n4:2|Bob\n", NULL },
	{ "preamble_linkedin.csv", "UTF-8 , LF 4",
		"First Name|Last Name|Email Address|Company|Position|Connected On\n"
		"5:Ann|Smith||Acme|CEO|07 Dec 2025\n"
		"6:Bob|Jones, Jr.|bob@x.org|Beta, Inc.|CTO|09 Dec 2025\n",
		"left out 2 lines above line 4: \"Notes:\"" },
	{ "preamble_padded.csv", "UTF-8 , LF 4",
		"id|name|city|amount\n5:1|Ann|Oslo|5\n6:2|Bob|Rome|6\n7:3|Cem|Bonn|7\n",
		"left out 2 lines above line 4" },
	{ "empty_first_row.csv", "UTF-8 , LF 3", "id|name|city\n4:1|Ann|Oslo\n5:2|Bob|Rome\n",
		NULL },
	{ "footer_salesforce.csv", "UTF-8 , LF 1",
		"First Name|Last Name|Company|Amount\n2:Ann|Smith|Acme|5\n3:Bob|Jones|Beta|7\n",
		"left out 5 lines at the end: \"Leads Report\"" },
	{ "footer_totals.csv", "UTF-8 , LF 1", "Name|Stage|Amount\n2:Ann|New|5\n3:Bob|Won|7\n",
		"left out 1 line at the end: \"Grand Totals,,12\"" },
	{ "footer_row_count.csv", "UTF-8 | LF 1", "id|name|city\n2:1|Ann|Oslo\n3:2|Bob|Rome\n",
		"left out 1 line at the end: \"(2 rows)\"" },
	{ "total_is_a_company.csv", "UTF-8 , LF 1",
		"Company|Stage|Amount\n2:Acme|New|5\n3:Total|Won|7\n", NULL },
	{ "some_records_wrapped.csv", "UTF-8 , LF 1",
		"id|name|city|specialization|score\n2:1|Ann|Oslo|Sales|5\n"
		"3:2|Bob|Rome|Banking, Investment And Insurance|6\n4:3|Cem|Bonn|Media, Print|7\n",
		NULL },
	{ "all_records_wrapped.csv", "UTF-8 , LF 1",
		"id|name|city\n2:1|Ann, the first|Oslo\n3:2|Bob|Rome\n4:3|Cem|Bonn\n",
		"wrapped whole in quotes" },
	{ "stray_quotes.csv", "UTF-8 , LF 1",
		"id|name|note\n2:1|abc\"def|ghi\"jkl\n3:2|abcdef|x\n4:3|5\" pipe|6\" hose\n",
		NULL },
	{ "spaced_quotes.csv", "UTF-8 , LF 1",
		"id|name|city\n2:1|Smith, Ann| Oslo\n3:2|Bob|Rome\n"
		"4:3|He said \"hi\", twice| Bonn\n",
		NULL },
	{ "written_by_us.csv", "UTF-8 , LF 1",
		"id|name|city|heatscore_score\n2:1|Ann|Oslo|50\n"
		"3! 1 opens a quote (\") that is not closed\n4:2|Smith, Bob||7\n"
		"5:Smith, John|||\n",
		NULL },
	{ "nul_byte.csv", "UTF-8 , LF 1", "id|name\n2:1|Ann\n3! 1 has a zero byte (NUL)\n4:3|Cem\n",
		NULL },
	{ "unclosed_quote.csv", "UTF-8 , LF 1",
		"id|name|city\n2:1|Ann|Oslo\n3! 1 opens a quote (\") that is not closed\n"
		"4:3|Cem|Bonn\n5:4|Dan, Jr.|Paris\n6:5|Eve|Lima\n",
		NULL },
	{ "unclosed_quote_at_end.csv", "UTF-8 , LF 1",
		"id|name|city\n2:1|Ann|Oslo\n3! 2 opens a quote (\") that is not closed\n"
		"4:3|Cem|Bonn\n",
		NULL },
	{ "xlsx_kinds.xlsx", "UTF-8 , LF 1 pads xlsx",
		"id|name|created|seen|amount|won|note\n"
		"2:1|Ann \"A\", Smith|2024-03-15|2024-03-15T14:30:00|0.1|TRUE|two\nlines\n"
		"3:2|||09:00:00|#N/A||\n6:1234567890123456|Łódź|1900-02-28||3|FALSE|A1, \"x\"\n",
		"read the sheet \"Leads\", one of 2" },
	{ "xlsx_csv_in_one_column.xlsx", "UTF-8 , LF 1 pads xlsx",
		"id|name|city\n2:1|Ann, the first|Oslo\n3:2|Bob|Rome\n",
		"wrapped whole in quotes" },
	{ "unclosed_quotes_meet.csv", "UTF-8 , LF 1",
		"id|name|city|stage|note\n2! 4 opens a quote (\") that is not closed\n"
		"3:2|Bob|Rome|New|x\n4:3|Cem|Bonn|New|y\n"
		"5! 4 opens a quote (\") that is not closed\n6:5|Eve|Kyiv|New|z\n"
		"7:6|Fay|Nice|Won|Dear all,\none, two, three, four, five\nbye\n",
		NULL },
	{ "set_aside_broken_remarks.csv", "UTF-8 , LF 1",
		"heatscore_line|heatscore_column|heatscore_reason|heatscore_cell|id|name\n"
		"2:2|name|||1|Jürgen\n3:3|name|||2|José\n4:4|name|||3|Zoë\n5:5||||4|Ann\n"
		"6:6|id|||5|Bob\n7:7|name||Cem|6|Cem\n8! 5 has bytes that are not UTF-8 text\n",
		"not UTF-8" },
	{ "html_in_cells.csv", "UTF-8 , LF 1",
		"id|note\n2:1|<p>Hello</p>\n3:2|<!DOCTYPE html><html><body>x</body></html>\n",
		NULL },
};

enum { N_QUIRKS = sizeof(quirks) / sizeof(quirks[0]) };

static struct table *open_path(const char *path)
{
	struct err e = { 0 };
	struct table *t = table_open(path, NULL, &e);

	if (t == NULL)
		fail_msg("%s", e.msg);
	return t;
}

static struct table *open_quirk(const char *file)
{
	char path[256];

	snprintf(path, sizeof(path), "tests/data/quirks/%s", file);
	return open_path(path);
}

static void show_names(struct table *t, struct buf *b)
{
	for (size_t i = 0; i < table_columns(t); i++) {
		buf_z(b, i != 0 ? "|" : "");
		buf_str(b, table_column(t, i));
	}
	buf_c(b, '\n');
}

static void show_row(struct table *t, const struct row *r, bool line, struct buf *b)
{
	if (line)
		buf_fmt(b, "%llu", (unsigned long long)r->line);
	if (r->bad) {
		buf_fmt(b, "! %u %s\n", r->bad_column, r->reason);
		return;
	}
	buf_c(b, ':');
	for (size_t i = 0; i < table_columns(t); i++) {
		buf_z(b, i != 0 ? "|" : "");
		buf_str(b, r->cells[i]);
	}
	buf_c(b, '\n');
}

/* All rows as text: by table_next, or by blocks. */
static void show(struct table *t, bool blocks, bool lines, struct buf *b)
{
	struct table_block *block = table_block_new(NULL);
	struct err e = { 0 };
	struct row r;
	int rc;

	buf_reset(b);
	show_names(t, b);
	while (!blocks && (rc = table_next(t, &r, &e)) == 1)
		show_row(t, &r, lines, b);
	while (blocks && (rc = table_read_block(t, block, 2, &e)) == 1) {
		assert_in_range(block->n, 1, 2);
		for (size_t i = 0; i < block->n; i++)
			show_row(t, &block->rows[i], lines, b);
	}
	if (rc != 0)
		fail_msg("%s", e.msg);
	buf_c(b, '\0');
	table_block_free(block);
}

static void test_layouts_are_found(void **state)
{
	static const char *const eols[] = { "LF", "CRLF", "CR" };

	for (size_t i = 0; i < N_QUIRKS; i++) {
		struct table *t = open_quirk(quirks[i].file);
		const struct table_info *in = table_info(t);
		char got[128], delim[2] = { in->delimiter, 0 };

		snprintf(got, sizeof(got), "%s%s %s %s %llu%s%s%s", in->encoding,
			in->bom ? " BOM" : "", in->delimiter == '\t' ? "tab" : delim, eols[in->eol],
			(unsigned long long)in->header_line, in->pads_short_rows ? " pads" : "",
			in->gzip ? " gzip" : "", in->xlsx ? " xlsx" : "");
		if (strcmp(got, quirks[i].layout) != 0)
			fail_msg("%s: %s", quirks[i].file, got);
		table_free(t);
	}
}

static void test_rows_are_as_expected(void **state)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < N_QUIRKS; i++) {
		struct table *t = open_quirk(quirks[i].file);
		bool noted = quirks[i].note == NULL;

		show(t, false, true, &b);
		if (strcmp(b.p, quirks[i].rows) != 0)
			fail_msg("%s:\n%s", quirks[i].file, b.p);
		for (size_t k = 0; table_note(t, k) != NULL; k++) {
			if (quirks[i].note == NULL)
				fail_msg("%s: %s", quirks[i].file, table_note(t, k));
			noted |= strstr(table_note(t, k), quirks[i].note) != NULL;
		}
		if (!noted)
			fail_msg("%s: no note \"%s\"", quirks[i].file, quirks[i].note);
		assert_true(table_progress(t) == 1);
		table_free(t);
	}
	buf_clear(&b);
}

/* Rows by table_next and in blocks of ${most}: the same cells, numbers and lines. Returns how many
 * blocks there were. */
static size_t same_in_blocks(struct table *t, size_t most)
{
	struct table *u = table_again(t, NULL);
	struct table_block *b = table_block_new(NULL);
	uint64_t rows = 0;
	struct row r;
	size_t n = 0;

	assert_int_equal(table_rewind(t, NULL), 0);
	for (; table_read_block(t, b, most, NULL) == 1; n++) {
		assert_in_range(b->n, 1, most);
		assert_int_equal(b->first, rows);
		for (size_t i = 0; i < b->n; i++, rows++) {
			assert_int_equal(table_next(u, &r, NULL), 1);
			assert_int_equal(b->rows[i].line, r.line);
			assert_int_equal(b->rows[i].bad, r.bad);
			for (size_t k = 0; k < table_columns(t); k++)
				assert_true(str_eq(b->rows[i].cells[k], r.cells[k]));
		}
	}
	assert_int_equal(table_next(u, &r, NULL), 0);
	table_block_free(b);
	table_free(u);
	return n;
}

/* A block reads as much text as rows like those so far take: alike, they fill it, and when they get
 * much longer or shorter none is lost. */
static void test_blocks_of_rows_that_change_their_length(void **state)
{
	static const size_t most[] = { 1, 7, 512, 5000 };
	struct buf even = { 0 }, uneven = { 0 };
	struct table *t;

	buf_z(&even, "id,name,note\n");
	buf_z(&uneven, "id,name,note\n");
	for (int i = 0; i < 10000; i++) {
		bool large = i % 3000 > 2900;

		buf_fmt(&even, "%05d,Ann,%*d\n", i, 200 + i % 9, i);
		buf_fmt(&uneven, "%d,Ann,\"%*d\n\"\n", i, large ? 6000 : i % 5, i);
	}
	t = table_open_bytes(buf_view(&even), NULL, NULL);
	assert_int_equal(same_in_blocks(t, 512), (10000 + 511) / 512);
	table_free(t);
	t = table_open_bytes(buf_view(&uneven), NULL, NULL);
	for (size_t k = 0; k < sizeof(most) / sizeof(most[0]); k++)
		same_in_blocks(t, most[k]);
	table_free(t);
	buf_clear(&even);
	buf_clear(&uneven);
}

static void test_blocks_rewinds_and_second_readers_give_the_same_rows(void **state)
{
	struct buf b = { 0 };
	struct err e = { 0 };

	for (size_t i = 0; i < N_QUIRKS; i++) {
		struct table *t = open_quirk(quirks[i].file), *again;

		show(t, true, true, &b);
		assert_string_equal(b.p, quirks[i].rows);
		assert_int_equal(table_rewind(t, &e), 0);
		show(t, false, true, &b);
		assert_string_equal(b.p, quirks[i].rows);
		again = table_again(t, &e);
		assert_non_null(again);
		table_free(t);
		show(again, false, true, &b);
		assert_string_equal(b.p, quirks[i].rows);
		table_free(again);
	}
	buf_clear(&b);
}

static void test_the_size_of_buffers_and_pieces_does_not_matter(void **state)
{
	struct buf b = { 0 };
	struct err e = { 0 };

	for (size_t i = 0; i < N_QUIRKS; i++) {
		for (size_t size = 1; size < 300; size = size * 2 + 1) {
			struct table *t = open_quirk(quirks[i].file);

			assert_int_equal(table_tune(t, size, size % 4 + 1, &e), 0);
			show(t, size % 2 == 1, true, &b);
			assert_string_equal(b.p, quirks[i].rows);
			table_free(t);
		}
	}
	buf_clear(&b);
}

static void test_written_again_it_reads_the_same(void **state)
{
	const char *out = "test_table_out.csv";
	struct buf a = { 0 }, b = { 0 };
	struct err e = { 0 };

	for (size_t i = 0; i < N_QUIRKS; i++) {
		struct table *t = open_quirk(quirks[i].file), *back;
		struct file_out *f = file_out_open(out, &e);
		struct table_writer *w = table_writer_open(f, table_info(t), &e);
		struct row r;

		for (size_t k = 0; k < table_columns(t) && table_info(t)->has_header; k++)
			table_writer_cell(w, table_header(t, k));
		if (table_info(t)->has_header)
			assert_int_equal(table_writer_end_row(w, &e), 0);
		while (table_next(t, &r, &e) == 1) {
			table_writer_row(w, &r, table_columns(t));
			assert_int_equal(table_writer_end_row(w, &e), 0);
		}
		assert_int_equal(table_writer_close(w, &e), 0);
		assert_int_equal(file_out_commit(f, &e), 0);
		table_rewind(t, &e);
		show(t, false, false, &a);
		back = open_path(out);
		assert_string_equal(table_info(back)->encoding, table_info(t)->encoding);
		assert_int_equal(table_info(back)->bom, table_info(t)->bom);
		show(back, false, false, &b);
		/* A row of too few cells is written with empty ones, so that more can be added. An
		 * unusual delimiter is told by its "sep=" line only, which is not written. */
		if (strcmp(quirks[i].file, "sep_line_caret.csv") != 0 &&
			strcmp(quirks[i].file, "ragged.csv") != 0)
			assert_string_equal(a.p, b.p);
		table_free(back);
		table_free(t);
	}
	remove(out);
	buf_clear(&a);
	buf_clear(&b);
}

static void test_what_is_no_table_is_refused_in_a_sentence(void **state)
{
	static const char *const refused[][2] = {
		{ "refused_web_page.csv", "is a web page (HTML), not a table" },
		{ "refused_old_excel.csv", "is an old Excel" },
		{ "refused_pdf.csv", "is a PDF document" },
		{ "refused_picture.csv", "is a picture (PNG)" },
		{ "refused_cut_gzip.csv.gz", "is a gzip archive that ends early" },
		{ "refused_empty.csv", "is empty" },
		{ "refused_blank.csv", "has no header line and no rows" },
		{ "refused_json.csv", "is a JSON document" },
		{ "refused_binary.csv", "is a binary file" },
		{ "refused_cut_xlsx.csv", "is a zip or .xlsx archive that is cut or damaged" },
		{ "refused_word.csv", "is a Word document" },
		{ "refused_ods.csv", "is an OpenDocument file (.ods)" },
		{ "refused_zip.csv", "is a zip archive, not a table: unpack it" },
	};

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		char path[256];
		struct err e = { 0 };

		snprintf(path, sizeof(path), "tests/data/quirks/%s", refused[i][0]);
		assert_null(table_open(path, NULL, &e));
		assert_int_equal(e.code, ERR_INPUT);
		if (strstr(e.msg, refused[i][1]) == NULL)
			fail_msg("%s", e.msg);
		assert_null(strchr(e.msg, '\n'));
	}
}

static void test_a_missing_file_is_not_found(void **state)
{
	struct err e = { 0 };

	assert_null(table_open("tests/data/quirks/there is none", NULL, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_null(table_open("tests", NULL, &e));
	assert_non_null(strstr(e.msg, "is a folder"));
}

static struct table *open_text(struct str text, const struct table_opts *o)
{
	struct err e = { 0 };
	struct table *t = table_open_bytes(text, o, &e);

	if (t == NULL)
		fail_msg("%s", e.msg);
	return t;
}

static void test_known_names_tell_the_header(void **state)
{
	const struct str known[] = { S("Lead Source"), S("TotalVisits") };
	struct table_opts o = { .known = known, .known_count = 2 };
	/* A preamble with as many cells as the table, and names that look like values. */
	struct str text =
		S("Report,of,May\n2024,05,01\nTotalVisits,x9,lead source\n1,a,b\n2,c,d\n");
	struct table *t = open_text(text, &o);

	assert_int_equal(table_info(t)->header_line, 3);
	assert_true(str_eq(table_column(t, 0), S("TotalVisits")));
	table_free(t);
}

static void test_a_header_is_told_from_a_row(void **state)
{
	static const struct {
		const char *text;
		bool header;
	} cases[] = {
		{ "1,2,3\n4,5,6\n", false },
		{ "0,1,2\n4.5,5,6\n7,8,9\n", true },
		{ "x,2020,2021\na,1,2\nb,3,4\n", true },
		{ "name,age\nAnn,3\n", true },
		{ "a,b\n", true },
		{ "ann@x.org,Ann\n", false },
		{ "yes,Oslo,7\nno,Rome,8\nyes,Oslo,9\n", false },
		{ "color,shape\nred,round\nblue,square\nred,square\n", true },
		{ "red,round\nblue,square\nred,square\nblue,round\n", false },
		{ "2024-01-05,Ann,12\n2024-01-06,Bob,13\n", false },
		{ "Question 1,Question 2\nx,y\nz,w\n", true },
		{ "Q1,Q2,Q3\n5,4,3\n1,2,3\n", true },
		{ ",a,b\n0,x,1\n1,y,2\n", true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct table *t = open_text(str_of(cases[i].text), NULL);

		if (table_info(t)->has_header != cases[i].header)
			fail_msg("%s", cases[i].text);
		table_free(t);
	}
}

/* What a person says of the file counts more than what is found in it. */
static void test_a_file_is_read_as_it_is_said_to_be(void **state)
{
	static const struct {
		const char *text;
		struct table_reading as;
		const char *columns, *first; /* joined with "|"; NULL: refused */
		uint64_t line;
	} cases[] = {
		{ "a;b,c\n1;2,3\n", { .delimiter = ';' }, "a|b,c", "1|2,3", 2 },
		{ "a;b,c\n1;2,3\n", { .delimiter = ',' }, "a;b|c", "1;2|3", 2 },
		{ "a,b\n1,2\n", { .delimiter = '|' }, "a,b", "1,2", 2 },
		{ "a:b\n1:\"x:y\"\n", { .delimiter = ':' }, "a|b", "1|x:y", 2 },
		{ "a, b\n1, \"x, y\"\n2, \"z, w\"\n", { .delimiter = ',' }, "a|b", "1|x, y", 2 },
		{ "sep=;\na,b;c\n1,2;3\n", { .delimiter = ',' }, "a|b;c", "1|2;3", 3 },
		{ "id,name\n1,Ann\n2,Bob\n", { .header_line = 2 }, "A|B", "1|Ann", 2 },
		{ "x,y\nid,name\n1,Ann\n", { .header = TABLE_HEADER_YES, .header_line = 2 },
			"id|name", "1|Ann", 3 },
		{ "x,y\nid,name\n1,Ann\n", { .header = TABLE_HEADER_NO, .header_line = 3 }, "A|B",
			"1|Ann", 3 },
		{ "sep=;\nx;y\nid;name\n1;Ann\n", { .header = TABLE_HEADER_YES, .header_line = 3 },
			"id|name", "1|Ann", 4 },
		{ "\"two\nlines\",b\n1,2\n", { .header = TABLE_HEADER_YES, .header_line = 2 },
			"two lines|b", "1|2", 3 },
		{ "a,b\n\n1,2\n", { .header_line = 2 }, NULL, NULL, 0 },
		{ "a,b\n1,2\n", { .header_line = 9 }, NULL, NULL, 0 },
		{ "n\xE9,b\n1,\xC3\xA9\n", { .encoding = "CP1252" }, "né|b", "1|Ã©", 2 },
		{ "n,b\n1,\xC3\xA9\n", { .encoding = "UTF-8" }, "n|b", "1|é", 2 },
		{ "n,b\n1,\xE6\n", { .encoding = "KOI8-R" }, "n|b", "1|Ф", 2 },
		{ "\xEF\xBB\xBFn,b\n1,2\n", { .encoding = "UTF-8" }, "n|b", "1|2", 2 },
		{ "n,b\n1,2\n", { .encoding = "NONE" }, NULL, NULL, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct table_opts o = { .as = cases[i].as };
		struct err e = { 0 };
		struct table *t = table_open_bytes(str_of(cases[i].text), &o, &e);
		struct buf columns = { 0 }, first = { 0 };
		struct row r;

		if (cases[i].columns == NULL) {
			assert_null(t);
			assert_int_equal(e.code, ERR_INPUT);
			continue;
		}
		if (t == NULL)
			fail_msg("case %zu: %s", i, e.msg);
		assert_int_equal(table_next(t, &r, &e), 1);
		for (size_t c = 0; c < table_columns(t); c++) {
			buf_fmt(&columns, "%s" STR_FMT, c == 0 ? "" : "|",
				STR_ARG(table_column(t, c)));
			buf_fmt(&first, "%s" STR_FMT, c == 0 ? "" : "|", STR_ARG(r.cells[c]));
		}
		if (!str_eq(buf_view(&columns), str_of(cases[i].columns)) ||
			!str_eq(buf_view(&first), str_of(cases[i].first)) ||
			r.line != cases[i].line)
			fail_msg("case %zu: " STR_FMT "; line %llu: " STR_FMT, i,
				STR_ARG(buf_view(&columns)), (unsigned long long)r.line,
				STR_ARG(buf_view(&first)));
		buf_clear(&columns);
		buf_clear(&first);
		table_free(t);
	}
}

static void test_the_header_is_given_as_found_too(void **state)
{
	struct table *t = open_text(S("\"id\";\"na\"\"me\"\r\n1;x\r\n"), NULL);
	struct table *wrapped = open_quirk("all_records_wrapped.csv");

	assert_true(str_eq(table_header_raw(t), S("\"id\";\"na\"\"me\"")));
	assert_int_equal(table_header_raw(wrapped).n, 0);
	table_free(wrapped);
	table_free(t);
}

static void test_limits_make_rows_bad_and_files_refused(void **state)
{
	struct table_opts o = { .limits = { .columns = 3, .row_bytes = 100, .cell_bytes = 20 } };
	struct buf text = { 0 };
	struct err e = { 0 };
	struct table *t;
	struct row r;

	buf_z(&text, "id,name,city\n1,Ann,Oslo\n2,");
	for (int i = 0; i < 30; i++)
		buf_c(&text, 'x');
	buf_z(&text, ",Oslo\n3,Cem,");
	for (int i = 0; i < 20000; i++)
		buf_c(&text, 'y');
	buf_z(&text, "\r\n4,Dan,Oslo\n");
	for (size_t size = 1; size < 100000; size = size * 7 + 1) {
		t = open_text(buf_view(&text), &o);
		assert_int_equal(table_tune(t, size, size, &e), 0);
		assert_int_equal(table_next(t, &r, &e), 1);
		assert_false(r.bad);
		assert_int_equal(table_next(t, &r, &e), 1);
		assert_int_equal(r.fault, ROW_TOO_LARGE);
		assert_int_equal(r.bad_column, 1);
		assert_int_equal(table_next(t, &r, &e), 1);
		assert_int_equal(r.fault, ROW_TOO_LARGE);
		assert_int_equal(r.raw.n, 100);
		assert_int_equal(r.line, 4);
		assert_int_equal(table_next(t, &r, &e), 1);
		assert_false(r.bad);
		assert_int_equal(r.line, 5);
		assert_true(str_eq(r.cells[1], S("Dan")));
		assert_int_equal(table_next(t, &r, &e), 0);
		assert_int_equal(table_next(t, &r, &e), 0);
		table_free(t);
	}
	assert_null(table_open_bytes(S("a,b,c,d\n1,2,3,4\n"), &o, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	buf_clear(&text);
}

static void test_an_accent_megabytes_in_decides_the_encoding(void **state)
{
	struct buf text = { 0 };
	struct err e = { 0 };
	struct table *t;
	struct row r;
	size_t n = 0;

	buf_z(&text, "id,name,city\n");
	for (int i = 0; i < 200000; i++)
		buf_fmt(&text, "%d,Ann,Oslo\n", i);
	buf_z(&text, "x,J\xFCrgen M\xF6ller,K\xF6ln\n");
	t = open_text(buf_view(&text), NULL);
	assert_string_equal(table_info(t)->encoding, "CP1252");
	while (table_next(t, &r, &e) == 1)
		n++;
	assert_int_equal(n, 200001);
	assert_true(str_eq(r.cells[1], S("Jürgen Möller")));
	table_free(t);
	buf_clear(&text);
}

/* A quote left open in every line must not cost the square of the file. */
static void test_many_open_quotes_are_read_in_time(void **state)
{
	struct buf text = { 0 };
	struct err e = { 0 };
	struct table *t;
	struct row r;
	size_t n = 0, bad = 0;

	buf_z(&text, "id,name\n");
	for (int i = 0; i < 100000; i++)
		buf_z(&text, i % 3 == 0 ? "x\"y,\"b\n" : "1,\"a\n");
	t = open_text(buf_view(&text), NULL);
	while (table_next(t, &r, &e) == 1) {
		n++;
		bad += r.bad;
	}
	assert_in_range(n, 30000, 100000);
	assert_true(bad > 0);
	table_free(t);
	buf_clear(&text);
}

static void test_standard_input_can_be_a_pipe(void **state)
{
	static const char text[] = "id,name\n1,Ann\n2,Bob\n";
	int ends[2], saved = dup(0);
	struct err e = { 0 };
	struct buf b = { 0 };
	struct table *t, *again;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], text, sizeof(text) - 1), sizeof(text) - 1);
	close(ends[1]);
	dup2(ends[0], 0);
	close(ends[0]);
	t = open_path("-");
	dup2(saved, 0);
	close(saved);
	show(t, false, true, &b);
	assert_string_equal(b.p, "id|name\n2:1|Ann\n3:2|Bob\n");
	again = table_again(t, &e);
	assert_non_null(again);
	show(again, false, true, &b);
	assert_string_equal(b.p, "id|name\n2:1|Ann\n3:2|Bob\n");
	table_free(again);
	table_free(t);
	buf_clear(&b);
}

static void put_line(struct table *t, const struct row *r, struct buf *b)
{
	table_put_row(b, table_info(t), r, table_columns(t));
	buf_c(b, table_info(t)->delimiter);
	table_put_cell(b, table_info(t), S("0.5"));
	table_put_end(b, table_info(t));
}

static void test_cells_can_be_added_behind_any_row(void **state)
{
	struct table *t = open_text(
		S("id,a,b\r\n1,\"x, y\",z\r\n2,q\r\n3,\"open,r\r\n4,s,t,,\r\n5,u,v,w\r\n"), NULL);
	struct buf b = { 0 };
	struct err e = { 0 };
	struct row r;

	while (table_next(t, &r, &e) == 1)
		put_line(t, &r, &b);
	buf_c(&b, '\0');
	/* Short and open ones are filled up; only the one that is too long cannot line up. */
	assert_string_equal(b.p, "1,\"x, y\",z,0.5\r\n2,q,,0.5\r\n\"3,\"\"open,r\",,,0.5\r\n"
				 "4,s,t,0.5\r\n5,u,v,w,0.5\r\n");
	table_free(t);
	buf_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layouts_are_found),
		cmocka_unit_test(test_rows_are_as_expected),
		cmocka_unit_test(test_blocks_of_rows_that_change_their_length),
		cmocka_unit_test(test_blocks_rewinds_and_second_readers_give_the_same_rows),
		cmocka_unit_test(test_the_size_of_buffers_and_pieces_does_not_matter),
		cmocka_unit_test(test_written_again_it_reads_the_same),
		cmocka_unit_test(test_what_is_no_table_is_refused_in_a_sentence),
		cmocka_unit_test(test_a_missing_file_is_not_found),
		cmocka_unit_test(test_known_names_tell_the_header),
		cmocka_unit_test(test_a_header_is_told_from_a_row),
		cmocka_unit_test(test_a_file_is_read_as_it_is_said_to_be),
		cmocka_unit_test(test_the_header_is_given_as_found_too),
		cmocka_unit_test(test_limits_make_rows_bad_and_files_refused),
		cmocka_unit_test(test_an_accent_megabytes_in_decides_the_encoding),
		cmocka_unit_test(test_many_open_quotes_are_read_in_time),
		cmocka_unit_test(test_standard_input_can_be_a_pipe),
		cmocka_unit_test(test_cells_can_be_added_behind_any_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
