/* SPDX-License-Identifier: Apache-2.0 */
#include "http/request_internal.h"
#include "http/uri.h"
#include "util/err.h"

#define FIELDS_MAX 32

/* application/x-www-form-urlencoded, into the parts of the request. */
int form_read(struct req *r, struct err *e)
{
	struct str rest = buf_view(&r->body), key, value;

	if ((r->parts = arena_array(&r->mem, FIELDS_MAX, sizeof(*r->parts))) == NULL)
		return err_set(e, ERR_LIMIT, "the request takes too much memory");
	while (uri_pair(&rest, &key, &value)) {
		struct req_part *p = &r->parts[r->n_parts];

		if (r->n_parts == FIELDS_MAX)
			return err_set(e, ERR_REQUEST, "the form has more than 32 fields");
		if (uri_decode(&r->mem, key, true, &p->name, e) == -1 ||
			uri_decode(&r->mem, value, true, &p->value, e) == -1)
			return -1;
		r->n_parts++;
	}
	return 0;
}
