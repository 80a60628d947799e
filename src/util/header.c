/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "util/dialect.h"
#include "util/map.h"
#include "util/rejects.h"
#include "util/utf8.h"

enum { MAX_CELLS = 256, LOOK_AT = 200, NAME = 96 };

/* Words that name columns and are hardly ever values. */
static const char *const words[] = { "id", "name", "first name", "firstname", "last name",
	"lastname", "full name", "email", "e mail", "email address", "mail", "phone",
	"phone number", "mobile", "telephone", "company", "company name", "organization",
	"organisation", "account", "account name", "title", "job title", "position", "role",
	"department", "industry", "website", "url", "address", "street", "city", "state", "region",
	"province", "zip", "zip code", "postal code", "postcode", "country", "source",
	"lead source", "lead id", "lead status", "lead owner", "lead origin", "lead stage",
	"status", "stage", "owner", "created", "created at", "created date", "create date",
	"createdate", "date", "created on", "modified date", "last modified", "last activity",
	"last activity date", "amount", "value", "revenue", "annual revenue", "employees",
	"campaign", "channel", "medium", "converted", "is converted", "outcome", "result", "target",
	"label", "response", "score", "rating", "notes", "description", "comments", "tags", "type",
	"category", "gender", "age", "product", "price", "quantity", "currency", "timestamp",
	"record id", "contact id", "customer id", "user id", "prospect id", "visits", "page views",
	"duration", "probability", "won", "lost", "nombre", "correo", "empresa", "telefono",
	"ciudad", "pais", "vorname", "nachname", "firma", "telefon", "stadt", "land", "quelle",
	"nom", "prenom", "entreprise", "ville", "pays", "cidade", "telefone", "origem" };

struct str header_normal(struct str s, char *to, size_t n)
{
	size_t put = 0;
	bool gap = false;

	s = str_trim(s);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c == '_' || c == '-' || c == '.' || c == '/' || c == '*') {
			gap = true;
			continue;
		}
		if (put + 2 > n)
			break;
		if (gap && put != 0)
			to[put++] = ' ';
		gap = false;
		to[put++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
	return (struct str){ to, put };
}

size_t header_known(const struct peek *p, size_t i, const struct str *known, size_t n)
{
	struct str *cells = calloc(MAX_CELLS, sizeof(*cells));
	struct map names = { 0 };
	size_t hits = 0, count;
	char buf[NAME];

	if (cells == NULL)
		return 0;
	count = peek_cells(p, i, cells, MAX_CELLS);
	for (size_t k = 0; k < count; k++) {
		struct str name = header_normal(cells[k], buf, sizeof(buf));

		if (name.n != 0)
			map_put(&names, name, NULL);
	}
	for (size_t k = 0; k < n; k++)
		hits += map_get(&names, header_normal(known[k], buf, sizeof(buf))) != NULL;
	map_clear(&names);
	free(cells);
	return hits;
}

static bool is_word(struct str cell)
{
	char buf[NAME];
	struct str name = header_normal(cell, buf, sizeof(buf));

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (str_eq(name, str_of(words[i])))
			return true;
	}
	return false;
}

/* What a value looks like; names of columns nearly always look like TEXT. */
enum shape { EMPTY, TEXT, FIGURES, EMAIL, LINK, CODE, TRUTH, SHAPES };

static bool is_truth(struct str s)
{
	static const char *const all[] = { "true", "false", "yes", "no", "y", "n", "ja", "nein",
		"oui", "non", "t", "f", "si", "sim" };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (str_eqi(s, str_of(all[i])))
			return true;
	}
	return false;
}

static bool is_ascii_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static enum shape shape_of(struct str cell)
{
	struct str s = str_trim(cell);
	size_t digits = 0, letters = 0, blanks = 0, other = 0;
	ptrdiff_t at = str_chr(s, '@');
	bool code;

	if (s.n == 0)
		return EMPTY;
	if (str_startsi(s, S("http://")) || str_startsi(s, S("https://")) ||
		str_startsi(s, S("www.")))
		return LINK;
	if (is_truth(s))
		return TRUTH;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		digits += c >= '0' && c <= '9';
		letters += is_ascii_letter(s.p[i]) || c >= 0x80;
		blanks += c == ' ';
		other += c == '?' || c == '#' || c == '_';
	}
	if (at > 0 && blanks == 0 && str_chr(str_sub(s, (size_t)at, s.n), '.') > 0)
		return EMAIL;
	/* Numbers, money, dates, times, phone numbers: letters at most those of "T", "PM", "Dec".
	 */
	code = is_ascii_letter(s.p[0]) && (blanks == 0 || letters < 3); /* "Q1", "FY 2024" */
	if (digits != 0 && other == 0 && letters <= 4 && digits >= letters && !code)
		return FIGURES;
	if (s.n >= 8 && blanks == 0 && letters != 0 && digits * 4 >= s.n)
		return CODE;
	return TEXT;
}

/* Votes of the columns: is the record in question one more row, or the names of the columns? */
struct votes {
	double row, header;
};

/* The values behind it in one column. */
struct column {
	uint32_t shapes[SHAPES];
	uint32_t same; /* equal to the cell in question */
	uint32_t n;    /* not empty */
};

static void vote(struct votes *v, struct str cell, const struct column *col)
{
	enum shape own = shape_of(cell), most = TEXT;

	if (own == EMPTY)
		return;
	if (is_word(cell) && col->same == 0)
		v->header += 2;
	if (col->n == 0) {
		if (own == EMAIL || own == LINK || own == CODE)
			v->row += 1;
		else if (own == TEXT)
			v->header += 0.25;
		return;
	}
	for (int s = FIGURES; s < SHAPES; s++) {
		if (col->shapes[s] * 10 >= col->n * 8)
			most = (enum shape)s;
	}
	if (most == TEXT)
		v->row += col->same != 0 ? 1 : 0;
	else if (own == most)
		v->row += 1;
	else
		v->header += 1;
}

static bool whole_number(struct str s, long *x)
{
	s = str_trim(s);
	if (s.n == 0 || s.n > 9)
		return false;
	*x = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		*x = *x * 10 + (s.p[i] - '0');
	}
	return true;
}

static bool same_cells(const struct str *a, const struct str *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!str_eq(a[i], b[i]))
			return false;
	}
	return true;
}

/* Names like 0, 1, 2 (data frames), 1 to 6 and on, 2019, 2020, behind text or from the first cell.
 */
static bool counts_up(const struct str *cells, size_t n)
{
	long first = 0, prev = 0, x;
	size_t run = 0;

	for (size_t i = 0; i < n; i++) {
		if (!whole_number(cells[i], &x)) {
			if (run != 0)
				return false;
			continue;
		}
		if (run != 0 && x != prev + 1)
			return false;
		first = run++ == 0 ? x : first;
		prev = x;
	}
	if (first >= 1900 && first <= 2100)
		return run >= 2;
	return run >= (first == 0 ? 3 : 6) && first <= 1;
}

bool header_is(const struct peek *p, size_t i, const struct dialect_opts *o)
{
	struct str *cells = calloc(2 * MAX_CELLS, sizeof(*cells)), *row = cells + MAX_CELLS;
	struct column *cols = calloc(MAX_CELLS, sizeof(*cols));
	struct votes v = { 0 };
	uint32_t ours[REJECTS_COLUMNS];
	size_t n, seen = 0;
	bool is = true;

	if (cells == NULL || cols == NULL)
		goto done;
	n = peek_cells(p, i, cells, MAX_CELLS);
	if (header_known(p, i, o->known, o->known_count) * 2 >= o->known_count &&
		o->known_count != 0)
		goto done;
	if (rejects_find(cells, n, ours))
		goto done; /* no lead is called that */
	if (counts_up(cells, n))
		goto done;
	for (size_t k = i + 1; k < p->n && seen < LOOK_AT; k++) {
		size_t m = p->records[k].blank ? 0 : peek_cells(p, k, row, MAX_CELLS);

		/* A copy of the record says nothing: files put together repeat their header. */
		if (m == n && n > 1 && same_cells(row, cells, n))
			continue;
		seen += m != 0;
		for (size_t c = 0; c < m && c < n; c++) {
			enum shape s = shape_of(row[c]);

			cols[c].shapes[s]++;
			cols[c].n += s != EMPTY;
			cols[c].same += s != EMPTY && str_eq(row[c], cells[c]);
		}
	}
	for (size_t c = 0; c < n; c++)
		vote(&v, cells[c], &cols[c]);
	is = !(v.row >= 1 && v.row > 3 * v.header);
done:
	free(cells);
	free(cols);
	return is;
}
