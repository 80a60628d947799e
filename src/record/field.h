/* SPDX-License-Identifier: Apache-2.0 */
/* field.h: the fields of a lead by number and by name (fields.def). Any thread. */
#ifndef RECORD_FIELD_H
#define RECORD_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "util/str.h"

enum lead_field {
#define TEXT_FIELD(NAME, name, label) LF_##NAME,
#include "record/fields.def"
	LF_TEXTS, /* how many text fields can be mapped: the first numbers */
	LF_BEFORE_OTHERS = LF_TEXTS - 1,
#define OTHER_FIELD(NAME, name, kind, label) LF_##NAME,
#include "record/fields.def"
	LF_MAPPED, /* how many a column can be mapped to */
	LF_BEFORE_SYSTEM = LF_MAPPED - 1,
#define SYSTEM_FIELD(NAME, name, kind, label) LF_##NAME,
#include "record/fields.def"
	LF_COUNT,
	LF_ATTRIBUTE = LF_COUNT, /* none of these: a column that is kept as it came */
	LF_IGNORE,               /* of a layout: kept in the cells, never shown as an attribute */
};

enum field_kind { FK_TEXT, FK_NUMBER, FK_TIME, FK_CHOICE };

#define FIELD_BIT(f) ((uint64_t)1 << (f)) /* for sets of fields; LF_COUNT is at most 63 */

const char *field_name(enum lead_field f);  /* "email"; "attribute", "ignore" */
const char *field_label(enum lead_field f); /* "Email": a word for people */
enum field_kind field_kind(enum lead_field f);
/* field_parse(name): its number; -1 when it is none ("attribute" and "ignore" are). */
int field_parse(struct str name);
/* field_searched(f): whether the words of this field are found by full text. */
bool field_searched(enum lead_field f);
/* field_choice(f, code): the words of a choice, in their order ("hot" is 0); NULL after the last.
 */
const char *field_choice(enum lead_field f, unsigned code);
/* field_choice_parse(f, word): the code, or -1. */
int field_choice_parse(enum lead_field f, struct str word);

#endif
