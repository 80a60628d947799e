/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "util/buf.h"
#include "util/bytes.h"
#include "util/charset.h"
#include "util/err.h"
#include "util/source.h"
#include "util/utf8.h"

#define NO_ICONV ((iconv_t)-1)

enum kind { UTF_8, UTF_16, UTF_32, SINGLE, MULTI };
enum { RAW = 64 * 1024, UNDECODABLE = 0xFF };

/* An encoding of one byte per character: the upper half as code points. */
struct single {
	uint32_t cp[128];
};

struct charset_in {
	struct source *s; /* borrowed */
	enum kind kind;
	bool big;           /* big endian */
	uint32_t skip;      /* bytes of byte order mark */
	uint32_t skip_left; /* of them not yet skipped */
	struct single one;
	iconv_t cd;
	char *raw; /* bytes read and not yet decoded: [at, n) */
	size_t at, n;
	bool ended; /* the source has no more */
};

static int one_byte(iconv_t cd, unsigned char b, uint32_t *cp)
{
	char in = (char)b, out[8], *from = &in, *to = out;
	size_t left = 1, room = sizeof(out);
	struct str s;

	iconv(cd, NULL, NULL, NULL, NULL);
	if (iconv(cd, &from, &left, &to, &room) == (size_t)-1)
		return errno == EINVAL ? -1 : 0;
	s = (struct str){ out, (size_t)(to - out) };
	if (s.n == 0)
		return -1; /* waits for more: not of one byte */
	*cp = utf8_next(&s);
	return s.n == 0 ? 1 : -1;
}

/* Fill the table of a one-byte encoding; false when it is not one. */
static bool single_load(struct single *t, iconv_t cd)
{
	bool known[128];

	for (int i = 0; i < 128; i++) {
		int rc = one_byte(cd, (unsigned char)(128 + i), &t->cp[i]);

		if (rc == -1)
			return false;
		known[i] = rc == 1;
	}
	for (int i = 0; i < 128; i++) {
		bool taken = false;

		if (known[i])
			continue;
		/* Open places: the control character of the same number, as browsers do for cp1252,
		 * unless another byte has it; else a private character. */
		t->cp[i] = 128 + (uint32_t)i;
		for (int k = 0; k < 128; k++)
			taken |= known[k] && t->cp[k] == t->cp[i];
		if (taken)
			t->cp[i] = 0xF700 + 128 + (uint32_t)i;
	}
	return true;
}

static enum kind kind_of(const char *name, bool *big)
{
	*big = name[0] != '\0' && strcmp(name + strlen(name) - 2, "BE") == 0;
	if (strcmp(name, "UTF-8") == 0)
		return UTF_8;
	if (strncmp(name, "UTF-16", 6) == 0)
		return UTF_16;
	if (strncmp(name, "UTF-32", 6) == 0)
		return UTF_32;
	return MULTI;
}

static int no_such(const char *name, struct err *e)
{
	return err_set(
		e, ERR_INPUT, "is in the encoding %s, which this system cannot convert", name);
}

struct charset_in *charset_in_new(const struct charset *c, struct source *s, struct err *e)
{
	struct charset_in *in = calloc(1, sizeof(*in));

	if (in == NULL) {
		err_nomem(e);
		return NULL;
	}
	in->cd = NO_ICONV;
	in->s = s;
	in->kind = kind_of(c->name, &in->big);
	if (c->bom)
		in->skip = in->kind == UTF_8 ? 3 : in->kind == UTF_16 ? 2 : 4;
	in->skip_left = in->skip;
	if (in->kind != UTF_8 && (in->raw = malloc(RAW)) == NULL) {
		err_nomem(e);
		goto fail;
	}
	if (in->kind == MULTI) {
		if ((in->cd = iconv_open("UTF-8", c->name)) == NO_ICONV) {
			no_such(c->name, e);
			goto fail;
		}
		if (single_load(&in->one, in->cd))
			in->kind = SINGLE;
		iconv(in->cd, NULL, NULL, NULL, NULL);
	}
	return in;
fail:
	charset_in_free(in);
	return NULL;
}

void charset_in_free(struct charset_in *in)
{
	if (in == NULL)
		return;
	if (in->cd != NO_ICONV)
		iconv_close(in->cd);
	free(in->raw);
	free(in);
}

int charset_in_rewind(struct charset_in *in, struct err *e)
{
	in->at = in->n = 0;
	in->ended = false;
	in->skip_left = in->skip;
	if (in->cd != NO_ICONV)
		iconv(in->cd, NULL, NULL, NULL, NULL);
	return source_rewind(in->s, e);
}

static int skip_bom(struct charset_in *in, struct err *e)
{
	char bom[4];

	while (in->skip_left != 0) {
		ptrdiff_t n = source_read(in->s, bom, in->skip_left, e);

		if (n == -1)
			return -1;
		if (n == 0)
			break;
		in->skip_left -= (uint32_t)n;
	}
	in->skip_left = 0;
	return 0;
}

/* More raw bytes behind those that are left. */
static int refill(struct charset_in *in, struct err *e)
{
	ptrdiff_t n;

	if (in->ended)
		return 0;
	memmove(in->raw, in->raw + in->at, in->n - in->at);
	in->n -= in->at;
	in->at = 0;
	if ((n = source_read(in->s, in->raw + in->n, RAW - in->n, e)) == -1)
		return -1;
	in->n += (size_t)n;
	in->ended = n == 0;
	return 0;
}

static size_t decode_single(struct charset_in *in, char *to, size_t room)
{
	size_t put = 0;

	while (in->at < in->n && room - put >= 4) {
		size_t run = in->n - in->at;
		unsigned char c;

		if (run > room - put)
			run = room - put;
		run = bytes_plain_run(in->raw + in->at, run);
		memcpy(to + put, in->raw + in->at, run);
		in->at += run;
		put += run;
		if (in->at == in->n || room - put < 4)
			break;
		c = (unsigned char)in->raw[in->at++];
		if (c < 0x80)
			to[put++] = (char)c;
		else
			put += utf8_put(to + put, in->one.cp[c - 128]);
	}
	return put;
}

static uint32_t unit(const struct charset_in *in, size_t at, int width)
{
	const unsigned char *p = (const unsigned char *)in->raw + at;
	uint32_t v = 0;

	for (int i = 0; i < width; i++)
		v |= (uint32_t)p[in->big ? width - 1 - i : i] << (8 * i);
	return v;
}

static size_t decode_utf16(struct charset_in *in, char *to, size_t room)
{
	size_t put = 0;

	while (in->n - in->at >= 2 && room - put >= 4) {
		uint32_t u = unit(in, in->at, 2), low;

		if (u < 0xD800 || u > 0xDFFF) {
			put += utf8_put(to + put, u);
			in->at += 2;
			continue;
		}
		if (u < 0xDC00 && in->n - in->at < 4 && !in->ended)
			break;
		low = in->n - in->at >= 4 ? unit(in, in->at + 2, 2) : 0;
		if (u < 0xDC00 && low >= 0xDC00 && low <= 0xDFFF) {
			put += utf8_put(to + put, 0x10000 + ((u - 0xD800) << 10) + (low - 0xDC00));
			in->at += 4;
		} else {
			to[put++] = (char)UNDECODABLE;
			in->at += 2;
		}
	}
	return put;
}

static size_t decode_utf32(struct charset_in *in, char *to, size_t room)
{
	size_t put = 0;

	for (; in->n - in->at >= 4 && room - put >= 4; in->at += 4) {
		uint32_t u = unit(in, in->at, 4);

		if (u > 0x10FFFF || (u >= 0xD800 && u <= 0xDFFF))
			to[put++] = (char)UNDECODABLE;
		else
			put += utf8_put(to + put, u);
	}
	return put;
}

static size_t decode_multi(struct charset_in *in, char *to, size_t room)
{
	char *from = in->raw + in->at, *out = to;
	size_t left = in->n - in->at, space = room;

	while (left != 0 && iconv(in->cd, &from, &left, &out, &space) == (size_t)-1) {
		if (errno != EILSEQ || space < 16)
			break;
		*out++ = (char)UNDECODABLE;
		space--;
		from++;
		left--;
		iconv(in->cd, NULL, NULL, NULL, NULL);
	}
	in->at = in->n - left;
	return room - space;
}

ptrdiff_t charset_in_read(struct charset_in *in, char *to, size_t n, struct err *e)
{
	ASSERT(n >= CHARSET_ROOM);
	if (in->skip_left != 0 && skip_bom(in, e) == -1)
		return -1;
	if (in->kind == UTF_8)
		return source_read(in->s, to, n, e);
	for (;;) {
		size_t put = 0;

		if (in->kind == SINGLE)
			put = decode_single(in, to, n);
		else if (in->kind == UTF_16)
			put = decode_utf16(in, to, n);
		else if (in->kind == UTF_32)
			put = decode_utf32(in, to, n);
		else
			put = decode_multi(in, to, n);
		if (put != 0)
			return (ptrdiff_t)put;
		if (in->ended) {
			/* A character cut by the end of the file. */
			put = in->at < in->n;
			in->at = in->n;
			to[0] = (char)UNDECODABLE;
			return (ptrdiff_t)put;
		}
		if (refill(in, e) == -1)
			return -1;
	}
}

struct charset_out {
	enum kind kind;
	bool big, bom;
	iconv_t cd;
	/* SINGLE: code points of the upper half in ascending order, and their bytes. */
	uint32_t cp[128];
	unsigned char byte[128];
};

static void sort_single(struct charset_out *out, const struct single *t)
{
	for (int i = 0; i < 128; i++) {
		int k = i;

		for (; k > 0 && out->cp[k - 1] > t->cp[i]; k--) {
			out->cp[k] = out->cp[k - 1];
			out->byte[k] = out->byte[k - 1];
		}
		out->cp[k] = t->cp[i];
		out->byte[k] = (unsigned char)(128 + i);
	}
}

struct charset_out *charset_out_new(const char *name, bool bom, struct err *e)
{
	struct charset_out *out = calloc(1, sizeof(*out));
	struct single t = { { 0 } };
	iconv_t back;

	if (out == NULL) {
		err_nomem(e);
		return NULL;
	}
	out->cd = NO_ICONV;
	out->bom = bom;
	out->kind = kind_of(name, &out->big);
	if (out->kind != MULTI)
		return out;
	out->cd = iconv_open(name, "UTF-8");
	back = iconv_open("UTF-8", name);
	if (out->cd == NO_ICONV || back == NO_ICONV) {
		no_such(name, e);
		if (back != NO_ICONV)
			iconv_close(back);
		charset_out_free(out);
		return NULL;
	}
	if (single_load(&t, back)) {
		out->kind = SINGLE;
		sort_single(out, &t);
	}
	iconv_close(back);
	return out;
}

void charset_out_free(struct charset_out *out)
{
	if (out == NULL)
		return;
	if (out->cd != NO_ICONV)
		iconv_close(out->cd);
	free(out);
}

bool charset_out_plain(const struct charset_out *out)
{
	return out->kind == UTF_8;
}

static char *put_unit(char *to, uint32_t v, int width, bool big)
{
	for (int i = 0; i < width; i++)
		to[big ? width - 1 - i : i] = (char)(v >> (8 * i));
	return to + width;
}

static void put_wide(struct charset_out *out, uint32_t cp, struct buf *to)
{
	char unit8[8], *end;

	if (out->kind == UTF_32)
		end = put_unit(unit8, cp, 4, out->big);
	else if (cp < 0x10000)
		end = put_unit(unit8, cp, 2, out->big);
	else
		end = put_unit(put_unit(unit8, 0xD800 + ((cp - 0x10000) >> 10), 2, out->big),
			0xDC00 + ((cp - 0x10000) & 0x3FF), 2, out->big);
	buf_bytes(to, unit8, (size_t)(end - unit8));
}

void charset_out_start(struct charset_out *out, struct buf *to)
{
	if (!out->bom)
		return;
	if (out->kind == UTF_8)
		buf_z(to, "\xEF\xBB\xBF");
	else if (out->kind == UTF_16 || out->kind == UTF_32)
		put_wide(out, 0xFEFF, to);
}

static char single_byte(const struct charset_out *out, uint32_t cp)
{
	int lo = 0, hi = 127;

	while (lo <= hi) {
		int mid = (lo + hi) / 2;

		if (out->cp[mid] == cp)
			return (char)out->byte[mid];
		if (out->cp[mid] < cp)
			lo = mid + 1;
		else
			hi = mid - 1;
	}
	return '?';
}

static void put_multi(struct charset_out *out, struct str s, struct buf *to)
{
	while (s.n != 0) {
		char *from = (char *)(uintptr_t)s.p, *at = buf_reserve(to, s.n * 2 + 64), *end = at;
		size_t left = s.n, room = s.n * 2 + 64, rc;

		if (at == NULL)
			return;
		rc = iconv(out->cd, &from, &left, &end, &room);
		to->n += (size_t)(end - at);
		s = str_sub(s, s.n - left, s.n);
		if (rc == (size_t)-1 && errno != E2BIG && s.n != 0) {
			utf8_next(&s);
			buf_c(to, '?');
		}
	}
}

void charset_out_put(struct charset_out *out, struct str s, struct buf *to)
{
	if (out->kind == UTF_8) {
		buf_str(to, s);
		return;
	}
	if (out->kind == MULTI) {
		put_multi(out, s, to);
		return;
	}
	while (s.n != 0) {
		if (out->kind == SINGLE) {
			size_t run = bytes_plain_run(s.p, s.n);
			uint32_t cp;

			buf_bytes(to, s.p, run);
			if ((s = str_sub(s, run, s.n)).n == 0)
				break;
			cp = utf8_next(&s);
			buf_c(to, cp < 0x80 ? (char)cp : single_byte(out, cp));
		} else {
			put_wide(out, utf8_next(&s), to);
		}
	}
}

void charset_out_end(struct charset_out *out, struct buf *to)
{
	char tail[16], *end = tail;
	size_t room = sizeof(tail);

	if (out->kind != MULTI)
		return;
	iconv(out->cd, NULL, NULL, &end, &room);
	buf_bytes(to, tail, (size_t)(end - tail));
}
