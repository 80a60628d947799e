/* SPDX-License-Identifier: Apache-2.0 */
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uchardet.h>

#include "util/buf.h"
#include "util/bytes.h"
#include "util/charset.h"
#include "util/err.h"
#include "util/lazy.h"
#include "util/source.h"
#include "util/utf8.h"

/* clang-format off */
#define CHARDET_API(F) F(uchardet_new) F(uchardet_handle_data) F(uchardet_data_end) \
	F(uchardet_get_charset) F(uchardet_delete)
/* clang-format on */
LAZY(chardet, CHARDET_API, LAZY_UCHARDET_SONAME);

enum { BLOCK = 256 * 1024, SAMPLE = 256 * 1024, AROUND = 48 };

/* What the whole file is made of. */
struct tally {
	uint64_t nul, wide,
		invalid;   /* zero bytes, valid longer sequences, bytes that are neither */
	struct buf sample; /* the surroundings of bytes over 0x7F */
};

/* Letters that texts of Western Europe are full of, in cp1252 and in DOS cp850. */
static const unsigned char west1252[] = "\xE0\xE1\xE2\xE3\xE4\xE5\xE6\xE7\xE8\xE9\xEA\xEB\xEC\xED"
					"\xEE\xEF\xF1\xF2\xF3\xF4\xF5\xF6\xF8\xF9\xFA\xFB\xFC\xDF"
					"\xC0\xC1\xC3\xC4\xC5\xC7\xC9\xCA\xCD\xD3\xD5\xD6\xD8\xDA"
					"\xDC\x9C\x9A\x9E\x92";
static const unsigned char west850[] = "\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\x8A\x8B\x8C\x8D"
				       "\x8E\x8F\x90\x91\x93\x94\x95\x96\x97\x99\x9A\x9B\x9D\xA0"
				       "\xA1\xA2\xA3\xA4\xA5\xB5\xC6\xC7\xD6\xE0\xE1\xE4\xE5\xE9";

static bool is_letter(unsigned char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* Bytes that cp1252 leaves open. */
static bool is_open(unsigned char c)
{
	return c == 0x81 || c == 0x8D || c == 0x8F || c == 0x90 || c == 0x9D;
}

/* Quotation marks, dashes and signs of cp1252. */
static bool is_sign(unsigned char c)
{
	return c == 0x80 || c == 0x85 || (c >= 0x91 && c <= 0x97) || (c >= 0xA0 && c <= 0xBF);
}

/* The accented bytes that stand singly and beside a Latin letter. */
struct western {
	size_t n;
	size_t signs;         /* its punctuation at an edge of a word, open bytes: prove nothing */
	size_t in1252, in850; /* usual letters in cp1252 and in cp850 */
	size_t lone; /* its signs beside no letter, as a euro sign behind an amount: nor do they */
};

static struct western western(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	bool usual[2][256] = { { false } };
	struct western w = { 0 };

	for (size_t i = 0; west1252[i] != 0; i++)
		usual[0][west1252[i]] = true;
	for (size_t i = 0; west850[i] != 0; i++)
		usual[1][west850[i]] = true;
	for (size_t i = 0; i < s.n; i++) {
		bool before = i > 0 && is_letter(p[i - 1]);
		bool behind = i + 1 < s.n && is_letter(p[i + 1]);
		bool alone = (i == 0 || p[i - 1] < 0x80) && (i + 1 == s.n || p[i + 1] < 0x80);

		w.lone += p[i] >= 0x80 && alone && !(before || behind) && is_sign(p[i]);
		if (p[i] < 0x80 || !alone || !(before || behind))
			continue;
		w.n++;
		w.signs += is_open(p[i]) || (is_sign(p[i]) && !(before && behind));
		w.in1252 += usual[0][p[i]];
		w.in850 += usual[1][p[i]];
	}
	return w;
}

static size_t high_bytes(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += (unsigned char)s.p[i] >= 0x80;
	return n;
}

static bool convertible(const char *name)
{
	iconv_t a = iconv_open("UTF-8", name), b = iconv_open(name, "UTF-8");
	bool ok = a != (iconv_t)-1 && b != (iconv_t)-1;

	if (a != (iconv_t)-1)
		iconv_close(a);
	if (b != (iconv_t)-1)
		iconv_close(b);
	return ok;
}

static int ask_uchardet(struct str sample, char name[32], struct err *e)
{
	uchardet_t ud;
	const char *said = "";

	name[0] = '\0';
	if (lazy_load(&chardet_library, &chardet, e) == -1)
		return -1;
	if ((ud = chardet.uchardet_new()) == NULL)
		return err_nomem(e);
	if (chardet.uchardet_handle_data(ud, sample.p, sample.n) == 0) {
		chardet.uchardet_data_end(ud);
		said = chardet.uchardet_get_charset(ud);
	}
	if (strlen(said) < 32) {
		strcpy(name, said);
		for (char *c = name; *c != '\0'; c++)
			*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 32 : *c);
	}
	chardet.uchardet_delete(ud);
	return 0;
}

/* ISO 8859 has control characters where Windows has letters; nobody writes those, so text that uses
 * these places is the Windows cousin. */
static const char *cousin(const char *name)
{
	static const char *const pairs[][2] = { { "ISO-8859-2", "CP1250" },
		{ "ISO-8859-4", "CP1257" }, { "ISO-8859-5", "CP1251" }, { "ISO-8859-6", "CP1256" },
		{ "ISO-8859-7", "CP1253" }, { "ISO-8859-8", "CP1255" }, { "ISO-8859-9", "CP1254" },
		{ "ISO-8859-11", "CP874" }, { "ISO-8859-13", "CP1257" },
		{ "ISO-8859-16", "CP1250" } };

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if (strcmp(name, pairs[i][0]) == 0)
			return pairs[i][1];
	}
	return "CP1252";
}

static bool has_byte(struct str s, unsigned char from, unsigned char to)
{
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] >= from && (unsigned char)s.p[i] <= to)
			return true;
	}
	return false;
}

int charset_guess(struct str sample, char name[32], struct err *e)
{
	struct western w = western(sample);
	size_t high = high_bytes(sample) - w.lone;

	if (high == 0) { /* amounts in euros, and nothing else that is not plain */
		strcpy(name, "CP1252");
		return 0;
	}
	/* uchardet is unsure of texts with few accents, and names rare encodings for them; where
	 * accented bytes stand singly in Latin words and are the usual letters, that settles it. */
	if (w.n * 2 >= high && w.in850 > 2 * w.in1252 && w.in850 * 10 >= w.n * 8) {
		strcpy(name, "CP850");
		return 0;
	}
	if (ask_uchardet(sample, name, e) == -1)
		return -1;
	if (w.n * 2 >= high && w.n > 0 && w.in1252 * 10 >= (w.n - w.signs) * 9) {
		/* The long Hungarian umlauts stand where cp1252 has letters of Portuguese. */
		bool hungary =
			(strcmp(name, "ISO-8859-2") == 0 || strcmp(name, "WINDOWS-1250") == 0) &&
			(has_byte(sample, 0xF5, 0xF5) || has_byte(sample, 0xFB, 0xFB));

		strcpy(name, hungary ? "CP1250" : "CP1252");
		return 0;
	}
	if (strncmp(name, "ISO-8859-", 9) == 0 && has_byte(sample, 0x80, 0x9F))
		strcpy(name, cousin(name));
	if (name[0] == '\0' || strcmp(name, "ASCII") == 0 || strncmp(name, "UTF-", 4) == 0 ||
		strcmp(name, "ISO-8859-1") == 0 || strcmp(name, "WINDOWS-1252") == 0 ||
		!convertible(name))
		strcpy(name, "CP1252");
	return 0;
}

static void remember(struct tally *t, const char *p, size_t n, size_t at, size_t *copied)
{
	size_t from = at > AROUND ? at - AROUND : 0, to = n - at > AROUND ? at + AROUND : n;

	if (from < *copied)
		from = *copied;
	if (t->sample.n >= SAMPLE || from >= to)
		return;
	buf_bytes(&t->sample, p + from, to - from);
	*copied = to;
}

/* Count over ${n} bytes; returns how many were dealt with, a sequence cut at the end is left. */
static size_t tally_block(struct tally *t, const char *p, size_t n, bool last)
{
	size_t copied = 0;

	for (size_t i = 0; i < n;) {
		int len;

		if ((i += bytes_plain_run(p + i, n - i)) == n)
			break;
		for (; i < n && ((unsigned char)p[i] >= 0x80 || p[i] == 0); i += (size_t)len) {
			if (p[i] == 0) {
				t->nul++;
				len = 1;
				continue;
			}
			remember(t, p, n, i, &copied);
			if ((len = utf8_length(p + i, n - i)) == -1 && !last)
				return i;
			t->invalid += len <= 0;
			t->wide += len > 1;
			len = len <= 0 ? 1 : len;
		}
	}
	return n;
}

static int tally_source(struct source *s, struct tally *t, struct err *e)
{
	char *block = malloc(BLOCK);
	size_t kept = 0, done;
	ptrdiff_t n = -1;

	if (block == NULL)
		return err_nomem(e);
	do {
		if ((n = source_read(s, block + kept, BLOCK - kept, e)) == -1)
			break;
		kept += (size_t)n;
		done = tally_block(t, block, kept, n == 0);
		memmove(block, block + done, kept - done);
		kept -= done;
	} while (n != 0);
	free(block);
	if (n == -1)
		return -1;
	return buf_done(&t->sample, e);
}

static void set(struct charset *c, const char *name, bool bom)
{
	snprintf(c->name, sizeof(c->name), "%s", name);
	c->bom = bom;
}

/* By byte order mark, or by zero bytes in every other place; false when neither shows. */
static bool wide_by_head(struct str head, struct charset *c)
{
	size_t even = 0, odd = 0, pairs = head.n / 2;

	if (str_starts(head, (struct str){ "\xFF\xFE\0\0", 4 }))
		set(c, "UTF-32LE", true);
	else if (str_starts(head, (struct str){ "\0\0\xFE\xFF", 4 }))
		set(c, "UTF-32BE", true);
	else if (str_starts(head, S("\xFF\xFE")))
		set(c, "UTF-16LE", true);
	else if (str_starts(head, S("\xFE\xFF")))
		set(c, "UTF-16BE", true);
	if (c->name[0] != '\0')
		return true;
	for (size_t i = 0; i < pairs; i++) {
		even += head.p[2 * i] == 0;
		odd += head.p[2 * i + 1] == 0;
	}
	if (pairs >= 4 && odd * 10 >= pairs * 4 && even * 20 <= pairs)
		set(c, "UTF-16LE", false);
	else if (pairs >= 4 && even * 10 >= pairs * 4 && odd * 20 <= pairs)
		set(c, "UTF-16BE", false);
	return c->name[0] != '\0';
}

/* Read up to ${n} bytes, however small the pieces. */
static ptrdiff_t read_head(struct source *s, char *to, size_t n, struct err *e)
{
	size_t at = 0;
	ptrdiff_t got = 1;

	while (at < n && got > 0) {
		if ((got = source_read(s, to + at, n - at, e)) == -1)
			return -1;
		at += (size_t)got;
	}
	return (ptrdiff_t)at;
}

static int decide(struct tally *t, struct str head, struct charset *c, struct err *e)
{
	c->may_nul = t->nul != 0;
	if (str_starts(head, S("\xEF\xBB\xBF"))) {
		set(c, "UTF-8", true);
		c->may_invalid = t->invalid != 0;
	} else if (t->invalid == 0) {
		set(c, "UTF-8", false);
		/* Seven bits and escapes: an e-mail-proof encoding of East Asia. */
		if (t->wide == 0 && str_find(head, S("\x1B$")) >= 0) {
			if (ask_uchardet(head, c->name, e) == -1)
				return -1;
			if (!str_starts(str_of(c->name), S("ISO-2022")) || !convertible(c->name))
				set(c, "UTF-8", false);
		}
	} else if (t->wide >= t->invalid) {
		set(c, "UTF-8", false);
		c->may_invalid = true;
	} else {
		c->may_invalid = true;
		return charset_guess(buf_view(&t->sample), c->name, e);
	}
	return 0;
}

int charset_detect(struct source *s, struct charset *c, struct err *e)
{
	struct tally t = { 0 };
	char *head = malloc(64 * 1024);
	ptrdiff_t n;
	int rc = -1;

	*c = (struct charset){ 0 };
	if (head == NULL)
		return err_nomem(e);
	if ((n = read_head(s, head, 64 * 1024, e)) == -1)
		goto done;
	if (wide_by_head((struct str){ head, (size_t)n }, c)) {
		c->may_nul = c->may_invalid = true;
		/* To the end all the same where that finds out whether the archive is whole. */
		if (source_gzip(s) && tally_source(s, &t, e) == -1)
			goto done;
	} else {
		if (source_rewind(s, e) == -1 || tally_source(s, &t, e) == -1 ||
			decide(&t, (struct str){ head, (size_t)n }, c, e) == -1)
			goto done;
	}
	rc = source_rewind(s, e);
done:
	buf_clear(&t.sample);
	free(head);
	return rc;
}

/* What exports of CRMs come in, by the names that iconv has for them. */
static const char *const choices[] = { "UTF-8", "UTF-16LE", "UTF-16BE", "CP1252", "CP850", "CP1250",
	"CP1251", "CP1253", "CP1254", "CP1255", "CP1256", "CP1257", "ISO-8859-1", "ISO-8859-2",
	"ISO-8859-15", "KOI8-R", "SHIFT_JIS", "EUC-JP", "EUC-KR", "GB18030", "BIG5" };

bool charset_known(struct str name)
{
	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++)
		if (str_eq(name, str_of(choices[i])))
			return true;
	return false;
}

int charset_take(struct source *s, const char *name, struct charset *c, struct err *e)
{
	struct tally t = { 0 };
	struct charset by_head = { 0 };
	char head[4];
	ptrdiff_t n;
	int rc = -1;

	*c = (struct charset){ 0 };
	if (!charset_known(str_of(name)))
		return err_set(e, ERR_INPUT, "cannot be read as %s: no encoding known here", name);
	if ((n = read_head(s, head, sizeof(head), e)) == -1 || source_rewind(s, e) == -1)
		return -1;
	if (str_starts((struct str){ head, (size_t)n }, S("\xEF\xBB\xBF")))
		set(&by_head, "UTF-8", true);
	else
		wide_by_head((struct str){ head, (size_t)n }, &by_head);
	set(c, name, by_head.bom && strcmp(by_head.name, name) == 0);
	if (tally_source(s, &t, e) == 0) {
		/* Of UTF-8 it is known now; of others it shows when they are decoded. */
		bool known = strcmp(name, "UTF-8") == 0;

		c->may_nul = !known || t.nul != 0;
		c->may_invalid = !known || t.invalid != 0;
		rc = source_rewind(s, e);
	}
	buf_clear(&t.sample);
	return rc;
}
