/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever the bytes, conf_parse hands over names and values within them, or says which line is
 * wrong. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "config/conf.h"
#include "util/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int take(void *ctx, size_t line, struct str name, struct str value, struct err *e)
{
	const struct str *all = ctx;

	if (name.n == 0 || name.p < all->p || name.p + name.n > all->p + all->n)
		abort();
	if (value.n > 0 && (value.p < all->p || value.p + value.n > all->p + all->n))
		abort();
	return line > 1000 ? err_set(e, ERR_CONFIG, "enough") : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str all = { (const char *)data, n };
	struct err e = { 0 };

	if (conf_parse(all, take, &all, &e) == -1 && e.code != ERR_CONFIG)
		abort();
	return 0;
}
