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

static const struct str free_mail[] = { W("gmail.com"), W("googlemail.com"), W("yahoo.com"),
	W("ymail.com"), W("hotmail.com"), W("outlook.com"), W("live.com"), W("msn.com"),
	W("icloud.com"), W("me.com"), W("mac.com"), W("aol.com"), W("proton.me"),
	W("protonmail.com"), W("pm.me"), W("gmx.com"), W("gmx.de"), W("gmx.net"), W("gmx.at"),
	W("gmx.ch"), W("web.de"), W("t-online.de"), W("freenet.de"), W("posteo.de"), W("mail.com"),
	W("mail.ru"), W("yandex.ru"), W("yandex.com"), W("bk.ru"), W("list.ru"), W("inbox.ru"),
	W("rambler.ru"), W("orange.fr"), W("free.fr"), W("laposte.net"), W("wanadoo.fr"),
	W("sfr.fr"), W("libero.it"), W("virgilio.it"), W("alice.it"), W("tiscali.it"),
	W("terra.com.br"), W("uol.com.br"), W("bol.com.br"), W("ig.com.br"), W("comcast.net"),
	W("verizon.net"), W("att.net"), W("sbcglobal.net"), W("bellsouth.net"), W("cox.net"),
	W("charter.net"), W("btinternet.com"), W("sky.com"), W("ziggo.nl"), W("kpnmail.nl"),
	W("planet.nl"), W("telenet.be"), W("skynet.be"), W("bluewin.ch"), W("rediffmail.com"),
	W("qq.com"), W("163.com"), W("126.com"), W("sina.com"), W("naver.com"), W("daum.net"),
	W("hanmail.net"), W("zoho.com"), W("fastmail.com"), W("hey.com"), W("tutanota.com"),
	W("rocketmail.com"), W("wp.pl"), W("o2.pl"), W("onet.pl"), W("interia.pl"), W("seznam.cz"),
	W("abv.bg"), W("ukr.net") };

WORD_SET(free_set, free_mail);

/* Families with a country at the end: yahoo.co.uk, hotmail.fr, live.nl, outlook.de. */
static const struct str free_families[] = { W("yahoo."), W("hotmail."), W("live."), W("outlook."),
	W("ymail."), W("gmx.") };

static const struct str disposable[] = { W("mailinator.com"), W("guerrillamail.com"),
	W("10minutemail.com"), W("tempmail.com"), W("temp-mail.org"), W("yopmail.com"),
	W("trashmail.com"), W("sharklasers.com"), W("getnada.com"), W("dispostable.com"),
	W("maildrop.cc"), W("mailnesia.com"), W("throwawaymail.com"), W("fakeinbox.com"),
	W("mintemail.com"), W("spamgourmet.com"), W("mytemp.email"), W("emailondeck.com"),
	W("moakt.com"), W("tempail.com"), W("burnermail.io"), W("mohmal.com"), W("trash-mail.com"),
	W("wegwerfmail.de"), W("einrot.com"), W("grr.la"), W("spam4.me"), W("mailcatch.com"),
	W("inboxkitten.com"), W("discard.email") };

WORD_SET(disposable_set, disposable);

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
static const struct str school_words[] = { W("university"), W("college"), W("hochschule") };
static const struct str state_marks[] = { W(".gov."), W(".gob."), W(".gouv."), W(".mil."),
	W(".govt.") };

static bool starts_with_one(struct str s, const struct str *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_starts(s, words[i]))
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
	return str_ends(d, S(".edu")) || str_starts(d, S("uni-")) || str_starts(d, S("univ-")) ||
	       str_starts(d, S("student")) || str_starts(d, S("tu-")) || str_starts(d, S("fh-")) ||
	       holds_mark(d, school_marks, COUNT(school_marks)) || holds_school(d);
}

static bool government(struct str d)
{
	return str_ends(d, S(".gov")) || str_ends(d, S(".mil")) || str_ends(d, S(".bund.de")) ||
	       str_ends(d, S(".europa.eu")) || str_ends(d, S(".gc.ca")) ||
	       holds_mark(d, state_marks, COUNT(state_marks));
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
	ptrdiff_t open = str_chr(s, '<'), close = str_chr(s, '>');

	if (open >= 0 && close > open)
		s = str_sub(s, (size_t)open + 1, (size_t)close);
	if (str_startsi(s, S("mailto:")))
		s = str_sub(s, 7, s.n);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == ';' || s.p[i] == ',' || s.p[i] == '|') {
			s.n = i;
			break;
		}
	}
	return str_trim(s);
}

const char *part_email(struct str s, char room[PART_ROOM], struct str *domain)
{
	struct str name, d;

	*domain = S("");
	if (cell_fill(s) != CELL_FILLED)
		return NULL;
	s = first_address(str_trim(s));
	if (s.n > PART_ROOM || !look_email(s))
		return "invalid";
	s = lower_ascii(s, room);
	str_split(s, '@', &name, &d);
	*domain = d;
	if (word_set_has(&disposable_set, d))
		return "disposable";
	if (word_set_has(&free_set, d))
		return "free mail";
	for (size_t i = 0; i < COUNT(free_families); i++) {
		if (str_starts(d, free_families[i]))
			return "free mail";
	}
	if (education(d))
		return "education";
	if (government(d))
		return "government";
	return word_set_has(&role_set, name) ? "role account" : "business";
}

/* ---- phone ---- */

/* Lengths of calling codes by their first two digits, ITU-T E.164: 1 and 7 stand alone. */
static size_t calling_code(const char *digits, size_t n)
{
	static const char two[] =
		"20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 "
		"56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 ";
	char key[4] = { 0, 0, ' ', 0 };

	if (n < 4)
		return 0;
	if (digits[0] == '1' || digits[0] == '7')
		return 1;
	key[0] = digits[0];
	key[1] = digits[1];
	if (digits[0] == '0')
		return 0;
	return strstr(two, key) != NULL ? 2 : 3;
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

struct title_word {
	struct str word;
	int tenths;
	const char *dept;
};

static const struct title_word ranks[] = {
#define RANK(w, t) { W(w), t, NULL },
#define SHIFT(w, t)
#define DEPT(w, d)
#include "features/title_words.def"
#undef RANK
#undef SHIFT
#undef DEPT
};
static const struct title_word shifts[] = {
#define RANK(w, t)
#define SHIFT(w, t) { W(w), t, NULL },
#define DEPT(w, d)
#include "features/title_words.def"
#undef RANK
#undef SHIFT
#undef DEPT
};
static const struct title_word depts[] = {
#define RANK(w, t)
#define SHIFT(w, t)
#define DEPT(w, d) { W(w), 0, d },
#include "features/title_words.def"
#undef RANK
#undef SHIFT
#undef DEPT
};

WORD_SET(rank_set, ranks);
WORD_SET(shift_set, shifts);
WORD_SET(dept_set, depts);

/* Of a list of title words: the letters with which those of two parts begin, as bits. */
static uint32_t pairs_of(const struct title_word *words, size_t n)
{
	uint32_t letters = 0;

	for (size_t i = 0; i < n; i++)
		if (str_chr(words[i].word, ' ') >= 0)
			letters |= 1u << (words[i].word.p[0] & 31);
	return letters;
}

struct title_list {
	const struct title_word *words;
	const struct word_set *set;
	uint32_t pairs;
};

static struct title_list rank_list = { ranks, &rank_set, 0 };
static struct title_list dept_list = { depts, &dept_set, 0 };

__attribute__((constructor)) static void find_pairs(void)
{
	rank_list.pairs = pairs_of(ranks, COUNT(ranks));
	dept_list.pairs = pairs_of(depts, COUNT(depts));
}

static const struct title_word *find_word(const struct title_list *l, struct str s)
{
	int i = word_set_find(l->set, s);

	return i >= 0 ? &l->words[i] : NULL;
}

#define TITLE_WORDS 12

/* Words of a folded title; anything but letters and digits parts them. */
static size_t split_words(struct str s, struct str words[TITLE_WORDS])
{
	size_t n = 0;

	for (size_t i = 0; i < s.n && n < TITLE_WORDS;) {
		size_t from = i;

		while (i < s.n &&
			((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
				(unsigned char)s.p[i] >= 0x80))
			i++;
		if (i > from)
			words[n++] = str_sub(s, from, i);
		else
			i++;
	}
	return n;
}

/* A pair of words standing together ("vice president"), else the word alone. */
static const struct title_word *match(
	const struct title_list *l, const struct str *words, size_t n, size_t *i)
{
	if (*i + 1 < n && (l->pairs >> (words[*i].p[0] & 31) & 1) != 0) {
		struct str pair = { words[*i].p,
			(size_t)(words[*i + 1].p - words[*i].p) + words[*i + 1].n };
		const struct title_word *x = find_word(l, pair);

		if (x != NULL) {
			(*i)++;
			return x;
		}
	}
	return find_word(l, words[*i]);
}

static double title_rank(const struct str *words, size_t n)
{
	int best = -1, shift = 0;

	for (size_t i = 0; i < n; i++) {
		const struct title_word *x;
		int k;

		/* "assistant to the CEO": whose rank follows is not the lead's. */
		if (best >= 0 && best <= 10 &&
			(str_eq(words[i], S("to")) || str_eq(words[i], S("der"))))
			break;
		if ((k = word_set_find(&shift_set, words[i])) >= 0) {
			shift += shifts[k].tenths;
			continue;
		}
		if ((x = match(&rank_list, words, n, &i)) != NULL && x->tenths > best) {
			if (best == 10 && x->tenths > 10)
				shift -= 5; /* assistant manager */
			best = x->tenths;
		} else if (x != NULL && x->tenths == 10 && best > 10) {
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
	struct str words[TITLE_WORDS];
	const char *dept = NULL;
	size_t n;

	*rank = 0;
	if (cell_fill(s) != CELL_FILLED)
		return NULL;
	n = split_words(header_fold_text(s, room), words);
	*rank = title_rank(words, n);
	for (size_t i = 0; i < n; i++) {
		const struct title_word *x = match(&dept_list, words, n, &i);

		/* "CEO & Sales Director" is management; a plain word such as "data" may be refined.
		 */
		if (x != NULL && (dept == NULL || strcmp(x->dept, "management") == 0))
			dept = x->dept;
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
		for (size_t f = 0; from != 0 && f < COUNT(forms); f++) {
			if (str_eq(w, forms[f].word))
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
