/* SPDX-License-Identifier: Apache-2.0 */
/* What only a store in a file can be asked: its versions, its copies, what is left in its files. */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "store_test.h"
#include "../resident.h"
#include "store/sqlite_migrate_internal.h"

static const char *path_of(const struct fixture *f, const char *name)
{
	static char path[4][400];
	static unsigned turn;
	char *p = path[turn++ % 4];

	snprintf(p, sizeof(path[0]), "%s/%s", f->dir, name);
	return p;
}

static void reopen(struct fixture *f)
{
	struct store_sqlite_opts o = { .path = path_of(f, "heatscore.db") };

	f->s = store_sqlite_open(&o, &f->e);
	if (f->s == NULL)
		fail_msg("%s", f->e.msg);
}

static void raw(struct fixture *f, const char *file, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path_of(f, file), &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000); /* the store may be tidying */
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
	sqlite3_close(db);
}

/* --- versions
 * ---------------------------------------------------------------------------------------- */

static void test_data_of_a_newer_program_is_refused(void **state)
{
	struct fixture *f = *state;
	struct store_sqlite_opts o = { .path = path_of(f, "heatscore.db") };
	uint32_t from, to;

	f->s->close(f->s);
	raw(f, "heatscore.db", "PRAGMA user_version = 900");
	f->s = store_sqlite_open(&o, &f->e);
	assert_null(f->s);
	assert_int_equal(f->e.code, ERR_CONFIG);
	assert_int_equal(err_exit(f->e.code), 78);
	assert_non_null(strstr(f->e.msg, "heatscore restore"));
	assert_int_equal(store_sqlite_migrations(o.path, &from, &to, &f->e), 0);
	assert_int_equal(from, 900);
	assert_int_equal(to, SQ_SCHEMA);
	raw(f, "heatscore.db", "PRAGMA user_version = 1");
	reopen(f);
}

static void test_files_that_are_none_of_ours_are_refused(void **state)
{
	struct fixture *f = *state;
	struct store_sqlite_opts o = { .path = path_of(f, "other.db") };
	FILE *t;

	raw(f, "other.db", "CREATE TABLE x(y)");
	assert_null(store_sqlite_open(&o, &f->e));
	assert_int_equal(f->e.code, ERR_CONFIG);
	o.path = path_of(f, "text.db");
	t = fopen(o.path, "w");
	fputs("this is no database, though it is longer than a header of one would be, by far\n",
		t);
	fputs("and it goes on for a while so that nobody takes it for an empty file of some kind\n",
		t);
	fclose(t);
	assert_null(store_sqlite_open(&o, &f->e));
	assert_int_equal(f->e.code, ERR_CONFIG);
	o.path = path_of(f, "none.db");
	o.must_exist = true;
	assert_null(store_sqlite_open(&o, &f->e));
	assert_int_equal(f->e.code, ERR_NOT_FOUND);
}

static void test_a_migration_goes_on_where_it_stopped(void **state)
{
	static const struct sq_step broken[] = { { 1, "", "" },
		{ 2, "one", "CREATE TABLE two(x); INSERT INTO two VALUES(2)" },
		{ 3, "two", "CREATE TABLE three(x); INSERT INTO nowhere VALUES(1)" } };
	static const struct sq_step mended[] = { { 1, "", "" },
		{ 2, "one", "this is not run again" }, { 3, "two", "CREATE TABLE three(x)" } };
	struct fixture *f = *state;
	const char *path = path_of(f, "heatscore.db");
	struct store_sqlite_opts before = { .path = path_of(f, "heatscore.db.before-v2") };
	struct store *old;
	uint32_t from, to;

	put_leads(f, 0, 10, "Kept");
	f->s->close(f->s);
	assert_int_equal(sq_migrate_by(path, true, broken, 3, &f->e), -1);
	assert_non_null(strstr(f->e.msg, "version 3"));
	ok(f, store_sqlite_migrations(path, &from, &to, &f->e));
	assert_int_equal(from, 2);
	ok(f, sq_migrate_by(path, true, mended, 3, &f->e));
	ok(f, store_sqlite_migrations(path, &from, &to, &f->e));
	assert_int_equal(from, 3);
	/* The copy from before is a whole store of the old version. */
	old = store_sqlite_open(&before, &f->e);
	assert_non_null(old);
	assert_int_equal(old->leads->count(old, &f->e), 10);
	old->close(old);
	raw(f, "heatscore.db", "PRAGMA user_version = 1");
	reopen(f);
	assert_int_equal(f->s->leads->count(f->s, &f->e), 10);
}

static void test_two_programs_may_have_the_store_open(void **state)
{
	struct fixture *f = *state;
	struct store_sqlite_opts o = { .path = path_of(f, "heatscore.db") };
	struct user u = { .id = { { 1 } }, .email = S("a@b.c") }, back;
	struct store *other = store_sqlite_open(&o, &f->e);

	assert_non_null(other);
	put_leads(f, 0, 5, "One");
	ok(f, other->users->put(other, &u, 0, &f->e));
	ok(f, f->s->users->by_email(f->s, S("A@B.C"), &f->a, &back, &f->e));
	put_leads(f, 5, 5, "Two");
	assert_int_equal(other->leads->count(other, &f->e), 10);
	other->close(other);
	ok(f, f->s->check(f->s, &f->e));
}

static void test_the_files_are_for_their_owner_alone(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = { "heatscore.db", "heatscore.db-wal" };
	struct stat st;
	size_t i;

	put_leads(f, 0, 5, "One");
	for (i = 0; i < 2; i++) {
		assert_int_equal(stat(path_of(f, names[i]), &st), 0);
		assert_int_equal(st.st_mode & 077, 0);
	}
}

/* --- tampering
 * ------------------------------------------------------------------------------------------ */

#define ENTRIES "FROM doc WHERE key >= x'6175' AND key < x'6176' ORDER BY key LIMIT 1 OFFSET "

/* A bit of an entry, somewhere. */
static void flip(struct fixture *f, struct rng *r, int entry)
{
	char sql[200];
	sqlite3 *db;
	sqlite3_stmt *st, *put;
	char *body;
	int n;

	assert_int_equal(sqlite3_open(path_of(f, "heatscore.db"), &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	/* One that reads first and then wants to write does not wait for another writer: it fails.
	 */
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	snprintf(sql, sizeof(sql), "SELECT key, body " ENTRIES "%d", entry);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	n = sqlite3_column_bytes(st, 1);
	body = malloc((size_t)n);
	memcpy(body, sqlite3_column_blob(st, 1), (size_t)n);
	body[1 + rng_below(r, (uint64_t)n - 1)] ^= (char)(1 << rng_below(r, 8));
	assert_int_equal(
		sqlite3_prepare_v2(db, "UPDATE doc SET body = ?1 WHERE key = ?2", -1, &put, NULL),
		SQLITE_OK);
	sqlite3_bind_blob(put, 1, body, n, SQLITE_STATIC);
	sqlite3_bind_value(put, 2, sqlite3_column_value(st, 0));
	assert_int_equal(sqlite3_step(put), SQLITE_DONE);
	sqlite3_finalize(put);
	sqlite3_finalize(st);
	assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	free(body);
}

static void tamper(struct fixture *f, struct rng *r, int how)
{
	int entry = (int)rng_below(r, 38);
	char sql[500];
	uint64_t checked, bad = 0;

	raw(f, "heatscore.db", "DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT * FROM doc");
	if (how == 0) {
		flip(f, r, entry);
	} else {
		if (how == 1)
			snprintf(sql, sizeof(sql),
				"DELETE FROM doc WHERE key = (SELECT key " ENTRIES "%d)", entry);
		else if (how == 2) /* the newest, cut off */
			snprintf(sql, sizeof(sql),
				"DELETE FROM doc WHERE key < x'6176' AND key >= (SELECT "
				"key " ENTRIES "%d)",
				entry);
		else /* one in the place of another */
			snprintf(sql, sizeof(sql),
				"UPDATE doc SET body = (SELECT body " ENTRIES "%d)"
				" WHERE key = (SELECT key " ENTRIES "%d)",
				entry + 1, entry);
		raw(f, "heatscore.db", sql);
	}
	ok(f, f->s->audit->verify(f->s, &checked, &bad, &f->e));
	if (bad == 0)
		fail_msg("tampering %d with entry %d was not noticed", how, entry);
	raw(f, "heatscore.db", "DELETE FROM doc; INSERT INTO doc SELECT * FROM kept");
	ok(f, f->s->audit->verify(f->s, &checked, &bad, &f->e));
	assert_int_equal(bad, 0);
}

static void test_every_tampering_with_the_audit_log_is_found(void **state)
{
	enum { TIMES = 100 };
	struct fixture *f = *state;
	struct rng r;
	int i;

	rng_seed(&r, 3);
	for (i = 0; i < 40; i++) {
		struct audit a = { .at_ms = i,
			.actor = S("user 01ARZ3NDEKTSV4RRFFQ69G5FAV"),
			.action = S("settings.changed"),
			.object = S("reps_see"),
			.detail = S("{\"from\":\"own\",\"to\":\"all\"}") };

		ok(f, f->s->audit->add(f->s, &a, &f->e));
	}
	for (i = 0; i < TIMES; i++)
		tamper(f, &r, i % 4);
	print_message("%d tamperings, all found\n", TIMES);
}

/* --- erasing
 * -------------------------------------------------------------------------------------------- */

static bool file_has(const char *path, const char *what)
{
	struct stat st;
	int fd = open(path, O_RDONLY);
	char *all;
	bool has;

	assert_true(fd >= 0 && fstat(fd, &st) == 0);
	all = malloc((size_t)st.st_size + 1);
	assert_int_equal(read(fd, all, (size_t)st.st_size), st.st_size);
	close(fd);
	has = memmem(all, (size_t)st.st_size, what, strlen(what)) != NULL;
	free(all);
	return has;
}

static size_t files_with(struct fixture *f, const char *what)
{
	DIR *d = opendir(f->dir);
	struct dirent *e;
	size_t n = 0;

	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			n += file_has(path_of(f, e->d_name), what);
	closedir(d);
	return n;
}

static void test_nothing_of_an_erased_person_is_left_in_the_files(void **state)
{
	static const char *const canaries[] = { "Canarya", "canarya", "canaryb", "CanaryB",
		"canaryc", "canaryd", "canarye", "canaryf", "canaryg" };
	static const struct layout_column column = { { "Hobby", 5 }, LF_ATTRIBUTE, "" };
	const struct layout l = { .columns = &column, .n = 1 };
	struct fixture *f = *state;
	struct id id = { { 0x7F, 0x7F, 1 } };
	struct lead_put p = { .id = id, .mapped = ~(uint64_t)0, .digest = { 9 } };
	struct lead_put_opts o = { .now_ms = 1 };
	struct lead_change c = { .fields = FIELD_BIT(LF_NOTES) };
	struct note note = { .id = { { 1 } }, .lead = id, .text = S("note of canarye") };
	struct event ev = { .id = { { 2 } }, .lead = id, .text = S("event of canaryf") };
	struct reply r = {
		.key = { 3 }, .lead = id, .body = S("reply to canaryg"), .expires_ms = 99
	};
	struct reply old;
	struct buf cells = { 0 };
	size_t i, seen = 0;

	cells_pack((struct str[]){ S("canaryd") }, 1, &cells);
	put_leads(f, 0, 3000, "Someone else");
	lead_values_none(&p.values);
	p.values.text[LF_NAME] = S("Canarya Smith");
	p.values.text[LF_EMAIL] = S("CanaryB@example.org");
	p.cells = buf_view(&cells);
	ok(f, f->s->layouts->put(f->s, &l, &p.layout, &f->e));
	ok(f, f->s->leads->put(f->s, &p, 1, &o, &f->e));
	ok(f, f->s->settle(f->s, &f->e));
	lead_values_none(&c.values);
	c.values.text[LF_NOTES] = S("asked about canaryc");
	ok(f, f->s->leads->change(f->s, id, &c, &f->a, NULL, &f->e));
	put_leads(f, 3000, 3000, "Anyone");
	ok(f, f->s->notes->put(f->s, &note, &f->e));
	ok(f, f->s->events->add(f->s, &ev, 1, &f->e));
	assert_int_equal(f->s->replies->begin(f->s, &r, 1, &f->a, &old, &f->e), 0);
	ok(f, f->s->replies->finish(f->s, &r, &f->e));
	ok(f, f->s->settle(f->s, &f->e));
	for (i = 0; i < sizeof(canaries) / sizeof(canaries[0]); i++)
		seen += files_with(f, canaries[i]) > 0;
	assert_int_equal(seen, sizeof(canaries) / sizeof(canaries[0]));
	ok(f, f->s->leads->erase(f->s, &id, 1, 5, &f->e));
	ok(f, f->s->settle(f->s, &f->e));
	for (i = 0; i < sizeof(canaries) / sizeof(canaries[0]); i++)
		if (files_with(f, canaries[i]) != 0)
			fail_msg("%s is still there", canaries[i]);
	assert_int_equal(f->s->leads->count(f->s, &f->e), 6000);
	ok(f, f->s->check(f->s, &f->e));
	buf_clear(&cells);
}

/* --- copies, damage
 * -------------------------------------------------------------------------------------- */

struct writing {
	struct fixture *f;
	atomic_bool stop;
	unsigned batches;
	int64_t longest_ms;
};

static void *write_on(void *arg)
{
	struct writing *w = arg;

	while (!atomic_load(&w->stop)) {
		int64_t start = clock_mono_ms();

		put_leads(w->f, w->batches * 50, 50, "Someone");
		w->batches++;
		if (clock_mono_ms() - start > w->longest_ms)
			w->longest_ms = clock_mono_ms() - start;
	}
	return NULL;
}

static void test_backups_are_whole_while_others_write(void **state)
{
	struct fixture *f = *state, g = *f;
	struct writing w = { .f = &g };
	struct store_backup b;
	pthread_t t;
	int i;

	put_leads(f, 60000, 2000, "There before");
	pthread_create(&t, NULL, write_on, &w);
	for (i = 0; i < 5; i++) {
		char name[20];
		struct store_sqlite_opts o = { .must_exist = true };
		struct store *copy;
		int64_t least = f->s->leads->count(f->s, &f->e);

		snprintf(name, sizeof(name), "copy%d.db", i);
		o.path = path_of(f, name);
		ok(f, f->s->backup(f->s, o.path, &b, &f->e));
		refused(f, ERR_CREATE, f->s->backup(f->s, o.path, &b, &f->e));
		copy = store_sqlite_open(&o, &f->e);
		assert_non_null(copy);
		ok(f, copy->check(copy, &f->e));
		assert_true(copy->leads->count(copy, &f->e) >= least);
		assert_int_equal(copy->leads->count(copy, &f->e) % 50, 0); /* whole batches */
		copy->close(copy);
	}
	atomic_store(&w.stop, true);
	pthread_join(t, NULL);
	print_message("%u batches beside 5 backups, the longest took %lld ms\n", w.batches,
		(long long)w.longest_ms);
	assert_true(w.batches > 0);
}

static void test_damage_is_found(void **state)
{
	struct fixture *f = *state;
	char junk[4096];
	int fd;

	put_leads(f, 0, 3000, "A name that takes some room in the file");
	ok(f, f->s->settle(f->s, &f->e));
	ok(f, f->s->check(f->s, &f->e));
	f->s->close(f->s);
	memset(junk, 0x5A, sizeof(junk));
	fd = open(path_of(f, "heatscore.db"), O_WRONLY);
	assert_int_equal(pwrite(fd, junk, sizeof(junk), 40 * 8192), sizeof(junk));
	close(fd);
	reopen(f);
	assert_int_equal(f->s->check(f->s, &f->e), -1);
	assert_int_equal(f->e.code, ERR_IO);
}

/* A lead that came or went and then, before strips were written for it, so many others changed in
 * some columns only that these were written at once. */
static void test_leads_come_and_go_beside_many_changes(void **state)
{
	struct fixture *f = *state;
	struct lead_query q = {
		.limit = 200, .at = NAN, .total = true, .sort = { .field = LF_NAME }
	};
	struct lead_page page;
	uint64_t listed = 0;

	put_leads(f, 0, 3000, "One");
	ok(f, f->s->settle(f->s, &f->e));
	ok(f, f->s->leads->remove(f->s, (struct id){ { 0, 7, 1 } }, 0, &f->e));
	ok(f, f->s->leads->remove(f->s, (struct id){ { 8, 0, 1 } }, 0, &f->e));
	put_leads(f, 3000, 40, "Zeta");
	put_leads(f, 100, 1500, "Another");
	ok(f, f->s->settle(f->s, &f->e));
	ok(f, f->s->check(f->s, &f->e));
	do {
		ok(f, f->s->leads->list(f->s, &q, &f->a, &page, &f->e));
		listed += page.n;
		assert_int_equal(page.total, 3038);
		q.cursor = page.next_cursor;
	} while (q.cursor.n > 0);
	assert_int_equal(listed, 3038);

	/* What the check is for. */
	f->s->close(f->s);
	raw(f, "heatscore.db", "DELETE FROM strip WHERE key >> 32 = 101");
	reopen(f);
	refused(f, ERR_IO, f->s->check(f->s, &f->e));
}

static void test_a_store_for_reading_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct store_sqlite_opts o = { .path = path_of(f, "heatscore.db"), .read_only = true };
	struct user u = { .id = { { 1 } }, .email = S("a@b.c") };
	struct store *s;

	put_leads(f, 0, 5, "One");
	s = store_sqlite_open(&o, &f->e);
	assert_non_null(s);
	assert_int_equal(s->leads->count(s, &f->e), 5);
	refused(f, ERR_PERM, s->users->put(s, &u, 0, &f->e));
	s->close(s);
}

/* --- words that are indexed later ------------------------------------------------------------- */

static struct sq_due due_of(struct fixture *f)
{
	struct sq_due due;
	struct sq_conn c;

	ok(f, sq_conn_open(&c, path_of(f, "heatscore.db"), SQ_READ, &f->e));
	ok(f, sq_due_get(&c, &due, &f->e));
	sq_conn_close(&c);
	return due;
}

static void wait_for_none_due(struct fixture *f)
{
	struct sq_due due = due_of(f);

	for (int tries = 0; due.from != due.to && tries < 300; tries++) {
		usleep(100000);
		due = due_of(f);
	}
	assert_int_equal(due.from, due.to);
}

static void put_later(struct fixture *f, unsigned from, unsigned n)
{
	struct lead_put *rows = calloc(n, sizeof(*rows));
	struct lead_put_opts o = { .now_ms = 1 };
	char(*names)[16] = calloc(n, sizeof(*names));

	for (unsigned i = 0; i < n; i++) {
		snprintf(names[i], sizeof(names[i]), "n%ux common", from + i);
		lead_values_none(&rows[i].values);
		rows[i].values.text[LF_NAME] = str_of(names[i]);
		rows[i].mapped = ~(uint64_t)0;
		rows[i].id = (struct id){ { (uint8_t)((from + i) >> 8), (uint8_t)(from + i), 2 } };
		rows[i].words_later = true;
	}
	ok(f, f->s->leads->put(f->s, rows, n, &o, &f->e));
	free(names);
	free(rows);
}

static uint64_t have(struct fixture *f, const char *words)
{
	struct lead_query q = { .words = str_of(words), .limit = 1, .at = NAN, .total = true };
	struct lead_page page;

	ok(f, f->s->leads->list(f->s, &q, &f->a, &page, &f->e));
	return page.total;
}

static void all_are_found(struct fixture *f, unsigned n)
{
	char name[16];

	assert_int_equal(have(f, "common"), n);
	for (unsigned i = 0; i < n; i += n / 20) {
		snprintf(name, sizeof(name), "n%ux", i);
		assert_int_equal(have(f, name), 1);
	}
}

/* As a kill leaves the file: the index has nothing, and the state says so. */
static void forget_words(struct fixture *f, unsigned n)
{
	struct sq_due due = { 1, n + 1 };
	struct sq_conn c;

	ok(f, sq_conn_open(&c, path_of(f, "heatscore.db"), SQ_WRITE, &f->e));
	ok(f, sq_exec(&c, "INSERT INTO lead_text(lead_text) VALUES('delete-all')", &f->e));
	ok(f, sq_due_set(&c, &due, &f->e));
	sq_conn_close(&c);
}

static void test_words_that_a_kill_left_out_of_the_index_are_found(void **state)
{
	enum { MANY = 3000 };
	struct fixture *f = *state;
	struct store_sqlite_opts o = { .path = path_of(f, "heatscore.db"), .read_only = true };
	struct sq_due due;

	put_later(f, 0, MANY);
	all_are_found(f, MANY);
	f->s->close(f->s);
	due = due_of(f);
	assert_int_equal(due.from, due.to); /* a file that was closed has all */
	forget_words(f, MANY);
	f->s = store_sqlite_open(&o, &f->e);
	assert_non_null(f->s);
	all_are_found(f, MANY); /* from the rows: nobody may write */
	f->s->close(f->s);
	reopen(f);
	all_are_found(f, MANY);
	wait_for_none_due(f); /* nobody writes, nobody settles */
	all_are_found(f, MANY);
	ok(f, f->s->check(f->s, &f->e));
}

/* Nobody settles: they are indexed in a quiet moment, and not many wait for it. */
static void test_words_do_not_wait_for_long_nor_in_large_numbers(void **state)
{
	enum { MANY = 20000, STEP = 4000 };
	struct fixture *f = *state;
	struct sq_due due;

	for (unsigned i = 0; i < MANY; i += STEP) {
		put_later(f, i, STEP);
		due = due_of(f);
		assert_in_range(due.to - due.from, 0, 16384);
	}
	all_are_found(f, MANY);
	wait_for_none_due(f);
	all_are_found(f, MANY);
	ok(f, f->s->check(f->s, &f->e));
}

enum { WRITERS = 8, TURNS = 30 };

struct some_fail {
	struct fixture *f;
	unsigned number;
};

static struct id of_turn(unsigned writer, unsigned turn)
{
	return (struct id){ { (uint8_t)writer, (uint8_t)turn, 3 } };
}

/* Every other batch fails when its leads are there already. */
static void *put_some_in_vain(void *arg)
{
	struct some_fail *x = arg;
	struct upload_progress nowhere = { .position = 1 };
	struct err e;

	for (unsigned i = 0; i < TURNS; i++) {
		struct lead_put p = {
			.id = of_turn(x->number, i), .mapped = ~(uint64_t)0, .words_later = true
		};
		struct lead_put_opts o = {
			.upload = { { 9 } }, .now_ms = 1, .progress = i % 2 == 1 ? &nowhere : NULL
		};

		lead_values_none(&p.values);
		p.values.text[LF_NAME] = i % 2 == 1 ? S("lost") : S("kept");
		if ((x->f->s->leads->put(x->f->s, &p, 1, &o, &e) == -1) != (i % 2 == 1))
			return x;
	}
	return NULL;
}

/* In one commit with others that work: the slot of what failed is not due when the next has it. */
static void test_words_of_batches_that_failed_are_not_indexed(void **state)
{
	struct fixture *f = *state;
	struct lead_change c = { .now_ms = 2, .fields = FIELD_BIT(LF_NAME) };
	struct some_fail x[WRITERS];
	pthread_t t[WRITERS];
	void *bad;

	for (unsigned i = 0; i < WRITERS; i++) {
		x[i] = (struct some_fail){ f, i };
		assert_int_equal(pthread_create(&t[i], NULL, put_some_in_vain, &x[i]), 0);
	}
	for (unsigned i = 0; i < WRITERS; i++) {
		pthread_join(t[i], &bad);
		assert_null(bad);
	}
	assert_int_equal(have(f, "lost"), 0);
	assert_int_equal(have(f, "kept"), WRITERS * TURNS / 2);
	lead_values_none(&c.values);
	c.values.text[LF_NAME] = S("changed");
	for (unsigned i = 0; i < WRITERS * TURNS; i += 2)
		ok(f, f->s->leads->change(
			      f->s, of_turn(i / TURNS, i % TURNS), &c, &f->a, NULL, &f->e));
	ok(f, f->s->settle(f->s, &f->e));
	assert_int_equal(have(f, "lost"), 0);
	assert_int_equal(have(f, "kept"), 0);
	assert_int_equal(have(f, "changed"), WRITERS * TURNS / 2);
	ok(f, f->s->check(f->s, &f->e));
}

static void test_health_says_what_was_written(void **state)
{
	struct fixture *f = *state;
	struct store_health h;

	put_leads(f, 0, 5, "One");
	ok(f, f->s->health(f->s, true, &h, &f->e));
	assert_true(h.writable);
	assert_int_equal(h.schema, SQ_SCHEMA);
	assert_true(h.writes >= 2 && h.commits >= 2 && h.bytes > 0 && h.free_bytes > 0);
	assert_string_equal(h.detail, "");
}

/* Many new leads go through a few pages of memory: not all of what was written stays there. */
static void test_the_memory_of_the_writer_follows_the_file(void **state)
{
	struct fixture *f = *state;
	char name[1200];

	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	for (int i = 0; i < 20; i++)
		put_leads(f, i * 1000, 1000, name);
	print_message("%lld KiB\n", (long long)sqlite3_memory_used() / 1024);
	assert_in_range(sqlite3_memory_used(), 1, 14 << 20);
}

enum { BLOCK = 8 << 10, BLOCKS = 2048, HALF = BLOCK * BLOCKS / 2 };

/* What is free below a block that is not stays in the heap of this thread. */
static void *take_and_free(void *last)
{
	void *block[BLOCKS];

	for (unsigned i = 0; i < BLOCKS; i++)
		if ((block[i] = malloc(BLOCK)) != NULL)
			memset(block[i], 1, BLOCK);
	*(void **)last = malloc(BLOCK);
	for (unsigned i = 0; i < BLOCKS; i++)
		free(block[i]);
	return NULL;
}

static void test_free_memory_goes_back_while_leads_are_written(void **state)
{
	struct fixture *f = *state;
	size_t most;
	int64_t until = clock_mono_ms() + 60000;
	pthread_t t;
	void *last;

	skip_without_glibc_malloc();
	assert_int_equal(pthread_create(&t, NULL, take_and_free, &last), 0);
	pthread_join(t, NULL);
	most = resident();
	for (int i = 0; resident() > most - HALF && clock_mono_ms() < until; i++)
		put_leads(f, i % 100, 1, i % 2 == 0 ? "One" : "Two");
	free(last);
	assert_true(resident() <= most - HALF);
}

#define T(name) cmocka_unit_test_setup_teardown(name, store_in_file, store_gone)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_data_of_a_newer_program_is_refused),
		T(test_files_that_are_none_of_ours_are_refused),
		T(test_a_migration_goes_on_where_it_stopped),
		T(test_two_programs_may_have_the_store_open),
		T(test_the_files_are_for_their_owner_alone),
		T(test_every_tampering_with_the_audit_log_is_found),
		T(test_nothing_of_an_erased_person_is_left_in_the_files),
		T(test_backups_are_whole_while_others_write),
		T(test_damage_is_found),
		T(test_leads_come_and_go_beside_many_changes),
		T(test_a_store_for_reading_changes_nothing),
		T(test_words_that_a_kill_left_out_of_the_index_are_found),
		T(test_words_do_not_wait_for_long_nor_in_large_numbers),
		T(test_words_of_batches_that_failed_are_not_indexed),
		T(test_health_says_what_was_written),
		T(test_the_memory_of_the_writer_follows_the_file),
		T(test_free_memory_goes_back_while_leads_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
