/* SPDX-License-Identifier: Apache-2.0 */
/* watch.h: whether the published model still fits the leads that come: how far they are from those
 * it learned from, and whether its probabilities came true since it was published.
 *
 * The report is kept in the settings ("drift.latest") and read from there, so that looking at it
 * costs nothing. Runs daily and on demand, as a job. */
#ifndef LEADS_WATCH_H
#define LEADS_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "leads/hooks.h"
#include "util/str.h"

struct arena;
struct buf;
struct err;
struct model_store;
struct store;

struct watch_opts {
	struct store *store;
	struct model_store *models;
	const char *data; /* room for the table of leads */
	int64_t now_ms;
	struct leads_progress progress;
};

/* watch_run(o, json, alert, e): one object: model, at, since, verdict ("fine", "moved", "off"),
 * alert, text, leads (which), rows, columns, heat, live. *alert: somebody should look.
 * ERR_NOT_FOUND when no model is published. The report has been kept when this returns 0. */
int watch_run(const struct watch_opts *o, struct buf *json, bool *alert, struct err *e);

/* watch_latest(s, a, json, e): the last report; empty when there is none. */
int watch_latest(struct store *s, struct arena *a, struct str *json, struct err *e);

/* watch_published(st, version, since_ms, e): the live version of all leads, and since when; 0 and
 * success when there is none. */
int watch_published(struct model_store *st, uint32_t *version, int64_t *since_ms, struct err *e);

#endif
