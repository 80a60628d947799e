/* SPDX-License-Identifier: Apache-2.0 */
/* lead_list.h: pages of leads as answers. */
#ifndef API_LEAD_LIST_H
#define API_LEAD_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/query.h"

struct err;
struct jw;
struct req;

enum { LEAD_LIST_SHOWN = 64 };

/* What ?fields= asks for; zeroed: all fields and no attributes. */
struct lead_list_shown {
	uint64_t fields; /* FIELD_BITs */
	struct query_column attributes[LEAD_LIST_SHOWN];
	size_t n;
};

/* lead_list_fields(r, out, e): of a route that declares "fields". A column that is none is told. */
int lead_list_fields(struct req *r, struct lead_list_shown *out, struct err *e);

/* lead_list_items(r, page, shown, reasons, w, e): the objects of an open array; with ${reasons} the
 * main reason of each (the page was then read with cells). */
int lead_list_items(struct req *r, const struct lead_page *page,
	const struct lead_list_shown *shown, bool reasons, struct jw *w, struct err *e);

/* lead_list_send(r, q, shown, reasons, e): the page that ${q} asks for is the answer. */
int lead_list_send(struct req *r, const struct lead_query *q, const struct lead_list_shown *shown,
	bool reasons, struct err *e);

#endif
