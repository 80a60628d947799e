/* SPDX-License-Identifier: Apache-2.0 */
/* uri.h: percent-encoded text, strictly: one meaning or none. */
#ifndef HTTP_URI_H
#define HTTP_URI_H

#include <stdbool.h>

#include "util/str.h"

struct arena;
struct err;

/* uri_decode(mem, s, form, out, e): ${s} without %XX (and "+" for a blank when ${form}), in ${mem}
 * when something changed, else borrowed from ${s}. ERR_REQUEST for a wrong escape, a NUL or what is
 * not UTF-8 afterwards. */
int uri_decode(struct arena *mem, struct str s, bool form, struct str *out, struct err *e);

/* uri_pair(s, key, value): takes the first "key=value" off ${s} ("&" between them), undecoded;
 * false at the end. Empty pairs are skipped. */
bool uri_pair(struct str *s, struct str *key, struct str *value);

#endif
