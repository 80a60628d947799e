/* SPDX-License-Identifier: Apache-2.0 */
/* settings.h: what admins change while the server runs: the table in settings.def and its checks.
 * The values are in the store, under the name, as JSON. Pure functions; any thread. */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H

#include <stddef.h>

#include "util/str.h"

struct err;
struct json;

enum setting_kind { SETTING_CHOICE, SETTING_BOOL, SETTING_INT, SETTING_NUMBER, SETTING_TEXT };

struct setting_info {
	const char *name;
	enum setting_kind kind;
	const char *words, *otherwise; /* of a CHOICE; the default as JSON */
	double lo, hi;
	const char *help;
};

const struct setting_info *setting_at(size_t i); /* NULL after the last */
const struct setting_info *setting_of(struct str name);
const char *setting_kind_name(enum setting_kind k); /* "choice" */

/* setting_check(s, v, e): ERR_INPUT says what it takes. */
int setting_check(const struct setting_info *s, const struct json *v, struct err *e);

#endif
