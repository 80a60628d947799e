/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "leads/query.h"
#include "leads/segments.h"
#include "model/model_store.h"
#include "model/notes.h"
#include "model/registry.h"
#include "store/match.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"

enum { PRIORITY = 100, ARENA = 32 << 20 };

/* A query of the leads that are in both texts; the second may be empty. */
static int read_query(struct query *q, struct arena *mem, struct str a, struct str b,
	int64_t now_ms, struct err *e)
{
	query_init(q, mem, now_ms);
	if (query_text(q, a, NULL, e) == -1 || query_text(q, b, NULL, e) == -1)
		return -1;
	return query_check(q, e);
}

struct lead_match *segments_match(struct str query, int64_t now_ms, struct err *e)
{
	struct arena mem = { .cap = ARENA };
	struct query *q = arena_alloc(&mem, sizeof(*q));
	struct lead_query lq = { .at = NAN };
	struct lead_match *m = NULL;

	if (q == NULL) {
		err_nomem(e);
	} else if (read_query(q, &mem, query, S(""), now_ms, e) == 0) {
		query_to(q, &lq);
		m = lead_match_new(&lq, e);
	}
	arena_clear(&mem);
	return m;
}

int segments_set(struct model_store *st, uint32_t version, const struct json *v, struct err *e)
{
	struct arena mem = { .cap = ARENA };
	struct query *q = arena_alloc(&mem, sizeof(*q));
	struct str query = json_str(json_get(v, "query"), S(""));
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	int rc = -1;

	if (q == NULL) {
		err_nomem(e);
	} else if (json_type(json_get(v, "query")) != J_STR) {
		err_set(e, ERR_INPUT, "query: expected a query string");
	} else if (read_query(q, &mem, query, S(""), 0, e) == 0) {
		jw_obj(&w);
		jw_kstr(&w, "query", query);
		jw_kint(&w, "priority", json_int(json_get(v, "priority"), PRIORITY));
		jw_end_obj(&w);
		if (buf_done(&b, e) == 0)
			rc = notes_set(
				st, version, "segment", query.n == 0 ? S("") : buf_view(&b), e);
	}
	buf_clear(&b);
	arena_clear(&mem);
	return rc;
}

static int by_priority(const void *x, const void *y)
{
	const struct segment *a = x, *b = y;

	/* The version of all leads is asked last, whatever it says. */
	if ((a->query[0] == '\0') != (b->query[0] == '\0'))
		return a->query[0] == '\0' ? 1 : -1;
	if (a->priority != b->priority)
		return a->priority < b->priority ? -1 : 1;
	return (a->version > b->version) - (a->version < b->version);
}

void segments_free(struct segment *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(s[i].query);
	free(s);
}

int segments_live(struct model_store *st, struct segment **out, size_t *n, struct err *e)
{
	struct registry_slot *slots;
	struct json *notes;
	int rc = 0;

	*out = NULL;
	if (registry_live(st, &slots, n, e) == -1)
		return -1;
	if ((*out = calloc(*n + 1, sizeof(**out))) == NULL)
		rc = err_nomem(e);
	for (size_t i = 0; rc == 0 && i < *n; i++) {
		struct segment *s = &(*out)[i];

		if ((rc = notes_read(st, slots[i].live, &notes, e)) == -1)
			break;
		s->version = slots[i].live;
		s->priority = json_int(json_get(json_get(notes, "segment"), "priority"), PRIORITY);
		s->query = slots[i].segment; /* taken */
		slots[i].segment = NULL;
		json_free(notes);
	}
	registry_live_free(slots, *n);
	if (rc == -1) {
		if (*out != NULL)
			segments_free(*out, *n);
		*out = NULL;
		*n = 0;
		return -1;
	}
	if (*n > 1)
		qsort(*out, *n, sizeof(**out), by_priority);
	return 0;
}

/* --- the report --- */

static int count_leads(
	struct store *s, struct str a, struct str b, int64_t now_ms, uint64_t *n, struct err *e)
{
	struct arena mem = { .cap = ARENA };
	struct query *q = arena_alloc(&mem, sizeof(*q));
	struct lead_query lq = { .limit = 1, .at = NAN, .total = true };
	struct lead_page page = { 0 };
	int rc = -1;

	if (q == NULL) {
		err_nomem(e);
	} else if (read_query(q, &mem, a, b, now_ms, e) == 0) {
		query_to(q, &lq);
		lq.sort = QUERY_NO_COLUMN;
		rc = s->leads->list(s, &lq, &mem, &page, e);
	}
	*n = page.total;
	arena_clear(&mem);
	return rc;
}

static void put_version(struct jw *w, const char *key, uint32_t number)
{
	char name[16];

	snprintf(name, sizeof(name), "v%u", number);
	jw_kz(w, key, name);
}

static int put_overlaps(struct store *s, const struct segment *v, size_t n, int64_t now_ms,
	struct jw *w, struct err *e)
{
	uint64_t both;

	jw_key(w, "overlaps");
	jw_arr(w);
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++) {
			if (v[k].query[0] == '\0')
				continue;
			if (count_leads(s, str_of(v[i].query), str_of(v[k].query), now_ms, &both,
				    e) == -1)
				return -1;
			if (both == 0)
				continue;
			jw_obj(w);
			put_version(w, "a", v[i].version);
			put_version(w, "b", v[k].version);
			jw_kint(w, "leads", (int64_t)both);
			put_version(w, "scored_by", v[i].version);
			jw_end_obj(w);
		}
	jw_end_arr(w);
	return 0;
}

int segments_report(
	struct store *s, struct model_store *st, int64_t now_ms, struct jw *w, struct err *e)
{
	struct segment *v;
	uint64_t leads;
	size_t n;
	int rc = 0;

	if (segments_live(st, &v, &n, e) == -1)
		return -1;
	jw_obj(w);
	jw_key(w, "items");
	jw_arr(w);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = count_leads(s, str_of(v[i].query), S(""), now_ms, &leads, e);
		jw_obj(w);
		put_version(w, "version", v[i].version);
		jw_kz(w, "query", v[i].query);
		jw_kint(w, "priority", v[i].priority);
		jw_kint(w, "leads", (int64_t)leads);
		jw_end_obj(w);
	}
	jw_end_arr(w);
	if (rc == 0)
		rc = put_overlaps(s, v, n, now_ms, w, e);
	jw_end_obj(w);
	segments_free(v, n);
	return rc;
}
