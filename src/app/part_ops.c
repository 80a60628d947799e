/* SPDX-License-Identifier: Apache-2.0 */
/* Figures for those who watch a server from outside, read when they are asked for. */
#include <stdlib.h>
#include <sys/statvfs.h>

#include "app/app_internal.h"
#include "config/options.h"
#include "obs/health.h"
#include "obs/metrics.h"
#include "ops/backup.h"
#include "record/id.h"
#include "store/store.h"
#include "util/err.h"

static void collect(void *ctx, struct buf *b)
{
	const struct app *a = ctx;
	struct store *s = a->api.store;
	struct store_health h;
	struct statvfs v;
	char why[256];
	int64_t at = backup_last(a->o->data);

	(void)b;
	metrics_set(METRIC_ready, health_ready(a->health, why, sizeof(why)));
	metrics_set(METRIC_backup_time, at == MS_NONE ? 0 : (double)at / 1000);
	if (statvfs(a->o->data, &v) == 0)
		metrics_set(METRIC_disk_free, (double)v.f_bavail * (double)v.f_frsize);
	if (s->health(s, false, &h, NULL) == 0) {
		metrics_set_l(METRIC_store_bytes, "data", (double)h.bytes);
		metrics_set_l(METRIC_store_bytes, "log", (double)h.log_bytes);
	}
}

int part_ops_start(struct app *a, struct err *e)
{
	(void)e;
	metrics_collector(collect, a);
	return 0;
}

void part_ops_stop(struct app *a)
{
	metrics_collector_drop(a);
}
