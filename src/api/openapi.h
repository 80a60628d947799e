/* SPDX-License-Identifier: Apache-2.0 */
/* openapi.h: the API description (OpenAPI 3.1), printed from the route tables. */
#ifndef API_OPENAPI_H
#define API_OPENAPI_H

#include "http/route.h"

struct buf;

/* openapi_print(sets, version, b): ${sets} ends in NULL. */
void openapi_print(const struct route_set *const *sets, const char *version, struct buf *b);

#endif
