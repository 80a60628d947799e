/* SPDX-License-Identifier: Apache-2.0 */
/* routes.h: every resource of the API, from sets.def. */
#ifndef API_ROUTES_H
#define API_ROUTES_H

#include "http/route.h"

extern const struct route_set *const api_sets[]; /* ends in NULL */

#endif
