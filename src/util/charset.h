/* SPDX-License-Identifier: Apache-2.0 */
/* charset.h: which encoding a file is in, its text as UTF-8, and back again.
 *
 * Decided in this order: byte order mark; UTF-16 that shows by its zero bytes; valid UTF-8; mostly
 * valid UTF-8 (then the damaged rows are the file's fault); DOS cp850; what uchardet names; cp1252.
 * The whole file is looked at, because the first accent may stand megabytes in. */
#ifndef UTIL_CHARSET_H
#define UTIL_CHARSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

struct buf;
struct err;
struct source;

struct charset {
	char name[32];    /* iconv's name, in capitals: "UTF-8", "UTF-16LE", "CP1252" */
	bool bom;         /* the file begins with a byte order mark */
	bool may_nul;     /* text may hold zero characters */
	bool may_invalid; /* text may hold bytes that are no UTF-8: what could not be decoded */
};

/* charset_detect(s, out, e): reads ${s} to its end and rewinds it. */
int charset_detect(struct source *s, struct charset *out, struct err *e);
/* charset_take(s, name, out, e): as charset_detect, where somebody said which encoding it is: one
 * of those that charset_known knows, else ERR_INPUT. */
int charset_take(struct source *s, const char *name, struct charset *out, struct err *e);
/* charset_known(name): one of the encodings that a person may choose from. */
bool charset_known(struct str name);
/* charset_guess(sample, name, e): name of the encoding of 8-bit text that is not UTF-8. */
int charset_guess(struct str sample, char name[32], struct err *e);

/* Decoding. Bytes outside the encoding come as 0xFF, which UTF-8 never has; in encodings of one
 * byte each byte has a character (the five bytes that cp1252 leaves open are U+0081 and so on) so
 * that everything can be written back. */
struct charset_in;
struct charset_in *charset_in_new(const struct charset *c, struct source *s, struct err *e);
void charset_in_free(struct charset_in *in);
enum { CHARSET_ROOM = 64 };
/* charset_in_read(in, to, n, e): next text, without byte order mark; ${n} >= CHARSET_ROOM. Bytes
 * put, 0 at the end, -1 when the source fails. A character may come in two pieces. */
ptrdiff_t charset_in_read(struct charset_in *in, char *to, size_t n, struct err *e);
int charset_in_rewind(struct charset_in *in, struct err *e); /* and the source */

/* Encoding, whole characters per call. What the encoding lacks is written as "?". */
struct charset_out;
struct charset_out *charset_out_new(const char *name, bool bom, struct err *e);
void charset_out_free(struct charset_out *out);
bool charset_out_plain(const struct charset_out *out); /* UTF-8: text is written as it is */
void charset_out_start(struct charset_out *out, struct buf *to); /* the byte order mark, if any */
void charset_out_put(struct charset_out *out, struct str utf8, struct buf *to);
void charset_out_end(struct charset_out *out, struct buf *to); /* back to the initial state */

#endif
