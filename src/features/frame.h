/* SPDX-License-Identifier: Apache-2.0 */
/* frame.h: the rows of a file as base columns in memory, ready to be judged and trained on.
 *
 * A base column is one number or one category made from one or more columns of the file: "Lead
 * Source" as a category, "days since Created", "title seniority". Trees see features made from
 * base columns by features/encode. */
#ifndef FEATURES_FRAME_H
#define FEATURES_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum base_kind {
	BASE_NUM, /* float, NaN where missing */
	BASE_CAT  /* code: 0 where missing, 1 to n_levels-1 for levels */
};

#define BASE_UNSEEN UINT32_MAX /* a category at scoring time that training did not have */

struct base_col {
	char *name; /* unique; the column's own name when it is the column itself */
	enum base_kind kind;
	uint32_t n_levels;   /* categories: codes are below this; numbers: 0 */
	uint32_t sources[2]; /* columns of the file it is made from (index into the profile) */
	uint32_t n_sources;  /* 1 or 2; 0 for counts over many columns */
	bool ordered;        /* a number that also may be a code (few distinct whole values) */
	float *num;          /* [rows] for BASE_NUM, else NULL */
	uint32_t *code;      /* [rows] for BASE_CAT, else NULL */
};

enum outcome { OUTCOME_OPEN = -1, OUTCOME_LOST = 0, OUTCOME_WON = 1 };

struct frame {
	size_t rows;
	size_t n_cols;
	struct base_col *cols;
	int8_t *outcome; /* [rows] enum outcome; with three labels the class 0 hot, 1 warm, 2 cold
			  */
	uint32_t n_classes; /* 2 or 3 */
	double *created;    /* [rows] days since 1970 of the creation date, NaN; NULL without one */
	uint64_t *row_key;  /* [rows] hash of the row's cells: the same row has the same key */
	uint64_t *line;     /* [rows] its line in the file */
};

#endif
