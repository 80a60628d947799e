/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "features/headers.h"
#include "features/parts.h"
#include "features/profile_internal.h"
#include "util/word_set.h"

#define W(lit) \
	{ \
		lit, sizeof(lit) - 1 \
	}
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- e-mail ---- */

static const struct {
	struct str name;
	const char *kind;
} mail_domains[] = {
#define FREE(domain)       { W(domain), "free mail" },
#define DISPOSABLE(domain) { W(domain), "disposable" },
#include "features/mail_domains.def"
#undef FREE
#undef DISPOSABLE
};

WORD_SET(mail_domain_set, mail_domains);

/* Families with a country at the end: yahoo.co.uk, hotmail.fr, live.nl, outlook.de. */
static const struct str free_families[] = { W("yahoo."), W("hotmail."), W("live."), W("outlook."),
	W("ymail."), W("gmx.") };

static const struct str role_names[] = { W("info"), W("sales"), W("contact"), W("contacts"),
	W("office"), W("admin"), W("administrator"), W("support"), W("hello"), W("hi"), W("mail"),
	W("email"), W("team"), W("kontakt"), W("contacto"), W("contato"), W("contatto"),
	W("contatti"), W("hr"), W("jobs"), W("careers"), W("billing"), W("accounts"),
	W("accounting"), W("marketing"), W("service"), W("services"), W("enquiries"), W("enquiry"),
	W("inquiries"), W("noreply"), W("no-reply"), W("webmaster"), W("postmaster"), W("help"),
	W("helpdesk"), W("reception"), W("press"), W("media"), W("orders"), W("buero"),
	W("verkauf"), W("vertrieb"), W("commercial"), W("comercial"), W("ventas"), W("vendas"),
	W("secretariat"), W("purchasing"), W("it") };

WORD_SET(role_set, role_names);

/* What stands inside a domain of a school or of a government, by its first letter. */
static const struct str school_marks[] = { W(".edu."), W(".ac."), W(".k12."), W(".uni-") };
static const struct str school_starts[] = { W("uni-"), W("univ-"), W("student"), W("tu-"),
	W("fh-") };
static const struct str school_words[] = { W("university"), W("college"), W("hochschule") };
static const struct str state_marks[] = { W(".gov."), W(".gob."), W(".gouv."), W(".mil."),
	W(".govt.") };

static bool starts_with_one(struct str s, const struct str *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s.n >= words[i].n && s.p[0] == words[i].p[0] && str_starts(s, words[i]))
			return true;
	return false;
}

static bool holds_mark(struct str d, const struct str *marks, size_t n)
{
	for (size_t i = 0; i < d.n; i++)
		if (d.p[i] == '.' && starts_with_one(str_sub(d, i, d.n), marks, n))
			return true;
	return false;
}

/* A mark takes two dots, or one and a hyphen: most domains have neither. */
static bool may_hold_mark(struct str d)
{
	unsigned n = 0;

	for (size_t i = 0; i < d.n; i++)
		n += d.p[i] == '.' || d.p[i] == '-';
	return n > 1;
}

static bool holds_school(struct str d)
{
	for (size_t i = 0; i + 7 <= d.n; i++)
		if ((d.p[i] == 'u' || d.p[i] == 'c' || d.p[i] == 'h') &&
			starts_with_one(str_sub(d, i, d.n), school_words, COUNT(school_words)))
			return true;
	return false;
}

static bool education(struct str d)
{
	return str_ends(d, S(".edu")) || starts_with_one(d, school_starts, COUNT(school_starts)) ||
	       (may_hold_mark(d) && holds_mark(d, school_marks, COUNT(school_marks))) ||
	       holds_school(d);
}

static bool government(struct str d)
{
	if (str_ends(d, S(".gov")) || str_ends(d, S(".mil")))
		return true;
	return may_hold_mark(d) &&
	       (str_ends(d, S(".bund.de")) || str_ends(d, S(".europa.eu")) ||
		       str_ends(d, S(".gc.ca")) || holds_mark(d, state_marks, COUNT(state_marks)));
}

static struct str lower_ascii(struct str s, char *room)
{
	for (size_t i = 0; i < s.n; i++)
		room[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + 32 : s.p[i]);
	return (struct str){ room, s.n };
}

/* The first of several addresses, without "mailto:" and "Name <...>". */
static struct str first_address(struct str s)
{
	const uint64_t between = UINT64_C(1) << ';' | UINT64_C(1) << ',';
	ptrdiff_t open = str_chr(s, '<'), close = open >= 0 ? str_chr(s, '>') : -1;

	if (close > open)
		s = str_sub(s, (size_t)open + 1, (size_t)close);
	if (str_startsi(s, S("mailto:")))
		s = str_sub(s, 7, s.n);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 64 ? (between >> c & 1) != 0 : c == '|') {
			s.n = i;
			break;
		}
	}
	return str_trim(s);
}

const char *part_email(struct str s, char room[PART_ROOM], struct str *domain)
{
	struct str name, d;
	int known;

	*domain = S("");
	if (cell_fill(s) != CELL_FILLED)
		return NULL;
	s = first_address(str_trim(s));
	if (s.n > PART_ROOM || !look_email(s))
		return "invalid";
	s = lower_ascii(s, room);
	str_split(s, '@', &name, &d);
	*domain = d;
	if ((known = word_set_find(&mail_domain_set, d)) >= 0)
		return mail_domains[known].kind;
	if (starts_with_one(d, free_families, COUNT(free_families)))
		return "free mail";
	if (education(d))
		return "education";
	if (government(d))
		return "government";
	return word_set_has(&role_set, name) ? "role account" : "business";
}

/* ---- phone ---- */

/* Calling codes of two digits, ITU-T E.164: for each first digit the second ones, as bits. */
#define D(n) (1u << (n))
static const uint16_t two_digit_codes[10] = {
	[2] = D(0) | D(7),
	[3] = D(0) | D(1) | D(2) | D(3) | D(4) | D(6) | D(9),
	[4] = D(0) | D(1) | D(3) | D(4) | D(5) | D(6) | D(7) | D(8) | D(9),
	[5] = D(1) | D(2) | D(3) | D(4) | D(5) | D(6) | D(7) | D(8),
	[6] = D(0) | D(1) | D(2) | D(3) | D(4) | D(5) | D(6),
	[8] = D(1) | D(2) | D(4) | D(6),
	[9] = D(0) | D(1) | D(2) | D(3) | D(4) | D(5) | D(8),
};
#undef D

/* How long the calling code is: 1 and 7 stand alone. */
static size_t calling_code(const char *digits, size_t n)
{
	if (n < 4 || digits[0] == '0')
		return 0;
	if (digits[0] == '1' || digits[0] == '7')
		return 1;
	return (two_digit_codes[digits[0] - '0'] >> (digits[1] - '0') & 1) != 0 ? 2 : 3;
}

struct str part_phone(struct str s, char room[8], unsigned *digits)
{
	char d[20];
	size_t n = 0, from = 0, code;
	bool plus = false, bad = false;

	*digits = 0;
	s = str_trim(s);
	if (cell_fill(s) != CELL_FILLED)
		return S("");
	for (size_t i = 0; i < s.n && !bad; i++) {
		char c = s.p[i];

		if (c >= '0' && c <= '9') {
			if (n == sizeof(d))
				bad = true;
			else
				d[n++] = c;
		} else if (c == '+' && n == 0) {
			plus = true;
		} else if ((c == ';' || c == ',') && n >= 7) {
			break; /* the first of several */
		} else if ((c == 'x' || c == 'e') && n >= 7) {
			break; /* extension */
		}
	}
	if (!plus && n > 4 && d[0] == '0' && d[1] == '0') {
		plus = true;
		from = 2;
	}
	*digits = (unsigned)(n - from);
	if (bad || *digits < 6 || *digits > 15)
		return S("invalid");
	if (!plus || (code = calling_code(d + from, n - from)) == 0)
		return S("national");
	room[0] = '+';
	memcpy(room + 1, d + from, code);
	return (struct str){ room, code + 1 };
}

/* ---- job title ---- */

/* A word, or two that stand together ("vice president"). */
struct title_word {
	struct str word;
	int rank;         /* tenths; NO_RANK */
	int shift;        /* tenths; 0: none */
	const char *dept; /* NULL: none */
};

enum { NO_RANK = -1 };

static const struct title_word listed[] = {
#define RANK(w, t)  { W(w), t, 0, NULL },
#define SHIFT(w, t) { W(w), NO_RANK, t, NULL },
#define DEPT(w, d)  { W(w), NO_RANK, 0, d },
#include "features/title_words.def"
#undef RANK
#undef SHIFT
#undef DEPT
};

/* Each word once, with all that is listed of it. */
static struct title_word title_words[COUNT(listed)];
static struct word_set title_set = { .list = title_words, .step = sizeof(title_words[0]) };
static uint32_t pair_letters; /* with which those of two words begin, as bits */

static void merge(struct title_word *to, const struct title_word *from)
{
	if (from->rank != NO_RANK)
		to->rank = from->rank;
	if (from->shift != 0)
		to->shift = from->shift;
	if (from->dept != NULL)
		to->dept = from->dept;
}

__attribute__((constructor)) static void merge_titles(void)
{
	for (size_t i = 0; i < COUNT(listed); i++) {
		size_t at = 0;

		while (at < title_set.n && !str_eq(title_words[at].word, listed[i].word))
			at++;
		if (at < title_set.n) {
			merge(&title_words[at], &listed[i]);
			continue;
		}
		title_words[title_set.n++] = listed[i];
		if (str_chr(listed[i].word, ' ') >= 0)
			pair_letters |= 1u << (listed[i].word.p[0] & 31);
	}
	word_set_make(&title_set);
}
_Static_assert(COUNT(listed) <= WORD_SET_MOST, "too many words");

static const struct title_word *find_title(struct str s)
{
	int i = word_set_find(&title_set, s);

	return i >= 0 ? &title_words[i] : NULL;
}

#define TITLE_WORDS 12

static bool in_word(unsigned char c)
{
	return c - (unsigned)'a' < 26 || c - (unsigned)'0' < 10 || c >= 0x80;
}

/* Words of a folded title; anything but letters and digits parts them. */
static size_t split_words(struct str s, struct str words[TITLE_WORDS])
{
	size_t n = 0;

	for (size_t i = 0; i < s.n && n < TITLE_WORDS;) {
		size_t from = i;

		while (i < s.n && in_word((unsigned char)s.p[i]))
			i++;
		if (i > from)
			words[n++] = str_sub(s, from, i);
		else
			i++;
	}
	return n;
}

/* A folded title, and what is known of each word and of each two neighbours. */
struct title {
	struct str words[TITLE_WORDS];
	size_t n;
	const struct title_word *one[TITLE_WORDS], *two[TITLE_WORDS]; /* NULL: nothing */
};

static void look_up(struct title *t)
{
	for (size_t i = 0; i < t->n; i++) {
		struct str w = t->words[i];

		t->one[i] = find_title(w);
		t->two[i] = NULL;
		if (i + 1 < t->n && (pair_letters >> (w.p[0] & 31) & 1) != 0)
			t->two[i] = find_title((struct str){
				w.p, (size_t)(t->words[i + 1].p - w.p) + t->words[i + 1].n });
	}
}

/* The rank of the words at ${i}, of two when they have one together: then ${i} is at the second. */
static int rank_at(const struct title *t, size_t *i)
{
	const struct title_word *one = t->one[*i], *two = t->two[*i];

	if (two != NULL && two->rank != NO_RANK) {
		(*i)++;
		return two->rank;
	}
	return one != NULL ? one->rank : NO_RANK;
}

static const char *dept_at(const struct title *t, size_t *i)
{
	const struct title_word *one = t->one[*i], *two = t->two[*i];

	if (two != NULL && two->dept != NULL) {
		(*i)++;
		return two->dept;
	}
	return one != NULL ? one->dept : NULL;
}

static double title_rank(const struct title *t)
{
	int best = NO_RANK, shift = 0;

	for (size_t i = 0; i < t->n; i++) {
		int rank;

		/* "assistant to the CEO": whose rank follows is not the lead's. */
		if (best >= 0 && best <= 10 &&
			(str_eq(t->words[i], S("to")) || str_eq(t->words[i], S("der"))))
			break;
		if (t->one[i] != NULL && t->one[i]->shift != 0) {
			shift += t->one[i]->shift;
			continue;
		}
		if ((rank = rank_at(t, &i)) > best) {
			if (best == 10 && rank > 10)
				shift -= 5; /* assistant manager */
			best = rank;
		} else if (rank == 10 && best > 10) {
			shift -= 5;
		}
	}
	if (best < 0)
		best = 20;
	if (best == 20 && shift > 0)
		shift = 10; /* senior engineer */
	best += shift;
	return (best < 0 ? 0 : best > 80 ? 80 : best) / 10.0;
}

const char *part_title(struct str s, double *rank)
{
	char room[HEADER_MAX];
	const char *dept = NULL;
	struct title t;

	*rank = 0;
	if (cell_fill(s) != CELL_FILLED)
		return NULL;
	t.n = split_words(header_fold_text(s, room), t.words);
	look_up(&t);
	*rank = title_rank(&t);
	for (size_t i = 0; i < t.n; i++) {
		const char *x = dept_at(&t, &i);

		/* "CEO & Sales Director" is management; a plain word such as "data" may be refined.
		 */
		if (x != NULL && (dept == NULL || strcmp(x, "management") == 0))
			dept = x;
	}
	return dept != NULL ? dept : "other";
}

/* ---- company ---- */

static const struct {
	struct str word;
	const char *form;
} forms[] = { { W("gmbh"), "GmbH" }, { W("ug"), "GmbH" }, { W("ag"), "AG" }, { W("kg"), "KG" },
	{ W("ohg"), "KG" }, { W("gbr"), "KG" }, { W("ev"), "Association" }, { W("inc"), "Inc" },
	{ W("incorporated"), "Inc" }, { W("corp"), "Inc" }, { W("corporation"), "Inc" },
	{ W("llc"), "LLC" }, { W("llp"), "LLP" }, { W("lp"), "LLP" }, { W("ltd"), "Ltd" },
	{ W("limited"), "Ltd" }, { W("plc"), "PLC" }, { W("pty"), "Ltd" }, { W("pvt"), "Ltd" },
	{ W("sa"), "SA" }, { W("sas"), "SAS" }, { W("sarl"), "SARL" }, { W("eurl"), "SARL" },
	{ W("sl"), "SL" }, { W("slu"), "SL" }, { W("spa"), "SpA" }, { W("srl"), "Srl" },
	{ W("srls"), "Srl" }, { W("snc"), "Srl" }, { W("bv"), "BV" }, { W("nv"), "NV" },
	{ W("vof"), "BV" }, { W("bvba"), "BV" }, { W("ltda"), "Ltda" }, { W("me"), "Ltda" },
	{ W("eireli"), "Ltda" }, { W("ab"), "AB" }, { W("as"), "AS" }, { W("asa"), "AS" },
	{ W("aps"), "AS" }, { W("oy"), "Oy" }, { W("oyj"), "Oy" }, { W("co"), "Co" },
	{ W("company"), "Co" }, { W("foundation"), "Association" },
	{ W("association"), "Association" }, { W("university"), "School" },
	{ W("universitat"), "School" }, { W("college"), "School" }, { W("school"), "School" },
	{ W("institute"), "School" }, { W("kk"), "KK" }, { W("oo"), "Sp. z o.o." } };

/* Letters of the last three words, dots dropped: "S.p.A." is "spa". */
const char *part_company(struct str s)
{
	char room[HEADER_MAX], word[HEADER_MAX];
	struct str folded;
	const char *found = "no form";
	size_t k = 0;

	if (cell_fill(s) != CELL_FILLED)
		return NULL;
	s = str_trim(s);
	if (s.n > 200)
		s = str_sub(s, s.n - 200, s.n);
	/* header_fold parts words at dots: they go first. */
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '.')
			word[k++] = s.p[i];
	}
	folded = header_fold_text((struct str){ word, k }, room);
	for (size_t i = 0; i < folded.n;) {
		size_t from = i;
		struct str w;

		while (i < folded.n && folded.p[i] != ' ' && folded.p[i] != ',' &&
			folded.p[i] != '(')
			i++;
		w = str_sub(folded, from, i);
		i++;
		/* Most words begin with another letter. */
		for (size_t f = 0; from != 0 && w.n != 0 && f < COUNT(forms); f++) {
			if (w.p[0] == forms[f].word.p[0] && str_eq(w, forms[f].word))
				found = forms[f].form;
		}
	}
	return found;
}

struct str part_area(struct str s, char room[3])
{
	size_t n = 0;

	if (cell_fill(s) != CELL_FILLED)
		return S("");
	for (size_t i = 0; i < s.n && n < 2; i++) {
		char c = s.p[i];

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'))
			room[n++] = c;
		else if (c >= 'A' && c <= 'Z')
			room[n++] = (char)(c + 32);
	}
	return (struct str){ room, n };
}

bool part_word(struct str *s, char room[PART_ROOM], struct str *word)
{
	size_t i = 0;

	while (i < s->n) {
		size_t from = i;

		while (i < s->n &&
			((s->p[i] >= 'a' && s->p[i] <= 'z') || (s->p[i] >= 'A' && s->p[i] <= 'Z') ||
				(s->p[i] >= '0' && s->p[i] <= '9') ||
				(unsigned char)s->p[i] >= 0x80))
			i++;
		if (i > from && i - from <= PART_ROOM / 2) {
			*word = cell_text(str_sub(*s, from, i), room);
			*s = str_sub(*s, i, s->n);
			return true;
		}
		i += i == from;
	}
	s->n = 0;
	return false;
}
