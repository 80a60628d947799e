/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "leads/live_internal.h"
#include "leads/segments.h"
#include "model/model_store.h"
#include "model/notes.h"
#include "model/registry.h"
#include "util/buf.h"
#include "util/err.h"

struct live {
	struct model_store *store;
	pthread_mutex_t lock;    /* now, and who comes to hold it */
	pthread_mutex_t refresh; /* one refresh at a time; taken before ${lock} */
	struct live_model *now;
};

/* ---- one snapshot ---- */

static void model_gone(struct live_model *m)
{
	struct live_scorer *s, *next;

	if (m == NULL)
		return;
	for (s = m->scorers; s != NULL; s = next) {
		next = s->next;
		live_scorer_free(s);
	}
	for (size_t i = 0; i < m->n_others; i++)
		model_gone(m->others[i]);
	free(m->others);
	segments_free(m->segments, m->n_segments);
	free(m->versions);
	live_scorer_free(m->api);
	lead_shape_free(m->shape);
	model_free(m->full);
	model_free(m->model);
	profile_free(m->profile);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

static int open_api(struct live_model *m, struct err *e)
{
	const struct profile *p = live_profile(m);
	struct live_columns in;
	enum col_role *roles = NULL;
	int rc = -1;

	if ((m->shape = lead_shape_new(p, e)) == NULL)
		return -1;
	if ((roles = calloc(p->n + 1, sizeof(*roles))) == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < p->n; i++)
		roles[i] = p->cols[i].role;
	in = (struct live_columns){ lead_shape_names(m->shape), roles, NULL, p->n };
	if ((m->api = live_scorer_new(m, &in, e)) != NULL)
		rc = 0;
	free(roles);
	return rc;
}

/* ${number} 0: the rule. */
static struct live_model *model_open(struct live *l, uint32_t number, struct err *e)
{
	struct live_model *m = calloc(1, sizeof(*m));
	struct bands set;

	if (m == NULL) {
		err_nomem(e);
		return NULL;
	}
	pthread_mutex_init(&m->lock, NULL);
	m->live = l;
	m->holders = 1;
	m->number = number;
	if (number == 0) {
		snprintf(m->version, sizeof(m->version), "rule");
		m->profile = live_rule_columns(e);
	} else {
		snprintf(m->version, sizeof(m->version), "v%u", number);
		m->own_bands = notes_bands(l->store, number, &set, NULL) == 1;
		m->model = model_load(l->store, number, MODEL_TO_SCORE, e);
	}
	if ((m->profile == NULL && m->model == NULL) || open_api(m, e) == -1) {
		model_gone(m);
		return NULL;
	}
	return m;
}

/* Those that are live for segments, beside ${m}. */
static int open_others(struct live *l, struct live_model *m, struct err *e)
{
	struct buf names = { 0 };

	buf_z(&names, m->version);
	if (segments_live(l->store, &m->segments, &m->n_segments, e) == -1 ||
		(m->others = calloc(m->n_segments + 1, sizeof(struct live_model *))) == NULL)
		goto fail;
	for (size_t i = 0; i < m->n_segments && m->segments[i].query[0] != '\0'; i++) {
		if ((m->others[i] = model_open(l, m->segments[i].version, e)) == NULL)
			goto fail;
		m->n_others++;
		buf_fmt(&names, " %s", m->others[i]->version);
	}
	m->versions = buf_take(&names, e);
	return m->versions == NULL ? -1 : 0;
fail:
	buf_clear(&names);
	return -1;
}

/* A whole snapshot: the version of all leads and those beside it. */
static struct live_model *set_open(struct live *l, uint32_t number, struct err *e)
{
	struct live_model *m = model_open(l, number, e);

	if (m != NULL && open_others(l, m, e) == -1) {
		model_gone(m);
		return NULL;
	}
	return m;
}

size_t live_segments(const struct live_model *m)
{
	return m->n_others;
}

struct live_model *live_segment(const struct live_model *m, size_t i, const char **query)
{
	*query = m->segments[i].query;
	return m->others[i];
}

struct live_model *live_of(struct live_model *m, const char *version)
{
	for (size_t i = 0; i < m->n_others; i++)
		if (strcmp(m->others[i]->version, version) == 0)
			return m->others[i];
	return m;
}

const char *live_versions(const struct live_model *m)
{
	return m->versions != NULL ? m->versions : m->version;
}

const char *live_version(const struct live_model *m)
{
	return m->version;
}

uint32_t live_number(const struct live_model *m)
{
	return m->number;
}

const struct model *live_model(const struct live_model *m)
{
	return m->model;
}

const struct profile *live_profile(const struct live_model *m)
{
	return m->model != NULL ? m->model->profile : m->profile;
}

const struct bands *live_bands(const struct live_model *m)
{
	return m->model != NULL ? &m->model->bands : rule_bands(m->api->rule);
}

const struct model *live_full(struct live_model *m, struct err *e)
{
	struct model *full, *spare = NULL;

	if (m->number == 0) {
		err_set(e, ERR_NOT_FOUND, "no model is published; the rule score gives no reasons");
		return NULL;
	}
	pthread_mutex_lock(&m->lock);
	full = m->full;
	pthread_mutex_unlock(&m->lock);
	if (full != NULL)
		return full;
	/* Two may load it at once; one of them for nothing. */
	full = model_load(m->live->store, m->number,
		MODEL_WITH_FOREST | MODEL_WITH_REPORT | MODEL_WITH_DONORS, e);
	if (full == NULL)
		return NULL;
	pthread_mutex_lock(&m->lock);
	if (m->full != NULL)
		spare = full;
	else
		m->full = full;
	full = m->full;
	pthread_mutex_unlock(&m->lock);
	model_free(spare);
	return full;
}

/* ---- which one is it ---- */

/* Whether somebody has set other thresholds for the version that is live. */
static bool same_bands(struct live *l, struct live_model *m)
{
	const struct bands *now = live_bands(m);
	struct bands set = { 0 };
	int rc;

	if (m->model == NULL || m->model->n_classes != 2)
		return true;
	rc = notes_bands(l->store, m->number, &set, NULL);
	if (rc != 1) /* taken away again, or never set: those of the files */
		return rc == -1 || !m->own_bands;
	return set.hot == now->hot && set.warm == now->warm;
}

/* Whether the same versions are live for the same segments, with the same thresholds. */
static bool same_others(struct live *l, struct live_model *m, bool *same, struct err *e)
{
	struct segment *now;
	size_t n;

	if (segments_live(l->store, &now, &n, e) == -1)
		return false;
	*same = n == m->n_segments;
	for (size_t i = 0; *same && i < n; i++)
		*same = now[i].version == m->segments[i].version &&
			now[i].priority == m->segments[i].priority &&
			strcmp(now[i].query, m->segments[i].query) == 0;
	for (size_t i = 0; *same && i < m->n_others; i++)
		*same = same_bands(l, m->others[i]);
	segments_free(now, n);
	return true;
}

static int published(struct live *l, uint32_t *number, struct err *e)
{
	bool draft = false;
	int found = registry_pick(l->store, S(""), number, &draft, e);

	if (found == -1)
		return -1;
	if (found == 0 || draft)
		*number = 0;
	return 0;
}

struct live *live_new(struct model_store *st, struct err *e)
{
	struct live *l = calloc(1, sizeof(*l));
	uint32_t number;

	if (l == NULL) {
		err_nomem(e);
		return NULL;
	}
	l->store = st;
	pthread_mutex_init(&l->lock, NULL);
	pthread_mutex_init(&l->refresh, NULL);
	if (published(l, &number, e) == -1 || (l->now = set_open(l, number, e)) == NULL) {
		live_free(l);
		return NULL;
	}
	return l;
}

void live_free(struct live *l)
{
	if (l == NULL)
		return;
	if (l->now != NULL) {
		ASSERT(l->now->holders == 1);
		model_gone(l->now);
	}
	pthread_mutex_destroy(&l->lock);
	pthread_mutex_destroy(&l->refresh);
	free(l);
}

struct live_model *live_hold(struct live *l)
{
	struct live_model *m;

	pthread_mutex_lock(&l->lock);
	m = l->now;
	atomic_fetch_add_explicit(&m->holders, 1, memory_order_relaxed);
	pthread_mutex_unlock(&l->lock);
	return m;
}

struct live_model *live_open(struct live *l, uint32_t number, struct err *e)
{
	return model_open(l, number, e);
}

void live_drop(struct live_model *m)
{
	if (m != NULL && atomic_fetch_sub(&m->holders, 1) == 1)
		model_gone(m);
}

int live_refresh(struct live *l, bool *changed, struct err *e)
{
	struct live_model *old = NULL, *m;
	uint32_t number;
	bool same;
	int rc = -1;

	pthread_mutex_lock(&l->refresh);
	/* Only a refresh changes ${now}. */
	if (published(l, &number, e) == -1 || !same_others(l, l->now, &same, e))
		goto done;
	rc = 0;
	if (l->now->number == number && same && same_bands(l, l->now))
		goto done;
	rc = -1;
	if ((m = set_open(l, number, e)) == NULL)
		goto done;
	pthread_mutex_lock(&l->lock);
	old = l->now;
	l->now = m;
	pthread_mutex_unlock(&l->lock);
	rc = 0;
done:
	if (changed != NULL)
		*changed = old != NULL;
	pthread_mutex_unlock(&l->refresh);
	live_drop(old);
	return rc;
}
