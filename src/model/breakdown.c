/* SPDX-License-Identifier: Apache-2.0 */
#include "model/breakdown.h"

#include <math.h>
#include <stdlib.h>

#include "features/frame.h"
#include "model/summary.h"
#include "util/err.h"
#include "util/json.h"

void breakdown_group_write(struct jw *w, struct str value, const struct eval_group *g)
{
	jw_obj(w);
	jw_kstr(w, "value", value);
	jw_kint(w, "rows", (int64_t)g->n);
	jw_kint(w, "won", (int64_t)g->won);
	jw_knum(w, "rate", g->rate);
	jw_knum(w, "rate_low", g->rate_low);
	jw_knum(w, "rate_high", g->rate_high);
	jw_knum(w, "mean_probability", g->mean_p);
	jw_knum(w, "roc_auc", g->roc_auc);
	jw_knum(w, "log_loss", g->log_loss);
	jw_kbool(w, "small", g->small);
	jw_end_obj(w);
}

static int one(const struct base_col *b, const struct summary_col *s, const struct eval_rows *rows,
	uint32_t *group, struct jw *w, struct err *e)
{
	struct eval_group g[SUMMARY_BINS];
	char label[256];

	for (size_t i = 0; i < rows->n; i++)
		group[i] = summary_bin(
			s, b->num != NULL ? b->num[i] : NAN, b->code != NULL ? b->code[i] : 0);
	if (eval_groups(rows, group, s->n_bins, g, e) != 0)
		return -1;
	jw_obj(w);
	jw_kz(w, "column", s->name);
	jw_key(w, "values");
	jw_arr(w);
	/* Missing comes last, as it is no value. */
	for (uint32_t k = 1; k <= s->n_bins; k++) {
		uint32_t bin = k % s->n_bins;

		if (g[bin].n == 0)
			continue;
		summary_label(s, bin, label, sizeof(label));
		breakdown_group_write(w, str_of(label), &g[bin]);
	}
	jw_end_arr(w);
	jw_end_obj(w);
	return 0;
}

int breakdown_write(const struct frame *f, const struct summary *s, const struct eval_rows *rows,
	const uint32_t *bases, size_t n, struct jw *w, struct err *e)
{
	uint32_t *group = malloc((rows->n + 1) * sizeof(*group));
	int rc = group != NULL ? 0 : err_nomem(e);

	ASSERT(rows->n == f->rows);
	jw_arr(w);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		const struct summary_col *c = summary_find(s, bases[i]);

		if (c != NULL)
			rc = one(&f->cols[bases[i]], c, rows, group, w, e);
	}
	jw_end_arr(w);
	free(group);
	return rc;
}
