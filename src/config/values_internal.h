/* SPDX-License-Identifier: Apache-2.0 */
/* values_internal.h: the text of one option to its field in struct options. */
#ifndef CONFIG_VALUES_INTERNAL_H
#define CONFIG_VALUES_INTERNAL_H

#include "config/options.h"

/* value_set(o, id, text, e): LIST adds, every other kind replaces. Messages start with the value
 * and do not name the option. */
int value_set(struct options *o, enum opt_id id, struct str text, struct err *e);
void value_unset(struct options *o, enum opt_id id); /* as it is when nobody gave it */

#endif
