/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "obs/metrics.h"
#include "util/buf.h"
#include "util/err.h"

enum kind { COUNTER, GAUGE, HISTOGRAM };

#define VALUES_MAX     64 /* label values per metric; the last one is "other" */
#define COLLECTORS_MAX 16

/* Of OpenTelemetry's http.server.request.duration, in seconds. */
static const double bounds[] = { .005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10 };
_Static_assert(sizeof(bounds) / sizeof(bounds[0]) == METRIC_BOUNDS, "see metrics.h");

static const struct {
	enum kind kind;
	const char *name, *label, *help;
} defs[METRIC_COUNT] = {
#define METRIC(id, kind, name, label, help) { kind, name, label, help },
#include "obs/metrics.def"
#undef METRIC
};

/* One line of output, or one histogram. */
struct series {
	char value[96]; /* of the label; "" for metrics without one */
	union {
		atomic_uint_fast64_t count;
		atomic_int_fast64_t inc; /* of gauges, added to set */
	} n;
	_Atomic double set;
	struct metric_hist *h;
};

static struct {
	_Atomic(struct series *) v[VALUES_MAX];
	atomic_size_t n;
} all[METRIC_COUNT];

static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;
/* Series live as long as the program, and there are never more than this: no allocation can fail
 * where something is counted. */
static struct series pool[1024];
static struct metric_hist hists[160];
static size_t pool_used, hists_used;

static struct {
	void (*fn)(void *ctx, struct buf *b);
	void *ctx;
} collectors[COLLECTORS_MAX];
static size_t n_collectors;
static pthread_mutex_t collecting = PTHREAD_MUTEX_INITIALIZER;

static struct series *find(enum metric_id id, const char *value)
{
	size_t n = atomic_load_explicit(&all[id].n, memory_order_acquire);

	for (size_t i = 0; i < n; i++) {
		struct series *s = atomic_load_explicit(&all[id].v[i], memory_order_relaxed);

		if (strcmp(s->value, value) == 0)
			return s;
	}
	return NULL;
}

static struct series *make_locked(enum metric_id id, const char *value)
{
	size_t n = atomic_load(&all[id].n);
	struct series *s;

	if (n == VALUES_MAX || pool_used == sizeof(pool) / sizeof(pool[0]) ||
		(defs[id].kind == HISTOGRAM && hists_used == sizeof(hists) / sizeof(hists[0])))
		return NULL;
	s = &pool[pool_used++];
	if (defs[id].kind == HISTOGRAM)
		s->h = &hists[hists_used++];
	strncpy(s->value, value, sizeof(s->value) - 1);
	atomic_store(&all[id].v[n], s);
	atomic_store_explicit(&all[id].n, n + 1, memory_order_release);
	return s;
}

/* The series of ${value}; of "other" when there are too many; NULL when even that has no room. */
static struct series *series(enum metric_id id, const char *value)
{
	struct series *s = find(id, value);

	ASSERT((defs[id].label != NULL) == (value[0] != '\0'));
	if (s != NULL)
		return s;
	pthread_mutex_lock(&making);
	if ((s = find(id, value)) == NULL) {
		bool last = atomic_load(&all[id].n) == VALUES_MAX - 1;

		s = last ? NULL : make_locked(id, value);
		if (s == NULL && (s = find(id, "other")) == NULL)
			s = make_locked(id, "other");
	}
	pthread_mutex_unlock(&making);
	return s;
}

static void add(enum metric_id id, const char *value, uint64_t n)
{
	struct series *s = series(id, value);

	ASSERT(defs[id].kind == COUNTER);
	if (s != NULL)
		atomic_fetch_add_explicit(&s->n.count, n, memory_order_relaxed);
}

void metrics_add(enum metric_id id, uint64_t n)
{
	add(id, "", n);
}

void metrics_add_l(enum metric_id id, const char *value, uint64_t n)
{
	add(id, value, n);
}

void metrics_set_l(enum metric_id id, const char *value, double v)
{
	struct series *s = series(id, value);

	ASSERT(defs[id].kind == GAUGE);
	if (s != NULL)
		atomic_store_explicit(&s->set, v, memory_order_relaxed);
}

void metrics_set(enum metric_id id, double v)
{
	metrics_set_l(id, "", v);
}

void metrics_inc(enum metric_id id, int64_t by)
{
	struct series *s = series(id, "");

	ASSERT(defs[id].kind == GAUGE);
	if (s != NULL)
		atomic_fetch_add_explicit(&s->n.inc, by, memory_order_relaxed);
}

void metric_hist_add(struct metric_hist *h, double seconds)
{
	size_t i = 0;

	while (i < METRIC_BOUNDS && seconds > bounds[i])
		i++;
	atomic_fetch_add_explicit(&h->bucket[i], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&h->sum_ns, (uint64_t)(seconds * 1e9), memory_order_relaxed);
}

void metrics_observe_l(enum metric_id id, const char *value, double seconds)
{
	struct series *s = series(id, value);

	ASSERT(defs[id].kind == HISTOGRAM);
	if (s != NULL)
		metric_hist_add(s->h, seconds);
}

void metrics_observe(enum metric_id id, double seconds)
{
	metrics_observe_l(id, "", seconds);
}

uint64_t metrics_count(enum metric_id id)
{
	uint64_t sum = 0;

	ASSERT(defs[id].kind == COUNTER);
	for (size_t i = 0; i < atomic_load(&all[id].n); i++)
		sum += atomic_load(&atomic_load(&all[id].v[i])->n.count);
	return sum;
}

void metrics_collector(void (*fn)(void *ctx, struct buf *b), void *ctx)
{
	pthread_mutex_lock(&collecting);
	ASSERT(n_collectors < COLLECTORS_MAX);
	collectors[n_collectors].fn = fn;
	collectors[n_collectors++].ctx = ctx;
	pthread_mutex_unlock(&collecting);
}

void metrics_collector_drop(void *ctx)
{
	size_t kept = 0;

	pthread_mutex_lock(&collecting);
	for (size_t i = 0; i < n_collectors; i++)
		if (collectors[i].ctx != ctx)
			collectors[kept++] = collectors[i];
	n_collectors = kept;
	pthread_mutex_unlock(&collecting);
}

/* The inside of label quotes (exposition format: \, " and line ends are escaped). */
void metric_label(struct buf *b, struct str value)
{
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '\\' || value.p[i] == '"')
			buf_c(b, '\\');
		if (value.p[i] == '\n')
			buf_z(b, "\\n");
		else
			buf_c(b, value.p[i]);
	}
}

/* NAME{LABELS}, LABELS as 'a="b"' or "". */
static void print_name(struct buf *b, const char *name, const char *suffix, struct str labels)
{
	buf_fmt(b, "%s%s", name, suffix);
	if (labels.n != 0) {
		buf_c(b, '{');
		buf_str(b, labels);
		buf_c(b, '}');
	}
}

void metric_hist_print(
	struct buf *b, const char *name, struct str labels, const struct metric_hist *h)
{
	uint64_t sum = 0;

	for (size_t i = 0; i <= METRIC_BOUNDS; i++) {
		sum += atomic_load_explicit(&h->bucket[i], memory_order_relaxed);
		buf_fmt(b, "%s_bucket{" STR_FMT "%sle=\"", name, STR_ARG(labels),
			labels.n != 0 ? "," : "");
		if (i < METRIC_BOUNDS)
			buf_num(b, bounds[i]);
		else
			buf_z(b, "+Inf");
		buf_fmt(b, "\"} %llu\n", (unsigned long long)sum);
	}
	print_name(b, name, "_sum", labels);
	buf_fmt(b, " %.9g\n", (double)atomic_load(&h->sum_ns) / 1e9);
	print_name(b, name, "_count", labels);
	buf_fmt(b, " %llu\n", (unsigned long long)sum);
}

static void print_series(struct buf *b, enum metric_id id, const struct series *s)
{
	struct buf labels = { 0 };

	if (defs[id].label != NULL) {
		buf_fmt(&labels, "%s=\"", defs[id].label);
		metric_label(&labels, str_of(s->value));
		buf_c(&labels, '"');
	}
	b->failed = b->failed || labels.failed;
	if (defs[id].kind == HISTOGRAM) {
		metric_hist_print(b, defs[id].name, buf_view(&labels), s->h);
	} else {
		print_name(b, defs[id].name, "", buf_view(&labels));
		if (defs[id].kind == COUNTER)
			buf_fmt(b, " %llu\n", (unsigned long long)atomic_load(&s->n.count));
		else
			buf_fmt(b, " %.17g\n",
				atomic_load(&s->set) + (double)atomic_load(&s->n.inc));
	}
	buf_clear(&labels);
}

void metric_family(struct buf *b, const char *name, const char *kind, const char *help)
{
	buf_fmt(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind);
}

void metrics_print(struct buf *b)
{
	static const char *const kinds[] = { "counter", "gauge", "histogram" };

	/* Held while they run, so that one is never called after it has been dropped. */
	pthread_mutex_lock(&collecting);
	for (size_t i = 0; i < n_collectors; i++)
		collectors[i].fn(collectors[i].ctx, b);
	pthread_mutex_unlock(&collecting);
	for (size_t id = 0; id < METRIC_COUNT; id++) {
		size_t n;

		/* A counter that has counted nothing says 0, so that a rate over it works from the
		 * first event on. */
		if (defs[id].label == NULL)
			(void)series((enum metric_id)id, "");
		n = atomic_load(&all[id].n);
		metric_family(b, defs[id].name, kinds[defs[id].kind], defs[id].help);
		for (size_t i = 0; i < n; i++)
			print_series(b, (enum metric_id)id, atomic_load(&all[id].v[i]));
	}
}
