/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "features/derive.h"
#include "features/encode.h"
#include "features/profile.h"
#include "model/explain.h"
#include "model/model.h"
#include "model/reason_words.h"
#include "util/buf.h"

enum { TEXT_MAX = 60 };

/* Text of a lead on one line, cut after whole characters. */
static void clean(struct buf *out, struct str s)
{
	size_t shown = 0;

	s = str_trim(s);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c & 0xC0) != 0x80 && ++shown > TEXT_MAX) {
			buf_z(out, "...");
			return;
		}
		buf_c(out, c < 0x20 || c == 0x7F ? ' ' : (char)c);
	}
}

static void number(struct buf *out, double x)
{
	if (fabs(x) < 1e15 && x == floor(x))
		buf_fmt(out, "%.0f", x);
	else
		buf_fmt(out, "%.4g", x);
}

/* " (1100 or more)", " (under 3)", " (20 to 35)": the values that the evidence is about; nothing
 * when they all read the same. */
static void range(struct buf *out, const struct enc_evidence *ev)
{
	struct buf lo = { 0 }, hi = { 0 };

	number(&lo, ev->lo);
	number(&hi, ev->hi);
	if (isinf(ev->lo))
		buf_fmt(out, " (under " STR_FMT ")", STR_ARG(buf_view(&hi)));
	else if (isinf(ev->hi))
		buf_fmt(out, " (" STR_FMT " or more)", STR_ARG(buf_view(&lo)));
	else if (!str_eq(buf_view(&lo), buf_view(&hi)))
		buf_fmt(out, " (" STR_FMT " to " STR_FMT ")", STR_ARG(buf_view(&lo)),
			STR_ARG(buf_view(&hi)));
	buf_clear(&lo);
	buf_clear(&hi);
}

static void with_range(struct buf *out, const struct enc_evidence *ev)
{
	/* A range of one value says nothing that the value has not said. */
	if (ev != NULL && ev->range && !(isinf(ev->lo) && isinf(ev->hi)) && ev->lo != ev->hi)
		range(out, ev);
}

/* "Came from Referral", "Country: Brazil", "Total visits 7". */
static void of_column(struct buf *out, const struct column *c, const struct reason_value *v,
	const struct enc_evidence *ev)
{
	if (c->role == ROLE_SOURCE) {
		buf_z(out, "Came from ");
		clean(out, v->cell);
		return;
	}
	clean(out, c->name);
	buf_z(out, c->kind == KIND_NUMBER ? " " : ": ");
	clean(out, v->cell);
	with_range(out, ev);
}

/* Numbers that stand for something with a name: 2 in "weekday of Created", the rank of a title. */
static bool of_named(struct buf *out, const struct model *m, const struct base_info *b,
	const struct reason_value *v)
{
	static const char *const days[] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
		"Saturday", "Sunday" };
	static const char *const months[] = { "January", "February", "March", "April", "May",
		"June", "July", "August", "September", "October", "November", "December" };
	const struct column *c;

	if (b->n_sources != 1)
		return false;
	c = &m->profile->cols[b->sources[0]];
	if (str_starts(b->name, S("weekday of ")) && v->num >= 1 && v->num < 8) {
		clean(out, c->name);
		buf_fmt(out, " on a %s", days[(int)v->num - 1]);
	} else if (str_starts(b->name, S("month of ")) && v->num >= 1 && v->num < 13) {
		clean(out, c->name);
		buf_fmt(out, " in %s", months[(int)v->num - 1]);
	} else if (str_starts(b->name, S("rank of "))) {
		clean(out, c->name);
		buf_z(out, " of the rank of ");
		clean(out, v->cell);
	} else
		return false;
	return true;
}

/* An engineered value: "days since Created 12 (7 to 30)", "seniority of Title: director". */
static void of_base(struct buf *out, const struct model *m, const struct base_info *b,
	const struct explain_reason *r, const struct reason_value *v, const struct enc_evidence *ev)
{
	size_t at = out->n;

	clean(out, b->name);
	if (out->n > at && out->p[at] >= 'a' && out->p[at] <= 'z')
		out->p[at] = (char)(out->p[at] - 32);
	if (b->kind == BASE_CAT) {
		buf_z(out, ": ");
		clean(out, bases_level(m->bases, r->base, v->code));
	} else {
		buf_c(out, ' ');
		number(out, b->is_date ? floor(v->num) : v->num);
		with_range(out, ev);
	}
}

void reason_words(const struct model *m, const struct explain_reason *r,
	const struct reason_value *v, const struct enc_evidence *ev, struct buf *out)
{
	const struct base_info *b = bases_info(m->bases, r->base);

	if (r->column == EXPLAIN_COUNTS) {
		of_base(out, m, b, r, v, ev);
	} else if (r->missing) {
		clean(out, m->profile->cols[r->column].name);
		buf_z(out, " is missing");
	} else if (b->is_column) {
		of_column(out, &m->profile->cols[r->column], v, ev);
	} else if (!of_named(out, m, b, v)) {
		of_base(out, m, b, r, v, ev);
	}
	if (ev == NULL || ev->n == 0)
		return;
	buf_fmt(out, ": %u of %u such leads %s", ev->won[0], ev->n,
		m->n_classes == 3 ? "were hot" : "won");
}
