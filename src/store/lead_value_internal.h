/* SPDX-License-Identifier: Apache-2.0 */
/* lead_value_internal.h: the value of a lead in a column, comparing two, and whether one passes a
 * filter: the meaning of record/query.h, the same for every backend. No state; any thread. */
#ifndef STORE_LEAD_VALUE_INTERNAL_H
#define STORE_LEAD_VALUE_INTERNAL_H

#include "store/store.h"

struct buf;

/* In the order of an ascending sort. */
enum value_class { VALUE_NUMBER, VALUE_TEXT, VALUE_EMPTY };

struct value {
	enum value_class class;
	double x;        /* of a number */
	struct str text; /* folded; of an attribute that is a number too */
};

enum { VALUE_SORTED = 200 }; /* bytes of a text that count in comparing greater and smaller */

/* value_raw(l, layout, c, raw, x): the text of a text column (true), or the number of another one
 * (NaN: empty; false). ${layout} is that of its cells, or NULL. */
bool value_raw(const struct lead *l, const struct layout *layout, const struct query_column *c,
	struct str *raw, double *x);
/* value_of_text(raw, attribute, fold): the value of a text; its folded text is appended to ${fold}
 * and borrowed from there. */
struct value value_of_text(struct str raw, bool attribute, struct buf *fold);
struct value value_of_number(double x); /* NaN: empty */
struct value value_of_lead(const struct lead *l, const struct layout *layout,
	const struct query_column *c, struct buf *fold);

/* value_cmp(a, b, descending): below, at or above 0; empty ones last in both directions. */
int value_cmp(const struct value *a, const struct value *b, bool descending);

/* A filter ready for use. */
struct filter {
	enum query_op op;
	struct query_column column;
	struct value *values; /* from the arena */
	size_t n;
	bool takes_empty; /* an empty value passes */
};
int filter_make(const struct query_filter *f, struct arena *a, struct filter *out, struct err *e);
bool filter_pass(const struct filter *f, const struct value *v);
bool filter_equal(const struct value *a, const struct value *b);

/* The words of a query, folded; each must start a word of the lead. */
int words_make(struct str text, struct arena *a, struct str **words, size_t *n, struct err *e);
/* words_of_lead(l, out): its searched fields, one after the other with blanks between. */
void words_of_lead(const struct lead *l, struct buf *out);
/* words_of_values(v, fields, out): the words of the searched fields among ${fields}, folded, with a
 * blank behind each. WORDS_FOLDED comes first, which no text begins with that a tokenizer gets from
 * us otherwise: it tells that what follows need only be taken apart. */
enum { WORDS_FOLDED = 0x1F };
void words_of_values(const struct lead_values *v, uint64_t fields, struct buf *out);
bool words_pass(const struct str *words, size_t n, struct str text, struct buf *scratch);

/* Where a page of a sorted list ends: written into and read from a cursor. */
struct place {
	struct value value;
	struct id id;
};
int place_write(const struct lead_query *q, const struct place *p, struct arena *a,
	struct str *cursor, struct err *e);
/* place_read(q, out, e): out of q->cursor, borrowing from it. */
int place_read(const struct lead_query *q, struct place *out, struct err *e);
/* place_cmp(..): the order of the list: by value, then by id. */
int place_cmp(const struct place *a, const struct place *b, bool descending);

#endif
