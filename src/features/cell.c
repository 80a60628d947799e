/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <utf8proc.h>

#include "features/cell.h"
#include "util/bytes.h"
#include "util/word_set.h"

static bool blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool ascii(struct str s)
{
	unsigned char all = 0;
	size_t i = 0;

	for (; s.n - i >= 8; i += 8) {
		uint64_t v;

		memcpy(&v, s.p + i, sizeof(v));
		if ((v & BYTES_EACH(0x80)) != 0)
			return false;
	}
	for (; i < s.n; i++)
		all |= (unsigned char)s.p[i];
	return all < 0x80;
}

/* "3.0" and "3,00" are the code 3; "1,000" is not. */
static size_t without_zero_fraction(const char *p, size_t n)
{
	size_t k = n;

	while (k > 0 && p[k - 1] == '0')
		k--;
	if (k == n || k < 2 || (p[k - 1] != '.' && !(p[k - 1] == ',' && n - k <= 2)))
		return n;
	for (size_t i = p[0] == '-'; i < k - 1; i++) {
		if (p[i] < '0' || p[i] > '9')
			return n;
	}
	return k - 1 > (size_t)(p[0] == '-') ? k - 1 : n;
}

/* Cuts at most ${max} bytes so that no UTF-8 character is split. */
static struct str cut(struct str s, size_t max)
{
	if (s.n <= max)
		return s;
	s.n = max;
	while (s.n > 0 && ((unsigned char)s.p[s.n] & 0xC0) == 0x80)
		s.n--;
	return s;
}

static struct str fold_ascii(struct str s, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (blank(c)) {
			if (n != 0 && out[n - 1] == ' ')
				continue;
			c = ' ';
		} else if (c >= 'A' && c <= 'Z') {
			c = (char)(c + 32);
		}
		out[n++] = c;
	}
	return (struct str){ out, without_zero_fraction(out, n) };
}

/* NFKC and case folding; bytes that are no UTF-8 stay as they are, ASCII folded. */
static struct str fold_unicode(struct str s, char out[CELL_TEXT_MAX])
{
	utf8proc_int32_t code[CELL_TEXT_MAX * 4 + 1];
	const utf8proc_option_t how =
		UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD;
	utf8proc_ssize_t n = utf8proc_decompose(
		(const utf8proc_uint8_t *)s.p, (utf8proc_ssize_t)s.n, code, CELL_TEXT_MAX * 4, how);
	struct str t;

	if (n < 0 || n > CELL_TEXT_MAX * 4)
		return fold_ascii(s, out);
	n = utf8proc_reencode(code, n, how);
	if (n < 0)
		return fold_ascii(s, out);
	t = cut(str_trim((struct str){ (const char *)code, (size_t)n }), CELL_TEXT_MAX);
	return fold_ascii(t, out);
}

struct str cell_text(struct str s, char out[CELL_TEXT_MAX])
{
	s = str_trim(s);
	if (s.n > 1 && s.p[0] == '\'')
		s = str_trim(str_sub(s, 1, s.n));
	s = cut(s, CELL_TEXT_MAX);
	s = ascii(s) ? fold_ascii(s, out) : fold_unicode(s, out);
	while (s.n != 0 && s.p[s.n - 1] == ' ')
		s.n--;
	return s;
}

#define W(lit) \
	{ \
		lit, sizeof(lit) - 1 \
	}

static const struct str yes_words[] = { W("1"), W("yes"), W("y"), W("true"), W("t"), W("ja"),
	W("oui"), W("si"), W("s\xC3\xAD"), W("s\xC3\xAC"), W("sim"), W("on"), W("checked"), W("x"),
	W("\xE2\x9C\x93"), W("vrai"), W("wahr"), W("verdadero"), W("verdadeiro"), W("vero"),
	W("waar") };
static const struct str no_words[] = { W("0"), W("no"), W("n"), W("false"), W("f"), W("nein"),
	W("non"), W("n\xC3\xA3o"), W("nao"), W("nee"), W("off"), W("unchecked"), W("faux"),
	W("falsch"), W("falso"), W("onwaar") };

WORD_SET(yes_set, yes_words);
WORD_SET(no_set, no_words);

/* The words of nearly every cell, up to three letters, by one comparison: -2 when another. */
static int common_yesno(struct str s)
{
	unsigned v = 0;

	if (s.n > 3)
		return -2;
	for (size_t i = 0; i < s.n; i++)
		v = v << 8 | ((unsigned char)s.p[i] | 0x20u);
	switch (v) {
	case '1':
	case 'y':
	case 'y' << 16 | 'e' << 8 | 's':
		return 1;
	case '0':
	case 'n':
	case 'n' << 8 | 'o':
		return 0;
	default:
		return -2;
	}
}

int cell_yesno(struct str s)
{
	char room[CELL_TEXT_MAX];
	int common = common_yesno(s);

	if (common != -2)
		return common;
	s = str_trim(s);
	if (s.n == 0 || s.n > 10)
		return -1;
	s = cell_text(s, room);
	return word_set_has(&yes_set, s) ? 1 : word_set_has(&no_set, s) ? 0 : -1;
}

/* What stands for "not known", folded, without the dashes and brackets around it. "none", "other"
 * and "no" are answers and not among them. */
static const struct str placeholder_words[] = { W("select"), W("select one"), W("select an option"),
	W("select option"), W("please select"), W("please select one"), W("choose"),
	W("choose one"), W("choose an option"), W("please choose"), W("unknown"), W("unkown"),
	W("unknown unknown"), W("n/a"), W("na"), W("n.a."), W("n.a"), W("n / a"), W("#n/a"),
	W("#na"), W("#value!"), W("#ref!"), W("#div/0!"), W("#name?"), W("#null!"), W("#num!"),
	W("null"), W("nil"), W("nan"), W("nat"), W("undefined"), W("unspecified"), W("none given"),
	W("none specified"), W("none provided"), W("none selected"), W("none entered"),
	W("not specified"), W("not provided"), W("not available"), W("not applicable"),
	W("not set"), W("not given"), W("not known"), W("not entered"), W("not selected"),
	W("not disclosed"), W("not stated"), W("not answered"), W("no data"), W("no answer"),
	W("no response"), W("no value"), W("no selection"), W("nothing selected"), W("blank"),
	W("empty"), W("missing"), W("missing value"), W("tbd"), W("tba"), W("tbc"),
	W("to be determined"), W("keine angabe"), W("keine angaben"), W("k.a."), W("k. a."),
	W("unbekannt"), W("nicht angegeben"), W("bitte w\xC3\xA4hlen"), W("inconnu"), W("inconnue"),
	W("non renseign\xC3\xA9"),
	W("non pr\xC3\xA9"
	  "cis\xC3\xA9"),
	W("non sp\xC3\xA9"
	  "cifi\xC3\xA9"),
	W("desconocido"), W("desconocida"), W("sin especificar"), W("no especificado"),
	W("seleccionar"), W("desconhecido"), W("desconhecida"), W("n\xC3\xA3o informado"),
	W("nao informado"), W("selecione"), W("sconosciuto"), W("non specificato"), W("onbekend"),
	W("niet opgegeven"), W("leeg") };

WORD_SET(placeholder_set, placeholder_words);

/* The letters that follow the first letter of a placeholder; none: no placeholder begins with it,
 * nor with a letter that it could become together with an accent behind it. */
#define L(c) (1u << ((c) - 'a'))
static const uint32_t second_letters[26] = {
	['b' - 'a'] = L('i') | L('l'),
	['c' - 'a'] = L('h'),
	['d' - 'a'] = L('e'),
	['e' - 'a'] = L('m'),
	['i' - 'a'] = L('n'),
	['k' - 'a'] = L('e'),
	['l' - 'a'] = L('e'),
	['m' - 'a'] = L('i'),
	['n' - 'a'] = L('a') | L('i') | L('o') | L('u'),
	['o' - 'a'] = L('n'),
	['p' - 'a'] = L('l'),
	['s' - 'a'] = L('c') | L('e') | L('i'),
	['t' - 'a'] = L('b') | L('o'),
	['u' - 'a'] = L('n'),
};
#undef L

/* -1 unless ${c} is an ASCII letter. */
static int letter(char c)
{
	unsigned i = ((unsigned char)c | 32u) - 'a';

	return i < 26 ? (int)i : -1;
}

/* Most filled cells are none of the words by their first one or two characters. A third that is no
 * ASCII may be an accent of the second. */
static bool tells_at_once(struct str s)
{
	int first = letter(s.p[0]), second = s.n > 1 ? letter(s.p[1]) : -1;

	if ((s.p[0] >= '0' && s.p[0] <= '9') || s.p[0] == '+')
		return true;
	if (first < 0)
		return false;
	if (second_letters[first] == 0)
		return true;
	return second >= 0 && (second_letters[first] >> second & 1) == 0 &&
	       (s.n < 3 || (unsigned char)s.p[2] < 0x80);
}

static bool only_marks(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (strchr("-?._*/#~ ", s.p[i]) == NULL || s.p[i] == '\0')
			return false;
	}
	return true;
}

/* Of what may be a placeholder. Apart, as its room on the stack has a price. */
static __attribute__((noinline)) enum cell_fill look_closer(struct str s)
{
	char room[CELL_TEXT_MAX];

	s = cell_text(s, room);
	if (only_marks(s) || str_eq(s, S("\xE2\x80\x94")) || str_eq(s, S("\xE2\x80\x93")) ||
		str_eq(s, S("-none-")) || str_eq(s, S("--none--")))
		return CELL_PLACEHOLDER;
	while (s.n > 2 && strchr("-([<{*\"", s.p[0]) != NULL && s.p[0] != '\0')
		s = str_trim(str_sub(s, 1, s.n));
	while (s.n > 2 && strchr("-)]>}*\":", s.p[s.n - 1]) != NULL && s.p[s.n - 1] != '\0')
		s = str_trim(str_sub(s, 0, s.n - 1));
	if (s.n > 1 && str_ends(s, S("...")))
		s = str_trim(str_sub(s, 0, s.n - 3));
	return word_set_has(&placeholder_set, s) ? CELL_PLACEHOLDER : CELL_FILLED;
}

enum cell_fill cell_fill(struct str s)
{
	s = str_trim(s);
	if (s.n == 0)
		return CELL_EMPTY;
	return s.n > 32 || tells_at_once(s) ? CELL_FILLED : look_closer(s);
}

bool cell_list(struct str *s, char sep, struct str *item)
{
	struct str head, tail;

	while (s->n != 0) {
		if (s->p[0] == '"') { /* "VIP","Blog" */
			ptrdiff_t close = str_chr(str_sub(*s, 1, s->n), '"');
			struct str rest = close < 0
						  ? (struct str){ 0 }
						  : str_trim(str_sub(*s, (size_t)close + 2, s->n));

			if (close >= 0 && (rest.n == 0 || rest.p[0] == sep)) {
				*item = str_trim(str_sub(*s, 1, (size_t)close + 1));
				*s = str_trim(str_sub(rest, 1, rest.n));
				if (item->n != 0)
					return true;
				continue;
			}
		}
		str_split(*s, sep, &head, &tail);
		*item = str_trim(head);
		*s = str_trim(tail);
		if (item->n != 0)
			return true;
	}
	return false;
}
