/* SPDX-License-Identifier: Apache-2.0 */
/* Batches of prepared rows into the store. */
#include <stdlib.h>
#include <string.h>

#include "leads/ingest_internal.h"
#include "leads/rescoring.h"
#include "util/clock.h"
#include "util/err.h"

enum { HELD_MAX = 10, BATCH_MS = 250, MORE_MS = 10 };

struct writer {
	struct intake *in;
	struct upload_progress *p; /* as far as batches have been put */
	uint64_t seconds_ms;       /* before this run */
	int64_t started;
	struct flow *flow;
	struct prepared *held[HELD_MAX];
	size_t n_held, rows;
	struct prepared *left; /* came, and had no room in the batch; the next begins with it */
	int64_t since;         /* when the first of a batch came */
	struct lead_put *puts[INGEST_BATCH]; /* where they lie in their blocks */
	size_t n_puts;
	struct keyset occurrences; /* of rows without a key */
};

/* ---- one batch ---- */

static int row_id(struct writer *w, struct lead_put *put, struct err *e)
{
	uint32_t *n = keyset_at(&w->occurrences, str_hash(put->cells, 1), e);

	if (n == NULL)
		return -1;
	store_lead_id_row(w->in->o->store, put->cells, (*n)++, &put->id);
	return 0;
}

/* ${p} becomes part of the batch: those of its rows that are to be put, *n of them, lie together at
 * the front of its array. */
static int hold(struct writer *w, struct prepared *p, size_t *n, struct err *e)
{
	w->held[w->n_held++] = p;
	w->rows += p->n;
	*n = 0;
	for (size_t i = 0; i < p->n; i++) {
		if (p->key[i] == KEY_ROW && row_id(w, &p->puts[i], e) == -1)
			return -1;
		if (p->skip[i])
			continue;
		if (*n != i)
			p->puts[*n] = p->puts[i];
		w->puts[w->n_puts++] = &p->puts[(*n)++];
	}
	return 0;
}

/* The next block of the batch, for lead_put_opts.more: it is waited for until the batch is as old
 * as one may be. */
static int more(void *arg, bool wait, struct lead_put **rows, size_t *n, struct err *e)
{
	struct writer *w = arg;
	int64_t left = w->since + BATCH_MS - clock_mono_ms();
	struct prepared *p;
	int rc;

	if (w->n_held == HELD_MAX || w->rows == INGEST_BATCH || intake_stop(w->in))
		return 0;
	rc = flow_more(w->flow, !wait || left < 0 ? 0 : left < MORE_MS ? left : MORE_MS, &p, e);
	if (rc != 1)
		return rc == 2 && wait && left <= 0 ? 0 : rc;
	if (w->rows + p->n > INGEST_BATCH) {
		w->left = p;
		return 0;
	}
	*rows = p->puts;
	return hold(w, p, n, e) == -1 ? -1 : 1;
}

/* A file of outcomes may name leads by e-mail that came with an id of their own. */
static int find_by_email(struct writer *w, struct lead_put_opts *o, struct err *e)
{
	struct store *s = w->in->o->store;
	struct str *texts = calloc(w->n_puts + 1, sizeof(*texts));
	struct lead_put *found = calloc(w->n_puts + 1, sizeof(*found));
	size_t *at = calloc(w->n_puts + 1, sizeof(*at)), n = 0, k = 0;
	struct id *ids = calloc(w->n_puts + 1, sizeof(*ids));
	int rc = -1;

	if (texts == NULL || found == NULL || at == NULL || ids == NULL) {
		err_nomem(e);
		goto done;
	}
	for (size_t i = 0; i < w->n_puts; i++) {
		if (w->puts[i]->result != LEAD_MISSING || w->puts[i]->values.text[LF_EMAIL].n == 0)
			continue;
		at[n] = i;
		texts[n++] = w->puts[i]->values.text[LF_EMAIL];
	}
	rc = 0;
	if (n == 0 || (rc = s->leads->find(s, LF_EMAIL, texts, n, ids, e)) == -1)
		goto done;
	for (size_t i = 0; i < n; i++) {
		if (id_is_none(ids[i]))
			continue;
		found[k] = *w->puts[at[i]];
		found[k].id = ids[i];
		at[k++] = at[i];
	}
	o->progress = NULL;
	o->more = NULL;
	if (k != 0 && (rc = s->leads->put(s, found, k, o, e)) == 0)
		for (size_t i = 0; i < k; i++)
			*w->puts[at[i]] = found[i];
done:
	free(texts);
	free(found);
	free(at);
	free(ids);
	return rc;
}

/* Rows were scored by the version of all leads before anybody knew whose leads they are; those of
 * segments are scored by their own. */
static int score_segments(struct writer *w, struct err *e)
{
	struct live_model *m = live_hold(w->in->o->live);
	bool any = live_segments(m) != 0;
	struct id *ids;
	size_t n = 0;
	int rc = 0;

	live_drop(m);
	if (!any || !w->in->score)
		return 0;
	if ((ids = calloc(w->n_puts + 1, sizeof(*ids))) == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < w->n_puts; i++)
		if (w->puts[i]->result == LEAD_CREATED || w->puts[i]->result == LEAD_UPDATED)
			ids[n++] = w->puts[i]->id;
	if (n != 0)
		rc = rescoring_ids(w->in->o->store, w->in->o->live, ids, n, SCORE_IMPORT, e);
	free(ids);
	return rc;
}

static void count(struct writer *w)
{
	struct upload_rows *r = &w->p->rows;

	for (size_t i = 0; i < w->n_puts; i++) {
		switch (w->puts[i]->result) {
		case LEAD_CREATED:
			r->created++;
			break;
		case LEAD_UPDATED:
			r->updated++;
			break;
		case LEAD_UNCHANGED:
			r->unchanged++;
			break;
		case LEAD_MISSING:
			r->rejected++;
			break;
		}
	}
	for (size_t b = 0; b < w->n_held; b++) {
		const struct prepared *p = w->held[b];

		r->read += p->read;
		r->rejected += p->bad;
		r->unchanged += p->superseded;
		if (p->block->first + p->block->n > w->p->position)
			w->p->position = p->block->first + p->block->n;
		w->p->fraction = p->fraction;
	}
}

/* Leads that have cells of an earlier file as well: scored on all of them. */
static int score_merged(struct writer *w, struct err *e)
{
	struct id *ids = calloc(w->n_puts + 1, sizeof(*ids));
	size_t n = 0;
	int rc = 0;

	if (ids == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < w->n_puts; i++)
		if (w->puts[i]->wants_score && w->puts[i]->result != LEAD_MISSING)
			ids[n++] = w->puts[i]->id;
	if (n != 0)
		rc = rescoring_ids(w->in->o->store, w->in->o->live, ids, n, SCORE_IMPORT, e);
	free(ids);
	return rc;
}

static void give_back(struct writer *w)
{
	for (size_t b = 0; b < w->n_held; b++)
		flow_give_back(w->flow, w->held[b]);
	w->n_held = w->rows = w->n_puts = 0;
}

/* The batch that begins with ${p}. */
static int put_batch(struct writer *w, struct prepared *p, struct err *e)
{
	struct store *s = w->in->o->store;
	struct upload_progress before = *w->p;
	struct lead_put_opts o = { .upload = w->in->o->upload,
		.by = w->in->o->by,
		.now_ms = clock_ms(),
		.update_only = w->in->o->update_only,
		.progress = &before,
		.more = more,
		.more_arg = w };
	size_t n;

	w->since = clock_mono_ms();
	if (hold(w, p, &n, e) == -1)
		return -1;
	if (n != 0) {
		if (s->leads->put(s, p->puts, n, &o, e) == -1 ||
			(o.update_only && find_by_email(w, &o, e) == -1) ||
			score_merged(w, e) == -1 || score_segments(w, e) == -1)
			return -1;
	}
	count(w);
	w->p->seconds_ms = w->seconds_ms + (uint64_t)(clock_mono_ms() - w->started);
	give_back(w);
	if (w->in->o->tell != NULL)
		w->in->o->tell(w->in->o->arg, w->p);
	return 0;
}

static int take(void *arg, struct flow *f, struct prepared *p, struct err *e)
{
	struct writer *w = arg;

	w->flow = f;
	for (; p != NULL; p = w->left) {
		w->left = NULL;
		if (put_batch(w, p, e) == -1)
			return -1;
	}
	return intake_stop(w->in) ? err_set(e, ERR_CANCELLED, "stopped") : 0;
}

int ingest_run(const struct ingest_opts *o, struct upload_progress *p, struct err *e)
{
	struct intake in;
	struct writer w = {
		.in = &in, .p = p, .seconds_ms = p->seconds_ms, .started = clock_mono_ms()
	};
	struct store *s = o->store;
	int rc = -1;

	if (intake_open(&in, o, true, e) == -1)
		return -1;
	in.from = p->position;
	in.score = true;
	if (intake_last_rows(&in, e) == -1 || intake_flow(&in, o->threads, take, &w, e) == -1)
		goto done;
	rc = s->uploads->progress(s, o->upload, p, clock_ms(), e);
done:
	for (size_t b = 0; b < w.n_held; b++)
		prepared_free(w.held[b]);
	prepared_free(w.left);
	keyset_clear(&w.occurrences);
	intake_close(&in);
	return rc;
}
