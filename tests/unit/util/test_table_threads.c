/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that take blocks of one table in turn see every row once, in order of block numbers. */
#include "unit.h"

#include <pthread.h>

#include "util/buf.h"
#include "util/err.h"
#include "util/table.h"

enum { THREADS = 4, ROWS = 60000, BLOCKS = 4096 };

struct shared {
	struct table *t;
	pthread_mutex_t lock;
	uint64_t hash[BLOCKS]; /* of block ${number} */
	uint64_t rows, blocks;
};

static uint64_t hash_block(const struct table *t, const struct table_block *b)
{
	uint64_t h = b->first;

	for (size_t i = 0; i < b->n; i++) {
		for (size_t k = 0; k < table_columns(t); k++)
			h = str_hash(b->rows[i].cells[k], h ^ b->rows[i].line);
	}
	return h;
}

static void *work(void *p)
{
	struct shared *s = p;
	struct table_block *b = table_block_new(NULL);
	int rc;

	do {
		pthread_mutex_lock(&s->lock);
		rc = table_read_block(s->t, b, 500, NULL);
		s->rows += b->n;
		s->blocks += rc == 1;
		pthread_mutex_unlock(&s->lock);
		if (rc == 1 && b->number < BLOCKS)
			s->hash[b->number] = hash_block(s->t, b);
	} while (rc == 1);
	table_block_free(b);
	return NULL;
}

static void read_with(struct shared *s, struct table *t, int threads)
{
	pthread_t id[THREADS];

	*s = (struct shared){ .t = t };
	assert_int_equal(table_rewind(t, NULL), 0);
	pthread_mutex_init(&s->lock, NULL);
	for (int i = 0; i < threads; i++)
		assert_int_equal(pthread_create(&id[i], NULL, work, s), 0);
	for (int i = 0; i < threads; i++)
		pthread_join(id[i], NULL);
	pthread_mutex_destroy(&s->lock);
	assert_int_equal(s->rows, ROWS);
}

static void test_blocks_read_by_threads_equal_those_read_by_one(void **state)
{
	struct shared *one = malloc(sizeof(*one)), *many = malloc(sizeof(*many));
	struct buf text = { 0 };
	struct err e = { 0 };
	struct table *t;

	buf_z(&text, "id,name,note\n");
	for (int i = 0; i < ROWS; i++)
		buf_fmt(&text, "%d,\"Ann \"\"%d\"\"\",\"a\n%d\"\n", i, i % 91, i % 7);
	t = table_open_bytes(buf_view(&text), NULL, &e);
	assert_non_null(t);
	read_with(one, t, 1);
	read_with(many, t, THREADS);
	assert_int_equal(one->blocks, many->blocks);
	assert_in_range(one->blocks, ROWS / 500, BLOCKS);
	assert_memory_equal(one->hash, many->hash, sizeof(one->hash));
	table_free(t);
	buf_clear(&text);
	free(one);
	free(many);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks_read_by_threads_equal_those_read_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
