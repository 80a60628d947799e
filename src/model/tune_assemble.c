/* SPDX-License-Identifier: Apache-2.0 */
/* tune_assemble.c: folds, settings and heads become one encoder and one forest.
 *
 * Numbers, 0/1 columns and counts are the same for every fold and are shared; only means of the
 * outcome differ, so each fold of each run has its own column of them beside the others of the same
 * key. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/forest.h"
#include "model/tune_internal.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/str.h"

/* Where the features of a plan are in the encoder. */
struct places {
	uint32_t *number;        /* [n_cols] */
	uint32_t *key;           /* [n_keys] its first feature */
	const struct run **runs; /* [n_runs] distinct, in order of first use */
	size_t n_runs;
	uint32_t n_rates; /* columns of means per key: folds over all runs */
};

static void places_clear(struct places *s)
{
	free(s->number);
	free(s->key);
	free(s->runs);
}

static size_t run_at(const struct places *s, const struct run *r)
{
	size_t i = 0;

	while (i < s->n_runs && s->runs[i] != r)
		i++;
	return i;
}

static int places_init(struct places *s, const struct head *h, struct err *e)
{
	memset(s, 0, sizeof(*s));
	s->number = calloc(h->p->n_cols + 1, sizeof(*s->number));
	s->key = calloc(h->p->n_keys + 1, sizeof(*s->key));
	s->runs = calloc(h->n + 1, sizeof(*s->runs));
	if (s->number == NULL || s->key == NULL || s->runs == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < h->n; i++) {
		if (run_at(s, h->members[i].run) < s->n_runs)
			continue;
		s->runs[s->n_runs++] = h->members[i].run;
		s->n_rates += h->members[i].run->n_folds;
	}
	return 0;
}

static void key_name(const struct plan *p, const struct tkey *k, struct buf *b)
{
	for (uint32_t a = 0; a < k->n_axes; a++) {
		if (a > 0)
			buf_z(b, " x ");
		buf_z(b, p->f->cols[k->axes[a].base].name);
	}
}

struct draft {
	struct enc_key key;
	struct enc_feature *features;
	float *values; /* the defaults behind the cells */
	uint32_t *won;
};

static void draft_clear(struct draft *d)
{
	for (uint32_t i = 0; d->features != NULL && i < d->key.n_out; i++)
		free(d->features[i].name);
	free(d->features);
	free(d->values);
	free(d->won);
}

static int name_features(const struct plan *p, const struct tkey *k, struct draft *d, struct err *e)
{
	uint32_t n = d->key.n_out, rate = 1;

	for (uint32_t i = 0; i < n; i++) {
		struct enc_feature *f = &d->features[i];
		struct buf b = { 0 };

		if (i < k->n_hot) {
			f->kind = ENC_LEVEL;
			key_name(p, k, &b);
			buf_fmt(&b, " is level %llu", (unsigned long long)k->id[k->hot[i]]);
		} else if (i == k->n_hot && k->has_count) {
			f->kind = ENC_COUNT;
			buf_z(&b, "count of ");
			key_name(p, k, &b);
		} else {
			f->kind = ENC_RATE;
			buf_z(&b, "rate of ");
			key_name(p, k, &b);
			buf_fmt(&b, ", fold %u", rate++);
		}
		f->name = buf_take(&b, e);
		if (f->name == NULL)
			return -1;
	}
	return 0;
}

static void fill_values(const struct tkey *k, size_t at, const struct places *s, struct draft *d)
{
	uint32_t n = d->key.n_out;

	for (uint32_t c = 0; c <= k->n_cells; c++) {
		float *v = d->values + (size_t)c * n;
		bool unseen = c == k->n_cells;

		for (uint32_t h = 0; h < k->n_hot; h++)
			*v++ = !unseen && k->hot[h] == c;
		if (k->has_count)
			*v++ = unseen ? 0 : (float)k->count[c];
		if (k->rate == RATE_NONE)
			continue;
		for (size_t r = 0; r < s->n_runs; r++)
			for (uint32_t f = 0; f < s->runs[r]->n_folds; f++) {
				const struct rates *t = &s->runs[r]->rates[f];

				*v++ = unseen ? t->prior : t->value[at][c];
			}
	}
}

/* won[cell], or with three labels won[3 * cell + class]. */
static void count_won(const struct plan *p, const uint32_t *cell, uint32_t *won)
{
	for (size_t i = 0; i < p->n; i++) {
		if (p->f->n_classes == 2)
			won[cell[i]] += p->f->outcome[p->row[i]] == OUTCOME_WON;
		else
			won[3 * (size_t)cell[i] + (size_t)p->f->outcome[p->row[i]]]++;
	}
}

static int add_key(
	struct encoder *enc, const struct head *h, size_t at, struct places *s, struct err *e)
{
	const struct tkey *k = &h->p->keys[at];
	struct draft d = { 0 };
	size_t won_each = h->p->f->n_classes == 2 ? 1 : 3;
	int64_t first = -1;

	d.key = (struct enc_key){ .axes = k->axes,
		.n_axes = k->n_axes,
		.n_cells = k->n_cells,
		.id = k->id,
		.count = k->count };
	d.key.n_out = k->n_hot + k->has_count + (k->rate != RATE_NONE ? s->n_rates : 0);
	d.features = calloc((size_t)d.key.n_out + 1, sizeof(*d.features));
	d.values = calloc(((size_t)k->n_cells + 1) * d.key.n_out + 1, sizeof(*d.values));
	d.won = calloc((size_t)k->n_cells * won_each + 1, sizeof(*d.won));
	if (d.features == NULL || d.values == NULL || d.won == NULL) {
		err_nomem(e);
	} else if (name_features(h->p, k, &d, e) == 0) {
		fill_values(k, at, s, &d);
		count_won(h->p, k->cell, d.won);
		d.key.values = d.values;
		d.key.unseen = d.values + (size_t)k->n_cells * d.key.n_out;
		d.key.won = d.won;
		d.key.features = d.features;
		first = encoder_add_key(enc, &d.key, e);
	}
	draft_clear(&d);
	s->key[at] = (uint32_t)first;
	return first < 0 ? -1 : 0;
}

static int add_head(struct encoder *enc, const struct head *h, struct places *s, struct err *e)
{
	for (size_t i = 0; i < h->p->n_cols; i++) {
		const struct column *c = &h->p->cols[i];
		int64_t at;

		if (!c->number)
			continue;
		at = encoder_add_number(enc, c->base, h->p->f->cols[c->base].name, e);
		if (at < 0)
			return -1;
		s->number[i] = (uint32_t)at;
	}
	for (size_t i = 0; i < h->p->n_keys; i++)
		if (key_width(&h->p->keys[i]) > 0 && add_key(enc, h, i, s, e) != 0)
			return -1;
	return 0;
}

/* Feature i of the view of fold f of ${run} is feature map[i] of the encoder. */
static void map_view(const struct plan *p, const struct places *s, const struct run *run,
	uint32_t f, uint32_t *map)
{
	uint32_t rate = f;
	size_t at = 0;

	for (size_t r = 0; s->runs[r] != run; r++)
		rate += s->runs[r]->n_folds;
	for (size_t i = 0; i < p->n_cols; i++)
		if (p->cols[i].number)
			map[at++] = s->number[i];
	for (size_t i = 0; i < p->n_keys; i++) {
		const struct tkey *k = &p->keys[i];
		uint32_t shared = k->n_hot + k->has_count;

		for (uint32_t j = 0; j < shared; j++)
			map[at++] = s->key[i] + j;
		if (k->rate != RATE_NONE)
			map[at++] = s->key[i] + shared + rate;
	}
}

struct build {
	const struct head *heads;
	uint32_t n;
	struct places places[3];
	struct encoder *wide;
	bool *used;       /* [features of wide] */
	uint32_t *narrow; /* [features of wide] index in the compact encoder */
	uint32_t *map;
};

static void mark(struct build *b, const struct forest *f)
{
	for (uint32_t t = 0; t < f->n_trees; t++)
		for (uint32_t i = 0; i < f->trees[t].n; i++)
			if (f->trees[t].left[i] >= 0)
				b->used[b->map[f->trees[t].feature[i]]] = true;
}

/* Folds outermost: the trees of one fold of all heads and settings are one segment. */
static int each_forest(struct build *b, struct forest *out, struct err *e)
{
	uint32_t most = 0;

	for (uint32_t h = 0; h < b->n; h++)
		for (size_t i = 0; i < b->heads[h].n; i++)
			if (b->heads[h].members[i].run->n_folds > most)
				most = b->heads[h].members[i].run->n_folds;
	for (uint32_t f = 0; f < most; f++) {
		for (uint32_t h = 0; h < b->n; h++)
			for (size_t i = 0; i < b->heads[h].n; i++) {
				const struct head *head = &b->heads[h];
				const struct member *m = &head->members[i];
				const struct forest *from;

				if (f >= m->run->n_folds || m->weight <= 0)
					continue;
				from = m->run->forest[m->setting * m->run->n_folds + f];
				map_view(head->p, &b->places[h], m->run, f, b->map);
				if (out == NULL) {
					mark(b, from);
					continue;
				}
				for (size_t j = 0; j < head->p->n_features; j++)
					b->map[j] = b->narrow[b->map[j]];
				if (forest_append(out, from, b->map,
					    (float)(head->a * m->weight / m->run->n_folds), h,
					    e) != 0)
					return -1;
			}
		if (out != NULL && forest_end_segment(out, e) != 0)
			return -1;
	}
	return 0;
}

/* A number that training never saw missing: the boosters send it to the right, as if it were the
 * largest. It goes where most of the training rows go instead, so that an empty lead is an ordinary
 * one. */
static int settle_missing(const struct build *b, struct forest *f, struct err *e)
{
	uint8_t *gaps = calloc(encoder_n_features(b->wide) + 1, 1); /* 1: none, 2: some */
	bool *never = calloc((size_t)f->n_features + 1, sizeof(*never));

	if (gaps == NULL || never == NULL) {
		free(gaps);
		free(never);
		return err_nomem(e);
	}
	for (uint32_t h = 0; h < b->n; h++) {
		const struct plan *p = b->heads[h].p;

		for (size_t i = 0; i < p->n_cols; i++)
			if (p->cols[i].number)
				gaps[b->places[h].number[i]] |= p->cols[i].has_missing ? 2 : 1;
	}
	for (size_t i = 0; i < encoder_n_features(b->wide); i++)
		if (b->used[i] && gaps[i] == 1)
			never[b->narrow[i]] = true;
	for (uint32_t t = 0; t < f->n_trees; t++) {
		struct tree *tree = &f->trees[t];

		for (uint32_t i = 0; i < tree->n; i++)
			if (tree->left[i] >= 0 && never[tree->feature[i]])
				tree->default_left[i] =
					tree->cover[tree->left[i]] >= tree->cover[tree->right[i]];
	}
	free(gaps);
	free(never);
	return 0;
}

static int name_forest(struct forest *f, const struct encoder *enc, struct err *e)
{
	f->feature_names = calloc((size_t)f->n_features + 1, sizeof(*f->feature_names));
	if (f->feature_names == NULL)
		return err_nomem(e);
	for (uint32_t i = 0; i < f->n_features; i++) {
		f->feature_names[i] = str_dup(str_of(encoder_feature(enc, i)->name));
		if (f->feature_names[i] == NULL)
			return err_nomem(e);
	}
	return 0;
}

/* What training says of each column that is used, level by level or range by range. */
static int add_evidence(struct encoder *enc, const struct plan *p, struct err *e)
{
	uint32_t *cell = malloc((p->n + 1) * sizeof(*cell)), *count = NULL, *won = NULL;
	size_t each = p->f->n_classes == 2 ? 1 : 3;
	int rc = cell == NULL ? err_nomem(e) : 0;

	for (size_t i = 0; rc == 0 && i < p->n_cols; i++) {
		const struct column *c = &p->cols[i];
		bool few = c->number && c->distinct <= 12 && c->level.n > 0;
		const struct enc_axis *a = c->number && !few ? &c->bins : &c->level;

		if (!encoder_needs(enc, c->base) || a->n == 0)
			continue;
		count = calloc(a->n, sizeof(*count));
		won = calloc(a->n * each, sizeof(*won));
		if (count == NULL || won == NULL) {
			rc = err_nomem(e);
		} else {
			axis_codes(p, a, cell);
			for (size_t r = 0; r < p->n; r++)
				count[cell[r]]++;
			count_won(p, cell, won);
			rc = encoder_add_evidence(enc, a, count, won, e);
		}
		free(count);
		free(won);
	}
	free(cell);
	return rc;
}

static int build_all(struct build *b, struct encoder **enc, struct forest **forest, struct err *e)
{
	size_t wide, widest = 0;
	struct forest *f;

	for (uint32_t h = 0; h < b->n; h++) {
		if (places_init(&b->places[h], &b->heads[h], e) != 0 ||
			add_head(b->wide, &b->heads[h], &b->places[h], e) != 0)
			return -1;
		if (b->heads[h].p->n_features > widest)
			widest = b->heads[h].p->n_features;
	}
	wide = encoder_n_features(b->wide);
	b->used = calloc(wide + 1, 1);
	b->narrow = calloc(wide + 1, sizeof(*b->narrow));
	b->map = calloc(widest + 1, sizeof(*b->map));
	if (b->used == NULL || b->narrow == NULL || b->map == NULL)
		return err_nomem(e);
	if (each_forest(b, NULL, e) != 0)
		return -1;
	for (size_t i = 0; i <= wide; i++) /* trees without a split still need a feature count */
		if (i == wide)
			b->used[0] = true;
		else if (b->used[i])
			break;
	*enc = encoder_compact(b->wide, b->used, b->narrow, e);
	if (*enc == NULL)
		return -1;
	for (size_t i = 0; i < wide; i++) /* read by no tree, so any index in range will do */
		b->narrow[i] = b->used[i] ? b->narrow[i] : 0;
	f = *forest = forest_new((uint32_t)encoder_n_features(*enc), b->n);
	if (f == NULL)
		return err_nomem(e);
	if (each_forest(b, f, e) != 0 || settle_missing(b, f, e) != 0)
		return -1;
	for (uint32_t h = 0; h < b->n; h++)
		f->base[h] += (float)b->heads[h].b;
	snprintf(f->objective, sizeof(f->objective), "%s",
		b->n == 1 ? "binary:logistic" : "multi:softprob");
	if (name_forest(f, *enc, e) != 0)
		return -1;
	for (uint32_t h = 0; h < b->n; h++)
		if (add_evidence(*enc, b->heads[h].p, e) != 0)
			return -1;
	return 0;
}

int assemble(const struct head *heads, uint32_t n, struct encoder **enc, struct forest **forest,
	struct err *e)
{
	const struct frame *f = heads[0].p->f;
	struct build b = { .heads = heads, .n = n };
	int rc = -1;

	*enc = NULL;
	*forest = NULL;
	b.wide = encoder_new(f->n_cols, f->n_classes, e);
	if (b.wide != NULL)
		rc = build_all(&b, enc, forest, e);
	for (uint32_t h = 0; h < n; h++)
		places_clear(&b.places[h]);
	encoder_free(b.wide);
	free(b.used);
	free(b.narrow);
	free(b.map);
	if (rc != 0) {
		encoder_free(*enc);
		forest_free(*forest);
		*enc = NULL;
		*forest = NULL;
	}
	return rc;
}
