/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "model/evaluate.h"
#include "util/err.h"
#include "util/json.h"

static void value_write(struct jw *w, const char *key, struct eval_value v)
{
	jw_key(w, key);
	jw_obj(w);
	jw_knum(w, "value", v.value);
	jw_knum(w, "low", v.low);
	jw_knum(w, "high", v.high);
	jw_end_obj(w);
}

static int value_read(const struct json *obj, const char *key, struct eval_value *v, struct err *e)
{
	const struct json *o = json_need(obj, key, J_OBJ, e);

	if (o == NULL)
		return -1;
	v->value = json_num(json_get(o, "value"), NAN);
	v->low = json_num(json_get(o, "low"), NAN);
	v->high = json_num(json_get(o, "high"), NAN);
	return 0;
}

static int count_read(const struct json *obj, const char *key, size_t *out, struct err *e)
{
	int64_t n;

	if (json_need_int(obj, key, 0, INT64_C(1) << 40, &n, e) != 0)
		return -1;
	*out = (size_t)n;
	return 0;
}

static void bins_write(struct jw *w, const char *key, const struct eval_bin *b)
{
	jw_key(w, key);
	jw_arr(w);
	for (int i = 0; i < EVAL_BINS; i++) {
		jw_obj(w);
		jw_knum(w, "from", b[i].from);
		jw_knum(w, "to", b[i].to);
		jw_kint(w, "n", (int64_t)b[i].n);
		jw_kint(w, "won", (int64_t)b[i].won);
		jw_knum(w, "mean_p", b[i].mean_p);
		jw_knum(w, "rate", b[i].rate);
		jw_knum(w, "rate_low", b[i].rate_low);
		jw_knum(w, "rate_high", b[i].rate_high);
		jw_end_obj(w);
	}
	jw_end_arr(w);
}

static int bins_read(const struct json *obj, const char *key, struct eval_bin *b, struct err *e)
{
	const struct json *a = json_need(obj, key, J_ARR, e);

	if (a == NULL)
		return -1;
	if (json_len(a) != EVAL_BINS)
		return err_set(
			e, ERR_INPUT, "\"%s\" has %zu bins, not %d", key, json_len(a), EVAL_BINS);
	for (size_t i = 0; i < EVAL_BINS; i++) {
		const struct json *o = json_at(a, i);

		if (count_read(o, "n", &b[i].n, e) != 0 || count_read(o, "won", &b[i].won, e) != 0)
			return -1;
		b[i].from = json_num(json_get(o, "from"), NAN);
		b[i].to = json_num(json_get(o, "to"), NAN);
		b[i].mean_p = json_num(json_get(o, "mean_p"), NAN);
		b[i].rate = json_num(json_get(o, "rate"), NAN);
		b[i].rate_low = json_num(json_get(o, "rate_low"), NAN);
		b[i].rate_high = json_num(json_get(o, "rate_high"), NAN);
	}
	return 0;
}

static void tops_write(struct jw *w, const struct eval_top *t)
{
	jw_key(w, "top");
	jw_arr(w);
	for (int i = 0; i < EVAL_TOPS; i++) {
		if (t[i].k == 0)
			continue;
		jw_obj(w);
		jw_knum(w, "share", t[i].share);
		jw_kint(w, "k", (int64_t)t[i].k);
		value_write(w, "precision", t[i].precision);
		value_write(w, "lift", t[i].lift);
		value_write(w, "recall", t[i].recall);
		jw_end_obj(w);
	}
	jw_end_arr(w);
}

static int tops_read(const struct json *obj, struct eval_top *t, struct err *e)
{
	const struct json *a = json_need(obj, "top", J_ARR, e);

	if (a == NULL)
		return -1;
	if (json_len(a) > EVAL_TOPS)
		return err_set(e, ERR_INPUT, "\"top\" has more than %d entries", EVAL_TOPS);
	for (size_t i = 0; i < json_len(a); i++) {
		const struct json *o = json_at(a, i);

		t[i].share = json_num(json_get(o, "share"), NAN);
		if (count_read(o, "k", &t[i].k, e) != 0 ||
			value_read(o, "precision", &t[i].precision, e) != 0 ||
			value_read(o, "lift", &t[i].lift, e) != 0 ||
			value_read(o, "recall", &t[i].recall, e) != 0)
			return -1;
	}
	return 0;
}

void eval_write(struct jw *w, const struct eval *v)
{
	jw_kint(w, "rows", (int64_t)v->rows);
	jw_kint(w, "won", (int64_t)v->won);
	jw_kint(w, "lost", (int64_t)v->lost);
	jw_kint(w, "open", (int64_t)v->open);
	jw_knum(w, "base_rate", v->base_rate);
	jw_knum(w, "mean_probability", v->mean_p);
	value_write(w, "roc_auc", v->roc_auc);
	value_write(w, "pr_auc", v->pr_auc);
	value_write(w, "log_loss", v->log_loss);
	value_write(w, "brier", v->brier);
	value_write(w, "ece", v->ece);
	value_write(w, "ece_equal_count", v->ece_mass);
	jw_kint(w, "resamples", v->resamples);
	tops_write(w, v->top);
	bins_write(w, "reliability", v->mass);
	bins_write(w, "reliability_equal_width", v->width);
}

int eval_read(const struct json *obj, struct eval *out, struct err *e)
{
	size_t resamples;

	memset(out, 0, sizeof(*out));
	if (count_read(obj, "rows", &out->rows, e) != 0 ||
		count_read(obj, "won", &out->won, e) != 0 ||
		count_read(obj, "lost", &out->lost, e) != 0 ||
		count_read(obj, "open", &out->open, e) != 0 ||
		count_read(obj, "resamples", &resamples, e) != 0 ||
		value_read(obj, "roc_auc", &out->roc_auc, e) != 0 ||
		value_read(obj, "pr_auc", &out->pr_auc, e) != 0 ||
		value_read(obj, "log_loss", &out->log_loss, e) != 0 ||
		value_read(obj, "brier", &out->brier, e) != 0 ||
		value_read(obj, "ece", &out->ece, e) != 0 ||
		value_read(obj, "ece_equal_count", &out->ece_mass, e) != 0 ||
		tops_read(obj, out->top, e) != 0 ||
		bins_read(obj, "reliability", out->mass, e) != 0 ||
		bins_read(obj, "reliability_equal_width", out->width, e) != 0)
		return -1;
	out->resamples = (uint32_t)resamples;
	out->base_rate = json_num(json_get(obj, "base_rate"), NAN);
	out->mean_p = json_num(json_get(obj, "mean_probability"), NAN);
	return 0;
}

void eval_compare_write(struct jw *w, const struct eval_compare *v)
{
	jw_kint(w, "rows", (int64_t)v->rows);
	value_write(w, "log_loss", v->log_loss);
	value_write(w, "roc_auc", v->roc_auc);
	value_write(w, "brier", v->brier);
	jw_knum(w, "worse", v->worse);
}

void eval_classes_write(struct jw *w, const struct eval_classes *v)
{
	static const char *const name[EVAL_CLASSES] = { "hot", "warm", "cold" };

	jw_kint(w, "rows", (int64_t)v->rows);
	jw_kint(w, "open", (int64_t)v->open);
	value_write(w, "log_loss", v->log_loss);
	value_write(w, "accuracy", v->accuracy);
	jw_key(w, "classes");
	jw_obj(w);
	for (int c = 0; c < EVAL_CLASSES; c++) {
		jw_key(w, name[c]);
		jw_obj(w);
		jw_kint(w, "count", (int64_t)v->count[c]);
		jw_key(w, "called");
		jw_arr(w);
		for (int k = 0; k < EVAL_CLASSES; k++)
			jw_int(w, (int64_t)v->confusion[c][k]);
		jw_end_arr(w);
		jw_key(w, "against_the_rest");
		jw_obj(w);
		eval_write(w, &v->rest[c]);
		jw_end_obj(w);
		jw_end_obj(w);
	}
	jw_end_obj(w);
}

static int class_read(const struct json *o, int c, struct eval_classes *out, struct err *e)
{
	const struct json *called = json_need(o, "called", J_ARR, e);
	const struct json *rest = json_need(o, "against_the_rest", J_OBJ, e);

	if (called == NULL || rest == NULL)
		return -1;
	for (size_t k = 0; k < EVAL_CLASSES; k++) {
		int64_t n = json_int(json_at(called, k), -1);

		if (n < 0)
			return err_set(e, ERR_INPUT, "\"called\" has not three counts");
		out->confusion[c][k] = (size_t)n;
	}
	return count_read(o, "count", &out->count[c], e) != 0 ? -1
							      : eval_read(rest, &out->rest[c], e);
}

int eval_classes_read(const struct json *obj, struct eval_classes *out, struct err *e)
{
	static const char *const name[EVAL_CLASSES] = { "hot", "warm", "cold" };
	const struct json *classes;

	memset(out, 0, sizeof(*out));
	if (count_read(obj, "rows", &out->rows, e) != 0 ||
		count_read(obj, "open", &out->open, e) != 0 ||
		value_read(obj, "log_loss", &out->log_loss, e) != 0 ||
		value_read(obj, "accuracy", &out->accuracy, e) != 0 ||
		(classes = json_need(obj, "classes", J_OBJ, e)) == NULL)
		return -1;
	for (int c = 0; c < EVAL_CLASSES; c++) {
		const struct json *o = json_need(classes, name[c], J_OBJ, e);

		if (o == NULL || class_read(o, c, out, e) != 0)
			return -1;
	}
	return 0;
}
