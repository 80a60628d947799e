/* SPDX-License-Identifier: Apache-2.0 */
/* bench_store.c: leads into the store against a bare SQLite loop that inserts the same rows into
 *the same tables and indexes, in the same batches and with the same durability; then pages over
 *them.
 *
 *	bench_store ROWS [DIR]		DIR: where the files go (default: a temporary folder) */
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/lead_form_internal.h"
#include "store/lead_value_internal.h"
#include "store/sqlite_internal.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/rng.h"

#include "timing.h"

enum { BATCH = 5000, ATTRIBUTES = 8 };

struct spent {
	double wall, cpu; /* seconds; cpu: of all threads */
};

static struct spent now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (struct spent){ (double)clock_mono_ns() / 1e9,
		(double)t.tv_sec + (double)t.tv_nsec / 1e9 };
}

static void add(struct spent *to, struct spent from)
{
	struct spent t = now();

	to->wall += t.wall - from.wall;
	to->cpu += t.cpu - from.cpu;
}

static void die(const char *what)
{
	fprintf(stderr, "bench_store: %s\n", what);
	exit(1);
}

/* --- rows that look like a CRM's ----------------------------------------------------------------
 */

static const char *const firsts[] = { "Anna", "Bob", "Carla", "Dmitri", "Elena", "Farid", "Grace",
	"Hiro", "Ines", "Jack", "Karin", "Luis", "Mia", "Noah", "Olga", "Paul", "Quinn", "Rosa",
	"Sven", "Tara" };
static const char *const lasts[] = { "Smith", "Garcia", "Muller", "Ivanov", "Chen", "Okafor",
	"Silva", "Kim", "Larsen", "Novak", "Patel", "Rossi", "Sato", "Tran", "Weber", "Young" };
static const char *const sources[] = { "Web", "Referral", "Google Ads", "Trade show", "Partner",
	"Cold call", "Newsletter", "LinkedIn" };
static const char *const countries[] = { "DE", "FR", "US", "GB", "ES", "IT", "PL", "NL", "BR",
	"IN" };
static const char *const states[] = { "New", "Contacted", "Qualified", "Proposal", "Nurture" };
static const char *const owners[] = { "ann@corp.com", "ben@corp.com", "cleo@corp.com",
	"dan@corp.com", "eva@corp.com", "finn@corp.com" };

#define PICK(array) str_of((array)[rng_below(r, sizeof(array) / sizeof((array)[0]))])

static struct str say(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static struct str say(struct arena *a, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return (struct str){ arena_dup(a, str_of(text)), strlen(text) };
}

static void make_row(const struct store *s, struct rng *r, uint64_t n, uint32_t layout,
	struct arena *a, struct lead_put *to, struct lead_score *score)
{
	struct str *t = to->values.text, cells[15 + ATTRIBUTES];
	struct buf b = { 0 };
	size_t i, k = 0;

	memset(to, 0, sizeof(*to));
	lead_values_none(&to->values);
	t[LF_FIRST_NAME] = PICK(firsts);
	t[LF_LAST_NAME] = say(a, STR_FMT "%u", STR_ARG(PICK(lasts)), (unsigned)rng_below(r, 3000));
	t[LF_EMAIL] = say(a, "p%llu." STR_FMT "@mail%u.example.com", (unsigned long long)n,
		STR_ARG(t[LF_LAST_NAME]), (unsigned)rng_below(r, 500));
	t[LF_PHONE] = say(a, "+49 %u", (unsigned)rng_below(r, 1000000000));
	t[LF_COMPANY] = say(a, "Company %u Ltd", (unsigned)rng_below(r, 40000));
	t[LF_CITY] = say(a, "City %u", (unsigned)rng_below(r, 2000));
	t[LF_COUNTRY] = PICK(countries);
	t[LF_SOURCE] = PICK(sources);
	t[LF_CAMPAIGN] = say(a, "Campaign %u", (unsigned)rng_below(r, 60));
	t[LF_STATUS] = PICK(states);
	t[LF_OWNER] = PICK(owners);
	to->values.value = (double)rng_below(r, 100000);
	to->values.created_ms = 1700000000000 + (int64_t)rng_below(r, 700) * 86400000;
	to->values.last_activity_ms = to->values.created_ms + (int64_t)rng_below(r, 5000000) * 1000;
	to->values.outcome = rng_below(r, 10) == 0  ? LEAD_WON
			     : rng_below(r, 4) == 0 ? LEAD_LOST
						    : LEAD_OPEN;
	to->mapped = ~(uint64_t)0;
	for (i = LF_FIRST_NAME; i <= LF_OWNER; i++)
		if (t[i].n > 0)
			cells[k++] = t[i];
	cells[k++] = say(a, "%g", to->values.value);
	cells[k++] = say(a, "2024-%02u-%02u", 1 + (unsigned)rng_below(r, 12),
		1 + (unsigned)rng_below(r, 28));
	cells[k++] = say(a, "2025-%02u-%02u", 1 + (unsigned)rng_below(r, 12),
		1 + (unsigned)rng_below(r, 28));
	for (i = 0; i < ATTRIBUTES; i++)
		cells[k++] = say(a, "%u", (unsigned)rng_below(r, i < 4 ? 10 : 1000));
	cells_pack(cells, k, &b);
	to->cells = (struct str){ arena_dup(a, buf_view(&b)), b.n };
	buf_clear(&b);
	to->layout = layout;
	to->row = n;
	store_lead_id_email(s, t[LF_EMAIL], &to->id);
	memcpy(to->digest, to->id.b, 16);
	memset(score, 0, sizeof(*score));
	strcpy(score->model, "v1");
	score->probability = rng_double(r);
	score->points = (uint8_t)(score->probability * 100 + 0.5);
	score->heat = score->probability > 0.8   ? LEAD_HOT
		      : score->probability > 0.4 ? LEAD_WARM
						 : LEAD_COLD;
	score->confidence = 0.5 + rng_double(r) / 2;
	score->as_of = 20000;
	score->scored_ms = 1764230400000;
	to->score = score;
}

static uint32_t make_layout(struct store *s)
{
	static const enum lead_field fields[] = { LF_FIRST_NAME, LF_LAST_NAME, LF_EMAIL, LF_PHONE,
		LF_COMPANY, LF_COUNTRY, LF_CITY, LF_SOURCE, LF_CAMPAIGN, LF_STATUS, LF_OWNER,
		LF_VALUE, LF_CREATED_AT, LF_LAST_ACTIVITY_AT };
	struct layout_column c[14 + ATTRIBUTES];
	char names[ATTRIBUTES][20];
	struct layout l = { .columns = c, .n = 14 + ATTRIBUTES };
	uint32_t number;
	struct err e;
	size_t i;

	for (i = 0; i < 14; i++)
		c[i] = (struct layout_column){ .header = str_of(field_label(fields[i])),
			.use = fields[i] };
	for (i = 0; i < ATTRIBUTES; i++) {
		snprintf(names[i], sizeof(names[i]), "Attribute %zu", i);
		c[14 + i] =
			(struct layout_column){ .header = str_of(names[i]), .use = LF_ATTRIBUTE };
	}
	if (s->layouts->put(s, &l, &number, &e) != 0)
		die(e.msg);
	return number;
}

/* --- ingest
 * ----------------------------------------------------------------------------------------- */

struct batch {
	struct arena a;
	struct lead_put rows[BATCH];
	struct lead_score scores[BATCH];
	size_t n;
};

static void fill(struct batch *b, const struct store *s, struct rng *r, uint64_t first,
	uint64_t rows, uint32_t layout)
{
	arena_reset(&b->a);
	for (b->n = 0; b->n < BATCH && first + b->n <= rows; b->n++)
		make_row(s, r, first + b->n, layout, &b->a, &b->rows[b->n], &b->scores[b->n]);
}

static struct spent ingest_store(struct store *s, uint64_t rows)
{
	struct batch *b = calloc(1, sizeof(*b));
	uint32_t layout = make_layout(s);
	struct upload u = { .id = { { 7 } } };
	struct rng r;
	struct err e = { .code = ERR_OK };
	struct spent spent = { 0, 0 };
	uint64_t n;

	rng_seed(&r, 1);
	if (s->uploads->put(s, &u, 0, &e) != 0)
		die(e.msg);
	for (n = 1; n <= rows; n += BATCH) {
		struct upload_progress p = { .position = n };
		struct lead_put_opts o = {
			.upload = u.id, .now_ms = 1764230400000, .progress = &p
		};
		struct spent t;

		fill(b, s, &r, n, rows, layout);
		t = now();
		if (s->leads->put(s, b->rows, b->n, &o, &e) != 0)
			die(e.msg);
		add(&spent, t);
	}
	arena_clear(&b->a);
	free(b);
	return spent;
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

static void run(sqlite3_stmt *st)
{
	if (sqlite3_step(st) != SQLITE_DONE)
		die("an insert failed");
	sqlite3_reset(st);
}

/* The same tables, filled by nothing but prepared inserts. ${plain}: as one would write it, a
 * column for each field and an index for each that the list filters and sorts by. */
static struct spent ingest_bare(const char *path, const struct store *s, uint64_t rows, bool plain)
{
	static const enum lead_field shown[] = { LF_FIRST_NAME, LF_LAST_NAME, LF_EMAIL, LF_PHONE,
		LF_COMPANY, LF_COUNTRY, LF_CITY, LF_SOURCE, LF_CAMPAIGN, LF_STATUS, LF_OWNER };
	struct batch *b = calloc(1, sizeof(*b));
	struct buf body = { 0 };
	struct sq_conn c;
	struct rng r;
	struct err e = { .code = ERR_OK };
	sqlite3_stmt *lead, *score = NULL, *words;
	struct spent spent = { 0, 0 };
	uint64_t n;
	FILE *f = fopen(path, "wx");

	if (f == NULL)
		die(path);
	fclose(f);
	if (sq_conn_open(&c, path, SQ_WRITE, &e) != 0)
		die(e.msg);
	must(&c, "PRAGMA page_size = 8192; PRAGMA journal_mode = wal;"
		 "PRAGMA wal_autocheckpoint = 4000");
	if (plain)
		must(&c, "CREATE TABLE lead(slot INTEGER PRIMARY KEY, id BLOB, first_name, "
			 "last_name,"
			 "email, phone, company, country, city, source, campaign, status, owner,"
			 "value, created, active, outcome, cells BLOB, probability, points, heat,"
			 "confidence, hot, warm, cold, margin, model, as_of, scored);"
			 "CREATE UNIQUE INDEX i0 ON lead(id);"
			 "CREATE INDEX i1 ON lead(probability); CREATE INDEX i2 ON lead(heat, "
			 "probability);"
			 "CREATE INDEX i3 ON lead(source, probability);"
			 "CREATE INDEX i4 ON lead(owner, probability);"
			 "CREATE INDEX i5 ON lead(status, probability);"
			 "CREATE INDEX i6 ON lead(country, probability);"
			 "CREATE INDEX i7 ON lead(campaign, probability);"
			 "CREATE INDEX i8 ON lead(outcome, probability);"
			 "CREATE INDEX i9 ON lead(email); CREATE INDEX i10 ON lead(last_name);"
			 "CREATE INDEX i11 ON lead(company); CREATE INDEX i12 ON lead(created);"
			 "CREATE INDEX i13 ON lead(active); CREATE INDEX i14 ON lead(value);");
	else
		must(&c, "CREATE TABLE lead(slot INTEGER PRIMARY KEY, id BLOB, body BLOB);"
			 "CREATE UNIQUE INDEX i0 ON lead(id);"
			 "CREATE TABLE score(slot INTEGER PRIMARY KEY, body BLOB);");
	must(&c, "CREATE VIRTUAL TABLE lead_text USING fts5(words, content='', detail=none,"
		 "columnsize=0, tokenize='words')");
	lead = prepared(&c, plain ? "INSERT INTO lead "
				    "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,"
				    "?16,?17,?18,?19,?20,?21,?22,?23,?24,?25,?26,?27,?28,?29)"
				  : "INSERT INTO lead VALUES(?1,?2,?3)");
	if (!plain)
		score = prepared(&c, "INSERT INTO score VALUES(?1,?2)");
	words = prepared(&c, "INSERT INTO lead_text(rowid, words) VALUES(?1,?2)");
	rng_seed(&r, 1);
	for (n = 1; n <= rows; n += BATCH) {
		struct spent t;
		size_t i, k;

		fill(b, s, &r, n, rows, 1);
		t = now();
		must(&c, "BEGIN IMMEDIATE");
		for (i = 0; i < b->n; i++) {
			struct lead_put *p = &b->rows[i];
			const struct lead_score *sc = p->score;
			struct lead l = { .values = p->values,
				.cells = p->cells,
				.override_heat = LEAD_NO_HEAT };

			sqlite3_bind_int64(lead, 1, (int64_t)(n + i));
			sqlite3_bind_blob(lead, 2, p->id.b, 16, SQLITE_STATIC);
			if (plain) {
				for (k = 0; k < 11; k++)
					sqlite3_bind_text(lead, 3 + (int)k,
						p->values.text[shown[k]].p,
						(int)p->values.text[shown[k]].n, SQLITE_STATIC);
				sqlite3_bind_double(lead, 14, p->values.value);
				sqlite3_bind_int64(lead, 15, p->values.created_ms);
				sqlite3_bind_int64(lead, 16, p->values.last_activity_ms);
				sqlite3_bind_int(lead, 17, (int)p->values.outcome);
				sqlite3_bind_blob(
					lead, 18, p->cells.p, (int)p->cells.n, SQLITE_STATIC);
				sqlite3_bind_double(lead, 19, sc->probability);
				sqlite3_bind_int(lead, 20, sc->points);
				sqlite3_bind_int(lead, 21, (int)sc->heat);
				sqlite3_bind_double(lead, 22, sc->confidence);
				for (k = 0; k < 3; k++)
					sqlite3_bind_double(lead, 23 + (int)k, sc->bands[k]);
				sqlite3_bind_double(lead, 26, sc->margin);
				sqlite3_bind_text(lead, 27, sc->model, -1, SQLITE_STATIC);
				sqlite3_bind_double(lead, 28, sc->as_of);
				sqlite3_bind_int64(lead, 29, sc->scored_ms);
				run(lead);
			} else {
				buf_reset(&body);
				lead_form_write(&l, &body);
				sqlite3_bind_blob(lead, 3, body.p, (int)body.n, SQLITE_STATIC);
				run(lead);
				buf_reset(&body);
				lead_form_write_score(sc, &body);
				sqlite3_bind_int64(score, 1, (int64_t)(n + i));
				sqlite3_bind_blob(score, 2, body.p, (int)body.n, SQLITE_STATIC);
				run(score);
			}
			buf_reset(&body);
			words_of_lead(&l, &body);
			sqlite3_bind_int64(words, 1, (int64_t)(n + i));
			sqlite3_bind_text(words, 2, body.p, (int)body.n, SQLITE_STATIC);
			run(words);
		}
		must(&c, "COMMIT");
		add(&spent, t);
	}
	sqlite3_finalize(lead);
	sqlite3_finalize(score);
	sqlite3_finalize(words);
	sq_conn_close(&c);
	buf_clear(&body);
	arena_clear(&b->a);
	free(b);
	return spent;
}

/* --- pages
 * -------------------------------------------------------------------------------------------- */

static int by_size(const void *p, const void *q)
{
	double a = *(const double *)p, b = *(const double *)q;

	return (a > b) - (a < b);
}

static struct query_value text(struct str s)
{
	return (struct query_value){ s, NAN };
}

static void timed_pages(struct store *s, const char *what, struct lead_query q, size_t times)
{
	double *ms = calloc(times, sizeof(*ms));
	struct arena a = { .cap = 0 };
	struct str cursor = S("");
	char kept[512];
	struct err e;
	uint64_t total = 0;
	size_t i;

	q.limit = 50;
	q.total = true;
	for (i = 0; i < times; i++) {
		struct lead_page page;
		double t = cpu_now();

		arena_reset(&a);
		q.cursor = cursor;
		if (s->leads->list(s, &q, &a, &page, &e) != 0)
			die(e.msg);
		ms[i] = (cpu_now() - t) * 1e3;
		total = page.total;
		memcpy(kept, page.next_cursor.p != NULL ? page.next_cursor.p : "",
			page.next_cursor.n);
		cursor = (struct str){ kept, page.next_cursor.n };
	}
	qsort(ms, times, sizeof(*ms), by_size);
	printf("| %-46s | %9llu | %6.1f | %6.1f |\n", what, (unsigned long long)total,
		ms[times / 2], ms[times * 99 / 100]);
	fflush(stdout);
	arena_clear(&a);
	free(ms);
}

static void pages(struct store *s)
{
	const struct lead_query any = {
		.at = NAN, .sort = { .field = LF_PROBABILITY }, .descending = true
	};
	struct query_value hot = text(S("hot")), web = text(S("web")),
			   ann = text(S("ann@corp.com")), open = text(S("open")),
			   seven = { S("7"), 7 }, com = text(S("pany 12")), mail = text(S("p12")),
			   big = { S(""), 99000 };
	struct query_filter f[] = { { { .field = LF_HEAT }, QUERY_EQ, &hot, 1 },
		{ { .field = LF_SOURCE }, QUERY_EQ, &web, 1 },
		{ { .field = LF_OWNER }, QUERY_EQ, &ann, 1 },
		{ { .field = LF_OUTCOME }, QUERY_EQ, &open, 1 },
		{ { LF_ATTRIBUTE, S("Attribute 2") }, QUERY_EQ, &seven, 1 },
		{ { .field = LF_COMPANY }, QUERY_CONTAINS, &com, 1 },
		{ { .field = LF_EMAIL }, QUERY_STARTS, &mail, 1 },
		{ { .field = LF_VALUE }, QUERY_GTE, &big, 1 } };
	struct lead_query q;

	printf("\n| page of 50 with its total | leads | median ms of processor time | p99 ms |\n| "
	       "--- | ---: | ---: "
	       "| ---: |\n");
	timed_pages(s, "all by score", any, 200);
	q = any;
	q.filters = f;
	q.n_filters = 1;
	timed_pages(s, "hot by score", q, 200);
	q.n_filters = 4;
	timed_pages(s, "hot, source, owner, open by score", q, 200);
	q.filters = f + 1;
	q.n_filters = 1;
	q.sort.field = LF_LAST_NAME;
	q.descending = false;
	timed_pages(s, "source by last name", q, 200);
	q = any;
	q.sort.field = LF_EMAIL;
	timed_pages(s, "all by email", q, 200);
	q.sort.field = LF_SOURCE;
	timed_pages(s, "all by source (many ties)", q, 200);
	q.sort.field = LF_LAST_ACTIVITY_AT;
	timed_pages(s, "all by last activity", q, 200);
	q.sort = (struct query_column){ LF_ATTRIBUTE, S("Attribute 5") };
	timed_pages(s, "all by an attribute", q, 200);
	q = any;
	q.filters = f + 4;
	q.n_filters = 1;
	timed_pages(s, "an attribute equal, by score", q, 200);
	q.filters = f + 5;
	timed_pages(s, "company contains, by score", q, 200);
	q.filters = f + 6;
	timed_pages(s, "email starts with, by score", q, 200);
	q.filters = f + 7;
	timed_pages(s, "value at least, by score", q, 200);
	q = any;
	q.words = S("anna");
	timed_pages(s, "word \"anna\" by score", q, 200);
	q.words = S("sm");
	timed_pages(s, "word \"sm\" by score", q, 100);
	q.words = S("anna smith12");
	timed_pages(s, "words \"anna smith12\" by score", q, 200);
	q.words = S("company");
	timed_pages(s, "word \"company\" (all) by score", q, 50);
	q = any;
	q.at = 0.5;
	timed_pages(s, "first at the middle, then on, by score", q, 100);
	q.sort.field = LF_EMAIL;
	timed_pages(s, "first at the middle, then on, by email", q, 100);
}

static void tallies(struct store *s)
{
	struct lead_query q = { .at = NAN };
	struct lead_tally_by by[3] = { { .column = { .field = LF_SOURCE } },
		{ .column = { .field = LF_HEAT } }, { .column = { .field = LF_OUTCOME } } };
	struct lead_tally_by day[2] = { { .column = { .field = LF_CREATED_AT } },
		{ .column = { .field = LF_OUTCOME } } };
	struct arena a = { .cap = 0 };
	struct lead_tally *t;
	struct err e;
	size_t n, i;
	double start = cpu_now();

	for (i = 0; i < 20; i++)
		if (s->leads->tally(s, &q, by, 3, &a, &t, &n, &e) != 0)
			die(e.msg);
	printf("tally source x heat x outcome: %.1f ms\n", (cpu_now() - start) * 50);
	start = cpu_now();
	for (i = 0; i < 20; i++)
		if (s->leads->tally(s, &q, day, 2, &a, &t, &n, &e) != 0)
			die(e.msg);
	printf("tally day created x outcome: %.1f ms\n", (cpu_now() - start) * 50);
	arena_clear(&a);
}

static long resident_kib(void)
{
	long pages_all, pages_here = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f == NULL || fscanf(f, "%ld %ld", &pages_all, &pages_here) != 2)
		pages_here = 0;
	if (f != NULL)
		fclose(f);
	return pages_here * (sysconf(_SC_PAGESIZE) / 1024);
}

int main(int argc, char **argv)
{
	uint64_t rows = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000;
	char dir[200] = "/tmp/bench-store-XXXXXX", path[256], cmd[300];
	struct store_sqlite_opts o = { .path = path };
	struct store *s;
	struct err e = { .code = ERR_OK };
	struct spent ours, bare, plain;
	int64_t t;
	struct stat st;

	if (argc > 2)
		snprintf(dir, sizeof(dir), "%s", argv[2]);
	else if (mkdtemp(dir) == NULL)
		die("no temporary folder");
	snprintf(path, sizeof(path), "%s/store.db", dir);
	s = store_sqlite_open(&o, &e);
	if (s == NULL)
		die(e.msg);
	ours = ingest_store(s, rows);
	snprintf(path, sizeof(path), "%s/bare.db", dir);
	bare = ingest_bare(path, s, rows, false);
	unlink(path);
	snprintf(path, sizeof(path), "%s/plain.db", dir);
	/* Its indexes take minutes from here on. */
	plain = rows <= 200000 ? ingest_bare(path, s, rows, true) : (struct spent){ NAN, NAN };
	unlink(path);
	printf("%llu rows: store %.2f s, processor %.2f s (%.0f rows/s); bare loop %.2f s, %.2f s: "
	       "%.2f x "
	       "of its time, %.2f x of its processor time; with columns and 15 indexes %.2f s: "
	       "%.2f x\n",
		(unsigned long long)rows, ours.wall, ours.cpu, (double)rows / ours.wall, bare.wall,
		bare.cpu, ours.wall / bare.wall, ours.cpu / bare.cpu, plain.wall,
		ours.wall / plain.wall);
	if (s->settle(s, &e) != 0)
		die(e.msg);
	snprintf(path, sizeof(path), "%s/store.db", dir);
	if (stat(path, &st) == 0)
		printf("file: %.0f MB, %.0f bytes a lead\n", (double)st.st_size / 1e6,
			(double)st.st_size / (double)rows);
	s->close(s);
	t = clock_mono_ns();
	s = store_sqlite_open(&o, &e);
	if (s == NULL || s->leads->count(s, &e) != (int64_t)rows)
		die("opening again failed");
	printf("open again: %.1f ms, resident %ld KiB\n", (double)(clock_mono_ns() - t) / 1e6,
		resident_kib());
	pages(s);
	tallies(s);
	printf("resident after: %ld KiB\n", resident_kib());
	s->close(s);
	if (argc <= 2) {
		snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
		return system(cmd) != 0;
	}
	return 0;
}
