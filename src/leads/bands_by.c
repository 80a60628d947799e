/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "features/frame.h"
#include "leads/bands_by.h"
#include "leads/retrain_internal.h"
#include "model/heat.h"
#include "model/holdout.h"
#include "model/model.h"
#include "model/model_store.h"
#include "model/notes.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"
#include "util/when.h"

#define DAY_MS 86400000.0

/* Training leads with their outcomes, as the bands are sized on them. */
struct sample {
	struct holdout h;
	int8_t *y;
	double *created;
	struct bands_rows rows;
};

int bands_holdout(struct model_store *st, uint32_t version, struct holdout *h, struct err *e)
{
	struct model_file f = { 0 };
	int rc;

	if (st->get(st->self, version, "holdout.bin", &f, e) == -1)
		return -1;
	if ((rc = holdout_read(f.bytes, h, e)) == -1)
		err_prefix(e, "model v%u: holdout.bin: ", version);
	free((void *)(uintptr_t)f.bytes.p);
	return rc;
}

static void sample_clear(struct sample *s)
{
	holdout_clear(&s->h);
	free(s->y);
	free(s->created);
}

/* The report says from when to when the leads came, which is all that sizing by capacity asks of
 * their days: they are dealt out evenly over that time. */
static void deal_days(struct sample *s, const struct json *report)
{
	const struct json *created = json_get(report, "created");
	int64_t from, to;

	if (when_read(json_str(json_get(created, "from"), S("")), &from, NULL) == -1 ||
		when_read(json_str(json_get(created, "to"), S("")), &to, NULL) == -1)
		return;
	for (size_t i = 0; i < s->h.n; i++)
		s->created[i] = ((double)from + (double)(to - from) * (double)i /
							fmax(1, (double)s->h.n - 1)) /
				DAY_MS;
	s->rows.created = s->created;
}

static int sample_load(struct sample *s, struct model_store *st, const struct model *m,
	uint32_t version, struct err *e)
{
	if (bands_holdout(st, version, &s->h, e) == -1)
		return -1;
	s->y = calloc(s->h.n + 1, sizeof(*s->y));
	s->created = calloc(s->h.n + 1, sizeof(*s->created));
	if (s->y == NULL || s->created == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < s->h.n; i++)
		s->y[i] = isnan(s->h.p[i * s->h.k]) ? OUTCOME_OPEN : s->h.y[i];
	s->rows = (struct bands_rows){ s->h.p, s->y, NULL, s->h.n, m->rows };
	deal_days(s, m->report);
	return 0;
}

static int apply(
	struct bands *b, const struct json *ask, const struct bands_rows *rows, struct err *e)
{
	const struct json *capacity = json_get(ask, "capacity"), *value = json_get(ask, "value");
	double rate = json_num(capacity, NAN);
	double cost = json_num(json_get(ask, "cost"), NAN);

	if (capacity != NULL) {
		if (json_type(capacity) == J_STR && !retrain_rate(json_str(capacity, S("")), &rate))
			return err_set(e, ERR_INPUT,
				"capacity is leads per day, as \"30/day\" or \"100/week\"");
		return bands_by_capacity(b, rate, rows, e);
	}
	if (value != NULL) {
		if (isnan(cost))
			return err_set(e, ERR_INPUT,
				"value and cost belong together: hot is where working a lead pays");
		return bands_by_value(b, json_num(value, NAN), cost, rows, e);
	}
	return bands_by_hand(b, json_num(json_get(ask, "hot"), NAN),
		json_num(json_get(ask, "warm"), NAN), rows, e);
}

static int check(const struct json *ask, struct err *e)
{
	static const char *const known[] = { "hot", "warm", "capacity", "value", "cost", "reset" };

	if (json_type(ask) != J_OBJ || json_len(ask) == 0)
		return err_set(e, ERR_INPUT,
			"expected {\"hot\", \"warm\"}, {\"capacity\"} or {\"value\", \"cost\"}");
	for (size_t i = 0; i < json_len(ask); i++) {
		struct str key;
		bool found = false;

		json_member(ask, i, &key);
		for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++)
			found = found || str_eq(key, str_of(known[k]));
		if (!found)
			return err_set(e, ERR_INPUT, "\"" STR_FMT "\" is not known here",
				STR_ARG(str_sub(key, 0, 60)));
	}
	return 0;
}

static int keep(struct model_store *st, uint32_t version, const struct bands *b, struct err *e)
{
	struct buf text = { 0 };
	struct jw w = { .b = &text };
	int rc = -1;

	bands_write(&w, b);
	if (buf_done(&text, e) == 0)
		rc = notes_set(st, version, "bands", buf_view(&text), e);
	buf_clear(&text);
	return rc;
}

int bands_by(struct model_store *st, uint32_t version, const struct json *ask, struct bands *out,
	struct err *e)
{
	struct sample s = { 0 };
	struct model *m;
	int rc = -1;

	if (check(ask, e) == -1)
		return -1;
	if (json_bool(json_get(ask, "reset"), false) &&
		notes_set(st, version, "bands", S(""), e) == -1)
		return -1;
	if ((m = model_load(st, version, MODEL_WITH_REPORT, e)) == NULL)
		return -1;
	*out = m->bands;
	if (json_bool(json_get(ask, "reset"), false))
		rc = 0;
	else if (sample_load(&s, st, m, version, e) == 0 && apply(out, ask, &s.rows, e) == 0)
		rc = keep(st, version, out, e);
	/* What the caller asks for is input here, not a command line. */
	if (rc == -1 && e != NULL && e->code == ERR_USAGE)
		e->code = ERR_INPUT;
	sample_clear(&s);
	model_free(m);
	return rc;
}
