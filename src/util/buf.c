/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/buf.h"
#include "util/err.h"

char *buf_reserve(struct buf *b, size_t n)
{
	size_t cap = b->cap;
	char *p;

	if (b->failed)
		return NULL;
	if (n <= b->cap - b->n && b->p != NULL)
		return b->p + b->n;
	if (n > SIZE_MAX / 2 - b->n) {
		b->failed = true;
		return NULL;
	}
	if (cap < 64)
		cap = 64;
	while (cap < b->n + n)
		cap *= 2;
	if ((p = realloc(b->p, cap)) == NULL) {
		b->failed = true;
		return NULL;
	}
	b->p = p;
	b->cap = cap;
	return p + b->n;
}

void buf_bytes(struct buf *b, const void *p, size_t n)
{
	char *to;

	if (n == 0 || (to = buf_reserve(b, n)) == NULL)
		return;
	memcpy(to, p, n);
	b->n += n;
}

void buf_str(struct buf *b, struct str s)
{
	buf_bytes(b, s.p, s.n);
}

void buf_z(struct buf *b, const char *z)
{
	buf_str(b, str_of(z));
}

void buf_c(struct buf *b, char c)
{
	buf_bytes(b, &c, 1);
}

void buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	char *to;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->failed = true;
		return;
	}
	if ((to = buf_reserve(b, (size_t)n + 1)) == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(to, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
}

void buf_num(struct buf *b, double x)
{
	char s[40];

	if (!isfinite(x)) {
		buf_z(b, "null");
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(s, sizeof(s), "%.*g", digits, x);
		if (strtod(s, NULL) == x)
			break;
	}
	buf_z(b, s);
}

struct str buf_view(const struct buf *b)
{
	return (struct str){ b->p, b->n };
}

void buf_reset(struct buf *b)
{
	b->n = 0;
	b->failed = false;
}

void buf_clear(struct buf *b)
{
	free(b->p);
	*b = (struct buf){ 0 };
}

int buf_done(struct buf *b, struct err *e)
{
	return b->failed ? err_nomem(e) : 0;
}

char *buf_take(struct buf *b, struct err *e)
{
	char *p;

	buf_c(b, '\0');
	if (b->failed) {
		buf_clear(b);
		err_nomem(e);
		return NULL;
	}
	p = b->p;
	*b = (struct buf){ 0 };
	return p;
}
