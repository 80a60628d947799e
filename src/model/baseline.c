/* SPDX-License-Identifier: Apache-2.0 */
#include "model/baseline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features/frame.h"
#include "util/err.h"
#include "util/json.h"

static const char *const names[BASELINE_COUNT] = { "base_rate", "most_recent_first",
	"logistic_regression" };

const char *baseline_name(enum baseline b)
{
	return names[b];
}

int baselines_fit(const struct frame *f, const uint32_t *cols, size_t n_cols, struct baselines *out,
	struct err *e)
{
	int8_t positive = f->n_classes == 3 ? 0 : OUTCOME_WON;
	size_t known = 0, won = 0;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < f->rows; i++) {
		known += f->outcome[i] >= 0;
		won += f->outcome[i] == positive;
		out->recency |= f->created != NULL && isfinite(f->created[i]);
	}
	out->base_rate = known > 0 ? (double)won / (double)known : 0;
	if (won == 0 || won == known)
		return 0;
	out->logit = logit_fit(f, cols, n_cols, NULL, 0, e);
	return out->logit != NULL ? 0 : -1;
}

void baselines_clear(struct baselines *b)
{
	logit_free(b->logit);
	memset(b, 0, sizeof(*b));
}

void baselines_write(struct jw *w, const struct baselines *b)
{
	jw_obj(w);
	jw_knum(w, "base_rate", b->base_rate);
	jw_kbool(w, "recency", b->recency);
	if (b->logit != NULL) {
		jw_key(w, "logit");
		logit_write(w, b->logit);
	}
	jw_end_obj(w);
}

int baselines_read(const struct json *obj, size_t n_cols, struct baselines *out, struct err *e)
{
	const struct json *logit = json_get(obj, "logit");

	memset(out, 0, sizeof(*out));
	if (json_need_num(obj, "base_rate", &out->base_rate, e) != 0)
		return -1;
	if (!(out->base_rate >= 0 && out->base_rate <= 1))
		return err_set(e, ERR_INPUT, "the base rate is %g", out->base_rate);
	out->recency = json_bool(json_get(obj, "recency"), false);
	if (logit != NULL && (out->logit = logit_read(logit, n_cols, e)) == NULL)
		return -1;
	return 0;
}

int baselines_eval(double base_rate, const double *created, const double *logit_p,
	const struct eval_rows *rows, const struct eval_opts *o, struct baseline_figures *out,
	struct err *e)
{
	struct eval_rows r = *rows;
	double *constant = malloc((rows->n + 1) * sizeof(*constant));
	int rc = 0;

	memset(out, 0, sizeof(*out));
	if (constant == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < rows->n; i++)
		constant[i] = base_rate;
	r.p = constant;
	out->has[BASELINE_RATE] = true;
	rc = evaluate(&r, o, &out->figures[BASELINE_RATE], e);
	if (rc == 0 && created != NULL) {
		r.p = created;
		out->has[BASELINE_RECENT] = true;
		rc = eval_ranking(&r, o, &out->figures[BASELINE_RECENT], e);
	}
	if (rc == 0 && logit_p != NULL) {
		r.p = logit_p;
		out->has[BASELINE_LOGIT] = true;
		rc = evaluate(&r, o, &out->figures[BASELINE_LOGIT], e);
	}
	free(constant);
	return rc;
}

void baseline_figures_write(struct jw *w, const struct baseline_figures *b)
{
	jw_obj(w);
	for (int i = 0; i < BASELINE_COUNT; i++) {
		if (!b->has[i])
			continue;
		jw_key(w, names[i]);
		jw_obj(w);
		eval_write(w, &b->figures[i]);
		jw_end_obj(w);
	}
	jw_end_obj(w);
}

int baseline_figures_read(const struct json *obj, struct baseline_figures *out, struct err *e)
{
	memset(out, 0, sizeof(*out));
	for (int i = 0; i < BASELINE_COUNT; i++) {
		const struct json *o = json_get(obj, names[i]);

		if (o == NULL)
			continue;
		out->has[i] = true;
		if (eval_read(o, &out->figures[i], e) != 0)
			return -1;
	}
	return 0;
}
