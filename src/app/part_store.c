/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "app/app_internal.h"
#include "config/options.h"
#include "obs/health.h"
#include "store/sqlite.h"
#include "store/store.h"
#include "util/err.h"

static int check_store(void *ctx, struct err *e)
{
	struct store *s = ctx;
	struct store_health h;

	if (s->health(s, true, &h, e) == -1)
		return -1;
	return h.writable ? 0
			  : err_set(e, ERR_UNAVAILABLE, "%s",
				    h.detail[0] != '\0' ? h.detail : "it cannot be written");
}

int part_store_start(struct app *a, struct err *e)
{
	struct store_sqlite_opts o = { 0 };
	char path[4096];

	snprintf(path, sizeof(path), "%s/heatscore.db", a->o->data);
	o.path = path;
	if ((a->api.store = store_sqlite_open(&o, e)) == NULL)
		return -1;
	a->api.data = a->o->data;
	health_add(a->health, "store", true, check_store, a->api.store);
	return 0;
}

void part_store_stop(struct app *a)
{
	a->api.store->close(a->api.store);
}
