/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "app/app.h"
#include "app/app_internal.h"
#include "auth/setup.h"
#include "config/options.h"
#include "http/server.h"
#include "obs/health.h"
#include "obs/log.h"
#include "obs/notify.h"
#include "util/clock.h"
#include "util/err.h"

static const struct part {
	const char *name;
	int (*start)(struct app *a, struct err *e);
	void (*stop)(struct app *a);
} parts[] = {
#define PART(name) { #name, part_##name##_start, part_##name##_stop },
#include "app/parts.def"
#undef PART
};

struct app *app_start(const struct options *o, struct err *e)
{
	struct app *a = calloc(1, sizeof(*a));

	if (a == NULL) {
		err_nomem(e);
		return NULL;
	}
	a->o = o;
	a->api.options = o;
	a->api.version = HEATSCORE_VERSION;
	a->api.data = o->data;
	a->api.started = (double)clock_ms() / 1000;
	for (; a->started < sizeof(parts) / sizeof(parts[0]); a->started++) {
		if (parts[a->started].start(a, e) == 0)
			continue;
		/* A part that failed has cleaned up after itself. */
		app_free(a);
		return NULL;
	}
	return a;
}

const char *app_address(const struct app *a)
{
	return server_address(a->server);
}

int app_setup_link(struct app *a, char *link, size_t n, struct err *e)
{
	const char *base = a->o->public_url != NULL ? a->o->public_url : app_address(a);

	return setup_link(a->api.auth, base, link, n, e);
}

int app_reload(struct app *a, struct err *e)
{
	if (server_reload(a->server, e) == -1)
		return -1;
	LOG_INFO("app.reloaded");
	return 0;
}

void app_drain(struct app *a)
{
	LOG_INFO("app.stopping");
	notify_send("STOPPING=1\nSTATUS=Finishing open requests");
	health_drain(a->health);
	server_stop(a->server);
}

void app_abort(struct app *a)
{
	server_abort(a->server);
}

void app_free(struct app *a)
{
	if (a == NULL)
		return;
	while (a->started != 0)
		parts[--a->started].stop(a);
	free(a);
}
