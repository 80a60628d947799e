/* SPDX-License-Identifier: Apache-2.0 */
#include <endian.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/bytes.h"
#include "util/err.h"
#include "util/json_flat.h"
#include "util/utf8.h"

enum { DEPTH_MAX = 32 };

static __attribute__((noinline, cold)) int bad(
	const struct json_flat *f, const char *what, struct err *e)
{
	unsigned long line = 1, column = 1;

	for (const char *p = f->start; p < f->at && p < f->end; p++) {
		line += *p == '\n';
		column = *p == '\n' ? 1 : column + 1;
	}
	return err_set(e, ERR_INPUT, "not JSON: %s at line %lu, column %lu", what, line, column);
}

static void skip_blanks(struct json_flat *f)
{
	/* Mostly there is none: one look at the next character tells. */
	while (f->at < f->end && (unsigned char)*f->at <= ' ' &&
		(*f->at == ' ' || *f->at == '\n' || *f->at == '\r' || *f->at == '\t'))
		f->at++;
}

static inline __attribute__((always_inline)) int expect(
	struct json_flat *f, char c, const char *what, struct err *e)
{
	skip_blanks(f);
	if (f->at == f->end || *f->at != c)
		return bad(f, what, e);
	f->at++;
	return 0;
}

/* ---- strings ---- */

static int hex4(struct json_flat *f, uint32_t *out)
{
	uint32_t x = 0;

	if (f->end - f->at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = *f->at++;
		int d = c >= '0' && c <= '9'   ? c - '0'
			: c >= 'a' && c <= 'f' ? c - 'a' + 10
			: c >= 'A' && c <= 'F' ? c - 'A' + 10
					       : -1;

		if (d < 0)
			return -1;
		x = x << 4 | (uint32_t)d;
	}
	*out = x;
	return 0;
}

/* Behind "\u". A zero is refused as util/json refuses it: text ends nowhere early. */
static int unicode_escape(struct json_flat *f, char **to, struct err *e)
{
	uint32_t c, low;

	if (hex4(f, &c) == -1)
		return bad(f, "an escape that is none", e);
	if (c == 0)
		return bad(f, "the character U+0000", e);
	if (c >= 0xDC00 && c <= 0xDFFF)
		return bad(f, "half of a surrogate pair", e);
	if (c >= 0xD800 && c <= 0xDBFF) {
		if (f->end - f->at < 6 || f->at[0] != '\\' || f->at[1] != 'u')
			return bad(f, "half of a surrogate pair", e);
		f->at += 2;
		if (hex4(f, &low) == -1 || low < 0xDC00 || low > 0xDFFF)
			return bad(f, "half of a surrogate pair", e);
		c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
	}
	*to += utf8_put(*to, c);
	return 0;
}

/* At a backslash; what stood before it in the string is copied already. */
static int escape(struct json_flat *f, char **to, struct err *e)
{
	static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
	const char *k;

	f->at++;
	if (f->at == f->end)
		return bad(f, "a string without an end", e);
	if (*f->at == 'u') {
		f->at++;
		return unicode_escape(f, to, e);
	}
	k = memchr(from, *f->at, sizeof(from) - 1);
	if (k == NULL)
		return bad(f, "an escape that is none", e);
	f->at++;
	*(*to)++ = into[k - from];
	return 0;
}

/* Behind what a string may just have: a quote, a backslash, a control character or a byte past
 * ASCII ends the run. Eight at a time; a subtraction borrows from later bytes only, so the first
 * one that is marked is one. */
static const char *plain(const char *p, const char *end)
{
	for (; end - p >= 8; p += 8) {
		uint64_t v, quote, slash;

		memcpy(&v, p, 8);
		v = le64toh(v);
		quote = v ^ BYTES_EACH('"');
		slash = v ^ BYTES_EACH('\\');
		v = ((quote - BYTES_EACH(1)) | (slash - BYTES_EACH(1)) | (v - BYTES_EACH(0x20)) |
			    v) &
		    BYTES_EACH(0x80);
		if (v != 0)
			return p + __builtin_ctzll(v) / 8;
	}
	while (p < end && (unsigned char)*p >= 0x20 && (unsigned char)*p < 0x80 && *p != '"' &&
		*p != '\\')
		p++;
	return p;
}

/* At the opening quote. ${out} is in the text itself, or decoded in the room. */
static int string(struct json_flat *f, struct str *out, struct err *e)
{
	const char *from = ++f->at;
	char *to = NULL;
	unsigned char high = 0;

	for (;;) {
		unsigned char c;

		f->at = plain(f->at, f->end);
		if (f->at == f->end || *f->at == '"')
			break;
		c = (unsigned char)*f->at;
		if (c < 0x20)
			return bad(f, "a control character in a string", e);
		high |= c;
		if (c != '\\') {
			f->at++;
			continue;
		}
		if (to == NULL)
			out->p = to = f->room;
		memcpy(to, from, (size_t)(f->at - from));
		to += f->at - from;
		if (escape(f, &to, e) == -1)
			return -1;
		from = f->at;
	}
	if (f->at == f->end)
		return bad(f, "a string without an end", e);
	if (to != NULL) {
		memcpy(to, from, (size_t)(f->at - from));
		to += f->at - from;
		out->n = (size_t)(to - out->p);
		f->room = to;
	} else {
		*out = (struct str){ from, (size_t)(f->at - from) };
	}
	f->at++;
	if (high >= 0x80 && !utf8_valid(*out))
		return bad(f, "a string that is not UTF-8", e);
	return 0;
}

/* ---- numbers and words ---- */

static const char *digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

static int number(struct json_flat *f, struct str *out, struct err *e)
{
	const char *from = f->at, *p = f->at, *q;
	bool exponent = false;

	if (*p == '-')
		p++;
	q = digits(p, f->end);
	if (q == p || (*p == '0' && q - p > 1))
		return bad(f, "a number that is none", e);
	p = q;
	if (p < f->end && *p == '.') {
		q = digits(p + 1, f->end);
		if (q == p + 1)
			return bad(f, "a number that is none", e);
		p = q;
	}
	if (p < f->end && (*p == 'e' || *p == 'E')) {
		exponent = true;
		p++;
		if (p < f->end && (*p == '+' || *p == '-'))
			p++;
		q = digits(p, f->end);
		if (q == p)
			return bad(f, "a number that is none", e);
		p = q;
	}
	*out = (struct str){ from, (size_t)(p - from) };
	if (exponent || out->n > 300) {
		char room[64], *z = out->n < sizeof(room) ? room : NULL;
		double x = INFINITY;

		if (z != NULL) {
			memcpy(z, out->p, out->n);
			z[out->n] = '\0';
			x = strtod(z, NULL);
		}
		if (!isfinite(x))
			return bad(f, "a number that is too large or too long", e);
	}
	f->at = p;
	return 0;
}

static int word(struct json_flat *f, struct str w, struct err *e)
{
	if ((size_t)(f->end - f->at) < w.n || memcmp(f->at, w.p, w.n) != 0)
		return bad(f, "something that is no value", e);
	f->at += w.n;
	return 0;
}

/* ---- values ---- */

static int value(
	struct json_flat *f, int depth, enum json_flat_type *type, struct str *out, struct err *e);

static int nested_key(struct json_flat *f, struct err *e)
{
	struct str key;

	skip_blanks(f);
	if (f->at == f->end || *f->at != '"')
		return bad(f, "a key is missing", e);
	if (string(f, &key, e) == -1)
		return -1;
	return expect(f, ':', "':' is missing", e);
}

/* At the opening bracket: skips to behind the closing one, checking all in between. */
static int nested(struct json_flat *f, int depth, char close, struct err *e)
{
	enum json_flat_type type;
	char *room = f->room;
	struct str s;

	if (depth > DEPTH_MAX)
		return err_set(e, ERR_INPUT, "JSON is nested more than %d deep", DEPTH_MAX);
	f->at++;
	skip_blanks(f);
	if (f->at < f->end && *f->at == close) {
		f->at++;
		return 0;
	}
	for (;;) {
		if (close == '}' && nested_key(f, e) == -1)
			return -1;
		if (value(f, depth, &type, &s, e) == -1)
			return -1;
		f->room = room; /* nothing of it is kept */
		skip_blanks(f);
		if (f->at < f->end && *f->at == ',') {
			f->at++;
			continue;
		}
		return expect(f, close, "',' or a closing bracket is missing", e);
	}
}

static int value(
	struct json_flat *f, int depth, enum json_flat_type *type, struct str *out, struct err *e)
{
	const char *from;

	skip_blanks(f);
	*out = S("");
	if (f->at == f->end)
		return bad(f, "the text ends too soon", e);
	from = f->at;
	switch (*f->at) {
	case '"':
		*type = FLAT_STR;
		return string(f, out, e);
	case 't':
		*type = FLAT_TRUE;
		return word(f, S("true"), e);
	case 'f':
		*type = FLAT_FALSE;
		return word(f, S("false"), e);
	case 'n':
		*type = FLAT_NULL;
		return word(f, S("null"), e);
	case '[':
	case '{':
		*type = *f->at == '[' ? FLAT_ARR : FLAT_OBJ;
		if (nested(f, depth + 1, *f->at == '[' ? ']' : '}', e) == -1)
			return -1;
		*out = (struct str){ from, (size_t)(f->at - from) };
		return 0;
	default:
		*type = FLAT_NUM;
		return number(f, out, e);
	}
}

/* ---- the object ---- */

int json_flat_open(struct json_flat *f, struct str text, char *room, struct json_flat_keys *last,
	struct err *e)
{
	f->start = f->at = text.p != NULL ? text.p : "";
	f->end = f->start + text.n;
	f->room = room;
	f->n = 0;
	f->last = last;
	f->same = last != NULL;
	if (last == NULL)
		memset(f->seen, 0, sizeof(f->seen));
	skip_blanks(f);
	if (f->at == f->end)
		return err_set(e, ERR_INPUT, "expected a JSON object, found nothing");
	if (*f->at != '{')
		return err_set(e, ERR_INPUT, "expected a JSON object");
	f->at++;
	return 0;
}

/* Where among ${seen} a key is marked, and by which bit. */
static uint64_t *word_of(struct json_flat *f, uint64_t hash)
{
	return &f->seen[hash >> 6 & 15];
}

static uint64_t bit_of(uint64_t hash)
{
	return (uint64_t)1 << (hash & 63);
}

/* The object goes other ways than the one before: from here on keys are looked for. */
static void part_ways(struct json_flat *f)
{
	memset(f->seen, 0, sizeof(f->seen));
	for (size_t i = 0; i < f->n; i++) {
		f->keys[i] = (struct str){ f->last->key[i].text + 1, f->last->key[i].n - 3u };
		*word_of(f, f->last->key[i].hash) |= bit_of(f->last->key[i].hash);
	}
	f->same = false;
}

static int remember_key(struct json_flat *f, const struct json_flat_member *m, struct err *e)
{
	uint64_t bit = bit_of(m->hash), *of = word_of(f, m->hash);

	if (f->n == JSON_FLAT_KEYS)
		return err_set(e, ERR_LIMIT, "the object has more than %d members", JSON_FLAT_KEYS);
	for (size_t i = 0; (*of & bit) != 0 && i < f->n; i++)
		if (str_eq(f->keys[i], m->key))
			return bad(f, "a key that was there before", e);
	*of |= bit;
	f->keys[f->n++] = m->key;
	return 0;
}

/* The next key and its colon, where they are those of the object before. */
static bool key_again(struct json_flat *f, struct json_flat_member *m)
{
	struct json_flat_keys *l = f->last;
	size_t n;

	if (f->n >= l->n || (size_t)(f->end - f->at) < (n = l->key[f->n].n) ||
		!str_eq((struct str){ f->at, n }, (struct str){ l->key[f->n].text, n }))
		return false;
	m->key = (struct str){ f->at + 1, n - 3 };
	m->hash = l->key[f->n].hash;
	m->note = &l->key[f->n++].note;
	f->at += n;
	return true;
}

static int at_end(struct json_flat *f, struct err *e)
{
	f->at++;
	skip_blanks(f);
	return f->at == f->end ? 0 : bad(f, "text behind the object", e);
}

/* For the next object: keys as they stand in this one, as far as they are short and plain. They
 * differ, as this object has been accepted so far. */
static void learn_key(struct json_flat *f, const char *from, struct json_flat_member *m)
{
	struct json_flat_keys *l = f->last;
	size_t n = (size_t)(f->at - from), at = f->n - 1;

	if (l == NULL || at > l->n || at >= sizeof(l->key) / sizeof(l->key[0]))
		return;
	l->n = (uint16_t)at;
	if (n != m->key.n + 3 || n > sizeof(l->key[0].text))
		return;
	memcpy(l->key[at].text, from, n);
	l->key[at].n = (uint8_t)n;
	l->key[at].hash = m->hash;
	l->key[at].note = 0;
	m->note = &l->key[at].note;
	l->n++;
}

static int new_key(struct json_flat *f, struct json_flat_member *m, struct err *e)
{
	const char *from = f->at;

	if (f->same)
		part_ways(f);
	if (f->at == f->end || *f->at != '"')
		return bad(f, "a key is missing", e);
	if (string(f, &m->key, e) == -1)
		return -1;
	m->hash = str_hash(m->key, 0);
	m->note = NULL;
	if (remember_key(f, m, e) == -1 || expect(f, ':', "':' is missing", e) == -1)
		return -1;
	learn_key(f, from, m);
	return 0;
}

/* Most values are strings without an escape: read here, without a call. False: it is something
 * else, of which nothing is read. */
static inline __attribute__((always_inline)) bool plain_string(
	struct json_flat *f, struct json_flat_member *m)
{
	const char *to;

	if (f->at == f->end || *f->at != '"')
		return false;
	to = plain(f->at + 1, f->end);
	if (to == f->end || *to != '"')
		return false;
	m->type = FLAT_STR;
	m->value = (struct str){ f->at + 1, (size_t)(to - f->at) - 1 };
	f->at = to + 1;
	return true;
}

int json_flat_next(struct json_flat *f, struct json_flat_member *m, struct err *e)
{
	skip_blanks(f);
	if (f->at < f->end && *f->at == '}')
		return at_end(f, e);
	if (f->n != 0) {
		if (expect(f, ',', "',' or '}' is missing", e) == -1)
			return -1;
		skip_blanks(f);
	}
	if (!(f->same && key_again(f, m)) && new_key(f, m, e) == -1)
		return -1;
	if (!plain_string(f, m) && value(f, 1, &m->type, &m->value, e) == -1)
		return -1;
	return 1;
}

bool json_flat_item(struct str *arr, struct str *item)
{
	struct json_flat f = { .start = arr->p, .at = arr->p, .end = arr->p + arr->n };
	const char *from;
	int depth = 0;
	bool quoted = false;

	if (f.at < f.end && (*f.at == '[' || *f.at == ','))
		f.at++;
	skip_blanks(&f);
	if (f.at >= f.end || *f.at == ']')
		return false;
	for (from = f.at; f.at < f.end; f.at++) {
		char c = *f.at;

		if (quoted && c == '\\') {
			f.at++;
		} else if (c == '"') {
			quoted = !quoted;
		} else if (!quoted && (c == '{' || c == '[')) {
			depth++;
		} else if (!quoted && depth == 0 && (c == ',' || c == ']')) {
			break;
		} else if (!quoted && (c == '}' || c == ']')) {
			depth--;
		}
	}
	*item = str_trim((struct str){ from, (size_t)(f.at - from) });
	*arr = (struct str){ f.at, (size_t)(f.end - f.at) };
	return true;
}
