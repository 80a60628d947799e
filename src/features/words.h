/* SPDX-License-Identifier: Apache-2.0 */
/* words.h: what a value or a header says about the end of a lead's story, in several languages.
 * Pure functions over tables of words; no allocation; any bytes are safe input; any thread. */
#ifndef FEATURES_WORDS_H
#define FEATURES_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "util/str.h"

#define WORDS_MAX 320 /* bytes of folded text that are looked at; the rest is cut */

/* words_fold(s, out): compatibility forms, accents dropped, case folded, everything that is no
 * letter or digit as one blank, none at the ends; "lastActivityDate" and "Won2" are split where
 * small letters end. Result lives in ${out} and ends in NUL. */
struct str words_fold(struct str s, char out[WORDS_MAX]);

/* words_clip(s, max): at most ${max} bytes of it, not cut inside a character: for sentences. */
struct str words_clip(struct str s, size_t max);

/* words_has(folded, phrase): whole words of ${phrase} (folded, a NUL-ended list of words) stand in
 * ${folded} next to each other. */
bool words_has(struct str folded, const char *phrase);

/* Both take text as it came. 1 yes, 0 no, -1 neither: yes, true, 1, ja, oui, si, sim, ... */
int words_yesno(struct str s);

enum words_side { SIDE_NONE, SIDE_WON, SIDE_LOST };
/* words_side(s): which end "Closed Won", "not converted", "Verloren - Preis" names. */
enum words_side words_side(struct str s);
/* words_ended(s): says that it is over, not how: "Closed by agent". */
bool words_ended(struct str s);
/* words_label(s): 0 hot, 1 warm, 2 cold, -1 none of them. */
int words_label(struct str s);
/* words_open(s): sounds like a lead that is still being worked: "New", "In progress". */
bool words_open(struct str s);
/* words_nothing(s): empty, or says that nothing is known: "N/A", "-", "unknown", "Select". */
bool words_nothing(struct str s);

#endif
