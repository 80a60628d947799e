/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "store/sqlite_internal.h"
#include "util/err.h"

static void layout_free(struct sq_layout *l)
{
	if (l == NULL)
		return;
	arena_clear(&l->arena);
	free(l->columns);
	free(l);
}

void sq_layouts_clear(struct sq *s)
{
	size_t i;

	for (i = 0; i < s->n_layouts; i++)
		layout_free(s->layouts[i]);
	for (i = 0; i < s->n_dropped; i++)
		layout_free(s->dropped[i]);
	free(s->layouts);
	free(s->dropped);
	map_clear(&s->attributes);
}

/* A write that added layouts was undone: what this process knows of them is not so. They are put
 * aside rather than freed, for nobody can tell who looks at them. */
void sq_layouts_forget(struct sq *s)
{
	size_t i;

	pthread_rwlock_wrlock(&s->layouts_lock);
	if (s->layouts_new) {
		for (i = s->n_kept; i < s->n_layouts; i++) {
			struct sq_layout **more =
				s->layouts[i] == NULL
					? NULL
					: realloc(s->dropped,
						  (s->n_dropped + 1) * sizeof(struct sq_layout *));

			if (more != NULL) {
				s->dropped = more;
				s->dropped[s->n_dropped++] = s->layouts[i];
			}
			s->layouts[i] = NULL;
		}
		map_clear(&s->attributes);
		s->layouts_new = false;
	}
	pthread_rwlock_unlock(&s->layouts_lock);
}

void sq_layouts_keep(struct sq *s)
{
	if (!s->layouts_new)
		return;
	pthread_rwlock_wrlock(&s->layouts_lock);
	s->n_kept = s->n_layouts;
	s->layouts_new = false;
	pthread_rwlock_unlock(&s->layouts_lock);
}

int sq_attribute(struct sq *s, struct sq_conn *c, struct str header, uint32_t *out, struct err *e)
{
	struct map_entry *m;
	sqlite3_stmt *st;
	int rc;

	pthread_rwlock_rdlock(&s->layouts_lock);
	m = map_get(&s->attributes, header);
	*out = m != NULL ? (uint32_t)m->value : 0;
	pthread_rwlock_unlock(&s->layouts_lock);
	if (m != NULL)
		return 0;
	st = sq_stmt(c, "SELECT number FROM attribute WHERE header = ?1", e);
	if (st == NULL)
		return -1;
	sq_bind_blob(st, 1, header);
	rc = sq_step(c, st, e);
	if (rc <= 0)
		return rc;
	*out = (uint32_t)sqlite3_column_int64(st, 0);
	sq_reset(st);
	pthread_rwlock_wrlock(&s->layouts_lock);
	m = map_put(&s->attributes, header, NULL);
	if (m != NULL)
		m->value = *out;
	pthread_rwlock_unlock(&s->layouts_lock);
	return 0;
}

static struct sq_layout *load(struct sq *s, struct sq_conn *c, uint32_t number, struct err *e)
{
	sqlite3_stmt *st = sq_stmt(c, "SELECT body FROM layout WHERE number = ?1", e);
	struct sq_layout *l;
	struct str body;
	size_t i;
	int rc;

	if (st == NULL)
		return NULL;
	sqlite3_bind_int64(st, 1, number);
	rc = sq_step(c, st, e);
	if (rc == 0)
		err_set(e, ERR_NOT_FOUND, "there is no layout %u", number);
	if (rc != 1)
		return NULL;
	l = calloc(1, sizeof(*l));
	if (l == NULL) {
		sq_reset(st);
		err_nomem(e);
		return NULL;
	}
	body = sq_blob(st, 0);
	body.p = arena_dup(&l->arena, body);
	sq_reset(st);
	if (body.p == NULL) {
		err_nomem(e);
		goto fail;
	}
	if (layout_read(body, &l->arena, &l->layout, e) != 0)
		goto fail;
	l->layout.number = number;
	l->columns = calloc(l->layout.n + 1, sizeof(*l->columns));
	if (l->columns == NULL) {
		err_nomem(e);
		goto fail;
	}
	for (i = 0; i < l->layout.n; i++)
		if (l->layout.columns[i].use == LF_ATTRIBUTE &&
			sq_attribute(s, c, l->layout.columns[i].header, &l->columns[i], e) != 0)
			goto fail;
	return l;
fail:
	layout_free(l);
	return NULL;
}

static const struct sq_layout *cached(struct sq *s, uint32_t number)
{
	const struct sq_layout *l;

	pthread_rwlock_rdlock(&s->layouts_lock);
	l = number < s->n_layouts ? s->layouts[number] : NULL;
	pthread_rwlock_unlock(&s->layouts_lock);
	return l;
}

static int grow(struct sq *s, uint32_t number)
{
	size_t cap = s->cap_layouts == 0 ? 64 : s->cap_layouts;
	struct sq_layout **more;

	while (cap <= number)
		cap *= 2;
	if (cap > s->cap_layouts) {
		more = realloc(s->layouts, cap * sizeof(struct sq_layout *));
		if (more == NULL)
			return -1;
		s->layouts = more;
		s->cap_layouts = cap;
	}
	while (s->n_layouts <= number)
		s->layouts[s->n_layouts++] = NULL;
	return 0;
}

const struct sq_layout *sq_layout_get(
	struct sq *s, struct sq_conn *c, uint32_t number, struct err *e)
{
	const struct sq_layout *l = cached(s, number);
	struct sq_layout *mine;

	if (l != NULL || number == 0)
		return l;
	mine = load(s, c, number, e);
	if (mine == NULL)
		return NULL;
	pthread_rwlock_wrlock(&s->layouts_lock);
	if (grow(s, number) != 0) {
		pthread_rwlock_unlock(&s->layouts_lock);
		layout_free(mine);
		err_nomem(e);
		return NULL;
	}
	if (s->layouts[number] == NULL)
		s->layouts[number] = mine;
	else
		layout_free(mine); /* another thread was faster */
	l = s->layouts[number];
	pthread_rwlock_unlock(&s->layouts_lock);
	return l;
}

static int add_attributes(struct sq *s, struct sq_conn *c, const struct layout *l, struct err *e)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		sqlite3_stmt *st;

		if (l->columns[i].use != LF_ATTRIBUTE)
			continue;
		st = sq_stmt(c,
			"INSERT INTO attribute(header) SELECT ?1"
			" WHERE (SELECT count(*) FROM attribute) < ?2"
			" ON CONFLICT(header) DO NOTHING",
			e);
		if (st == NULL)
			return -1;
		sq_bind_blob(st, 1, l->columns[i].header);
		sqlite3_bind_int(st, 2, SQ_ATTRIBUTES_MAX);
		if (sq_step(c, st, e) != 0)
			return -1;
	}
	return 0;
}

int sq_layout_put(
	struct sq *s, struct sq_conn *c, const struct layout *l, uint32_t *number, struct err *e)
{
	struct id key;
	struct buf body = { 0 };
	sqlite3_stmt *st;
	int rc;

	if (l->n > LAYOUT_COLUMNS_MAX)
		return err_set(
			e, ERR_LIMIT, "%zu columns, the limit is %d", l->n, LAYOUT_COLUMNS_MAX);
	layout_key(l, &key);
	st = sq_stmt(c, "SELECT number FROM layout WHERE key = ?1", e);
	if (st == NULL)
		return -1;
	sq_bind_blob(st, 1, (struct str){ (const char *)key.b, 16 });
	rc = sq_step(c, st, e);
	if (rc != 0) {
		*number = rc == 1 ? (uint32_t)sqlite3_column_int64(st, 0) : 0;
		if (rc == 1)
			sq_reset(st);
		return rc == 1 ? 0 : -1;
	}
	s->layouts_new = true;
	if (add_attributes(s, c, l, e) != 0)
		return -1;
	st = sq_stmt(c, "INSERT INTO layout(key, body) VALUES(?1, ?2)", e);
	if (st == NULL)
		return -1;
	layout_write(l, &body);
	sq_bind_blob(st, 1, (struct str){ (const char *)key.b, 16 });
	sq_bind_blob(st, 2, buf_view(&body));
	rc = body.failed ? err_nomem(e) : sq_step(c, st, e);
	*number = (uint32_t)sqlite3_last_insert_rowid(c->db);
	buf_clear(&body);
	return rc;
}

/* --- the interface ---------------------------------------------------------------------------- */

struct put {
	const struct layout *l;
	uint32_t number;
};

static int put(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	struct put *p = arg;

	return sq_layout_put(s, c, p->l, &p->number, e);
}

static int find(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	struct put *p = arg;
	struct id key;
	sqlite3_stmt *st = sq_stmt(c, "SELECT number FROM layout WHERE key = ?1", e);
	int rc;

	if (st == NULL)
		return -1;
	layout_key(p->l, &key);
	sq_bind_blob(st, 1, (struct str){ (const char *)key.b, 16 });
	rc = sq_step(c, st, e);
	if (rc == 1) {
		p->number = (uint32_t)sqlite3_column_int64(st, 0);
		sq_reset(st);
	}
	return rc < 0 ? -1 : 0;
}

static int layouts_put(struct store *s, const struct layout *l, uint32_t *number, struct err *e)
{
	struct put p = { l, 0 };

	if (l->n <= LAYOUT_COLUMNS_MAX && sq_read(sq_of(s), find, &p, e) != 0)
		return -1;
	if (p.number == 0 && sq_write(sq_of(s), put, &p, e) != 0)
		return -1;
	*number = p.number;
	return 0;
}

struct get {
	uint32_t number;
	const struct sq_layout *l;
};

static int get(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	struct get *g = arg;

	g->l = sq_layout_get(s, c, g->number, e);
	return g->l != NULL ? 0 : -1;
}

static const struct layout *layouts_get(struct store *st, uint32_t number, struct err *e)
{
	struct sq *s = sq_of(st);
	struct get g = { number, cached(s, number) };

	if (number == 0) {
		err_set(e, ERR_NOT_FOUND, "there is no layout 0");
		return NULL;
	}
	if (g.l == NULL && sq_read(s, get, &g, e) != 0)
		return NULL;
	return &g.l->layout;
}

struct mapping {
	struct str headers, json;
	struct arena *a;
};

static int remember(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	struct mapping *m = arg;
	sqlite3_stmt *st =
		sq_stmt(c, "INSERT OR REPLACE INTO mapping(headers, json) VALUES(?1, ?2)", e);

	if (st == NULL)
		return -1;
	sq_bind_blob(st, 1, m->headers);
	sq_bind_blob(st, 2, m->json);
	return sq_step(c, st, e);
}

static int layouts_remember(struct store *s, struct str headers, struct str json, struct err *e)
{
	struct mapping m = { headers, json, NULL };

	return sq_write(sq_of(s), remember, &m, e);
}

static int recall(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	struct mapping *m = arg;
	sqlite3_stmt *st = sq_stmt(c, "SELECT json FROM mapping WHERE headers = ?1", e);
	int rc;

	if (st == NULL)
		return -1;
	sq_bind_blob(st, 1, m->headers);
	rc = sq_step(c, st, e);
	if (rc == 0)
		return err_set(e, ERR_NOT_FOUND, "no mapping is known for this file");
	if (rc < 0)
		return -1;
	m->json = sq_blob(st, 0);
	m->json.p = arena_dup(m->a, m->json);
	sq_reset(st);
	return m->json.p != NULL ? 0 : err_nomem(e);
}

static int layouts_recall(
	struct store *s, struct str headers, struct arena *a, struct str *json, struct err *e)
{
	struct mapping m = { headers, { NULL, 0 }, a };

	if (sq_read(sq_of(s), recall, &m, e) != 0)
		return -1;
	*json = m.json;
	return 0;
}

const struct store_layouts sq_layouts = { layouts_put, layouts_get, layouts_remember,
	layouts_recall };
