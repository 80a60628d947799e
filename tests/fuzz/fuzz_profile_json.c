/* SPDX-License-Identifier: Apache-2.0 */
/* A profile as JSON, any bytes: read whole and laid over a measured one, it answers with a profile
 * or a message, and what was read is written the same twice. */
#include <stdint.h>

#include "features/profile.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void written_twice(const struct profile *p)
{
	struct buf a = { 0 }, b = { 0 };
	struct jw wa = { .b = &a }, wb = { .b = &b };
	struct err e = { 0 };
	struct json *doc;
	struct profile *again;

	profile_write(p, &wa);
	doc = json_parse(buf_view(&a), &e);
	ASSERT(doc != NULL);
	again = profile_read(doc, &e);
	ASSERT(again != NULL);
	profile_write(again, &wb);
	ASSERT(str_eq(buf_view(&a), buf_view(&b)));
	profile_free(again);
	json_free(doc);
	buf_clear(&a);
	buf_clear(&b);
}

static struct profile *measured(void)
{
	static const struct str names[] = { { "id", 2 }, { "plan", 4 }, { "when", 4 } };
	static const struct str cells[] = { { "1", 1 }, { "a", 1 }, { "2024-03-15", 10 } };
	struct err e = { 0 };
	struct profiler *pr = profiler_new(names, 3, NULL, &e);

	ASSERT(pr != NULL && profiler_row(pr, cells, &e) == 0);
	return profiler_end(pr, &e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { 0 };
	struct json *doc = json_parse((struct str){ (const char *)data, size }, &e);
	struct profile *p;

	if (doc == NULL)
		return 0;
	p = profile_read(doc, &e);
	ASSERT(p != NULL || e.msg[0] != '\0');
	if (p != NULL)
		written_twice(p);
	profile_free(p);
	p = measured();
	e = (struct err){ 0 };
	ASSERT(profile_edit(p, doc, &e) == 0 || e.msg[0] != '\0');
	written_twice(p);
	profile_free(p);
	json_free(doc);
	return 0;
}
