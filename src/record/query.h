/* SPDX-License-Identifier: Apache-2.0 */
/* query.h: which leads, in what order.
 *
 * Texts are compared without regard to case and accents (record/fold.h). An empty value is a field
 * that is not known: it passes QUERY_NE, QUERY_EMPTY and nothing else, and is last in either
 * direction of a sort. An attribute is a number where its text is one ("-12.5"): it is compared as
 * one with a number, and sorts before all texts. Leads that tie are in the order of their ids. */
#ifndef RECORD_QUERY_H
#define RECORD_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/field.h"
#include "record/id.h"
#include "util/str.h"

enum query_op {
	QUERY_EQ,
	QUERY_NE, /* none of the values; also where the field is empty */
	QUERY_IN, /* one of the values; QUERY_EQ with several means the same */
	QUERY_GT,
	QUERY_GTE,
	QUERY_LT,
	QUERY_LTE,
	QUERY_CONTAINS, /* texts only */
	QUERY_STARTS,   /* texts only */
	QUERY_EMPTY,
	QUERY_FILLED,
};

struct query_column {
	enum lead_field field; /* LF_ATTRIBUTE: the attribute with this header; LF_COUNT + 1 and
				* above: none */
	struct str attribute;
};
#define QUERY_NO_COLUMN ((struct query_column){ .field = LF_IGNORE })

/* Numbers in ${number} (times: milliseconds since 1970), NaN where it is none; texts and the words
 * of choices in ${text}. For an attribute both: the number where it reads as one. */
struct query_value {
	struct str text;
	double number;
};

struct query_filter {
	struct query_column column;
	enum query_op op;
	const struct query_value
		*values; /* one; any number for EQ, NE, IN; none for EMPTY, FILLED */
	size_t n;
};

struct lead_query {
	const struct query_filter *filters; /* all must pass */
	size_t n_filters;
	struct str words; /* each of its words starts a word of a searched field; empty: any lead */
	struct query_column sort; /* QUERY_NO_COLUMN: in any order, the fastest, for jobs */
	bool descending;
	size_t limit;      /* 1 to 5,000 */
	struct str cursor; /* of the page before (next_cursor); empty: from the start */
	double at;         /* 0 to 1: start at that fraction of the sorted list; NaN: no */
	bool total;        /* count them */
	bool sums;         /* for a tally: fill its sums */
	bool cells;        /* fill layout and cells */
	/* Only these may pass: in the order of id_cmp, each once. NULL: any. */
	const struct id *ids;
	size_t n_ids;
};

struct lead_page {
	struct lead *leads;
	size_t n;
	struct str next_cursor; /* opaque bytes; empty: this was the last page */
	uint64_t total;         /* when asked for */
	bool total_exact;       /* false: at least so many */
};

/* How many leads there are of each combination of up to three columns. */
struct lead_tally_by {
	struct query_column column;
	/* For times: start of the day, in milliseconds added before cutting (a time zone); the
	 * value is then the first millisecond of that day, shifted alike. */
	int64_t day_shift_ms;
};

struct lead_tally {
	/* Empty text and NaN: empty. Choices have word and code. Texts that fold alike are one
	 * value, shown as some lead of the store writes it. */
	struct query_value value[3];
	uint64_t leads;
	double sum_probability; /* of those that have a score */
	double sum_value;       /* of field value, where known */
};

#endif
