/* SPDX-License-Identifier: Apache-2.0 */
#include "http/proxies.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/err.h"

enum { MOST = 256 };

/* All as version 6; version 4 is mapped into it, so that ::ffff:10.0.0.1 is 10.0.0.1. */
struct range {
	uint8_t b[16];
	unsigned bits;
};

struct proxies {
	size_t n;
	struct range v[];
};

static bool read_address(struct str s, uint8_t out[16], bool *v4)
{
	char text[PROXIES_ADDRESS];
	struct in_addr a;

	if (s.n == 0 || s.n >= sizeof(text) || memchr(s.p, '\0', s.n) != NULL)
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	*v4 = inet_pton(AF_INET, text, &a) == 1;
	if (!*v4)
		return inet_pton(AF_INET6, text, out) == 1;
	memset(out, 0, 10);
	out[10] = out[11] = 0xff;
	memcpy(out + 12, &a, 4);
	return true;
}

static bool read_bits(struct str s, unsigned most, unsigned *out)
{
	unsigned n = 0;

	if (s.n == 0 || s.n > 3)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		n = n * 10 + (unsigned)(s.p[i] - '0');
	}
	*out = n;
	return n <= most;
}

static bool read_range(struct str s, struct range *r)
{
	struct str head, tail;
	bool slash = str_split(s, '/', &head, &tail), v4;

	if (!read_address(str_trim(head), r->b, &v4))
		return false;
	r->bits = 128;
	if (!slash)
		return true;
	if (!read_bits(str_trim(tail), v4 ? 32 : 128, &r->bits))
		return false;
	r->bits += v4 ? 96 : 0;
	return true;
}

struct proxies *proxies_new(struct str list, struct err *e)
{
	struct proxies *p = calloc(1, sizeof(*p) + MOST * sizeof(p->v[0]));
	struct str head, rest = list;
	bool more = true;

	if (p == NULL) {
		err_nomem(e);
		return NULL;
	}
	while (more) {
		more = str_split(rest, ',', &head, &rest);
		head = str_trim(head);
		if (head.n == 0 && list.n == 0)
			break;
		if (p->n == MOST || !read_range(head, &p->v[p->n])) {
			err_set(e, ERR_CONFIG,
				"\"" STR_FMT
				"\" is no address or range of addresses, as 10.0.0.0/8",
				STR_ARG(str_sub(head, 0, 60)));
			free(p);
			return NULL;
		}
		p->n++;
	}
	return p;
}

void proxies_free(struct proxies *p)
{
	free(p);
}

static bool in_range(const struct range *r, const uint8_t a[16])
{
	unsigned whole = r->bits / 8, rest = r->bits % 8;

	if (memcmp(r->b, a, whole) != 0)
		return false;
	return rest == 0 || (r->b[whole] ^ a[whole]) >> (8 - rest) == 0;
}

static bool listed(const struct proxies *p, const uint8_t a[16])
{
	for (size_t i = 0; p != NULL && i < p->n; i++)
		if (in_range(&p->v[i], a))
			return true;
	return false;
}

bool proxies_has(const struct proxies *p, const char *address)
{
	uint8_t a[16];
	bool v4;

	return p != NULL && read_address(str_of(address), a, &v4) && listed(p, a);
}

/* "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]:4711", with or without quotes. */
static bool read_hop(struct str s, uint8_t out[16])
{
	ptrdiff_t at;
	bool v4;

	s = str_trim(s);
	if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
		s = str_sub(s, 1, s.n - 1);
	if (s.n != 0 && s.p[0] == '[')
		return (at = str_chr(s, ']')) > 0 &&
		       read_address(str_sub(s, 1, (size_t)at), out, &v4);
	if ((at = str_chr(s, ':')) > 0 && str_chr(str_sub(s, (size_t)at + 1, s.n), ':') < 0)
		s = str_sub(s, 0, (size_t)at);
	return read_address(s, out, &v4);
}

static void write_address(const uint8_t a[16], char out[PROXIES_ADDRESS])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (memcmp(a, mapped, sizeof(mapped)) == 0)
		inet_ntop(AF_INET, a + 12, out, PROXIES_ADDRESS);
	else
		inet_ntop(AF_INET6, a, out, PROXIES_ADDRESS);
}

bool proxies_step(const struct proxies *p, struct str forwarded, char address[PROXIES_ADDRESS])
{
	uint8_t a[16];

	while (forwarded.n != 0 && proxies_has(p, address)) {
		size_t from = forwarded.n;

		while (from > 0 && forwarded.p[from - 1] != ',')
			from--;
		/* What cannot be read ends the chain: the last proxy that could be is all we know.
		 */
		if (!read_hop(str_sub(forwarded, from, forwarded.n), a))
			return false;
		write_address(a, address);
		forwarded = str_sub(forwarded, 0, from > 0 ? from - 1 : 0);
	}
	return proxies_has(p, address);
}
