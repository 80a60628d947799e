/* SPDX-License-Identifier: Apache-2.0 */
/* headers.h: what a column's header says, by the table of headers that CRM products export
 * (crm_headers.def) and, for files of no known product, by common words in seven languages. Pure
 * functions over constant data; any thread. Guesses: features/profile checks them against values.
 */
#ifndef FEATURES_HEADERS_H
#define FEATURES_HEADERS_H

#include <stdbool.h>
#include <stddef.h>

#include "features/profile.h"
#include "util/str.h"

#define HEADER_MAX 320 /* bytes of a folded header; survey questions are long */

/* header_fold(s, out): NFKD without accents, case folded; blanks and _ - . / * are one blank.
 * "LeadSource" becomes "lead source" too. Lives in ${out}. */
struct str header_fold(struct str s, char out[HEADER_MAX]);
/* header_fold_text(s, out): the same for text of cells: "GmbH" is one word. */
struct str header_fold_text(struct str s, char out[HEADER_MAX]);

/* header_product(names, n): whose export it is, by the sets of headers that only one product has,
 * the most specific first; -1 when unknown. */
int header_product(const struct str *names, size_t n);
const char *header_product_name(int product); /* NULL for -1, and behind the last */
int header_product_find(struct str name);     /* -1: there is no such product */

struct header_guess {
	enum col_role role;
	bool leak;   /* known only because of the outcome */
	int product; /* whose table says so; -1: common words */
};
/* header_guess(name, product, nth, out): the ${nth} guess, best first; false after the last. */
bool header_guess(struct str name, int product, size_t nth, struct header_guess *out);

/* header_has(folded, words): whether the words of ${words} stand in it, at word boundaries. */
bool header_has(struct str folded, const char *words);

#endif
