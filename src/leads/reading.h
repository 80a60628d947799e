/* SPDX-License-Identifier: Apache-2.0 */
/* reading.h: what a person said of how an uploaded file is laid out, as JSON and as the table takes
 * it. It is kept with the upload (member "asked"), so that everything that opens the file again
 * reads it as the review showed it. Threads: no state. */
#ifndef LEADS_READING_H
#define LEADS_READING_H

#include <stdbool.h>
#include <stddef.h>

#include "util/table.h"

struct err;
struct json;
struct jw;

/* reading_parse(v, r, pointer, n, e): {"header", "header_line", "delimiter", "encoding", "footer",
 * "product"}, each of which may be left out, ${v} NULL too. ERR_INPUT for anything else, with a
 * JSON pointer to it in ${pointer}. */
int reading_parse(
	const struct json *v, struct table_reading *r, char *pointer, size_t n, struct err *e);
/* reading_write(r, v, w): what was said of it, as reading_parse takes it and took it from ${v}. */
void reading_write(const struct table_reading *r, const struct json *v, struct jw *w);
/* reading_product(detail, product): whether the detail of an upload says whose export it is;
 * *product is then that of features/headers.h, -1: of none. */
bool reading_product(const struct json *detail, int *product);
/* reading_of(detail, r): what the detail of an upload says; NULL: nothing. Whether there is a
 * header is said by what was found, too. */
void reading_of(const struct json *detail, struct table_reading *r);

#endif
