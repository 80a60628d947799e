/* SPDX-License-Identifier: Apache-2.0 */
/* options_internal.h: where values come from when no flag gives them. */
#ifndef CONFIG_OPTIONS_INTERNAL_H
#define CONFIG_OPTIONS_INTERNAL_H

#include "config/options.h"

/* options_fill(o, e): environment, files that the environment names, heatscore.conf; in this order,
 * each for what nobody has given yet. */
int options_fill(struct options *o, struct err *e);

#endif
