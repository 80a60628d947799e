/* SPDX-License-Identifier: Apache-2.0 */
/* conf.h: reading heatscore.conf: lines "name = value", with the names that options have behind
 * "--". Blanks around both are dropped, "#" begins a comment where it is the first character of a
 * line or has a blank in front, and a value in double quotes keeps its blanks and "#". Pure; any
 * thread. */
#ifndef CONFIG_CONF_H
#define CONFIG_CONF_H

#include <stddef.h>

#include "util/str.h"

struct err;

/* Called for each line that says something. -1 with ${e} stops. */
typedef int conf_fn(void *ctx, size_t line, struct str name, struct str value, struct err *e);

/* conf_parse(text, fn, ctx, e): ERR_CONFIG with "line N: ..." for a line that is none. */
int conf_parse(struct str text, conf_fn *fn, void *ctx, struct err *e);

#endif
