/* SPDX-License-Identifier: Apache-2.0 */
/* bench_bare.c: the leads of a server's data folder once more, by nothing but prepared inserts into
 * the same tables and indexes, in batches of the same size and with the same durability.
 *
 *	bench_bare FROM.db TO.db
 *
 * TO.db must not exist. Reading and folding the rows is not timed: only what a loop over rows that
 * are there already would do. Prints rows and seconds as JSON. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "store/lead_form_internal.h"
#include "store/lead_value_internal.h"
#include "store/sqlite_internal.h"
#include "util/clock.h"
#include "util/err.h"

enum { BATCH = 4096 };

struct row {
	int64_t slot;
	struct str id, body, score,
		words; /* in the text of the batch, by offset until it is full */
};

static struct row rows[BATCH];
static struct buf text, words;

static void die(const char *what)
{
	fprintf(stderr, "bench_bare: %s\n", what);
	exit(1);
}

static void must(struct sq_conn *c, const char *sql)
{
	if (sqlite3_exec(c->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		die(sqlite3_errmsg(c->db));
}

static sqlite3_stmt *prepared(struct sq_conn *c, const char *sql)
{
	sqlite3_stmt *st;

	if (sqlite3_prepare_v2(c->db, sql, -1, &st, NULL) != SQLITE_OK)
		die(sqlite3_errmsg(c->db));
	return st;
}

static struct str put(sqlite3_stmt *st, int i)
{
	struct str s = { (const char *)text.n, (size_t)sqlite3_column_bytes(st, i) };

	buf_bytes(&text, sqlite3_column_blob(st, i), s.n);
	return s;
}

static void settle(struct str *s)
{
	s->p = text.p + (size_t)s->p;
}

static size_t fill(sqlite3_stmt *from)
{
	size_t n = 0;

	buf_reset(&text);
	while (n < BATCH && sqlite3_step(from) == SQLITE_ROW) {
		struct lead l;
		struct err e = { 0 };
		struct row *r = &rows[n++];

		r->slot = sqlite3_column_int64(from, 0);
		r->id = put(from, 1);
		r->body = put(from, 2);
		r->score = put(from, 3);
		if (lead_form_read((struct str){ text.p + (size_t)r->body.p, r->body.n }, &l, &e) ==
			-1)
			die(e.msg);
		buf_reset(&words);
		words_of_lead(&l, &words);
		r->words = (struct str){ (const char *)text.n, words.n };
		buf_str(&text, buf_view(&words));
	}
	for (size_t i = 0; i < n; i++) {
		settle(&rows[i].id);
		settle(&rows[i].body);
		settle(&rows[i].score);
		settle(&rows[i].words);
	}
	return n;
}

static void run(sqlite3_stmt *st)
{
	if (sqlite3_step(st) != SQLITE_DONE)
		die(sqlite3_errmsg(sqlite3_db_handle(st)));
	sqlite3_reset(st);
}

static void insert(
	struct sq_conn *c, size_t n, sqlite3_stmt *lead, sqlite3_stmt *score, sqlite3_stmt *fts)
{
	must(c, "BEGIN IMMEDIATE");
	for (size_t i = 0; i < n; i++) {
		const struct row *r = &rows[i];

		sqlite3_bind_int64(lead, 1, r->slot);
		sq_bind_blob(lead, 2, r->id);
		sq_bind_blob(lead, 3, r->body);
		run(lead);
		sqlite3_bind_int64(score, 1, r->slot);
		sq_bind_blob(score, 2, r->score);
		run(score);
		sqlite3_bind_int64(fts, 1, r->slot);
		sqlite3_bind_text(fts, 2, r->words.p, (int)r->words.n, SQLITE_STATIC);
		run(fts);
	}
	must(c, "COMMIT");
}

static double cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	struct sq_conn from, to;
	struct err e = { 0 };
	sqlite3_stmt *read, *lead, *score, *fts;
	double wall = 0, cpu = 0;
	uint64_t all = 0;
	size_t n;
	FILE *f = NULL;

	if (argc != 3 || (f = fopen(argv[2], "wx")) == NULL)
		die("bench_bare FROM.db TO.db (which must not be there)");
	fclose(f);
	if (sq_conn_open(&from, argv[1], SQ_READ, &e) != 0 ||
		sq_conn_open(&to, argv[2], SQ_WRITE, &e) != 0)
		die(e.msg);
	must(&to,
		"PRAGMA page_size = 8192; PRAGMA journal_mode = wal;"
		"PRAGMA wal_autocheckpoint = 4000;"
		"CREATE TABLE lead(slot INTEGER PRIMARY KEY, id BLOB NOT NULL, body BLOB NOT NULL);"
		"CREATE UNIQUE INDEX lead_id ON lead(id);"
		"CREATE TABLE score(slot INTEGER PRIMARY KEY, body BLOB NOT NULL);"
		"CREATE VIRTUAL TABLE lead_text USING fts5(words, content='', detail=none,"
		"columnsize=0, tokenize='words')");
	read = prepared(&from, "SELECT lead.slot, id, lead.body, score.body FROM lead JOIN score "
			       "USING(slot) ORDER BY slot");
	lead = prepared(&to, "INSERT INTO lead VALUES(?1,?2,?3)");
	score = prepared(&to, "INSERT INTO score VALUES(?1,?2)");
	fts = prepared(&to, "INSERT INTO lead_text(rowid, words) VALUES(?1,?2)");
	do {
		int64_t began;
		double used;

		n = fill(read);
		began = clock_mono_ns();
		used = cpu_s();
		insert(&to, n, lead, score, fts);
		wall += (double)(clock_mono_ns() - began) / 1e9;
		cpu += cpu_s() - used;
		all += n;
	} while (n == BATCH);
	sqlite3_finalize(read);
	sqlite3_finalize(lead);
	sqlite3_finalize(score);
	sqlite3_finalize(fts);
	sq_conn_close(&from);
	sq_conn_close(&to);
	buf_clear(&text);
	buf_clear(&words);
	printf("{\"rows\":%llu,\"wall_s\":%.3f,\"cpu_s\":%.3f}\n", (unsigned long long)all, wall,
		cpu);
	return 0;
}
