/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever the bytes, a lead is read or refused with a message; and json_flat takes what json_parse
 * takes, but for what its header says. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "features/profile.h"
#include "leads/lead_input.h"
#include "util/err.h"
#include "util/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct lead_input *open_input(void)
{
	static const char text[] =
		"{\"rows\":10,\"columns\":["
		"{\"name\":\"Lead Source\",\"role\":\"source\",\"kind\":\"category\"},"
		"{\"name\":\"n\",\"role\":\"engagement\",\"kind\":\"number\",\"decimal_mark\":\","
		"\"},"
		"{\"name\":\"d\",\"role\":\"last_activity_at\",\"kind\":\"date\"},"
		"{\"name\":\"y\",\"role\":\"attribute\",\"kind\":\"yes/no\"}]}";
	struct json *doc = json_parse(S(text), NULL);
	static struct profile *p; /* its names are borrowed by the shape */

	p = profile_read(doc, NULL);
	json_free(doc);
	return lead_input_new(lead_shape_new(p, NULL), NULL);
}

/* Differences that are meant: long numbers, many members, equal keys inside nested objects. */
static int may_differ(const struct err *flat, const struct err *whole)
{
	return flat->code == ERR_LIMIT || strstr(flat->msg, "too large or too long") != NULL ||
	       strstr(whole->msg, "big") != NULL || strstr(whole->msg, "overflow") != NULL ||
	       strstr(whole->msg, "duplicate") != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct lead_input *in;
	struct str text = { (const char *)data, n };
	struct err flat = { 0 }, whole = { 0 };
	struct json *doc;
	int rc;

	if (in == NULL)
		in = open_input();
	rc = lead_input_read(in, text, 20000, &flat);
	if (rc == -1 && (flat.code == ERR_OK || flat.msg[0] == '\0'))
		abort();
	doc = json_parse(text, &whole);
	if (doc != NULL && json_type(doc) != J_OBJ) {
		if (rc == 0)
			abort();
	} else if ((rc == 0 || in->n_faults != 0) != (doc != NULL) && !may_differ(&flat, &whole)) {
		abort();
	}
	json_free(doc);
	return 0;
}
