/* SPDX-License-Identifier: Apache-2.0 */
/* metrics.h: counters, gauges and histograms, each declared once in metrics.def, printed for
 * Prometheus. Label values come from small closed sets of ours (a state, a limit, a route), never
 * from what a client sent: past 64 values per metric the rest is counted under "other".
 *
 *      metrics_add(METRIC_leads_scored, n);
 *      metrics_add_l(METRIC_jobs_done, "state", 1) -- the label's name is in metrics.def
 *
 * Threads: any, without locks once a label value has been seen. */
#ifndef OBS_METRICS_H
#define OBS_METRICS_H

#include <stddef.h>
#include <stdint.h>

struct buf;

enum metric_id {
#define METRIC(id, kind, name, label, help) METRIC_##id,
#include "obs/metrics.def"
#undef METRIC
	METRIC_COUNT
};

void metrics_add(enum metric_id id, uint64_t n);                      /* COUNTER */
void metrics_add_l(enum metric_id id, const char *value, uint64_t n); /* COUNTER with a label */
void metrics_set(enum metric_id id, double v);                        /* GAUGE */
void metrics_set_l(enum metric_id id, const char *value, double v);   /* GAUGE with a label */
void metrics_inc(enum metric_id id, int64_t by);                      /* GAUGE, up or down */
void metrics_observe(enum metric_id id, double seconds);              /* HISTOGRAM */
void metrics_observe_l(enum metric_id id, const char *value, double seconds);

uint64_t metrics_count(enum metric_id id); /* of a COUNTER, over all label values; for tests */

/* metrics_collector(fn, ctx): called before each print, to set gauges that are read, not kept
 * (queue lengths, file sizes). At most 16, registered before the server starts. */
void metrics_collector(void (*fn)(void *ctx), void *ctx);

/* metrics_print(b): Prometheus text, version 0.0.4. */
void metrics_print(struct buf *b);

#endif
