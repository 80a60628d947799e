/* SPDX-License-Identifier: Apache-2.0 */
/* word_set.h: is a text one of the words of a list in the program? One look instead of a walk along
 * the list.
 *
 *	static const struct str colours[] = { ... };
 *	WORD_SET(colour_set, colours);		// at file level
 *	if (word_set_has(&colour_set, s)) ...
 *
 * Threads: any; sets are made before main begins and never change. */
#ifndef UTIL_WORD_SET_H
#define UTIL_WORD_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

enum { WORD_SET_SLOTS = 1024, WORD_SET_MOST = 512 };

struct word_set {
	const void *list; /* of struct str, or of what begins with one; each word once */
	size_t n, step;   /* WORD_SET_MOST at most; bytes of an item */
	uint16_t slots[WORD_SET_SLOTS]; /* number of an item, from 1; 0: free */
};

void word_set_make(struct word_set *w);
/* word_set_find(w, s): which item has the word, or -1. */
int word_set_find(const struct word_set *w, struct str s);

static inline bool word_set_has(const struct word_set *w, struct str s)
{
	return word_set_find(w, s) >= 0;
}

#define WORD_SET(set, items) \
	static struct word_set set = { \
		.list = items, .n = sizeof(items) / sizeof((items)[0]), .step = sizeof((items)[0]) \
	}; \
	__attribute__((constructor)) static void make_##set(void) \
	{ \
		word_set_make(&set); \
	} \
	_Static_assert(sizeof(items) / sizeof((items)[0]) <= WORD_SET_MOST, "too many words")

#endif
