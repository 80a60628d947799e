/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "api/routes.h"

#define SET(name) extern const struct route_set name##_set;
#include "api/sets.def"
#undef SET

const struct route_set *const api_sets[] = {
#define SET(name) &name##_set,
#include "api/sets.def"
#undef SET
	NULL
};
