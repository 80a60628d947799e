/* SPDX-License-Identifier: Apache-2.0 */
/* err.h: what went wrong, once, in words a user can act on.
 *
 * A function that can fail takes a struct err last, returns 0 or -1 (or a pointer or NULL), and
 * fills the err exactly when it fails. Pass errors up; print them where the work ends. */
#ifndef UTIL_ERR_H
#define UTIL_ERR_H

enum err_code {
	ERR_OK = 0,
#define ERR(name, http, exitcode, title) ERR_##name,
#include "util/err.def"
#undef ERR
	ERR_COUNT
};

struct err {
	enum err_code code;
	char msg[1024]; /* a sentence without a final full stop; ends in NUL, cut when too long */
};

/* err_set(e, code, fmt, ...): fill ${e} (NULL is fine). Always returns -1. What leads to a cold
 * function is kept away from the instructions that all else runs through. */
int err_set(struct err *e, enum err_code code, const char *fmt, ...)
	__attribute__((cold, format(printf, 3, 4)));

/* err_reset(e): nothing has failed. For paths that are taken often: "= { 0 }" zeroes the whole
 * message. */
static inline void err_reset(struct err *e)
{
	e->code = (enum err_code)0;
	e->msg[0] = '\0';
}

/* err_prefix(e, fmt, ...): put words in front of the message, as in "FILE: ". Always returns -1. */
int err_prefix(struct err *e, const char *fmt, ...) __attribute__((cold, format(printf, 2, 3)));

/* err_nomem(e): "out of memory". Always returns -1. */
int err_nomem(struct err *e) __attribute__((cold));

const char *err_title(enum err_code code);
int err_http(enum err_code code);
int err_exit(enum err_code code); /* 0 for ERR_OK */

/* ASSERT(x): stop the program on a mistake of ours. Stays on in release builds; never used on
 * input, files, network or memory limits. */
#define ASSERT(x) ((x) ? (void)0 : err_assert_failed(#x, __FILE__, __LINE__))
void err_assert_failed(const char *what, const char *file, int line)
	__attribute__((cold, noreturn));

#endif
