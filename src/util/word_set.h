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

enum { WORD_SET_SLOTS = 256, WORD_SET_MOST = 128 };

struct word_set {
	const struct str *words; /* WORD_SET_MOST at most, each once */
	size_t n;
	uint8_t slots[WORD_SET_SLOTS]; /* number of a word, from 1; 0: free */
};

void word_set_make(struct word_set *w);
bool word_set_has(const struct word_set *w, struct str s);

#define WORD_SET(set, list) \
	static struct word_set set = { .words = list, .n = sizeof(list) / sizeof((list)[0]) }; \
	__attribute__((constructor)) static void make_##set(void) \
	{ \
		word_set_make(&set); \
	} \
	_Static_assert(sizeof(list) / sizeof((list)[0]) <= WORD_SET_MOST, "too many words")

#endif
