/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite_strip_internal.h: one strip: a column of 4,096 leads. Its different values in the order of
 * an ascending sort, numbers before texts, and for each lead the number of its value, 0: empty.
 *
 *	head, codes (0, 1 or 2 bytes each), to a multiple of 8, numbers (double each),
 *	ends of the texts (4 bytes each), texts (folded)
 *
 * A column of texts has a text for every value, one of numbers only numbers. */
#ifndef STORE_SQLITE_STRIP_INTERNAL_H
#define STORE_SQLITE_STRIP_INTERNAL_H

#include "store/lead_value_internal.h"
#include "store/sqlite_internal.h"

struct strip {
	const uint8_t *codes;
	unsigned width; /* bytes a code; 0: every lead has value 1 */
	uint32_t n;     /* values */
	uint32_t n_numbers;
	const double *x;      /* [n_numbers] */
	const uint32_t *ends; /* [n]; NULL: no texts */
	const char *text;
};

/* strip_read(body, scratch, out, e): borrows from ${body}, or from ${scratch} where that does not
 * lie as doubles must. Empty ${body}: all are empty. ERR_IO when damaged. */
int strip_read(struct str body, struct buf *scratch, struct strip *out, struct err *e);
struct value strip_value(const struct strip *s, uint32_t i); /* i < n */
struct str strip_text(const struct strip *s, uint32_t i);    /* empty without texts */
/* strip_bound(s, v, behind): the first value that is not below ${v} (or, with ${behind}, that is
 * above it), as value_cmp has them; n: none. */
uint32_t strip_bound(const struct strip *s, const struct value *v, bool behind);

static inline uint32_t strip_code(const struct strip *s, size_t row)
{
	if (s->width == 1)
		return s->codes[row];
	if (s->width == 2)
		return (uint32_t)s->codes[2 * row] | (uint32_t)s->codes[2 * row + 1] << 8;
	return s->n > 0;
}

/* strip_codes(s, out): the codes of all rows. */
void strip_codes(const struct strip *s, uint16_t out[SEG]);

/* Building one: values of rows in any order, then the bytes. Rows not set are empty. */
struct strip_entry {
	struct str raw, folded; /* raw: borrowed from the caller until strip_write */
	uint64_t prefix;        /* first 8 bytes of folded, as a number that sorts alike */
	double x;
	bool number;
};
struct strip_key {
	uint64_t key;
	uint32_t entry;
};
struct strip_builder {
	bool texts, attribute;
	uint16_t code[SEG]; /* number of the entry + 1 */
	struct strip_entry *entries;
	uint32_t n, cap;
	uint16_t *slots; /* hash table: entry + 1 */
	struct buf fold;
	bool failed;
	uint32_t filled;
	uint32_t *order, *rank;
	struct strip_key *keys; /* [2 * SEG] */
};
enum { STRIP_SLOTS = 16384 };
struct strip_builder *strip_builder_new(void); /* NULL: out of memory */
void strip_builder_free(struct strip_builder *b);
void strip_begin(struct strip_builder *b, bool texts, bool attribute);
void strip_set_text(struct strip_builder *b, size_t row, struct str raw);
void strip_set_number(struct strip_builder *b, size_t row, double x); /* NaN: empty */
/* strip_sort(b, n): the ${n} entries in b->order, by value. */
void strip_sort(struct strip_builder *b, uint32_t n);
/* strip_write(b, out, raw, e): nothing when all rows are empty. ${raw}: the texts as they were
 * written, where these differ from the folded ones and are few; else empty. */
int strip_write(struct strip_builder *b, struct buf *out, struct buf *raw, struct err *e);

/* Reading strips of the store. ${which}: 0 to SQ_CURSORS-1, each its own statement, so that as many
 * strips can be held at once. The strip lives until the next call with the same ${which}. */
int sq_strip_body(struct sq_conn *c, int which, uint32_t column, int64_t segment, struct str *body,
	struct err *e);
/* sq_made_column(s, header): of an attribute without strips: one whose strips are made for lists;
 * 0: there are too many. sq_made_body: as sq_strip_body, for those. */
uint32_t sq_made_column(struct sq *s, struct str header);
int sq_made_body(struct sq_conn *c, int which, uint32_t column, int64_t segment, struct str *body,
	struct err *e);
uint32_t sq_column(struct sq *s, struct sq_conn *c, const struct query_column *col, bool *strips,
	struct err *e);

/* --- the rows of a segment, and which leads pass a query
 * ------------------------------------------ */

struct sq_scan {
	struct sq *s;
	struct sq_conn *c;
	struct arena *a;
	int64_t segments; /* 0 to segments - 1 */
	struct filter *filters;
	uint32_t *columns; /* of the filters */
	size_t n_filters;
	bool by_rows;      /* a filter's column has no strips: the rows are looked at */
	struct str *asked; /* [n_asked]: the words */
	size_t n_asked;
	uint64_t *ids; /* bits, by slot, of the leads that are asked for; NULL: any */
	uint64_t *may; /* and of those of them that have the words, dirty ones aside; NULL: any */
	size_t n_may;
	struct sq_dirty {
		int64_t slot;
		bool there;
	} * dirty; /* in order of slot */
	size_t n_dirty;
	struct buf scratch[SQ_CURSORS];
	uint8_t *flags; /* [SEG + 1] */
	/* For more than one pass: what passed, SEG / 64 words a segment, of the first ${n_passed}.
	 */
	uint64_t *passed;
	int64_t n_passed;
};
int sq_scan_open(struct sq_scan *x, struct sq *s, struct sq_conn *c, const struct lead_query *q,
	struct arena *a, struct err *e);
void sq_scan_close(struct sq_scan *x);
/* sq_scan_again(x, e): segments will be looked at more than once, from the first to the last. */
int sq_scan_again(struct sq_scan *x, struct err *e);
/* sq_scan_segment(x, segment, bits, e): the leads of it that pass, of those that are not dirty. */
int sq_scan_segment(struct sq_scan *x, int64_t segment, uint64_t bits[SEG / 64], struct err *e);
/* sq_words_find(x, e): sets the bits of x->may, 0 before, for the words alone. */
int sq_words_find(struct sq_scan *x, struct err *e);
/* sq_words_of(x, l, e): 1: ${l} has them all; 0, -1. */
int sq_words_of(struct sq_scan *x, const struct lead *l, struct err *e);
/* sq_scan_first_dirty(x, slot): which of x->dirty is the first at or behind ${slot}; n_dirty: none.
 */
size_t sq_scan_first_dirty(const struct sq_scan *x, int64_t slot);
/* sq_scan_dirty(x, i, l, layout, e): dirty lead ${i}: 1 with it when it passes, 0, -1. */
int sq_scan_dirty(
	struct sq_scan *x, size_t i, struct lead *l, const struct layout **layout, struct err *e);

#endif
