/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "leads/lead_json.h"
#include "leads/lead_timeline.h"
#include "leads/persons.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"

enum { MOST = 1000 };

/* --- who --- */

struct found {
	struct id *ids;
	size_t n;
};

static void add_id(struct found *f, struct id id)
{
	for (size_t i = 0; i < f->n; i++)
		if (id_eq(f->ids[i], id))
			return;
	if (f->n < MOST)
		f->ids[f->n++] = id;
}

/* Leads whose field is this text; their emails, if asked for, go to ${emails}. */
static int add_by(struct store *s, enum lead_field field, struct str text, struct arena *a,
	struct found *f, struct err *e)
{
	struct query_value v = { text, NAN };
	struct query_filter filter = { { .field = field }, QUERY_EQ, &v, 1 };
	struct lead_query q = { .filters = &filter,
		.n_filters = 1,
		.sort = QUERY_NO_COLUMN,
		.limit = MOST,
		.at = NAN };
	struct lead_page page;

	if (text.n == 0)
		return 0;
	if (s->leads->list(s, &q, a, &page, e) == -1)
		return -1;
	for (size_t i = 0; i < page.n; i++)
		add_id(f, page.leads[i].id);
	return 0;
}

/* The same address on another lead is the same person. */
static int add_by_emails(struct store *s, struct arena *a, struct found *f, struct err *e)
{
	size_t seeds = f->n;

	for (size_t i = 0; i < seeds; i++) {
		struct lead l;
		struct err why = { 0 };

		if (s->leads->get(s, f->ids[i], a, &l, &why) == -1) {
			if (why.code == ERR_NOT_FOUND)
				continue;
			*e = why;
			return -1;
		}
		if (add_by(s, LF_EMAIL, l.values.text[LF_EMAIL], a, f, e) == -1)
			return -1;
	}
	return 0;
}

int persons_find(struct store *s, const struct person *p, struct arena *a, struct id **ids,
	size_t *n, struct err *e)
{
	struct found f = { arena_array(a, MOST, sizeof(struct id)), 0 };
	struct lead l;
	struct err why = { 0 };

	if (f.ids == NULL)
		return err_nomem(e);
	if (!id_is_none(p->id)) {
		if (s->leads->get(s, p->id, a, &l, &why) == 0) {
			add_id(&f, p->id);
		} else if (why.code != ERR_NOT_FOUND) {
			*e = why;
			return -1;
		}
	}
	if (add_by(s, LF_EMAIL, p->email, a, &f, e) == -1 ||
		add_by(s, LF_PHONE, p->phone, a, &f, e) == -1 ||
		add_by(s, LF_MOBILE, p->phone, a, &f, e) == -1 || add_by_emails(s, a, &f, e) == -1)
		return -1;
	*ids = f.ids;
	*n = f.n;
	return 0;
}

/* --- all that is kept --- */

static int put_lead(
	struct store *s, const char *model, const struct lead *l, struct jw *w, struct err *e)
{
	struct lead_json_opts o = { .model = model };

	if (l->layout != 0 && (o.layout = s->layouts->get(s, l->layout, e)) == NULL)
		return -1;
	lead_json(w, l, &o);
	return 0;
}

static int put_versions(struct store *s, const char *model, struct id id, struct arena *a,
	struct jw *w, struct err *e)
{
	struct lead_version *v;
	size_t n;

	if (s->leads->history(s, id, a, &v, &n, e) == -1)
		return -1;
	jw_key(w, "versions");
	jw_arr(w);
	for (size_t i = 0; i < n; i++) {
		jw_obj(w);
		lead_json_time(w, "until", v[i].until_ms);
		lead_json_id(w, "by", v[i].by);
		lead_json_id(w, "upload_id", v[i].upload);
		jw_key(w, "lead");
		if (put_lead(s, model, &v[i].lead, w, e) == -1)
			return -1;
		jw_end_obj(w);
	}
	jw_end_arr(w);
	return 0;
}

static int put_scores(struct store *s, struct id id, struct arena *a, struct jw *w, struct err *e)
{
	struct past_score *past;
	size_t n;

	if (s->leads->scores(s, id, a, &past, &n, e) == -1)
		return -1;
	jw_key(w, "scores");
	jw_arr(w);
	for (size_t i = 0; i < n; i++) {
		jw_obj(w);
		lead_json_time(w, "at", past[i].score.scored_ms);
		jw_kint(w, "score", past[i].score.points);
		jw_knum(w, "probability", past[i].score.probability);
		jw_kz(w, "model", past[i].score.model);
		jw_end_obj(w);
	}
	jw_end_arr(w);
	return 0;
}

static int put_timeline(
	struct store *s, const struct lead *l, struct arena *a, struct jw *w, struct err *e)
{
	struct lead_timeline_opts o = { .store = s, .limit = 5000, .arena = a };
	struct lead_moment *m;
	struct str next;
	size_t n;

	if (lead_timeline(&o, l, &m, &n, &next, e) == -1)
		return -1;
	jw_key(w, "timeline");
	jw_arr(w);
	for (size_t i = 0; i < n; i++)
		lead_moment_json(w, &m[i]);
	jw_end_arr(w);
	return 0;
}

int persons_export(struct store *s, const char *model, const struct id *ids, size_t n,
	struct arena *a, struct jw *w, struct err *e)
{
	jw_obj(w);
	jw_key(w, "leads");
	jw_arr(w);
	for (size_t i = 0; i < n; i++) {
		struct lead l;

		if (s->leads->get(s, ids[i], a, &l, e) == -1)
			return -1;
		jw_obj(w);
		jw_key(w, "lead");
		if (put_lead(s, model, &l, w, e) == -1 ||
			put_versions(s, model, l.id, a, w, e) == -1 ||
			put_scores(s, l.id, a, w, e) == -1 || put_timeline(s, &l, a, w, e) == -1)
			return -1;
		jw_end_obj(w);
	}
	jw_end_arr(w);
	jw_end_obj(w);
	return 0;
}

int persons_erase_args(const struct id *ids, size_t n, struct buf *args, struct err *e)
{
	struct jw w = { .b = args };
	char hex[ID_HEX];

	jw_obj(&w);
	jw_key(&w, "ids");
	jw_arr(&w);
	for (size_t i = 0; i < n; i++) {
		id_hex(ids[i], hex);
		jw_z(&w, hex);
	}
	jw_end_arr(&w);
	jw_end_obj(&w);
	return buf_done(args, e);
}
