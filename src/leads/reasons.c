/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "features/profile.h"
#include "leads/reasons.h"
#include "model/model.h"
#include "model/reason_words.h"
#include "util/buf.h"
#include "util/err.h"

struct reasons {
	const struct model *m;
	struct explainer *explainer;
	ptrdiff_t *column; /* [profile columns] of the file */
};

struct reasons *reasons_new(
	const struct model *m, const struct str *columns, size_t n, struct err *e)
{
	struct reasons *r = calloc(1, sizeof(*r));

	if (r == NULL || (r->column = calloc(m->profile->n + 1, sizeof(*r->column))) == NULL) {
		err_nomem(e);
		goto fail;
	}
	r->m = m;
	for (size_t i = 0; i < m->profile->n; i++)
		r->column[i] = -1;
	for (size_t c = 0; c < n; c++) {
		ptrdiff_t i = profile_find(m->profile, columns[c]);

		if (i >= 0 && (r->column[i] < 0 || str_eq(m->profile->cols[i].name, columns[c])))
			r->column[i] = (ptrdiff_t)c;
	}
	if ((r->explainer = explainer_new(m, e)) == NULL)
		goto fail;
	return r;
fail:
	reasons_free(r);
	return NULL;
}

void reasons_free(struct reasons *r)
{
	if (r == NULL)
		return;
	explainer_free(r->explainer);
	free(r->column);
	free(r);
}

const struct explainer *reasons_explainer(const struct reasons *r)
{
	return r->explainer;
}

ptrdiff_t reasons_column(const struct reasons *r, uint32_t col)
{
	return col < r->m->profile->n ? r->column[col] : -1;
}

bool reasons_sentence(const struct reasons *r, const struct reasons_row *row,
	const struct explain_reason *why, struct enc_evidence *ev, struct buf *out)
{
	ptrdiff_t c = reasons_column(r, why->column);
	struct reason_value v = { c >= 0 ? row->cells[c] : S(""), row->num[why->base],
		row->code[why->base] };
	bool has;

	*ev = (struct enc_evidence){ 0 };
	has = encoder_evidence(r->m->encoder, why->base, v.num, v.code, ev);
	reason_words(r->m, why, &v, has ? ev : NULL, out);
	return has;
}

void reasons_line(const struct reasons *r, struct explain_work *w, const struct reasons_row *row,
	size_t k, struct buf *out)
{
	struct enc_evidence ev;
	struct explain x;

	explain_row(r->explainer, w, row->num, row->code, row->probability, &x);
	if (k > x.n)
		k = x.n;
	explain_points(&x, k);
	buf_fmt(out, "base rate %d; model average %+d; ", x.base_points, x.average_points);
	for (size_t i = 0; i < k; i++) {
		reasons_sentence(r, row, &x.reasons[i], &ev, out);
		buf_fmt(out, ", %+d; ", x.reasons[i].points);
	}
	buf_fmt(out, "everything else %+d", x.rest_points);
}
