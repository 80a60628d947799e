/* SPDX-License-Identifier: Apache-2.0 */
/* multipart.h: multipart/form-data (RFC 7578) piece by piece, in constant memory. The caller is
 * told where a part begins, its bytes as they come, and its end.
 *
 * Strict: CRLF line ends, one Content-Disposition of type form-data with a name per part, part
 * headers of at most 8 KiB, at most 32 parts, nothing but blank lines before the first and after
 * the last. */
#ifndef HTTP_MULTIPART_H
#define HTTP_MULTIPART_H

#include <stdbool.h>

#include "util/str.h"

struct err;
struct multipart;

struct part {
	struct str name, filename, type; /* borrowed for the call; empty when not told */
	bool has_filename;
};

struct multipart_hooks {
	void *ctx;
	int (*begin)(void *ctx, const struct part *p, struct err *e);
	int (*data)(void *ctx, struct str bytes, struct err *e);
	int (*end)(void *ctx, struct err *e);
};

/* multipart_boundary(type, out, e): the boundary in a Content-Type, 1 to 70 characters; ERR_REQUEST
 * otherwise. Borrows from ${type}. */
int multipart_boundary(struct str type, struct str *out, struct err *e);

/* multipart_new(boundary, hooks, e): copies both. */
struct multipart *multipart_new(
	struct str boundary, const struct multipart_hooks *hooks, struct err *e);
/* multipart_feed(m, bytes, e): ERR_REQUEST when it is malformed; what a hook returned otherwise. */
int multipart_feed(struct multipart *m, struct str bytes, struct err *e);
int multipart_end(struct multipart *m, struct err *e); /* ERR_REQUEST when it is cut short */
void multipart_free(struct multipart *m);              /* NULL is fine */

#endif
