/* SPDX-License-Identifier: Apache-2.0 */
/* lazy.h: shared libraries that few commands need, loaded by the first call that does: loading all
 * of them takes longer than scoring a lead.
 *
 * #define ZIP_API(F) F(zip_open) F(zip_close)
 * LAZY(zip, ZIP_API, LAZY_ZIP_SONAME)         at file level, behind the library's own header
 * if (lazy_load(&zip_library, &zip, e) == -1) return -1;
 * zip.zip_open(...)
 *
 * The names LAZY_..._SONAME come from meson.build, which reads them from the library that the
 * headers belong to. A package names such a library as what it depends on itself: nothing shows it
 * in the binary. A library that was loaded stays. */
#ifndef UTIL_LAZY_H
#define UTIL_LAZY_H

#include <stdbool.h>
#include <stddef.h>

struct err;

struct lazy {
	const char *soname;
	const char *const *names;
	size_t n;
	bool loaded; /* under the module's lock, or after it was seen true */
};

#define LAZY_POINTER(f) __typeof__(&f) f;
#define LAZY_NAME(f)    #f,
/* ${name}: pointers to the functions of ${list}; ${name}_library: what lazy_load needs. */
#define LAZY(name, list, so) \
	static struct { \
		list(LAZY_POINTER) \
	} name; \
	static const char *const name##_names[] = { list(LAZY_NAME) }; \
	static struct lazy name##_library = { so, name##_names, \
		sizeof(name##_names) / sizeof(name##_names[0]), false }

/* lazy_load(l, to, e): fills the pointers at ${to}. ERR_INTERNAL when the library or a function is
 * not there; tried again by the next call. Any thread, any number of times. */
int lazy_load(struct lazy *l, void *to, struct err *e);

#endif
