/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "http/strict.h"
#include "util/bytes.h"
#include "util/err.h"

#define TARGET_MAX ((size_t)8192)
#define LINE_MAX   ((size_t)8192)
#define BLOCK_MAX  ((size_t)16384)

static int refuse(int status, struct err *e, const char *why)
{
	err_set(e, status == 431 || status == 414 ? ERR_LIMIT : ERR_REQUEST, "%s", why);
	return status;
}

/* Characters as bits: 0 to 63, and 64 to 127; bytes above are in none of the sets. */
struct set {
	uint64_t low, high;
};

/* Letters, digits and !#$%&'*+-.^_`|~ (RFC 9110, 5.6.2). */
static const struct set tokens = { 0x03ff6cfa00000000u, 0x57ffffffc7fffffeu };
/* What stands in a host or in front of a port: no blank and none of /?#@\,"<>^`{|} */
static const struct set hosts = { 0x2fff6ff200000000u, 0x47fffffeaffffffeu };
/* Brackets are for FIELD[op]=; the rest is what RFC 3986 leaves out: "<>\^`{|}# */
static const struct set targets = { 0xaffffff200000000u, 0x47fffffeafffffffu };

static bool has(const struct set *s, unsigned char c)
{
	return c < 128 && ((c < 64 ? s->low : s->high) >> (c & 63) & 1) != 0;
}

/* The same by character, for one look a byte. */
enum { TOKEN = 1, HOST = 2, TARGET = 4, VALUE = 8 };
static uint8_t classes[256];

__attribute__((constructor)) static void classify(void)
{
	for (unsigned c = 0; c < 256; c++) {
		bool visible = c >= ' ' && c != 0x7f;

		classes[c] = (uint8_t)((has(&tokens, (unsigned char)c) ? TOKEN : 0) |
				       (has(&hosts, (unsigned char)c) ? HOST : 0) |
				       (has(&targets, (unsigned char)c) ? TARGET : 0) |
				       (visible || c == '\t' ? VALUE : 0));
	}
}

static bool all_of(unsigned class, struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	unsigned all = class;
	size_t i = 0;

	for (; s.n - i >= 4; i += 4)
		all &= classes[p[i]] & classes[p[i + 1]] & classes[p[i + 2]] & classes[p[i + 3]];
	for (; i < s.n; i++)
		all &= classes[p[i]];
	return all != 0;
}

static bool is_token(struct str s)
{
	return s.n != 0 && all_of(TOKEN, s);
}

/* Whether one of eight bytes is below a blank or 127: an exact test for "is there one", as the
 * first borrow can only come from one that is. */
static bool has_control(const char *p)
{
	uint64_t v, del;

	memcpy(&v, p, sizeof(v));
	del = v ^ BYTES_EACH(0x7f);
	return ((((v - BYTES_EACH(' ')) & ~v) | ((del - BYTES_EACH(1)) & ~del)) &
		       BYTES_EACH(0x80)) != 0;
}

/* RFC 9110, 5.5: visible characters, blanks, tabs and bytes above 127. Of what is longer than eight
 * bytes the last eight are looked at together, whether or not some have been. */
static bool is_value(struct str s)
{
	size_t i = 0;

	if (s.n < 8)
		return all_of(VALUE, s);
	while (i + 8 < s.n && !has_control(s.p + i))
		i += 8;
	return (i + 8 >= s.n && !has_control(s.p + s.n - 8)) || all_of(VALUE, str_sub(s, i, s.n));
}

static int length(struct str s, struct framing *f, struct err *e)
{
	uint64_t v = 0;

	if (f->has_length)
		return refuse(400, e, "Content-Length is given twice");
	if (s.n == 0 || s.n > 18)
		return refuse(400, e, "Content-Length is not a number");
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return refuse(400, e, "Content-Length is not a number");
		v = v * 10 + (uint64_t)(s.p[i] - '0');
	}
	f->has_length = true;
	f->length = v;
	return 0;
}

/* Reg-name, IPv4 or [IPv6] with or without a port; never user@host, a path or a list. */
static bool is_host(struct str s)
{
	return s.n != 0 && s.n <= 255 && all_of(HOST, s);
}

/* Whether a list such as "gzip, br;q=1" has ${what} with a weight above 0. */
static bool accepts(struct str list, struct str what)
{
	bool more = true;
	struct str item, name, weight;

	while (more) {
		more = str_split(list, ',', &item, &list);
		if (!str_split(item, ';', &name, &weight))
			weight = S("q=1");
		weight = str_trim(weight);
		if (str_eqi(str_trim(name), what))
			return !str_eq(weight, S("q=0")) && !str_starts(weight, S("q=0.000"));
	}
	return false;
}

static int once(struct str *to, struct str value, const char *twice, struct err *e)
{
	if (to->p != NULL)
		return refuse(400, e, twice);
	*to = value;
	return 0;
}

static int look(const struct header *h, struct framing *f, struct err *e)
{
	struct str v = h->value;

	switch (h->name.n) {
	case 4:
		if (str_eqi(h->name, S("Host")))
			return once(&f->host, v, "Host is given twice", e);
		break;
	case 6:
		if (str_eqi(h->name, S("Expect"))) {
			if (!str_eqi(v, S("100-continue")))
				return refuse(417, e, "this expectation is not met here");
			f->expect = true;
		}
		break;
	case 7:
		if (str_eqi(h->name, S("Upgrade")))
			return refuse(501, e, "the protocol is not changed here");
		if (str_eqi(h->name, S("Trailer")))
			return refuse(400, e, "trailers are not taken");
		break;
	case 11:
		if (str_eqi(h->name, S("traceparent")))
			f->traceparent = v;
		break;
	case 12:
		if (str_eqi(h->name, S("Content-Type")))
			return once(&f->type, v, "Content-Type is given twice", e);
		break;
	case 14:
		if (str_eqi(h->name, S("Content-Length")))
			return length(v, f, e);
		break;
	case 15:
		if (str_eqi(h->name, S("Accept-Encoding"))) {
			f->accepts_br = accepts(v, S("br"));
			f->accepts_gzip = accepts(v, S("gzip"));
		} else if (str_eqi(h->name, S("Idempotency-Key"))) {
			return once(&f->idempotency_key, v, "Idempotency-Key is given twice", e);
		}
		break;
	case 16:
		if (str_eqi(h->name, S("Content-Encoding")))
			f->encoding = v;
		break;
	case 17:
		if (!str_eqi(h->name, S("Transfer-Encoding")))
			break;
		if (f->chunked)
			return refuse(400, e, "Transfer-Encoding is given twice");
		if (!str_eqi(v, S("chunked")))
			return refuse(501, e, "only the transfer encoding chunked is known");
		f->chunked = true;
		break;
	default:
		break;
	}
	return 0;
}

int strict_headers(const struct header *h, size_t n, bool http10, struct framing *f, struct err *e)
{
	size_t total = 0;
	int status;

	memset(f, 0, sizeof(*f));
	if (n > HEADERS_MAX)
		return refuse(431, e, "there are more than 100 header fields");
	for (size_t i = 0; i < n; i++) {
		size_t line = h[i].name.n + h[i].value.n + 4; /* ": " and the line end */

		total += line;
		if (line > LINE_MAX || total > BLOCK_MAX)
			return refuse(
				431, e, "a header field, or all of them together, are too long");
		if (!is_token(h[i].name) || !is_value(h[i].value))
			return refuse(400, e, "a header field has a character it may not have");
		if ((status = look(&h[i], f, e)) != 0)
			return status;
	}
	if (f->host.p == NULL && !http10)
		return refuse(400, e, "Host is missing");
	if (f->host.p != NULL && !is_host(f->host))
		return refuse(400, e, "Host is not a host");
	if (f->chunked && (f->has_length || http10))
		return refuse(400, e, "Transfer-Encoding beside Content-Length, or in HTTP/1.0");
	return 0;
}

int strict_target(struct str t, struct err *e)
{
	if (t.n > TARGET_MAX)
		return refuse(414, e, "the address is longer than 8 KiB");
	if (t.n == 0 || t.p[0] != '/')
		return refuse(400, e, "the address does not start with /");
	if (!all_of(TARGET, t))
		return refuse(400, e, "the address has a character that must be escaped");
	return 0;
}
