/* SPDX-License-Identifier: Apache-2.0 */
/* api.h: what the handlers of all resources share: the parts of the running program.
 * app fills it before the server starts; handlers borrow everything. */
#ifndef API_API_H
#define API_API_H

#include <stddef.h>

#include "http/request.h"
#include "http/route.h"

struct auth;
struct health;
struct live;
struct model_store;
struct oidc;
struct options;
struct runner;
struct store;
struct uploads;

struct api {
	struct health *health;
	struct store *store;
	struct auth *auth;             /* people and keys */
	struct oidc *oidc;             /* NULL: no identity provider is set up */
	const struct options *options; /* what the server was started with */
	struct model_store *models;    /* versions of the model */
	struct live *live;             /* the one that scores */
	struct uploads *uploads;
	struct runner *jobs; /* runs what is queued */
	const char *data;    /* the data folder */
	const char *version;
	double started;      /* Unix time */
	const char *openapi; /* the API description as JSON */
	size_t openapi_bytes;
};

/* api_of(r): for handlers. */
static inline struct api *api_of(const struct req *r)
{
	return req_app(r);
}

#endif
