/* SPDX-License-Identifier: Apache-2.0 */
/* str.h: borrowed text, a pointer and a length. Never assumed to end in NUL. */
#ifndef UTIL_STR_H
#define UTIL_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p; /* may be NULL when n is 0 */
	size_t n;      /* bytes */
};

#define S(lit)     ((struct str){ (lit), sizeof(lit) - 1 })
#define STR_FMT    "%.*s"
#define STR_ARG(s) (int)(s).n, (s).p != NULL ? (s).p : ""

/* Of a NUL-ended string; NULL gives the empty str. Here, as of a literal it costs nothing. */
static inline struct str str_of(const char *z)
{
	return (struct str){ z, z != NULL ? strlen(z) : 0 };
}
struct str str_sub(struct str s, size_t from, size_t to); /* [from, to), clipped to s */
struct str str_trim(struct str s); /* without ASCII blanks and U+00A0, U+FEFF at both ends */
bool str_eq(struct str a, struct str b);
bool str_eqi(struct str a, struct str b); /* ASCII case folded */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
bool str_startsi(struct str s, struct str prefix);
int str_cmp(struct str a, struct str b);            /* byte order; a prefix comes first */
ptrdiff_t str_find(struct str s, struct str what);  /* byte offset of the first, or -1 */
ptrdiff_t str_findi(struct str s, struct str what); /* same, ASCII case folded */
ptrdiff_t str_chr(struct str s, char c);
char *str_dup(struct str s); /* owned copy ending in NUL; NULL when out of memory */

/* str_hash(s, seed): 64 bits, the same on every machine and in every run (wyhash-like mixing).
 * Good for tables; not for secrets. */
uint64_t str_hash(struct str s, uint64_t seed);

/* str_split(s, sep, head, tail): cut at the first ${sep}; false (and all in head) if none. */
bool str_split(struct str s, char sep, struct str *head, struct str *tail);

#endif
