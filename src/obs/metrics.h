/* SPDX-License-Identifier: Apache-2.0 */
/* metrics.h: counters, gauges and histograms, each declared once in metrics.def, printed for
 * Prometheus. Label values come from small closed sets of ours (a state, a limit, a route), never
 * from what a client sent: past 64 values per metric the rest is counted under "other".
 *
 *      metrics_add(METRIC_leads_scored, n);
 *      metrics_add_l(METRIC_jobs, "failed", 1);      its label is named in metrics.def
 *
 * Threads: any, without locks once a label value has been seen. */
#ifndef OBS_METRICS_H
#define OBS_METRICS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

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

/* metrics_collector(fn, ctx): called at the start of each print, to set gauges that are read, not
 * kept (queue lengths, file sizes), or to append families of its own to ${b}. At most 16. Dropped
 * by their ${ctx} before that goes away. */
void metrics_collector(void (*fn)(void *ctx, struct buf *b), void *ctx);
void metrics_collector_drop(void *ctx);

/* metrics_print(b): Prometheus text, version 0.0.4. */
void metrics_print(struct buf *b);

/* For families with several labels, kept by the part that counts: the pieces of the format. Bounds
 * are those of OpenTelemetry's http.server.request.duration, 5 ms to 10 s. */
#define METRIC_BOUNDS 14
struct metric_hist {
	atomic_uint_fast64_t bucket[METRIC_BOUNDS + 1];
	atomic_uint_fast64_t sum_ns;
};
void metric_hist_add(struct metric_hist *h, double seconds);
void metric_hist_print(
	struct buf *b, const char *name, struct str labels, const struct metric_hist *h);
void metric_family(struct buf *b, const char *name, const char *kind, const char *help);
void metric_label(struct buf *b, struct str value); /* the inside of the quotes, escaped */

#endif
