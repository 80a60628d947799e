/* SPDX-License-Identifier: Apache-2.0 */
/* migrate_worker.c: the program that migrate.py kills while it brings data from the first schema to
 *one of its own three steps later.
 *
 *	migrate_worker make FOLDER     a store of the first schema with leads, scores and users
 *	migrate_worker migrate FOLDER  the steps, as a start of the server does them
 *	migrate_worker check FOLDER    whatever a kill has left: each step whole or not begun, each
 *	                               at most once, no lead gone, the copy from before complete
 *	migrate_worker first FOLDER    as check, and still the first schema: opened by the real
 *program
 *
 * The steps do what real ones may: a new column that is filled, a table written anew, a counter
 *that would tell of a step done twice. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/sqlite_migrate_internal.h"
#include "store/store.h"
#include "util/buf.h"
#include "util/err.h"

enum { LEADS = 600, USERS = 40, NEWEST = 4, COUNTER = 900 };

static const struct sq_step steps[] = {
	{ 1, "as it was", "" },
	{ 2, "a column more",
		"ALTER TABLE lead ADD COLUMN seen INTEGER; UPDATE lead SET seen = slot * 3;"
		"INSERT INTO state(k, v) VALUES(900, 1) ON CONFLICT(k) DO UPDATE SET v = v + 1" },
	{ 3, "documents written anew",
		"CREATE TABLE doc2(key BLOB PRIMARY KEY, body BLOB NOT NULL, size INTEGER NOT "
		"NULL) WITHOUT ROWID;"
		"INSERT INTO doc2 SELECT key, body, length(body) FROM doc; DROP TABLE doc;"
		"ALTER TABLE doc2 RENAME TO doc; UPDATE state SET v = v + 1 WHERE k = 900" },
	{ 4, "an index more",
		"CREATE INDEX lead_seen ON lead(seen);"
		"UPDATE state SET v = v + 1 WHERE k = 900" },
};

static const char *db_of(const char *folder)
{
	static char path[500];

	snprintf(path, sizeof(path), "%s/heatscore.db", folder);
	return path;
}

static int fail(const char *what, const struct err *e)
{
	fprintf(stderr, "%s: %s\n", what, e != NULL ? e->msg : "");
	return 9;
}

/* --- the data --- */

static int put_leads(struct store *s, struct err *e)
{
	static const struct layout_column columns[] = { { { "Email", 5 }, LF_EMAIL, "" } };
	struct layout layout = { .columns = columns, .n = 1 };
	struct lead_put_opts o = { .now_ms = 1000 };
	struct lead_score score = {
		.model = "v1", .points = 42, .heat = LEAD_WARM, .probability = .42
	};
	uint32_t number;
	int rc = s->layouts->put(s, &layout, &number, e);

	for (unsigned i = 0; rc == 0 && i < LEADS; i++) {
		struct lead_put row = {
			.mapped = ~(uint64_t)0, .layout = number, .row = i + 1, .score = &score
		};
		struct buf cells = { 0 };
		char email[40];

		snprintf(email, sizeof(email), "p%u@example.org", i);
		lead_values_none(&row.values);
		row.values.text[LF_EMAIL] = str_of(email);
		memcpy(row.id.b, &i, sizeof(i));
		row.id.b[15] = 1;
		row.digest[0] = 1;
		cells_pack((struct str[]){ str_of(email) }, 1, &cells);
		row.cells = buf_view(&cells);
		rc = s->leads->put(s, &row, 1, &o, e);
		buf_clear(&cells);
	}
	return rc;
}

static int make(const char *folder)
{
	struct store_sqlite_opts o = { .path = db_of(folder) };
	struct err e;
	struct store *s = store_sqlite_open(&o, &e);
	int rc;

	if (s == NULL)
		return fail("open", &e);
	rc = put_leads(s, &e);
	for (unsigned i = 0; rc == 0 && i < USERS; i++) {
		struct user u = { .id = { { (uint8_t)(i + 1) } } };
		char email[40];

		snprintf(email, sizeof(email), "u%u@example.org", i);
		u.email = str_of(email);
		rc = s->users->put(s, &u, 0, &e);
	}
	s->close(s);
	return rc == 0 ? 0 : fail("make", &e);
}

/* --- what a kill has left --- */

static int expect(struct sq_conn *c, const char *sql, int64_t want, struct err *e)
{
	int64_t got;

	if (sq_int(c, sql, -1, &got, e) != 0)
		return -1;
	return got == want ? 0
			   : err_set(e, ERR_IO, "%s is %lld, not %lld", sql, (long long)got,
				     (long long)want);
}

static int version(struct sq_conn *c, int64_t *v, struct err *e)
{
	return sq_int(c, "PRAGMA user_version", 0, v, e);
}

/* A copy from before is the whole store of the first schema, and can be used as it is. */
static int check_copy(const char *path, struct err *e)
{
	struct store_sqlite_opts o = { .path = path, .must_exist = true, .read_only = true };
	struct store *s = store_sqlite_open(&o, e);
	int rc;

	if (s == NULL)
		return -1;
	rc = s->check(s, e);
	if (rc == 0 && s->leads->count(s, e) != LEADS)
		rc = err_set(e, ERR_IO, "leads are missing in %s", path);
	s->close(s);
	return rc;
}

static int check_steps(struct sq_conn *c, int64_t v, struct err *e)
{
	if (expect(c, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'", 1,
		    e) != 0 ||
		expect(c, "SELECT count(*) FROM lead", LEADS, e) != 0 ||
		expect(c, "SELECT count(*) FROM score", LEADS, e) != 0 ||
		expect(c, "SELECT count(*) FROM pragma_table_info('lead') WHERE name = 'seen'",
			v >= 2, e) != 0 ||
		expect(c, "SELECT count(*) FROM pragma_table_info('doc') WHERE name = 'size'",
			v >= 3, e) != 0 ||
		expect(c, "SELECT count(*) FROM sqlite_schema WHERE name = 'lead_seen'", v >= 4,
			e) != 0 ||
		expect(c, "SELECT count(*) FROM sqlite_schema WHERE name = 'doc2'", 0, e) != 0)
		return -1;
	if (v >= 2 && (expect(c, "SELECT v FROM state WHERE k = 900", v - 1, e) != 0 ||
			      expect(c, "SELECT count(*) FROM lead WHERE seen = slot * 3", LEADS,
				      e) != 0))
		return -1;
	return v < 3 ? 0 : expect(c, "SELECT count(*) FROM doc WHERE size <> length(body)", 0, e);
}

static int check(const char *folder, bool first)
{
	const char *path = db_of(folder);
	char copy[600];
	struct sq_conn c;
	struct err e = { .code = ERR_OK };
	int64_t v = 0;
	int rc;

	if (sq_conn_open(&c, path, SQ_WRITE, &e) != 0)
		return fail("open", &e);
	rc = version(&c, &v, &e) == 0 ? check_steps(&c, v, &e) : -1;
	sq_conn_close(&c);
	snprintf(copy, sizeof(copy), "%s.before-v2", path);
	if (rc == 0 && access(copy, F_OK) == 0)
		rc = check_copy(copy, &e);
	else if (rc == 0 && v > 1)
		rc = err_set(&e, ERR_IO, "changed without a copy from before");
	if (rc == 0 && first)
		rc = v == 1 ? check_copy(path, &e)
			    : err_set(&e, ERR_IO, "it is of version %lld", (long long)v);
	if (rc != 0)
		return fail("WRONG", &e);
	printf("%lld\n", (long long)v);
	return 0;
}

int main(int argc, char **argv)
{
	struct err e;

	if (argc != 3)
		return 2;
	if (strcmp(argv[1], "make") == 0)
		return make(argv[2]);
	if (strcmp(argv[1], "migrate") == 0)
		return sq_migrate_by(db_of(argv[2]), true, steps, NEWEST, &e) == 0
			       ? 0
			       : fail("migrate", &e);
	return check(argv[2], strcmp(argv[1], "first") == 0);
}
