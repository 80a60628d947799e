/* SPDX-License-Identifier: Apache-2.0 */
/* dict.h: the levels of a category: from the text of a cell to a code and back.
 *
 * Grows while training rows come by, then is sealed: the most frequent level gets code 1, ties in
 * byte order, so codes do not depend on the order of rows; code 0 is missing. Values seen once are
 * pooled in one level (the last), and so are values that training never saw. After sealing it
 * never changes; any thread may look up, without allocation. */
#ifndef FEATURES_DICT_H
#define FEATURES_DICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

struct err;
struct json;
struct jw;
struct dict;

#define DICT_LEVELS 200000 /* most levels; rarer values are pooled */

struct dict *dict_new(void); /* NULL when out of memory */
void dict_free(struct dict *d);

/* dict_add(d, cell, e): number of the value while growing: 0 for an empty cell, else 1 and up;
 * UINT32_MAX when out of memory. */
uint32_t dict_add(struct dict *d, struct str cell, struct err *e);
/* dict_seal(d, codes, e): ends growing. ${*codes} is an array for free(): the code of each number
 * that dict_add gave. */
int dict_seal(struct dict *d, uint32_t **codes, struct err *e);

/* dict_find(d, cell): its code; the rare level, or UINT32_MAX without one, for values not seen. */
uint32_t dict_find(const struct dict *d, struct str cell);
uint32_t dict_levels(const struct dict *d);                /* codes are below it; 1 at least */
struct str dict_text(const struct dict *d, uint32_t code); /* as first seen */
uint32_t dict_rare(const struct dict *d);                  /* UINT32_MAX: no such level */
bool dict_known(
	const struct dict *d, uint32_t code); /* filled: neither missing nor a placeholder */

void dict_write(const struct dict *d, struct jw *w);
struct dict *dict_read(const struct json *v, struct err *e);

#endif
