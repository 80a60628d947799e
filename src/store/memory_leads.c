/* SPDX-License-Identifier: Apache-2.0 */
/* Leads in an array: every question is answered by looking at all of them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/lead_form_internal.h"
#include "store/lead_value_internal.h"
#include "store/memory_internal.h"
#include "store/tally_internal.h"
#include "util/err.h"

static const struct layout *rules_layout(void *ctx, uint32_t number)
{
	return memory_layout_get(ctx, number);
}

static int rules_add(void *ctx, const struct layout *l, uint32_t *number, struct err *e)
{
	return memory_layout_put(ctx, l, number, e);
}

struct memory_lead *memory_lead_of(struct memory *m, struct id id)
{
	size_t i;

	for (i = 0; i < m->n_leads; i++)
		if (id_eq(m->leads[i]->lead.id, id))
			return m->leads[i];
	return NULL;
}

static void lead_free(struct memory_lead *l)
{
	if (l != NULL)
		arena_clear(&l->arena);
	free(l);
}

void memory_leads_clear(struct memory *m)
{
	size_t i;

	for (i = 0; i < m->n_leads; i++)
		lead_free(m->leads[i]);
	free(m->leads);
	free(m->tombstones);
}

int memory_lead_keep(struct memory *m, struct memory_lead *at, const struct lead *l, struct err *e)
{
	struct memory_lead *new = calloc(1, sizeof(*new));
	size_t i;

	if (new == NULL)
		return err_nomem(e);
	new->lead = *l;
	if (lead_form_own(&new->lead, &new->arena, true, e) != 0)
		goto fail;
	if (at != NULL) {
		new->number = at->number;
		for (i = 0; m->leads[i] != at; i++)
			;
		m->leads[i] = new;
		lead_free(at);
		return 0;
	}
	if (m->n_leads == m->cap_leads) {
		size_t cap = m->cap_leads == 0 ? 64 : 2 * m->cap_leads;
		struct memory_lead **more = realloc(m->leads, cap * sizeof(struct memory_lead *));

		if (more == NULL) {
			err_nomem(e);
			goto fail;
		}
		m->leads = more;
		m->cap_leads = cap;
	}
	new->number = ++m->next_number;
	m->leads[m->n_leads++] = new;
	return 0;
fail:
	lead_free(new);
	return -1;
}

static int keep_old(struct memory *m, const struct lead *old, int64_t now_ms, struct id by,
	struct id upload, struct err *e)
{
	struct memory_kv kv;

	memory_kv_init(&kv, m);
	return lead_form_keep(&kv.kv, old, now_ms, by, upload, e);
}

static int keep_score(struct memory *m, const struct lead *old, int64_t now_ms,
	enum score_cause cause, struct err *e)
{
	struct past_score p = { old->score, now_ms, cause };
	struct memory_kv kv;

	memory_kv_init(&kv, m);
	return docs_past_score_add(&kv.kv, old->id, &p, e);
}

/* --- put
 * ------------------------------------------------------------------------------------------- */

static int put_one(
	struct memory *m, struct lead_put *p, const struct lead_put_opts *o, struct err *e)
{
	struct lead_rules rules = { m, rules_layout, rules_add };
	struct memory_lead *at = memory_lead_of(m, p->id);
	struct arena a = { .cap = 0 };
	struct lead_outcome_of what;
	struct lead new;
	int rc = lead_rules_put(&rules, at != NULL ? &at->lead : NULL, p, o, &a, &new, &what, e);

	if (rc == 0 && what.keep_old)
		rc = keep_old(m, &at->lead, o->now_ms, o->by, o->upload, e);
	if (rc == 0 && what.past)
		rc = keep_score(m, &at->lead, o->now_ms, SCORE_IMPORT, e);
	if (rc == 0 && what.write)
		rc = memory_lead_keep(m, at, &new, e);
	arena_clear(&a);
	return rc;
}

/* What put was given and asked for. */
struct parts {
	struct part {
		struct lead_put *rows;
		size_t n;
	} * at;
	size_t n, rows;
};

static int add_part(struct parts *x, struct lead_put *rows, size_t n, struct err *e)
{
	struct part *at;

	if ((x->rows += n) > STORE_PUT_MOST)
		return err_set(
			e, ERR_LIMIT, "%zu rows at once, the limit is %d", x->rows, STORE_PUT_MOST);
	if ((at = realloc(x->at, (x->n + 1) * sizeof(*at))) == NULL)
		return err_nomem(e);
	x->at = at;
	x->at[x->n++] = (struct part){ rows, n };
	return 0;
}

/* All before the first is put: leads of a batch that fails could not be taken back. */
static int gather(struct parts *x, const struct lead_put_opts *o, struct err *e)
{
	int rc = 1;

	while (o->more != NULL && rc > 0) {
		struct lead_put *rows = NULL;
		size_t n = 0;

		if ((rc = o->more(o->more_arg, true, &rows, &n, e)) == 1 && n != 0 &&
			add_part(x, rows, n, e) == -1)
			return -1;
	}
	return rc == -1 ? -1 : 0;
}

static int put_parts(
	struct memory *m, const struct parts *x, const struct lead_put_opts *o, struct err *e)
{
	struct memory_kv kv;
	int rc = 0;

	memory_begin(m);
	memory_kv_init(&kv, m);
	/* The progress first: it is what may be refused, and then no lead has changed. */
	if (o->progress != NULL)
		rc = docs_upload_progress(&kv.kv, o->upload, o->progress, o->now_ms, e);
	for (size_t k = 0; k < x->n; k++)
		for (size_t i = 0; i < x->at[k].n && rc == 0; i++)
			rc = put_one(m, &x->at[k].rows[i], o, e);
	memory_end(m, rc == 0);
	return rc;
}

static int leads_put(struct store *s, struct lead_put *rows, size_t n,
	const struct lead_put_opts *o, struct err *e)
{
	struct parts x = { 0 };
	int rc = add_part(&x, rows, n, e);

	if (rc == 0 && (rc = gather(&x, o, e)) == 0)
		rc = put_parts(memory_of(s), &x, o, e);
	free(x.at);
	return rc;
}

/* --- reading
 * ---------------------------------------------------------------------------------------- */

static int leads_get_many(struct store *s, const struct id *ids, size_t n, struct arena *a,
	struct lead *out, bool *found, struct err *e)
{
	struct memory *m = memory_of(s);
	size_t i;
	int rc = 0;

	memory_begin(m);
	for (i = 0; i < n && rc == 0; i++) {
		struct memory_lead *l = memory_lead_of(m, ids[i]);

		found[i] = l != NULL;
		if (l == NULL)
			continue;
		out[i] = l->lead;
		rc = lead_form_own(&out[i], a, true, e);
	}
	memory_end(m, true);
	return rc;
}

static int leads_get(
	struct store *s, struct id id, struct arena *a, struct lead *out, struct err *e)
{
	bool found = false;

	if (leads_get_many(s, &id, 1, a, out, &found, e) != 0)
		return -1;
	return found ? 0 : err_set(e, ERR_NOT_FOUND, "there is no such lead");
}

static int leads_find(struct store *s, enum lead_field f, const struct str *texts, size_t n,
	struct id *out, struct err *e)
{
	struct memory *m = memory_of(s);
	struct buf wanted = { 0 }, fold = { 0 };
	struct query_column col = { .field = f };
	size_t i, k;

	if (f >= LF_TEXTS)
		return err_set(e, ERR_INPUT, "%s is no text to find leads by", field_name(f));
	memory_begin(m);
	for (i = 0; i < n; i++) {
		struct value w;

		buf_reset(&wanted);
		w = value_of_text(texts[i], false, &wanted);
		memset(&out[i], 0, sizeof(out[i]));
		for (k = 0; k < m->n_leads && w.class != VALUE_EMPTY; k++) {
			const struct lead *l = &m->leads[k]->lead;
			struct value v = value_of_lead(l, NULL, &col, &fold);

			if (str_eq(v.text, w.text) &&
				(id_is_none(out[i]) || id_cmp(l->id, out[i]) < 0))
				out[i] = l->id;
		}
	}
	memory_end(m, true);
	buf_clear(&wanted);
	buf_clear(&fold);
	return 0;
}

/* --- change
 * ------------------------------------------------------------------------------------------ */

static int leads_change(struct store *s, struct id id, const struct lead_change *c, struct arena *a,
	struct lead *out, struct err *e)
{
	struct memory *m = memory_of(s);
	struct lead_rules rules = { m, rules_layout, rules_add };
	struct lead_outcome_of what;
	struct memory_lead *at;
	struct memory_kv kv;
	struct lead new;
	int rc;

	memory_begin(m);
	memory_kv_init(&kv, m);
	at = memory_lead_of(m, id);
	rc = at == NULL ? err_set(e, ERR_NOT_FOUND, "there is no such lead")
			: lead_rules_change(&rules, &at->lead, c, a, &new, &what, e);
	if (rc == 0)
		rc = keep_old(m, &at->lead, c->now_ms, c->by, new.upload, e);
	if (rc == 0 && what.past)
		rc = keep_score(m, &at->lead, c->now_ms, SCORE_EDIT, e);
	if (rc == 0 && c->event != NULL)
		rc = docs_event_add(&kv.kv, c->event, e);
	if (rc == 0)
		rc = lead_form_own(&new, a, true, e);
	if (rc == 0)
		rc = memory_lead_keep(m, at, &new, e);
	if (rc == 0 && out != NULL)
		*out = new;
	memory_end(m, rc == 0);
	return rc;
}

int memory_lead_take_away(struct memory *m, struct memory_lead *at, struct err *e)
{
	struct memory_kv kv;
	size_t i;

	memory_kv_init(&kv, m);
	if (docs_forget_lead(&kv.kv, at->lead.id, e) != 0)
		return -1;
	for (i = 0; m->leads[i] != at; i++)
		;
	memmove(m->leads + i, m->leads + i + 1,
		(m->n_leads - i - 1) * sizeof(struct memory_lead *));
	m->n_leads--;
	lead_free(at);
	return 0;
}

static int leads_remove(struct store *s, struct id id, uint64_t version, struct err *e)
{
	struct memory *m = memory_of(s);
	struct memory_lead *at;
	int rc;

	memory_begin(m);
	at = memory_lead_of(m, id);
	if (at == NULL)
		rc = err_set(e, ERR_NOT_FOUND, "there is no such lead");
	else if (version != 0 && version != at->lead.version)
		rc = err_set(e, ERR_CONFLICT, "the lead was changed meanwhile");
	else
		rc = memory_lead_take_away(m, at, e);
	memory_end(m, rc == 0);
	return rc;
}

static int bury(struct memory *m, struct id id, struct err *e)
{
	struct id *more;
	size_t i;

	for (i = 0; i < m->n_tombstones && id_cmp(m->tombstones[i], id) < 0; i++)
		;
	if (i < m->n_tombstones && id_eq(m->tombstones[i], id))
		return 0;
	more = realloc(m->tombstones, (m->n_tombstones + 1) * sizeof(*more));
	if (more == NULL)
		return err_nomem(e);
	m->tombstones = more;
	memmove(more + i + 1, more + i, (m->n_tombstones - i) * sizeof(*more));
	more[i] = id;
	m->n_tombstones++;
	return 0;
}

static int leads_erase(
	struct store *s, const struct id *ids, size_t n, int64_t now_ms, struct err *e)
{
	struct memory *m = memory_of(s);
	size_t i;
	int rc = 0;

	if (n > 1000)
		return err_set(e, ERR_LIMIT, "%zu leads to erase at once, the limit is 1000", n);
	memory_begin(m);
	for (i = 0; i < n && rc == 0; i++) {
		struct memory_lead *at = memory_lead_of(m, ids[i]);

		rc = bury(m, ids[i], e);
		if (rc == 0 && at != NULL)
			rc = memory_lead_take_away(m, at, e);
	}
	memory_end(m, rc == 0);
	return rc;
}

static int leads_tombstones(
	struct store *s, struct arena *a, struct id **out, size_t *n, struct err *e)
{
	struct memory *m = memory_of(s);

	memory_begin(m);
	*n = m->n_tombstones;
	*out = arena_array(a, *n + 1, sizeof(**out));
	if (*out != NULL && *n > 0)
		memcpy(*out, m->tombstones, *n * sizeof(**out));
	memory_end(m, true);
	return *out != NULL ? 0 : err_nomem(e);
}

/* --- lists
 * ---------------------------------------------------------------------------------------------- */

struct question {
	struct memory *m;
	const struct lead_query *q;
	struct filter *filters;
	size_t n_filters;
	struct str *words;
	size_t n_words;
	struct buf fold, text;
};

static int question_make(struct question *x, struct memory *m, const struct lead_query *q,
	struct arena *a, struct err *e)
{
	size_t i;

	memset(x, 0, sizeof(*x));
	x->m = m;
	x->q = q;
	x->n_filters = q->n_filters;
	x->filters = arena_array(a, q->n_filters + 1, sizeof(*x->filters));
	if (x->filters == NULL)
		return err_nomem(e);
	for (i = 0; i < q->n_filters; i++)
		if (filter_make(&q->filters[i], a, &x->filters[i], e) != 0)
			return -1;
	return words_make(q->words, a, &x->words, &x->n_words, e);
}

static void question_clear(struct question *x)
{
	buf_clear(&x->fold);
	buf_clear(&x->text);
}

static bool passes(struct question *x, const struct lead *l)
{
	const struct layout *layout = memory_layout_get(x->m, l->layout);
	size_t i;

	if (!store_asks_for(x->q, l->id))
		return false;
	for (i = 0; i < x->n_filters; i++) {
		struct value v = value_of_lead(l, layout, &x->filters[i].column, &x->fold);

		if (!filter_pass(&x->filters[i], &v))
			return false;
	}
	if (x->n_words == 0)
		return true;
	buf_reset(&x->text);
	words_of_lead(l, &x->text);
	return words_pass(x->words, x->n_words, buf_view(&x->text), &x->fold);
}

struct item {
	struct place place; /* text in the arena */
	const struct memory_lead *l;
};

static int item_cmp(const void *p, const void *q, void *descending)
{
	return place_cmp(&((const struct item *)p)->place, &((const struct item *)q)->place,
		*(const bool *)descending);
}

static int number_cmp(const void *p, const void *q, void *unused)
{
	const struct item *a = p, *b = q;

	return (a->l->number > b->l->number) - (a->l->number < b->l->number);
}

/* All that pass, in order; texts in ${a}. */
static int collect(struct memory *m, const struct lead_query *q, struct arena *a, struct item **out,
	size_t *n, struct err *e)
{
	struct item *items = arena_array(a, m->n_leads + 1, sizeof(*items));
	struct buf fold = { 0 };
	struct question x;
	bool sorted = q->sort.field <= LF_ATTRIBUTE, descending = q->descending;
	size_t i;

	*n = 0;
	*out = items;
	if (items == NULL)
		return err_nomem(e);
	if (question_make(&x, m, q, a, e) != 0)
		return -1;
	for (i = 0; i < m->n_leads; i++) {
		const struct lead *l = &m->leads[i]->lead;
		struct item *it = &items[*n];

		if (!passes(&x, l))
			continue;
		it->l = m->leads[i];
		it->place.id = l->id;
		it->place.value = (struct value){ .class = VALUE_EMPTY };
		if (sorted) {
			it->place.value =
				value_of_lead(l, memory_layout_get(m, l->layout), &q->sort, &fold);
			it->place.value.text = (struct str){ arena_dup(a, it->place.value.text),
				it->place.value.text.n };
		}
		++*n;
	}
	question_clear(&x);
	buf_clear(&fold);
	qsort_r(items, *n, sizeof(*items), sorted ? item_cmp : number_cmp, &descending);
	return 0;
}

/* The first of the items that is to be on the page. */
static int start_of(
	const struct lead_query *q, const struct item *items, size_t n, size_t *from, struct err *e)
{
	struct place place;
	uint64_t number;

	*from = 0;
	if (q->cursor.n == 0) {
		if (!isnan(q->at) && n > 0) {
			*from = (size_t)(q->at * (double)n);
			*from = *from >= n ? n - 1 : *from;
		}
		return 0;
	}
	if (q->sort.field > LF_ATTRIBUTE) {
		if (q->cursor.n != 9 || q->cursor.p[0] != 'N')
			return err_set(e, ERR_INPUT, "the cursor is none of this list");
		memcpy(&number, q->cursor.p + 1, 8);
		while (*from < n && items[*from].l->number <= number)
			++*from;
		return 0;
	}
	if (place_read(q, &place, e) != 0)
		return -1;
	while (*from < n && place_cmp(&items[*from].place, &place, q->descending) <= 0)
		++*from;
	return 0;
}

static int fill(const struct lead_query *q, const struct item *items, size_t n, struct arena *a,
	struct lead_page *page, struct err *e)
{
	size_t i;
	char *cursor;

	page->n = n < q->limit ? n : q->limit;
	page->leads = arena_array(a, page->n + 1, sizeof(*page->leads));
	if (page->leads == NULL)
		return err_nomem(e);
	for (i = 0; i < page->n; i++) {
		page->leads[i] = items[i].l->lead;
		if (lead_form_own(&page->leads[i], a, q->cells, e) != 0)
			return -1;
	}
	if (n <= q->limit)
		return 0;
	if (q->sort.field <= LF_ATTRIBUTE)
		return place_write(q, &items[page->n - 1].place, a, &page->next_cursor, e);
	cursor = arena_alloc(a, 9);
	if (cursor == NULL)
		return err_nomem(e);
	cursor[0] = 'N';
	memcpy(cursor + 1, &items[page->n - 1].l->number, 8);
	page->next_cursor = (struct str){ cursor, 9 };
	return 0;
}

static int leads_list(struct store *s, const struct lead_query *q, struct arena *a,
	struct lead_page *page, struct err *e)
{
	struct memory *m = memory_of(s);
	struct item *items;
	size_t n, from;
	int rc;

	memset(page, 0, sizeof(*page));
	if (store_check_query(q, e) != 0)
		return -1;
	memory_begin(m);
	rc = collect(m, q, a, &items, &n, e);
	if (rc == 0)
		rc = start_of(q, items, n, &from, e);
	if (rc == 0)
		rc = fill(q, items + from, n - from, a, page, e);
	page->total = n;
	page->total_exact = true;
	memory_end(m, true);
	return rc;
}

static int leads_tally(struct store *s, const struct lead_query *q, const struct lead_tally_by *by,
	size_t n_by, struct arena *a, struct lead_tally **out, size_t *n, struct err *e)
{
	struct memory *m = memory_of(s);
	struct tally *t;
	struct question x;
	size_t i;
	int rc;

	if (tally_check(q, by, n_by, e) != 0 || (t = tally_new(by, n_by, q->sums, e)) == NULL)
		return -1;
	memory_begin(m);
	rc = question_make(&x, m, q, a, e);
	for (i = 0; i < m->n_leads && rc == 0; i++)
		if (passes(&x, &m->leads[i]->lead))
			rc = tally_lead(t, &m->leads[i]->lead,
				memory_layout_get(m, m->leads[i]->lead.layout), e);
	if (rc == 0)
		rc = tally_finish(t, a, out, n, e);
	question_clear(&x);
	memory_end(m, true);
	tally_free(t);
	return rc;
}

/* --- scores, past, undo
 * ----------------------------------------------------------------------------- */

static int leads_set_scores(struct store *s, struct lead_set_score *sets, size_t n,
	enum score_cause cause, int64_t now_ms, struct err *e)
{
	struct memory *m = memory_of(s);
	size_t i;
	int rc = 0;

	if (n > 5000)
		return err_set(e, ERR_LIMIT, "%zu scores at once, the limit is 5000", n);
	memory_begin(m);
	for (i = 0; i < n && rc == 0; i++) {
		struct memory_lead *at = memory_lead_of(m, sets[i].id);
		struct lead_outcome_of what;
		struct lead new;

		sets[i].taken = sets[i].moved = false;
		if (at == NULL)
			continue;
		lead_rules_score(&at->lead, &sets[i], now_ms, &new, &what);
		if (what.past)
			rc = keep_score(m, &at->lead, now_ms, cause, e);
		if (rc == 0 && what.write)
			rc = memory_lead_keep(m, at, &new, e);
	}
	memory_end(m, rc == 0);
	return rc;
}

static int leads_history(struct store *s, struct id id, struct arena *a, struct lead_version **out,
	size_t *n, struct err *e)
{
	struct memory *m = memory_of(s);
	struct docs_version *v;
	struct memory_kv kv;
	size_t i;
	int rc;

	memory_begin(m);
	memory_kv_init(&kv, m);
	rc = docs_versions(&kv.kv, id, 100, a, &v, n, e);
	memory_end(m, true);
	if (rc != 0)
		return -1;
	*out = arena_array(a, *n + 1, sizeof(**out));
	if (*out == NULL)
		return err_nomem(e);
	for (i = 0; i < *n; i++) {
		if (lead_form_read_all(v[i].body, &(*out)[i].lead, e) != 0)
			return -1;
		(*out)[i].until_ms = v[i].until_ms;
		(*out)[i].by = v[i].by;
		(*out)[i].upload = v[i].upload;
	}
	return 0;
}

static int leads_scores(struct store *s, struct id id, struct arena *a, struct past_score **out,
	size_t *n, struct err *e)
{
	struct memory *m = memory_of(s);
	struct memory_kv kv;
	int rc;

	memory_begin(m);
	memory_kv_init(&kv, m);
	rc = docs_past_scores(&kv.kv, id, 1000, a, out, n, e);
	memory_end(m, true);
	return rc;
}

static int header_cmp(const void *p, const void *q)
{
	return str_cmp(((const struct attribute_count *)p)->header,
		((const struct attribute_count *)q)->header);
}

static int leads_attributes(
	struct store *s, struct arena *a, struct attribute_count **out, size_t *n, struct err *e)
{
	struct memory *m = memory_of(s);
	struct buf fold = { 0 };
	size_t i, c, k, most = 1;

	memory_begin(m);
	for (i = 0; i < m->n_layouts; i++)
		most += m->layouts[i]->n;
	*n = 0;
	*out = arena_array(a, most, sizeof(**out));
	for (i = 0; i < m->n_layouts && *out != NULL; i++)
		for (c = 0; c < m->layouts[i]->n; c++) {
			const struct layout_column *col = &m->layouts[i]->columns[c];

			if (col->use != LF_ATTRIBUTE)
				continue;
			for (k = 0; k < *n && !str_eq((*out)[k].header, col->header); k++)
				;
			if (k == *n)
				(*out)[(*n)++] = (struct attribute_count){ col->header, 0, true };
		}
	for (k = 0; k < *n; k++)
		for (i = 0; i < m->n_leads; i++) {
			struct query_column col = { LF_ATTRIBUTE, (*out)[k].header };
			const struct lead *l = &m->leads[i]->lead;

			(*out)[k].filled +=
				value_of_lead(l, memory_layout_get(m, l->layout), &col, &fold).class
				!= VALUE_EMPTY;
		}
	memory_end(m, true);
	buf_clear(&fold);
	if (*out == NULL)
		return err_nomem(e);
	qsort(*out, *n, sizeof(**out), header_cmp);
	return 0;
}

static int64_t leads_count(struct store *s, struct err *e)
{
	struct memory *m = memory_of(s);
	int64_t n;

	memory_begin(m);
	n = (int64_t)m->n_leads;
	memory_end(m, true);
	return n;
}

const struct store_leads memory_leads = { leads_put, leads_get, leads_get_many, leads_find,
	leads_change, leads_remove, leads_erase, leads_tombstones, leads_list, leads_tally,
	leads_set_scores, leads_history, leads_scores, memory_leads_undo, leads_attributes,
	leads_count };
