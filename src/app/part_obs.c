/* SPDX-License-Identifier: Apache-2.0 */
#include "app/app_internal.h"
#include "config/options.h"
#include "obs/log.h"
#include "obs/metrics.h"

int part_obs_start(struct app *a, struct err *e)
{
	log_set((enum log_level)a->o->log_level, (enum log_format)a->o->log_format);
	metrics_set_l(METRIC_build_info, a->api.version, 1);
	metrics_set(METRIC_start_time, a->api.started);
	return log_start(e);
}

void part_obs_stop(struct app *a)
{
	log_stop();
}
