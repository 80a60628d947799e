/* SPDX-License-Identifier: Apache-2.0 */
/* lead.h: a lead as it is kept: its fields, the cells it came with, and its newest score. Plain
 * data; texts are borrowed from whoever filled the struct (the store: from the caller's arena). */
#ifndef RECORD_LEAD_H
#define RECORD_LEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "record/field.h"
#include "record/id.h"
#include "util/str.h"

/* The codes are those of field_choice. */
enum lead_outcome { LEAD_OPEN, LEAD_WON, LEAD_LOST };
enum lead_heat { LEAD_HOT, LEAD_WARM, LEAD_COLD, LEAD_NO_HEAT }; /* as the model's, then none */
enum lead_verdict { LEAD_NO_VERDICT, LEAD_JUNK, LEAD_WAS_HOT, LEAD_GOOD };

enum { LEAD_MODEL = 24 }; /* bytes of a model's version ("v3", "rule") with its NUL */

/* What columns can be mapped to. */
struct lead_values {
	struct str text[LF_TEXTS];                        /* by enum lead_field; empty: not known */
	double value;                                     /* NaN: not known */
	int64_t created_ms, last_activity_ms, outcome_ms; /* MS_NONE: not known */
	enum lead_outcome outcome;
};

/* lead_values_none(v): nothing known, outcome open. */
void lead_values_none(struct lead_values *v);

struct lead_score {
	char model[LEAD_MODEL]; /* empty: never scored; all else then means nothing */
	double probability, margin, confidence;
	double bands[3]; /* mass in hot, warm, cold */
	uint8_t points;  /* 0 to 100 */
	enum lead_heat heat;
	double as_of;      /* days since 1970 */
	int64_t scored_ms; /* when it was computed */
	/* Kept by the store: which content it belongs to (lead.content), and the score before it
	 * that differed by a point or in heat (previous_ms MS_NONE: none). */
	uint64_t content;
	uint8_t previous_points;
	enum lead_heat previous_heat;
	int64_t previous_ms;
};

struct lead_mark { /* who said so, and when; by is a user's or key's id */
	struct id by;
	int64_t at_ms;
	struct str note;
};

enum lead_result { LEAD_CREATED, LEAD_UPDATED, LEAD_UNCHANGED, LEAD_MISSING };

struct lead {
	struct id id;
	uint64_t version; /* 1, and one more with every change except of the score: for ETags */
	uint64_t content; /* version in which values or cells changed last: what scores belong to */
	struct lead_values values;
	uint32_t layout;    /* number of the layout of its cells; 0: it has none */
	struct str cells;   /* packed, record/layout.h */
	uint64_t edited;    /* FIELD_BITs that a person set: uploads leave them alone */
	uint8_t digest[16]; /* of the row as last uploaded; zero: never */
	/* The upload whose row made this version, and that row; none when a person made it. */
	struct id upload;
	uint64_t upload_row;
	enum lead_result upload_result;
	struct lead_score score;
	enum lead_heat override_heat; /* LEAD_NO_HEAT: none */
	struct lead_mark override_mark;
	enum lead_verdict verdict;
	struct lead_mark verdict_mark;
	/* The score it had when its outcome became won or lost (model empty: it was not known). */
	char closing_model[LEAD_MODEL];
	double closing_probability;
	enum lead_heat closing_heat;
	int64_t inserted_ms, updated_ms;
};

/* lead_heat(l): the heat that is shown: the override's, else the score's, else LEAD_NO_HEAT. */
enum lead_heat lead_heat(const struct lead *l);
/* lead_stale(l): its values changed after it was scored, or it never was. Whether the model is the
 * live one the store does not know. */
bool lead_stale(const struct lead *l);

/* An earlier version, kept when an upload or a person changed it. */
struct lead_version {
	struct lead lead; /* as it was */
	int64_t until_ms; /* when it was replaced, and by what: */
	struct id by;     /* a user or key */
	struct id upload; /* the upload that replaced it; none: a person */
};

/* A score that was replaced by one that differs in points, heat or model. */
enum score_cause { SCORE_IMPORT, SCORE_EDIT, SCORE_TIME, SCORE_MODEL };
struct past_score {
	struct lead_score score;
	int64_t until_ms;
	enum score_cause cause; /* why it was replaced */
};

#endif
