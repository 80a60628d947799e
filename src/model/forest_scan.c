/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/forest_internal.h"
#include "model/forest_scan_internal.h"
#include "util/buf.h"
#include "util/err.h"

#define DEPTH_MAX 32u
#define TOKEN_MAX 400u /* characters of a number */

int scan_fail(const struct scan *s, const char *what)
{
	return err_set(s->e, ERR_INPUT, "the model file is damaged at byte %zu: %s",
		(size_t)(s->at - s->start) + 1, what);
}

static inline void skip_blanks(struct scan *s)
{
	while (s->at < s->end &&
		(*s->at == ' ' || *s->at == '\n' || *s->at == '\r' || *s->at == '\t'))
		s->at++;
}

char scan_peek(struct scan *s)
{
	skip_blanks(s);
	return s->at < s->end ? *s->at : '\0';
}

int scan_open(struct scan *s, char bracket)
{
	if (scan_peek(s) != bracket)
		return scan_fail(s, bracket == '{' ? "an object should start here"
						   : "a list should start here");
	if (++s->depth > DEPTH_MAX)
		return scan_fail(s, "too many levels of brackets");
	s->at++;
	return 0;
}

/* The end, or the comma before the next: 0, 1 or -1. */
static int next_in(struct scan *s, bool *first, char close)
{
	char c = scan_peek(s);

	if (c == close) {
		s->at++;
		s->depth--;
		return 0;
	}
	if (!*first) {
		if (c != ',')
			return scan_fail(s, "a comma or the closing bracket is missing");
		s->at++;
	}
	*first = false;
	return 1;
}

int scan_key(struct scan *s, bool *first, struct str *key)
{
	int more = next_in(s, first, '}');

	if (more != 1)
		return more;
	if (scan_string(s, key) != 0)
		return -1;
	if (scan_peek(s) != ':')
		return scan_fail(s, "a colon is missing");
	s->at++;
	return 1;
}

int scan_item(struct scan *s, bool *first)
{
	return next_in(s, first, ']');
}

int scan_string(struct scan *s, struct str *raw)
{
	const char *from;

	if (scan_peek(s) != '"')
		return scan_fail(s, "a text in quotes should be here");
	from = ++s->at;
	for (; s->at < s->end; s->at++) {
		if (*s->at == '"') {
			*raw = (struct str){ from, (size_t)(s->at - from) };
			s->at++;
			return 0;
		}
		if ((unsigned char)*s->at < ' ')
			return scan_fail(s, "a control character inside a text");
		if (*s->at == '\\' && ++s->at == s->end)
			break;
	}
	return scan_fail(s, "a text does not end");
}

static int hex4(const char *p, const char *end, unsigned *out)
{
	unsigned v = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = p[i];

		if (c >= '0' && c <= '9')
			v = v * 16 + (unsigned)(c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v * 16 + (unsigned)(c - 'a') + 10;
		else if (c >= 'A' && c <= 'F')
			v = v * 16 + (unsigned)(c - 'A') + 10;
		else
			return -1;
	}
	*out = v;
	return 0;
}

static void put_utf8(struct buf *out, unsigned c)
{
	if (c < 0x80) {
		buf_c(out, (char)c);
	} else if (c < 0x800) {
		buf_c(out, (char)(0xC0 | c >> 6));
		buf_c(out, (char)(0x80 | (c & 63)));
	} else if (c < 0x10000) {
		buf_c(out, (char)(0xE0 | c >> 12));
		buf_c(out, (char)(0x80 | (c >> 6 & 63)));
		buf_c(out, (char)(0x80 | (c & 63)));
	} else {
		buf_c(out, (char)(0xF0 | c >> 18));
		buf_c(out, (char)(0x80 | (c >> 12 & 63)));
		buf_c(out, (char)(0x80 | (c >> 6 & 63)));
		buf_c(out, (char)(0x80 | (c & 63)));
	}
}

/* \uXXXX at p (after the u), with its second half: bytes used, or 0 when it is invalid. */
static size_t put_escape_u(struct buf *out, const char *p, const char *end)
{
	unsigned c, low;

	if (hex4(p, end, &c) != 0 || c == 0 || (c >= 0xDC00 && c < 0xE000))
		return 0;
	if (c < 0xD800 || c >= 0xE000) {
		put_utf8(out, c);
		return 4;
	}
	if (end - p < 10 || p[4] != '\\' || p[5] != 'u' || hex4(p + 6, end, &low) != 0 ||
		low < 0xDC00 || low >= 0xE000)
		return 0;
	put_utf8(out, 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00));
	return 10;
}

int scan_text(struct scan *s, struct buf *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	struct str raw;
	const char *end;

	if (scan_string(s, &raw) != 0)
		return -1;
	end = raw.p + raw.n;
	for (const char *p = raw.p; p < end; p++) {
		const char *at;
		size_t used;

		if (*p != '\\') {
			buf_c(out, *p);
			continue;
		}
		p++; /* scan_string saw to it that there is one */
		if (*p == 'u') {
			if ((used = put_escape_u(out, p + 1, end)) == 0)
				return scan_fail(s, "an invalid \\u escape in the text before");
			p += used;
		} else if (*p != '\0' && (at = strchr(from, *p)) != NULL) {
			buf_c(out, to[at - from]);
		} else {
			return scan_fail(s, "an unknown escape in the text before");
		}
	}
	return 0;
}

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool dec_float(uint64_t w, int exp10, float *out)
{
	static const double p10[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
		1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
	uint64_t bits;
	double d;

	if (w == 0) {
		*out = 0;
		return true;
	}
	if (w > (UINT64_C(1) << 53) || exp10 > 22 || exp10 < -22)
		return false;
	/* Both factors are exact, so d is rounded once; rounding it again to float is right unless
	 * d lies exactly between two floats or where floats are denormal. */
	d = exp10 < 0 ? (double)w / p10[-exp10] : (double)w * p10[exp10];
	memcpy(&bits, &d, sizeof(bits));
	if ((bits & 0x1FFFFFFF) == 0x10000000 || d < 0x1p-126 || d > 0x1p127)
		return false;
	*out = (float)d;
	return true;
}

/* The token again, by the C library: for long, tiny and huge numbers. */
static int slow_float(struct scan *s, const char *from, float *out)
{
	char text[TOKEN_MAX + 1];
	size_t n = (size_t)(s->at - from);

	if (n > TOKEN_MAX)
		return scan_fail(s, "a number of more than 400 characters");
	memcpy(text, from, n);
	text[n] = '\0';
	*out = strtof(text, NULL);
	return isfinite(*out) ? 0 : scan_fail(s, "a number too large for a float");
}

/* [+-]digits after an e. */
static int scan_exponent(struct scan *s, int *exp10)
{
	bool minus = false;
	int v = 0;

	if (s->at < s->end && (*s->at == '-' || *s->at == '+'))
		minus = *s->at++ == '-';
	if (s->at >= s->end || !is_digit(*s->at))
		return scan_fail(s, "a number without digits after its E");
	for (; s->at < s->end && is_digit(*s->at); s->at++) {
		if (v < 100000)
			v = v * 10 + (*s->at - '0');
	}
	*exp10 += minus ? -v : v;
	return 0;
}

int scan_float(struct scan *s, float *out)
{
	const char *from, *digits, *point = NULL, *end = s->end, *p;
	uint64_t w = 0;
	int exp10 = 0;
	bool minus;
	size_t n;

	skip_blanks(s);
	p = from = s->at;
	minus = p < end && *p == '-';
	p += minus;
	for (digits = p; p < end && is_digit(*p); p++)
		w = w * 10 + (uint64_t)(*p - '0');
	if (p == digits) {
		s->at = p;
		return scan_fail(s, "a finite number should be here");
	}
	n = (size_t)(p - digits);
	if (p < end && *p == '.') {
		for (point = ++p; p < end && is_digit(*p); p++)
			w = w * 10 + (uint64_t)(*p - '0');
		n += (size_t)(p - point);
		if (n > TOKEN_MAX) {
			s->at = p;
			return scan_fail(s, "a number of more than 400 characters");
		}
		exp10 = -(int)(p - point);
	}
	s->at = p;
	if (p < end && (*p == 'E' || *p == 'e')) {
		s->at++;
		if (scan_exponent(s, &exp10) != 0)
			return -1;
	}
	if (n > 19 || !dec_float(w, exp10, out))
		return slow_float(s, from, out);
	*out = minus ? -*out : *out;
	return 0;
}

static int scan_word(struct scan *s, struct str word)
{
	if ((size_t)(s->end - s->at) < word.n || memcmp(s->at, word.p, word.n) != 0)
		return scan_fail(s, "not JSON");
	s->at += word.n;
	return 0;
}

int scan_int(struct scan *s, int32_t *out)
{
	const char *end = s->end, *p, *from;
	int64_t v = 0;
	bool minus;

	skip_blanks(s);
	p = s->at;
	if (p < end && (*p == 't' || *p == 'f')) {
		*out = *p == 't';
		return scan_word(s, *p == 't' ? S("true") : S("false"));
	}
	minus = p < end && *p == '-';
	p += minus;
	for (from = p; p < end && is_digit(*p) && v <= INT32_MAX; p++)
		v = v * 10 + (*p - '0');
	s->at = p;
	if (p == from || v > INT32_MAX || (p < end && (*p == '.' || *p == 'e' || *p == 'E')))
		return scan_fail(s, "a whole number should be here");
	*out = (int32_t)(minus ? -v : v);
	return 0;
}

void ivec_clear(struct ivec *v)
{
	free(v->p);
	*v = (struct ivec){ 0 };
}

void fvec_clear(struct fvec *v)
{
	free(v->p);
	*v = (struct fvec){ 0 };
}

/* Both kinds hold four bytes an item. */
static int grow(void **p, size_t *cap, struct err *e)
{
	size_t more = *cap < 256 ? 256 : 2 * *cap;
	void *to = more > SIZE_MAX / 8 ? NULL : realloc(*p, more * 4);

	if (to == NULL)
		return err_nomem(e);
	*p = to;
	*cap = more;
	return 0;
}

/* The digits at p, at most 8 of at least 8 readable bytes: their value; *n is how many. */
static inline uint64_t digits8(const char *p, unsigned *n)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	const uint64_t high = UINT64_C(0x8080808080808080);
	uint64_t v, other;

	memcpy(&v, p, 8);
	v ^= UINT64_C(0x3030303030303030); /* digits become 0 to 9 */
	other = ((v + UINT64_C(0x7676767676767676)) | v) & high;
	*n = other == 0 ? 8 : (unsigned)__builtin_ctzll(other) / 8;
	if (*n == 0)
		return 0;
	v <<= 64 - 8 * *n;     /* zeros in front */
	v = v * 10 + (v >> 8); /* pairs, then fours, then all eight */
	return (((v & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x000F424000000064)) +
		       ((v >> 16 & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x0000271000000001))) >>
	       32;
#else
	uint64_t v = 0;

	for (*n = 0; *n < 8 && is_digit(p[*n]); ++*n)
		v = v * 10 + (uint64_t)(p[*n] - '0');
	return v;
#endif
}

/* The common shape of a number in a list, [-]d.dddE[-]d and shorter, up to 15 digits: where it
 * ends, or NULL to take the general way. At least 32 bytes are readable. */
static inline const char *quick_float(const char *p, float *out)
{
	static const uint32_t p10[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000,
		100000000 };
	bool minus = *p == '-', minus10;
	unsigned n, n_frac = 0, n_exp;
	uint64_t w, frac;
	int exp10 = 0;

	p += minus;
	w = digits8(p, &n);
	if (n == 0 || n == 8)
		return NULL;
	p += n;
	if (*p == '.') {
		frac = digits8(p + 1, &n_frac);
		w = w * p10[n_frac] + frac;
		p += 1 + n_frac;
	}
	if (*p == 'E') {
		p++;
		minus10 = *p == '-';
		p += minus10;
		exp10 = (int)digits8(p, &n_exp);
		if (n_exp == 0 || n_exp > 3)
			return NULL;
		p += n_exp;
		exp10 = minus10 ? -exp10 : exp10;
	}
	if ((*p != ',' && *p != ']') || !dec_float(w, exp10 - (int)n_frac, out))
		return NULL;
	*out = minus ? -*out : *out;
	return p;
}

/* One quick number after the other from s->at, which is behind the bracket or a comma. Stops at the
 * first that is not, or without room; returns true behind the closing bracket. */
static bool quick_floats(struct scan *s, struct fvec *v)
{
	while (s->end - s->at >= 32 && v->n < v->cap) {
		const char *p = quick_float(s->at, &v->p[v->n]);

		if (p == NULL)
			return false;
		v->n++;
		s->at = p + 1;
		if (*p == ']')
			return true;
	}
	return false;
}

static bool quick_ints(struct scan *s, struct ivec *v)
{
	while (s->end - s->at >= 16 && v->n < v->cap) {
		const char *p = s->at;
		bool minus = *p == '-';
		unsigned n;
		int32_t x = (int32_t)digits8(p + minus, &n);

		p += n + minus;
		if (n == 0 || n == 8 || (*p != ',' && *p != ']'))
			return false;
		v->p[v->n++] = minus ? -x : x;
		s->at = p + 1;
		if (*p == ']')
			return true;
	}
	return false;
}

static int room(struct scan *s, void **p, size_t n, size_t *cap)
{
	return n < *cap ? 0 : grow(p, cap, s->e);
}

/* An array of numbers into ${v}: behind a bracket or comma quick ones first, then one the general
 * way. */
#define SCAN_ARRAY(s, v, quick, one) \
	do { \
		bool first = true; \
\
		(v)->n = 0; \
		if (scan_open(s, '[') != 0) \
			return -1; \
		for (;;) { \
			void *p = (v)->p; \
			int more; \
\
			if (room(s, &p, (v)->n, &(v)->cap) != 0) \
				return -1; \
			(v)->p = p; \
			if (quick(s, v)) { \
				(s)->depth--; \
				return 0; \
			} \
			if (room(s, &p, (v)->n, &(v)->cap) != 0) \
				return -1; \
			(v)->p = p; \
			if ((more = (v)->n == 0 ? scan_item(s, &first) : 1) != 1) \
				return more; \
			if (one(s, &(v)->p[(v)->n++]) != 0) \
				return -1; \
			if ((more = scan_item(s, &(bool){ false })) != 1) \
				return more; \
		} \
	} while (0)

int scan_floats(struct scan *s, struct fvec *v)
{
	SCAN_ARRAY(s, v, quick_floats, scan_float);
}

int scan_ints(struct scan *s, struct ivec *v)
{
	SCAN_ARRAY(s, v, quick_ints, scan_int);
}

int scan_count(struct scan *s, size_t *n)
{
	const char *from, *to;
	size_t commas = 0;
	unsigned bad = 0;

	if (scan_open(s, '[') != 0)
		return -1;
	if (scan_peek(s) == ']') {
		*n = 0;
	} else {
		from = s->at;
		if ((to = memchr(from, ']', (size_t)(s->end - from))) == NULL)
			return scan_fail(s, "a list does not end");
		for (const char *p = from; p < to; p++) {
			char c = *p;

			commas += c == ',';
			bad |= !((c >= '+' && c <= '9' && c != '/') || c == 'E' || c == 'e' ||
				 c == ' ' || c == '\n');
		}
		if (bad)
			return scan_fail(s, "this list should hold finite numbers only");
		*n = commas + 1;
		s->at = to;
	}
	s->at++;
	s->depth--;
	return 0;
}

/* Any value: brackets are matched on a stack of bits, so depth costs no recursion. */
int scan_skip(struct scan *s)
{
	unsigned depth = 0;
	uint64_t is_obj = 0;
	struct str raw;
	bool first = true;

	for (;;) {
		char c = scan_peek(s);
		float f;
		int more;

		if (c == '{' || c == '[') {
			if (scan_open(s, c) != 0)
				return -1;
			depth++;
			is_obj = is_obj << 1 | (c == '{');
			first = true;
		} else if (c == '"'   ? scan_string(s, &raw) != 0
			   : c == 't' ? scan_word(s, S("true")) != 0
			   : c == 'f' ? scan_word(s, S("false")) != 0
			   : c == 'n' ? scan_word(s, S("null")) != 0
				      : scan_float(s, &f) != 0) {
			return -1;
		}
		for (;; depth--, is_obj >>= 1, first = false) {
			if (depth == 0)
				return 0;
			more = is_obj & 1 ? scan_key(s, &first, &raw) : scan_item(s, &first);
			if (more < 0)
				return -1;
			if (more == 1)
				break;
		}
	}
}
