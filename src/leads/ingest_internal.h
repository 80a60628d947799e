/* SPDX-License-Identifier: Apache-2.0 */
/* ingest_internal.h: blocks of rows on their way, and what is counted of them. */
#ifndef LEADS_INGEST_INTERNAL_H
#define LEADS_INGEST_INTERNAL_H

#include <pthread.h>
#include <string.h>

#include "leads/ingest.h"
#include "leads/live.h"
#include "leads/mapping.h"
#include "store/store.h"
#include "util/buf.h"
#include "util/table.h"

/* --- which keys came before ---------------------------------------------------------------- */

/* From a 64-bit hash to a number, in memory that grows with what is in it. */
struct keyset {
	uint64_t *keys; /* 0: free */
	uint32_t *values;
	size_t slots, n;
};
/* keyset_at(k, hash, e): the number of ${hash}, made 0; NULL when out of memory. */
uint32_t *keyset_at(struct keyset *k, uint64_t hash, struct err *e);
/* keyset_get(k, hash): 0 when it is not there. */
uint32_t keyset_get(const struct keyset *k, uint64_t hash);
void keyset_clear(struct keyset *k);

/* --- one block ----------------------------------------------------------------------------- */

/* A batch is what the store keeps together best: as many as have their columns in one piece. Blocks
 * are small enough that this many rows are read at once unless they are long. */
enum { INGEST_BLOCK = 512, INGEST_BATCH = 4096, INGEST_IDS = 65536 };
/* So many rows of an import come into the full-text index when it is done, if it ends with them: a
 * search that looks at them instead takes some 30 ms longer meanwhile. */
enum { INGEST_WORDS_LATER = 4 * INGEST_BATCH };

enum ingest_key { KEY_EXTERNAL_ID, KEY_EMAIL, KEY_ROW, KEY_COUNT };

struct prepared {
	struct table_block *block;
	double fraction; /* of the file, behind it */
	size_t n;        /* rows to put */
	struct lead_put puts[INGEST_BLOCK];
	struct lead_score scores[INGEST_BLOCK];
	const struct str *cells[INGEST_BLOCK];
	/* In the pool: packed cells and words of row i lie at [2 * i] and [2 * i + 1]; words that
	 * are indexed later are not made here. */
	size_t at[2 * INGEST_BLOCK + 1];
	uint8_t key[INGEST_BLOCK]; /* enum ingest_key */
	bool skip[INGEST_BLOCK];   /* put before: only its occurrence counts */
	struct buf pool;
	uint64_t bad, superseded, read; /* rows from the position on */
	struct prepared *next;
};

/* What threads share and nobody changes while they run. */
struct intake {
	const struct ingest_opts *o;
	struct table *table, *own; /* ${own}: opened here; else it is that of ${o} */
	uint32_t layout;
	uint64_t sets; /* FIELD_BITs of what rows set */
	uint64_t salt; /* of layout and outcome rule, for digests */
	uint64_t from; /* rows before it are done */
	bool score;
	struct str *names;
	enum col_role *roles;
	struct cell_format *formats;
	struct keyset last; /* by key: the last row that has it, from 1 */
	bool has_keys;      /* some column is a key */
	struct id *ids;     /* [INGEST_IDS], of the file's first rows, as the pass for ${last} found
			     * them; none: not known. NULL: there was no pass */
};

int intake_open(struct intake *in, const struct ingest_opts *o, bool store_layout, struct err *e);
void intake_close(struct intake *in);
/* intake_hash(id): what ${in}->last knows a key by. */
static inline uint64_t intake_hash(struct id id)
{
	uint64_t h;

	memcpy(&h, id.b, sizeof(h));
	return h;
}
/* intake_last_rows(in, e): fills ${in}->last by reading the file once. */
int intake_last_rows(struct intake *in, struct err *e);
bool intake_stop(const struct intake *in);

/* One thread's. */
struct hand {
	struct live_model *model;
	struct live_seat *seat;
};
void hand_clear(struct hand *h);

/* intake_prepare(in, h, p, e): rows of p->block into puts. */
int intake_prepare(struct intake *in, struct hand *h, struct prepared *p, struct err *e);
/* intake_key(in, v, id): which kind of key the row has, and the id for all but KEY_ROW. */
enum ingest_key intake_key(const struct intake *in, const struct lead_values *v, struct id *id);
struct prepared *prepared_new(struct err *e);
void prepared_free(struct prepared *p);

/* intake_flow(in, threads, take, arg, e): every block, prepared by ${threads} threads and given to
 * ${take} by this one in the order of the file. ${take} returns 0 and owns the block until it calls
 * flow_give_back, or -1. Called with NULL when no block is ready within the time
 * of a batch, and behind the last. */
struct flow;
typedef int flow_take(void *arg, struct flow *f, struct prepared *p, struct err *e);
int intake_flow(struct intake *in, unsigned threads, flow_take *take, void *arg, struct err *e);
void flow_give_back(struct flow *f, struct prepared *p);
/* flow_more(f, wait_ms, out, e): for ${take}, perhaps in another thread while it waits for that:
 * the next block, to be given back as well: 1; 0: none will come; 2: none came in time; -1. While
 * it waits (${wait_ms} not 0) it prepares a block itself, which may take longer than that. */
int flow_more(struct flow *f, int64_t wait_ms, struct prepared **out, struct err *e);

#endif
