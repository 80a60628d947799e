/* SPDX-License-Identifier: Apache-2.0 */
/* The part of a request that a client writes freely: query, target and header lines. Whatever the
 * bytes: accepted or refused with a reason, and an accepted value is within its range. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "http/params.h"
#include "http/strict.h"
#include "util/arena.h"
#include "util/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct param table[] = {
	{ "limit", "int", 1, 500, "50", "", false },
	{ "at", "num", 0, 1, NULL, "", false },
	{ "q", "str", 0, 20, NULL, "", false },
	{ "heat", "hot|warm|cold...", 0, 0, NULL, "", false },
	{ "sort", "a|b", 0, 0, NULL, "", false },
	{ "since", "date", 0, 0, NULL, "", false },
	{ "yes", "bool", 0, 0, NULL, "", false },
	{ "*", "filter", 0, 0, NULL, "", false },
	{ 0 },
};

static void fault(void *ctx, const char *pointer, const char *detail)
{
	if (pointer[0] != '?' || detail[0] == '\0')
		abort();
}

static void query(struct str s)
{
	struct arena mem = { .cap = 1 << 20 };
	struct param_value values[8] = { 0 };
	struct params_out out = { .mem = &mem, .values = values, .fault = fault };
	struct err e = { 0 };

	if (params_read(table, s, &out, &e) == -1) {
		if (e.code != ERR_REQUEST && e.code != ERR_INPUT && e.code != ERR_LIMIT)
			abort();
	} else if (values[0].v.i < 1 || values[0].v.i > 500 ||
		   (values[1].sent && !(values[1].v.d >= 0 && values[1].v.d <= 1)) ||
		   values[3].v.words > 7 || (values[5].sent && !isfinite(values[5].v.d))) {
		abort();
	}
	arena_clear(&mem);
}

static void headers(struct str s)
{
	struct header h[HEADERS_MAX + 1];
	struct framing f;
	struct str line, rest = s;
	struct err e = { 0 };
	size_t n = 0;
	int status;

	while (rest.n != 0 && n < HEADERS_MAX + 1) {
		str_split(rest, '\n', &line, &rest);
		str_split(line, ':', &h[n].name, &h[n].value);
		n++;
	}
	status = strict_headers(h, n, false, &f, &e);
	if (status == 0 && (f.host.n == 0 || (f.chunked && f.has_length)))
		abort();
	if (status != 0 && e.msg[0] == '\0')
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str s = { (const char *)data, n };

	query(s);
	headers(s);
	(void)strict_target(s, NULL);
	return 0;
}
