/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of a file's rows as leads: mapped, keyed, digested, scored. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "leads/fields.h"
#include "leads/ingest_internal.h"
#include "leads/rescoring.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/formula.h"

/* ---- before the first row ---- */

struct table *ingest_open(const char *path, const struct mapping *m, struct err *e)
{
	struct str *names = calloc(m->n + 1, sizeof(*names));
	struct table_opts to = { .known = names, .known_count = m->n, .as = m->as };
	struct table *t;

	if (names == NULL) {
		err_nomem(e);
		return NULL;
	}
	for (size_t i = 0; i < m->n; i++)
		names[i] = m->cols[i].name;
	t = table_open(path, &to, e);
	free(names);
	if (t == NULL)
		return NULL;
	for (size_t i = 0; i <= m->n; i++) {
		bool same = i == m->n ? table_columns(t) == i
				      : i < table_columns(t) &&
						str_eq(table_column(t, i), m->cols[i].name);

		if (same)
			continue;
		err_set(e, ERR_CONFLICT,
			"the file does not have the columns it had when it was "
			"profiled; send it again");
		table_free(t);
		return NULL;
	}
	return t;
}

/* The mark of our own exports comes off: a file that goes out and back changes nothing. Once per
 * row that was read. */
static void open_cells(const struct row *r, size_t n)
{
	for (size_t c = 0; c < n; c++)
		if (r->cells[c].n > 1 && r->cells[c].p[0] == '\'')
			r->cells[c] = formula_open(r->cells[c]);
}

/* The same cells under another mapping or outcome rule are another row. */
static uint64_t salt_of(const struct mapping *m)
{
	uint64_t h = m->n + ((uint64_t)(m->outcome + 1) << 32);

	for (size_t i = 0; i < m->n; i++) {
		h = str_hash(m->cols[i].name, h + (uint64_t)m->cols[i].use);
		h += (uint64_t)m->cols[i].format.order * 3 + (uint64_t)m->cols[i].format.mark;
	}
	for (size_t i = 0; i < m->n_words; i++)
		h = str_hash(m->words[i].text, h + (uint64_t)m->words[i].is);
	return h;
}

static int put_layout(struct intake *in, struct err *e)
{
	const struct mapping *m = in->o->map;
	struct layout_column *cols = calloc(m->n + 1, sizeof(*cols));
	struct store *s = in->o->store;
	struct layout l;
	int rc;

	if (cols == NULL)
		return err_nomem(e);
	mapping_layout(m, cols, &l);
	rc = s->layouts->put(s, &l, &in->layout, e);
	free(cols);
	return rc;
}

int intake_open(struct intake *in, const struct ingest_opts *o, bool store_layout, struct err *e)
{
	const struct mapping *m = o->map;

	*in = (struct intake){ .o = o, .sets = mapping_sets(m), .salt = salt_of(m) };
	if (o->table == NULL && (in->own = ingest_open(o->path, m, e)) == NULL)
		return -1;
	if (o->table != NULL && table_rewind(o->table, e) == -1)
		return -1;
	in->table = o->table != NULL ? o->table : in->own;
	in->names = calloc(m->n + 1, sizeof(*in->names));
	in->roles = calloc(m->n + 1, sizeof(*in->roles));
	in->formats = calloc(m->n + 1, sizeof(*in->formats));
	if (in->names == NULL || in->roles == NULL || in->formats == NULL) {
		err_nomem(e);
		goto fail;
	}
	for (size_t i = 0; i < m->n; i++) {
		in->names[i] = m->cols[i].name;
		in->roles[i] = fields_role(m->cols[i].use);
		in->formats[i] = m->cols[i].format;
		in->has_keys |= m->cols[i].use == LF_EXTERNAL_ID || m->cols[i].use == LF_EMAIL;
	}
	if (store_layout && put_layout(in, e) == -1)
		goto fail;
	return 0;
fail:
	intake_close(in);
	return -1;
}

void intake_close(struct intake *in)
{
	table_free(in->own);
	free(in->names);
	free(in->roles);
	free(in->formats);
	free(in->ids);
	keyset_clear(&in->last);
	*in = (struct intake){ 0 };
}

bool intake_stop(const struct intake *in)
{
	return in->o->stop != NULL && in->o->stop(in->o->arg);
}

enum ingest_key intake_key(const struct intake *in, const struct lead_values *v, struct id *id)
{
	if (v->text[LF_EXTERNAL_ID].n != 0) {
		store_lead_id_external(in->o->store, v->text[LF_EXTERNAL_ID], id);
		return KEY_EXTERNAL_ID;
	}
	if (v->text[LF_EMAIL].n != 0) {
		store_lead_id_email(in->o->store, v->text[LF_EMAIL], id);
		return KEY_EMAIL;
	}
	*id = (struct id){ { 0 } };
	return KEY_ROW;
}

/* ---- one block ---- */

struct prepared *prepared_new(struct err *e)
{
	struct prepared *p = calloc(1, sizeof(*p));

	if (p == NULL) {
		err_nomem(e);
		return NULL;
	}
	if ((p->block = table_block_new(e)) == NULL) {
		free(p);
		return NULL;
	}
	return p;
}

void prepared_free(struct prepared *p)
{
	if (p == NULL)
		return;
	table_block_free(p->block);
	buf_clear(&p->pool);
	free(p);
}

void hand_clear(struct hand *h)
{
	live_rise(h->seat);
	live_drop(h->model);
	*h = (struct hand){ 0 };
}

/* A seat at what is live now. */
static int take_seat(struct intake *in, struct hand *h, struct err *e)
{
	struct live_model *m = live_hold(in->o->live);
	struct live_columns cols = { in->names, in->roles, in->formats, in->o->map->n };
	struct live_scorer *s;

	if (m == h->model) {
		live_drop(m);
		return 0;
	}
	hand_clear(h);
	h->model = m;
	if ((s = live_scorer(m, &cols, e)) == NULL || (h->seat = live_sit(s, e)) == NULL) {
		hand_clear(h);
		return -1;
	}
	return 0;
}

static int score_rows(struct intake *in, struct hand *h, struct prepared *p, struct err *e)
{
	int64_t now = clock_ms();
	double as_of = (double)now / 86400000.0;
	struct score scores[SCORER_BLOCK];

	if (take_seat(in, h, e) == -1)
		return -1;
	for (size_t at = 0; at < p->n; at += SCORER_BLOCK) {
		size_t n = p->n - at < SCORER_BLOCK ? p->n - at : SCORER_BLOCK;

		if (live_score(h->seat, p->cells + at, n, as_of, scores, e) == -1)
			return -1;
		for (size_t i = 0; i < n; i++) {
			rescoring_score(
				&scores[i], live_version(h->model), as_of, now, &p->scores[at + i]);
			p->puts[at + i].score = &p->scores[at + i];
		}
	}
	return 0;
}

static void digest(const struct intake *in, struct str packed, uint8_t out[16])
{
	uint64_t a = str_hash(packed, in->salt), b = str_hash(packed, a + 0x9E3779B97F4A7C15u);

	memcpy(out, &a, 8);
	memcpy(out + 8, &b, 8);
}

/* As intake_key, of row ${number} of the file. */
static enum ingest_key key_of_row(
	const struct intake *in, const struct lead_values *v, uint64_t number, struct id *id)
{
	if (in->ids == NULL || number >= INGEST_IDS || id_is_none(in->ids[number]))
		return intake_key(in, v, id);
	*id = in->ids[number];
	return v->text[LF_EXTERNAL_ID].n != 0 ? KEY_EXTERNAL_ID : KEY_EMAIL;
}

static void take_row(struct intake *in, struct prepared *p, const struct row *r, uint64_t number)
{
	struct lead_put *put = &p->puts[p->n];
	enum ingest_key key;

	*put = (struct lead_put){ .mapped = in->sets, .layout = in->layout, .row = number };
	open_cells(r, in->o->map->n);
	mapping_values(in->o->map, r->cells, &put->values);
	key = key_of_row(in, &put->values, number, &put->id);
	if (key != KEY_ROW && keyset_get(&in->last, intake_hash(put->id)) > number + 1) {
		p->superseded += number >= in->from;
		return;
	}
	if (number < in->from && key != KEY_ROW)
		return;
	p->key[p->n] = (uint8_t)key;
	p->skip[p->n] = number < in->from;
	p->at[2 * p->n] = p->pool.n;
	p->cells[p->n] = r->cells;
	cells_pack(r->cells, in->o->map->n, &p->pool);
	p->at[2 * p->n + 1] = p->pool.n;
	put->words_later = number - in->from < INGEST_WORDS_LATER;
	if (!put->words_later)
		store_words(&put->values, in->sets, &p->pool);
	p->at[2 * ++p->n] = p->pool.n;
}

int intake_prepare(struct intake *in, struct hand *h, struct prepared *p, struct err *e)
{
	p->n = 0;
	p->bad = p->superseded = p->read = 0;
	buf_reset(&p->pool);
	for (size_t i = 0; i < p->block->n; i++) {
		uint64_t number = p->block->first + i;

		p->read += number >= in->from;
		if (p->block->rows[i].bad)
			p->bad += number >= in->from;
		else
			take_row(in, p, &p->block->rows[i], number);
	}
	if (buf_done(&p->pool, e) == -1)
		return -1;
	for (size_t i = 0; i < p->n; i++) {
		const size_t *at = p->at + 2 * i;

		p->puts[i].cells = (struct str){ p->pool.p + at[0], at[1] - at[0] };
		if (!p->puts[i].words_later)
			p->puts[i].words = (struct str){ p->pool.p + at[1], at[2] - at[1] };
		digest(in, p->puts[i].cells, p->puts[i].digest);
	}
	return in->score && p->n != 0 && !p->skip[p->n - 1] ? score_rows(in, h, p, e) : 0;
}
