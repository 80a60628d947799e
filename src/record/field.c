/* SPDX-License-Identifier: Apache-2.0 */
#include "record/field.h"

#include <stddef.h>

static const struct {
	const char *name, *label;
	enum field_kind kind;
} fields[] = {
#define TEXT_FIELD(NAME, name, label)         [LF_##NAME] = { #name, label, FK_TEXT },
#define OTHER_FIELD(NAME, name, kind, label)  [LF_##NAME] = { #name, label, FK_##kind },
#define SYSTEM_FIELD(NAME, name, kind, label) [LF_##NAME] = { #name, label, FK_##kind },
#include "record/fields.def"
	[LF_ATTRIBUTE] = { "attribute", "Attribute", FK_TEXT },
	[LF_IGNORE] = { "ignore", "Ignored", FK_TEXT },
};

_Static_assert(LF_COUNT <= 63, "sets of fields are 64 bits");

const char *field_name(enum lead_field f)
{
	return fields[f].name;
}

const char *field_label(enum lead_field f)
{
	return fields[f].label;
}

enum field_kind field_kind(enum lead_field f)
{
	return fields[f].kind;
}

int field_parse(struct str name)
{
	int f;

	for (f = 0; f <= LF_IGNORE; f++)
		if (str_eq(name, str_of(fields[f].name)))
			return f;
	return -1;
}

bool field_searched(enum lead_field f)
{
	static const uint64_t set =
		FIELD_BIT(LF_EXTERNAL_ID) | FIELD_BIT(LF_FIRST_NAME) | FIELD_BIT(LF_LAST_NAME) |
		FIELD_BIT(LF_NAME) | FIELD_BIT(LF_EMAIL) | FIELD_BIT(LF_PHONE) |
		FIELD_BIT(LF_MOBILE) | FIELD_BIT(LF_COMPANY) | FIELD_BIT(LF_ROLE) |
		FIELD_BIT(LF_CITY) | FIELD_BIT(LF_WEBSITE) | FIELD_BIT(LF_NOTES) |
		FIELD_BIT(LF_TAGS);

	return f < LF_TEXTS && (set & FIELD_BIT(f)) != 0;
}

const char *field_choice(enum lead_field f, unsigned code)
{
	static const char *const outcome[] = { "open", "won", "lost", NULL };
	static const char *const heat[] = { "hot", "warm", "cold", "none", NULL };
	static const char *const yes[] = { "no", "yes", NULL };
	static const char *const verdict[] = { "none", "junk", "was_hot", "good", NULL };
	const char *const *words;
	unsigned i;

	switch (f) {
	case LF_OUTCOME:
		words = outcome;
		break;
	case LF_HEAT:
	case LF_MODEL_HEAT:
	case LF_OVERRIDE:
	case LF_CLOSING_HEAT:
		words = heat;
		break;
	case LF_STALE:
		words = yes;
		break;
	case LF_VERDICT:
		words = verdict;
		break;
	default:
		return NULL;
	}
	for (i = 0; words[i] != NULL; i++)
		if (i == code)
			return words[i];
	return NULL;
}

int field_choice_parse(enum lead_field f, struct str word)
{
	unsigned i;

	for (i = 0; field_choice(f, i) != NULL; i++)
		if (str_eqi(word, str_of(field_choice(f, i))))
			return (int)i;
	return -1;
}
