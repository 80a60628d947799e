/* SPDX-License-Identifier: Apache-2.0 */
/* app_internal.h: the parts of the running server. */
#ifndef APP_APP_INTERNAL_H
#define APP_APP_INTERNAL_H

#include <stddef.h>

#include "api/api.h"
#include "http/idempotency.h"
#include "leads/model_jobs.h"
#include "model/model_store.h"
#include "util/buf.h"

struct app_jobs;
struct control;
struct err;
struct health;
struct lead_jobs;
struct notify_dog;
struct options;
struct runner;
struct server;

struct app {
	const struct options *o;
	size_t started; /* parts, in the order of parts.def */
	struct api api; /* what handlers are given */
	struct health *health;
	struct buf openapi, upload_dir, web_dir;
	struct buf models_dir;
	struct model_store models;
	struct model_jobs model_jobs;
	struct runner *training;
	struct app_jobs *jobs;
	struct control *control; /* commands of an operator */
	struct proxies *proxies; /* of the server */
	struct server *server;
	struct lead_jobs *lead_jobs;
	struct notify_dog *dog;
};

/* idem_store_hooks(api): answers to repeated requests, kept in the store. */
struct idempotency idem_store_hooks(struct api *api);

#define PART(name) \
	int part_##name##_start(struct app *a, struct err *e); \
	void part_##name##_stop(struct app *a);
#include "app/parts.def"
#undef PART

#endif
