/* SPDX-License-Identifier: Apache-2.0 */
/* The hot path: one row of cells to base column values, without allocation. */
#include <math.h>
#include <string.h>

#include "features/bind_internal.h"
#include "features/parts.h"

#define TEXT_BYTES 4096

static void value_number(const struct cell_reading *c, struct cell_format f, struct value *v)
{
	double x;
	enum cell_result r = cell_number(v->cell, f.mark, &x);

	if (r == CELL_NO)
		return;
	v->ambiguous = r == CELL_AMBIGUOUS;
	for (size_t i = 0; i < c->n_sentinels; i++) {
		if (x == c->sentinels[i])
			return;
	}
	/* "14+" is more than 14: a value, and a code, of its own. */
	if (str_ends(str_trim(v->cell), S("+")) && x == floor(x))
		x += .5;
	v->x = x;
	v->filled = true;
}

static void value_date(const struct cell_reading *c, struct cell_format f, struct value *v)
{
	struct cell_date d;
	enum cell_result r;

	if (c->unix_time && cell_unix(v->cell, &d)) {
		r = CELL_YES;
	} else if ((r = cell_date(v->cell, f.order, &d)) == CELL_NO) {
		return;
	}
	v->ambiguous = r == CELL_AMBIGUOUS;
	v->x = d.days;
	v->filled = true;
}

/* Of a cell that is not empty. */
static void parse_value(
	const struct cell_reading *c, struct cell_format f, struct str cell, struct value *v)
{
	int yes;

	switch ((enum parse)c->parse) {
	case PARSE_NUMBER:
		value_number(c, f, v);
		break;
	case PARSE_DATE:
		value_date(c, f, v);
		break;
	case PARSE_YESNO:
		if ((yes = cell_yesno(cell)) >= 0) {
			v->x = yes;
			v->filled = true;
		}
		break;
	case PARSE_TEXT:
		break;
	}
}

static inline __attribute__((always_inline)) void value_of(
	const struct cell_reading *c, struct cell_format f, struct str cell, struct value *v)
{
	*v = (struct value){ .cell = cell, .x = NAN };
	if (cell.n != 0 && c->parse != PARSE_TEXT)
		parse_value(c, f, cell, v);
}

void bind_value(
	const struct cell_reading *c, struct cell_format f, struct str cell, struct value *v)
{
	value_of(c, f, cell, v);
}

/* ---- categories ---- */

/* While training rows come by the dictionary grows, afterwards it only answers. */
static uint32_t code_of(const struct bases *b, const struct bind_base *x, struct str text)
{
	return b->sealed ? dict_find(x->dict, text) : dict_add(x->dict, text, NULL);
}

static uint32_t code_of_word(const struct bases *b, const struct bind_base *x, const char *word)
{
	return word != NULL ? code_of(b, x, str_of(word)) : 0;
}

static uint32_t missing_kind(
	const struct bases *b, const struct bind_base *x, const struct value *v)
{
	if (v->filled)
		return code_of(b, x, S("filled"));
	return str_trim(v->cell).n != 0 ? code_of(b, x, S("coded as missing")) : 0;
}

/* What several bases take from one cell, found once. */
struct parts {
	bool mail_done, phone_done, title_done;
	const char *mail_kind;
	struct str mail_domain;
	struct str phone_code;
	unsigned phone_digits;
	const char *title_dept;
	double title_rank;
	char mail_room[PART_ROOM];
	char phone_room[8];
};

static void find_mail(struct parts *p, struct str cell)
{
	if (!p->mail_done)
		p->mail_kind = part_email(cell, p->mail_room, &p->mail_domain);
	p->mail_done = true;
}

static void find_phone(struct parts *p, struct str cell)
{
	if (!p->phone_done)
		p->phone_code = part_phone(cell, p->phone_room, &p->phone_digits);
	p->phone_done = true;
}

static void find_title(struct parts *p, struct str cell)
{
	if (!p->title_done)
		p->title_dept = part_title(cell, &p->title_rank);
	p->title_done = true;
}

static uint32_t category(
	const struct bases *b, const struct bind_base *x, const struct value *v, struct parts *p)
{
	char area[3];

	switch (x->op) {
	case OP_CATEGORY:
		return code_of(b, x, v->cell);
	case OP_MISSING_KIND:
		return missing_kind(b, x, v);
	case OP_MAIL_KIND:
		find_mail(p, v->cell);
		return code_of_word(b, x, p->mail_kind);
	case OP_MAIL_DOMAIN:
		find_mail(p, v->cell);
		return code_of(b, x, p->mail_domain);
	case OP_CALLING_CODE:
		find_phone(p, v->cell);
		return code_of(b, x, p->phone_code);
	case OP_DEPARTMENT:
		find_title(p, v->cell);
		return code_of_word(b, x, p->title_dept);
	case OP_LEGAL_FORM:
		return code_of_word(b, x, part_company(v->cell));
	case OP_AREA:
		return code_of(b, x, part_area(v->cell, area));
	default:
		return 0;
	}
}

/* ---- numbers ---- */

static double count_words(struct str s)
{
	double n = 0;
	bool in = false;

	for (size_t i = 0; i < s.n; i++) {
		bool blank = s.p[i] == ' ' || (s.p[i] >= '\t' && s.p[i] <= '\r');

		n += !blank && !in;
		in = !blank;
	}
	return n;
}

static double count_items(struct str s, char sep)
{
	struct str item;
	double n = 0;

	if (cell_fill(s) != CELL_FILLED)
		return 0;
	s = str_trim(s);
	while (cell_list(&s, sep != 0 ? sep : ';', &item))
		n++;
	return n;
}

static double month_of(double days)
{
	int64_t year;
	unsigned month, day;

	cell_civil((int64_t)floor(days), &year, &month, &day);
	return month;
}

static double hour_of(double days)
{
	double h = floor((days - floor(days)) * 24 + 1e-6);

	return h < 24 ? h : 23;
}

/* Monday 1 to Sunday 7; 1970-01-01 was a Thursday. */
static double weekday_of(double days)
{
	int64_t d = ((int64_t)floor(days) + 3) % 7;

	return (double)(d < 0 ? d + 7 : d) + 1;
}

static double number(const struct bind_base *x, const struct cell_reading *c, const struct value *v,
	double as_of, struct parts *p)
{
	switch (x->op) {
	case OP_NUMBER:
	case OP_YESNO:
		return v->x;
	case OP_AGE:
		return as_of - v->x;
	case OP_WEEKDAY:
		return isnan(v->x) ? NAN : weekday_of(v->x);
	case OP_MONTH:
		return isnan(v->x) ? NAN : month_of(v->x);
	case OP_HOUR:
		return isnan(v->x) ? NAN : hour_of(v->x);
	case OP_ITEMS:
		return count_items(v->cell, c->list_sep);
	case OP_BYTES:
		return (double)str_trim(v->cell).n;
	case OP_WORDS:
		return count_words(v->cell);
	case OP_FILLED:
		return cell_fill(v->cell) == CELL_FILLED;
	case OP_DIGITS:
		find_phone(p, v->cell);
		return p->phone_code.n != 0 ? p->phone_digits : NAN;
	case OP_RANK:
		find_title(p, v->cell);
		return p->title_dept != NULL ? p->title_rank : NAN;
	default:
		return NAN;
	}
}

/* ---- the row ---- */

static void list_items(const struct map *items, char sep, struct str cell, float *num)
{
	char room[CELL_TEXT_MAX];
	struct str item;

	for (size_t i = 0; i < items->n; i++)
		num[items->entries[i].value] = 0;
	while (cell_list(&cell, sep != 0 ? sep : ';', &item)) {
		const struct map_entry *x = map_get(items, cell_text(item, room));

		if (x != NULL)
			num[x->value] = 1;
	}
}

/* A mention in the first pages of a text counts. */
static void text_words(const struct map *words, struct str cell, float *num)
{
	char room[PART_ROOM];
	struct str word;

	cell = str_sub(cell, 0, TEXT_BYTES);
	for (size_t i = 0; i < words->n; i++)
		num[words->entries[i].value] = 0;
	while (part_word(&cell, room, &word)) {
		const struct map_entry *x = map_get(words, word);

		if (x != NULL)
			num[x->value] = 1;
	}
}

static void pair_values(const struct bind *x, const double *slot, float *num)
{
	for (size_t i = 0; i < x->n_pairs; i++) {
		const struct pair *p = &x->pairs[i];
		double a = p->a < BIND_SLOTS ? slot[p->a] : NAN,
		       b = p->b < BIND_SLOTS ? slot[p->b] : NAN;

		num[p->base] = (float)(x->b->b[p->base].op == OP_SPAN ? b - a
				       : b > -1                       ? a / (1 + b)
								      : NAN);
	}
}

static bool is_filled(const struct step *s, const struct value *v)
{
	return s->read.parse == PARSE_TEXT ? cell_fill(v->cell) == CELL_FILLED : v->filled;
}

enum bases_result bases_row_filled(const struct bases *b, const struct bind *x,
	const struct str *cells, double as_of, float *num, uint32_t *code, uint64_t *bits)
{
	bool undecided = false;
	double slot[BIND_SLOTS];
	struct parts parts;
	unsigned filled = 0;

	if (bits != NULL)
		memset(bits, 0, (b->n_cols + 63) / 64 * sizeof(*bits));
	for (size_t i = 0; i < x->n_steps; i++) {
		const struct step *s = &x->steps[i];
		struct value v;

		value_of(&s->read, s->format, s->cell >= 0 ? cells[s->cell] : S(""), &v);
		undecided |= v.ambiguous;
		/* What lies behind the moment of scoring is not known yet. */
		if (s->read.parse == PARSE_DATE && v.x > as_of) {
			v.x = NAN;
			v.filled = false;
		}
		if (s->slot >= 0)
			slot[s->slot] = v.x;
		if ((s->counted || bits != NULL) && is_filled(s, &v)) {
			filled += s->counted;
			if (bits != NULL)
				bits[s->col / 64] |= 1ull << (s->col % 64);
		}
		parts.mail_done = parts.phone_done = parts.title_done = false;
		for (uint32_t k = 0; k < s->n; k++) {
			const struct bind_base *y = &x->order[s->from + k];

			if (y->is_category)
				code[y->at] = category(b, y, &v, &parts);
			else
				num[y->at] = (float)number(y, &s->read, &v, as_of, &parts);
		}
		if (s->terms != NULL && s->terms->items.n != 0)
			list_items(&s->terms->items, s->read.list_sep, v.cell, num);
		if (s->terms != NULL && s->terms->words.n != 0)
			text_words(&s->terms->words, v.cell, num);
	}
	pair_values(x, slot, num);
	if (x->count >= 0)
		num[x->count] = (float)filled;
	return undecided && !x->decided ? BASES_UNDECIDED : BASES_OK;
}

enum bases_result bases_row(const struct bases *b, const struct bind *bind, const struct str *cells,
	double as_of, float *num, uint32_t *code)
{
	return bases_row_filled(b, bind, cells, as_of, num, code, NULL);
}
