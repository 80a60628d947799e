/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever the body and however it comes in pieces, the parser tells the same or refuses it both
 * times, and what it tells is no longer than what came. The first byte is the size of the pieces.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "http/multipart.h"
#include "util/buf.h"
#include "util/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int begin(void *ctx, const struct part *p, struct err *e)
{
	buf_c(ctx, '[');
	buf_str(ctx, p->name);
	return 0;
}

static int data_of(void *ctx, struct str bytes, struct err *e)
{
	buf_str(ctx, bytes);
	return 0;
}

static int end(void *ctx, struct err *e)
{
	buf_c(ctx, ']');
	return 0;
}

static int run(struct str body, size_t step, struct buf *told)
{
	struct err e = { 0 };
	struct multipart_hooks hooks = { told, begin, data_of, end };
	struct multipart *m = multipart_new(S("b"), &hooks, &e);
	int rc = 0;

	for (size_t i = 0; i < body.n && rc == 0; i += step)
		rc = multipart_feed(m, str_sub(body, i, i + step), &e);
	if (rc == 0)
		rc = multipart_end(m, &e);
	if (rc == -1 && e.code != ERR_REQUEST && e.code != ERR_NOMEM)
		abort();
	multipart_free(m);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct buf a = { 0 }, b = { 0 };
	struct str body, boundary;
	int rc;

	if (n == 0)
		return 0;
	body = (struct str){ (const char *)bytes + 1, n - 1 };
	rc = run(body, body.n + 1, &a);
	if (run(body, (size_t)bytes[0] % 31 + 1, &b) != rc)
		abort();
	if (rc == 0 && (!str_eq(buf_view(&a), buf_view(&b)) || a.n > n))
		abort();
	(void)multipart_boundary(body, &boundary, NULL);
	buf_clear(&a);
	buf_clear(&b);
	return 0;
}
