/* SPDX-License-Identifier: Apache-2.0 */
/* Which row of a lead is its last in the file: all rows are read once for their keys, by two
 * threads. */
#include <stdlib.h>

#include "leads/ingest_internal.h"
#include "util/err.h"

struct pass {
	struct intake *in;
	pthread_mutex_t table, last; /* what they are called */
	struct table *t;
	bool failed;    /* with ${table} */
	struct err err; /* of the first that failed */
};

static int next_block(struct pass *x, struct table_block *b, struct err *e)
{
	int rc = 0;

	pthread_mutex_lock(&x->table);
	if (!x->failed)
		rc = table_read_block(x->t, b, INGEST_BLOCK, e);
	pthread_mutex_unlock(&x->table);
	return rc;
}

static void fail(struct pass *x, const struct err *e)
{
	pthread_mutex_lock(&x->table);
	if (!x->failed)
		x->err = *e;
	x->failed = true;
	pthread_mutex_unlock(&x->table);
}

/* hashes[i]: of the key of row ${i}; 0: it has none. */
static void read_keys(struct intake *in, struct table_block *b, uint64_t hashes[INGEST_BLOCK])
{
	for (size_t i = 0; i < b->n; i++) {
		struct lead_values v;
		struct id id;

		hashes[i] = 0;
		mapping_fix_row(in->o->map, &b->rows[i]);
		if (b->rows[i].bad)
			continue;
		mapping_keys(in->o->map, b->rows[i].cells, &v);
		if (intake_key(in, &v, &id) == KEY_ROW)
			continue;
		hashes[i] = intake_hash(id) != 0 ? intake_hash(id) : 1;
		if (in->ids != NULL && b->first + i < INGEST_IDS)
			in->ids[b->first + i] = id; /* which no other thread reads yet */
	}
}

/* Blocks may come in another order than that of the file. */
static int keep_last(struct pass *x, const struct table_block *b,
	const uint64_t hashes[INGEST_BLOCK], struct err *e)
{
	int rc = 0;

	pthread_mutex_lock(&x->last);
	for (size_t i = 0; i < b->n && rc == 0; i++) {
		uint32_t *last, row = (uint32_t)(b->first + i + 1);

		if (hashes[i] == 0)
			continue;
		if ((last = keyset_at(&x->in->last, hashes[i], e)) == NULL)
			rc = -1;
		else if (*last < row)
			*last = row;
	}
	pthread_mutex_unlock(&x->last);
	return rc;
}

static void *go(void *arg)
{
	struct pass *x = arg;
	uint64_t hashes[INGEST_BLOCK];
	struct err e = { 0 };
	struct table_block *b = table_block_new(&e);
	int rc = b == NULL ? -1 : 1;

	while (rc == 1 && (rc = next_block(x, b, &e)) == 1) {
		read_keys(x->in, b, hashes);
		if (keep_last(x, b, hashes, &e) == -1)
			rc = -1;
		else if (intake_stop(x->in))
			rc = err_set(&e, ERR_CANCELLED, "stopped");
	}
	if (rc == -1)
		fail(x, &e);
	table_block_free(b);
	return NULL;
}

int intake_last_rows(struct intake *in, struct err *e)
{
	struct pass x = { .in = in };
	pthread_t helper;
	bool helped;

	if (!in->has_keys)
		return 0;
	if ((x.t = table_again(in->table, e)) == NULL)
		return -1;
	/* Without memory for it, ids are made again. */
	in->ids = calloc(INGEST_IDS, sizeof(*in->ids));
	pthread_mutex_init(&x.table, NULL);
	pthread_mutex_init(&x.last, NULL);
	helped = in->o->threads != 1 && pthread_create(&helper, NULL, go, &x) == 0;
	go(&x);
	if (helped)
		pthread_join(helper, NULL);
	pthread_mutex_destroy(&x.table);
	pthread_mutex_destroy(&x.last);
	table_free(x.t);
	if (!x.failed)
		return 0;
	if (e != NULL)
		*e = x.err;
	return -1;
}
