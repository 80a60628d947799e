/* SPDX-License-Identifier: Apache-2.0 */
#include "store/lead_form_internal.h"

#include <math.h>
#include <string.h>

#include "util/err.h"

enum { FORM = 1 };

/* Written as it lies in memory; the members leave no gaps. */
struct head {
	uint64_t version, content, edited, upload_row;
	int64_t inserted_ms, updated_ms, created_ms, last_activity_ms, outcome_ms;
	double value, closing_probability;
	uint8_t digest[16];
	struct id upload;
	uint32_t layout, texts;
	uint8_t form, outcome, override_heat, verdict, upload_result, closing_heat, closing_model,
		unused;
};
_Static_assert(sizeof(struct head) == 136, "no gaps in what is stored");
_Static_assert(LF_TEXTS <= 32, "texts are a set of 32 bits");

static void put_text(struct buf *out, struct str s)
{
	size_t n = s.n;

	while (n > 127) {
		buf_c(out, (char)(n | 128));
		n >>= 7;
	}
	buf_c(out, (char)n);
	buf_str(out, s);
}

static int take_text(struct str *from, struct str *out)
{
	size_t n = 0;
	unsigned shift = 0;
	uint8_t c;

	do {
		if (from->n == 0 || shift > 28)
			return -1;
		c = (uint8_t)*from->p;
		from->p++;
		from->n--;
		n |= (size_t)(c & 127) << shift;
		shift += 7;
	} while (c > 127);
	if (n > from->n)
		return -1;
	*out = (struct str){ from->p, n };
	from->p += n;
	from->n -= n;
	return 0;
}

static int take(struct str *from, void *to, size_t n)
{
	if (from->n < n)
		return -1;
	memcpy(to, from->p, n);
	from->p += n;
	from->n -= n;
	return 0;
}

static void put_mark(struct buf *out, const struct lead_mark *m)
{
	buf_bytes(out, &m->by, sizeof(m->by));
	buf_bytes(out, &m->at_ms, sizeof(m->at_ms));
	put_text(out, m->note);
}

static int take_mark(struct str *from, struct lead_mark *m)
{
	return take(from, &m->by, sizeof(m->by)) == 0 &&
			       take(from, &m->at_ms, sizeof(m->at_ms)) == 0 &&
			       take_text(from, &m->note) == 0
		       ? 0
		       : -1;
}

void lead_form_write(const struct lead *l, struct buf *out)
{
	const struct lead_values *v = &l->values;
	struct head h = {
		.version = l->version,
		.content = l->content,
		.edited = l->edited,
		.upload_row = l->upload_row,
		.inserted_ms = l->inserted_ms,
		.updated_ms = l->updated_ms,
		.created_ms = v->created_ms,
		.last_activity_ms = v->last_activity_ms,
		.outcome_ms = v->outcome_ms,
		.value = v->value,
		.closing_probability = l->closing_probability,
		.upload = l->upload,
		.layout = l->layout,
		.form = FORM,
		.outcome = (uint8_t)v->outcome,
		.override_heat = (uint8_t)l->override_heat,
		.verdict = (uint8_t)l->verdict,
		.upload_result = (uint8_t)l->upload_result,
		.closing_heat = (uint8_t)l->closing_heat,
		.closing_model = (uint8_t)strlen(l->closing_model),
	};
	size_t f;

	memcpy(h.digest, l->digest, sizeof(h.digest));
	for (f = 0; f < LF_TEXTS; f++)
		h.texts |= (uint32_t)(v->text[f].n > 0) << f;
	buf_bytes(out, &h, sizeof(h));
	for (f = 0; f < LF_TEXTS; f++)
		if (v->text[f].n > 0)
			put_text(out, v->text[f]);
	buf_bytes(out, l->closing_model, h.closing_model);
	if (l->override_heat != LEAD_NO_HEAT)
		put_mark(out, &l->override_mark);
	if (l->verdict != LEAD_NO_VERDICT)
		put_mark(out, &l->verdict_mark);
	buf_str(out, l->cells);
}

int lead_form_read(struct str body, struct lead *out, struct err *e)
{
	struct lead_values *v = &out->values;
	struct head h;
	size_t f;

	if (take(&body, &h, sizeof(h)) != 0 || h.form != FORM || h.closing_model >= LEAD_MODEL)
		goto damaged;
	out->version = h.version;
	out->content = h.content;
	out->edited = h.edited;
	out->upload_row = h.upload_row;
	out->inserted_ms = h.inserted_ms;
	out->updated_ms = h.updated_ms;
	v->created_ms = h.created_ms;
	v->last_activity_ms = h.last_activity_ms;
	v->outcome_ms = h.outcome_ms;
	v->value = h.value;
	v->outcome = (enum lead_outcome)h.outcome;
	out->closing_probability = h.closing_probability;
	out->upload = h.upload;
	out->layout = h.layout;
	out->override_heat = (enum lead_heat)h.override_heat;
	out->verdict = (enum lead_verdict)h.verdict;
	out->upload_result = (enum lead_result)h.upload_result;
	out->closing_heat = (enum lead_heat)h.closing_heat;
	memcpy(out->digest, h.digest, sizeof(h.digest));
	for (f = 0; f < LF_TEXTS; f++) {
		v->text[f] = S("");
		if ((h.texts >> f & 1) != 0 && take_text(&body, &v->text[f]) != 0)
			goto damaged;
	}
	memset(out->closing_model, 0, sizeof(out->closing_model));
	if (take(&body, out->closing_model, h.closing_model) != 0)
		goto damaged;
	out->override_mark = out->verdict_mark = (struct lead_mark){ .at_ms = MS_NONE };
	if (out->override_heat != LEAD_NO_HEAT && take_mark(&body, &out->override_mark) != 0)
		goto damaged;
	if (out->verdict != LEAD_NO_VERDICT && take_mark(&body, &out->verdict_mark) != 0)
		goto damaged;
	out->cells = body;
	return 0;
damaged:
	return err_set(e, ERR_IO, "a stored lead is damaged");
}

struct score_head {
	double probability, margin, confidence, bands[3], as_of;
	int64_t scored_ms, previous_ms;
	uint64_t content;
	uint8_t form, points, heat, previous_points, previous_heat, model, unused[2];
};
_Static_assert(sizeof(struct score_head) == 88, "no gaps in what is stored");

void lead_form_write_score(const struct lead_score *s, struct buf *out)
{
	struct score_head h = {
		.probability = s->probability,
		.margin = s->margin,
		.confidence = s->confidence,
		.bands = { s->bands[0], s->bands[1], s->bands[2] },
		.as_of = s->as_of,
		.scored_ms = s->scored_ms,
		.previous_ms = s->previous_ms,
		.content = s->content,
		.form = FORM,
		.points = s->points,
		.heat = (uint8_t)s->heat,
		.previous_points = s->previous_points,
		.previous_heat = (uint8_t)s->previous_heat,
		.model = (uint8_t)strlen(s->model),
	};

	buf_bytes(out, &h, sizeof(h));
	buf_bytes(out, s->model, h.model);
}

int lead_form_read_score(struct str body, struct lead_score *out, struct err *e)
{
	struct score_head h;

	memset(out, 0, sizeof(*out));
	out->previous_ms = MS_NONE;
	if (body.n == 0) /* never scored */
		return 0;
	if (take(&body, &h, sizeof(h)) != 0 || h.form != FORM || h.model >= LEAD_MODEL ||
		take(&body, out->model, h.model) != 0)
		return err_set(e, ERR_IO, "a stored score is damaged");
	out->probability = h.probability;
	out->margin = h.margin;
	out->confidence = h.confidence;
	memcpy(out->bands, h.bands, sizeof(h.bands));
	out->as_of = h.as_of;
	out->scored_ms = h.scored_ms;
	out->previous_ms = h.previous_ms;
	out->content = h.content;
	out->points = h.points;
	out->heat = (enum lead_heat)h.heat;
	out->previous_points = h.previous_points;
	out->previous_heat = (enum lead_heat)h.previous_heat;
	return 0;
}

void lead_form_write_all(const struct lead *l, struct buf *out)
{
	struct buf score = { 0 };

	if (l->score.model[0] != '\0')
		lead_form_write_score(&l->score, &score);
	out->failed |= score.failed;
	buf_bytes(out, &l->id, sizeof(l->id));
	put_text(out, buf_view(&score));
	lead_form_write(l, out);
	buf_clear(&score);
}

int lead_form_read_all(struct str body, struct lead *out, struct err *e)
{
	struct str score;

	memset(out, 0, sizeof(*out));
	if (take(&body, &out->id, sizeof(out->id)) != 0 || take_text(&body, &score) != 0)
		return err_set(e, ERR_IO, "a stored lead is damaged");
	return lead_form_read_score(score, &out->score, e) == 0 ? lead_form_read(body, out, e) : -1;
}

static int own(struct str *s, struct arena *a)
{
	if (s->n == 0)
		return 0;
	s->p = arena_dup(a, *s);
	return s->p != NULL ? 0 : -1;
}

int lead_form_own(struct lead *l, struct arena *a, bool cells, struct err *e)
{
	size_t f;

	for (f = 0; f < LF_TEXTS; f++)
		if (own(&l->values.text[f], a) != 0)
			goto full;
	if (!cells)
		l->cells = S("");
	if (own(&l->cells, a) != 0 || own(&l->override_mark.note, a) != 0 ||
		own(&l->verdict_mark.note, a) != 0)
		goto full;
	return 0;
full:
	return err_set(e, ERR_LIMIT, "the answer takes more memory than is allowed");
}

int lead_form_keep(struct kv *k, const struct lead *old, int64_t now_ms, struct id by,
	struct id upload, struct err *e)
{
	struct buf body = { 0 };
	struct docs_version v = { .version = old->version,
		.until_ms = now_ms,
		.by = by,
		.upload = upload,
		.made_by = old->upload };
	int rc;

	lead_form_write_all(old, &body);
	v.body = buf_view(&body);
	rc = body.failed ? err_nomem(e) : docs_version_add(k, old->id, &v, e);
	buf_clear(&body);
	return rc;
}
