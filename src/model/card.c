/* SPDX-License-Identifier: Apache-2.0 */
#include "model/card.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/card_internal.h"
#include "util/err.h"

enum card_format card_format_of(const char *path)
{
	struct str s = str_of(path);

	if (s.n >= 3 && str_eqi(str_sub(s, s.n - 3, s.n), S(".md")))
		return CARD_MARKDOWN;
	if (s.n >= 5 && str_eqi(str_sub(s, s.n - 5, s.n), S(".json")))
		return CARD_JSON;
	return CARD_HTML;
}

static int split_read(
	const struct json *figures, const char *key, struct card_split *s, struct err *e)
{
	const struct json *o = json_get(figures, key), *base;

	if (json_type(o) != J_OBJ)
		return 0;
	if (eval_read(o, &s->eval, e) != 0)
		return -1;
	if ((base = json_get(o, "baselines")) != NULL &&
		baseline_figures_read(base, &s->base, e) != 0)
		return -1;
	s->has = true;
	return 0;
}

static int stronger(const void *a, const void *b)
{
	const struct card_field *x = a, *y = b;

	if (x->spread != y->spread)
		return x->spread > y->spread ? -1 : 1;
	return x->col->base < y->col->base ? -1 : x->col->base > y->col->base;
}

static double spread_of(const struct summary_col *c)
{
	double n = 0, sum = 0, var = 0;

	for (uint32_t b = 0; b < c->n_bins; b++) {
		n += (double)c->n[b];
		sum += c->p[b];
	}
	for (uint32_t b = 0; b < c->n_bins; b++) {
		double d = c->n[b] > 0 ? c->p[b] / (double)c->n[b] - sum / n : 0;

		var += (double)c->n[b] * d * d;
	}
	return n > 0 ? sqrt(var / n) : 0;
}

/* One entry per column of the file: itself where the forest reads it, else the strongest part made
 * from it. */
static int rank_fields(struct card *c, struct err *e)
{
	const struct summary *s = c->about->summary;
	size_t kept = 0;

	if (s == NULL)
		return 0;
	if ((c->fields = calloc(s->n + 1, sizeof(*c->fields))) == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < s->n; i++)
		if (s->cols[i].used)
			c->fields[c->n_fields++] =
				(struct card_field){ &s->cols[i], spread_of(&s->cols[i]) };
	qsort(c->fields, c->n_fields, sizeof(*c->fields), stronger);
	for (size_t i = 0; i < c->n_fields; i++) {
		struct card_field *f = &c->fields[i], *same = NULL;

		for (size_t k = 0; k < kept && same == NULL; k++)
			if (f->col->column[0] != '\0' &&
				strcmp(c->fields[k].col->column, f->col->column) == 0)
				same = &c->fields[k];
		if (same == NULL)
			c->fields[kept++] = *f;
		else if (f->col->itself && !same->col->itself)
			*same = *f;
	}
	c->n_fields = kept;
	qsort(c->fields, c->n_fields, sizeof(*c->fields), stronger);
	return 0;
}

static int card_read(struct card *c, struct err *e)
{
	const struct json *figures = json_get(c->report, "figures"), *o;

	if (json_type(c->report) != J_OBJ || json_type(figures) != J_OBJ)
		return err_set(e, ERR_INPUT, "this is no report of a training: it has no figures");
	if (split_read(figures, "out_of_fold", &c->fold, e) != 0 ||
		split_read(figures, "time_ordered", &c->later, e) != 0)
		return -1;
	if (!c->fold.has)
		return err_set(e, ERR_INPUT,
			"this is no report of a training: it has no out-of-fold figures");
	if ((o = json_get(c->report, "bands")) != NULL) {
		if (bands_read(o, &c->bands, e) != 0)
			return -1;
		c->has_bands = true;
	}
	if ((o = json_get(c->report, "curves")) != NULL) {
		if (eval_curves_read(o, &c->curves, e) != 0)
			return -1;
		c->has_curves = true;
	}
	return rank_fields(c, e);
}

struct card *card_open(const struct json *report, const struct card_about *about, struct err *e)
{
	struct card *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		err_nomem(e);
		return NULL;
	}
	c->report = report;
	c->about = about;
	if (card_read(c, e) != 0) {
		card_close(c);
		return NULL;
	}
	return c;
}

void card_close(struct card *c)
{
	if (c == NULL)
		return;
	free(c->fields);
	free(c);
}

int card_write(const struct json *report, const struct card_about *about, enum card_format format,
	struct buf *out, struct err *e)
{
	struct card *c = card_open(report, about, e);

	if (c == NULL)
		return -1;
	switch (format) {
	case CARD_HTML:
		card_page(c, out);
		break;
	case CARD_MARKDOWN:
		card_markdown(c, out);
		break;
	case CARD_JSON:
		card_json(c, out);
		break;
	}
	card_close(c);
	return buf_done(out, e);
}

/* ---- JSON: the card's own words, then every fact of the report as it is */

void card_json(const struct card *c, struct buf *b)
{
	struct jw w = { .b = b, .indent = 1 };
	struct buf text = { 0 };

	jw_obj(&w);
	jw_kint(&w, "card", 1);
	jw_kz(&w, "version", c->about->version);
	jw_kz(&w, "state", c->about->state);
	if (c->about->created != 0)
		card_time(&text, c->about->created);
	jw_kstr(&w, "created", buf_view(&text));
	buf_reset(&text);
	card_headline(c, &text);
	jw_kstr(&w, "headline", buf_view(&text));
	jw_key(&w, "limits");
	jw_arr(&w);
	for (size_t i = 0; buf_reset(&text), card_limit(c, i, &text); i++)
		jw_str(&w, buf_view(&text));
	jw_end_arr(&w);
	jw_key(&w, "fields");
	jw_arr(&w);
	for (size_t i = 0; i < c->n_fields; i++) {
		jw_obj(&w);
		jw_kz(&w, "name", c->fields[i].col->name);
		jw_kz(&w, "column", c->fields[i].col->column);
		jw_knum(&w, "moves_probability_by", c->fields[i].spread);
		jw_end_obj(&w);
	}
	jw_end_arr(&w);
	jw_key(&w, "live");
	jw_put(&w, c->about->live);
	jw_key(&w, "report");
	jw_put(&w, c->report);
	jw_end_obj(&w);
	buf_c(b, '\n');
	if (text.failed)
		b->failed = true;
	buf_clear(&text);
}
