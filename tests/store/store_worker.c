/* SPDX-License-Identifier: Apache-2.0 */
/* store_worker.c: the program that sweep.py kills and starves.
 *
 *	store_worker run FOLDER     work through the phases; what was acknowledged goes to
 *	                            FOLDER/oracle, safe on the disk before the next call
 *	store_worker check FOLDER   open what is left and compare it with FOLDER/oracle
 *
 * A call that fails is repeated, as a client would; ten failures in a row end the run. */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/sqlite.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/err.h"

enum { BATCHES = 4, ROWS = 60, CHANGES = 6, SCORES = 2 };

static int oracle = -1;
static unsigned failures; /* calls that failed, in all */

/* O_DSYNC: written is safe. By write(), which the sweeps leave alone. */
static void note(const char *what, unsigned n)
{
	char line[64];
	int len = snprintf(line, sizeof(line), "%s %u\n", what, n);

	if (write(oracle, line, (size_t)len) != len)
		exit(3);
}

static struct id lead_id(unsigned n)
{
	struct id id = { { (uint8_t)(n * 37), (uint8_t)(n >> 8), (uint8_t)n } };

	id.b[15] = 1;
	return id;
}

static const struct id upload_id = { { 7 } };

static uint32_t layout(struct store *s)
{
	static const struct layout_column c[] = { { { "Email", 5 }, LF_EMAIL, "" },
		{ { "Plan", 4 }, LF_ATTRIBUTE, "" } };
	struct layout l = { .columns = c, .n = 2 };
	uint32_t number = 0;
	struct err e;

	while (s->layouts->put(s, &l, &number, &e) != 0)
		if (++failures > 10)
			exit(4);
	return number;
}

/* The score says which content it is of: its points are the content's number. */
static struct lead_score score_of(uint64_t content)
{
	struct lead_score s = { .model = "v1",
		.points = (uint8_t)content,
		.heat = LEAD_WARM,
		.probability = (double)content / 100 };

	return s;
}

/* try(call, what): repeat until it works. */
#define TRY(call) \
	do { \
		unsigned in_a_row = 0; \
		while ((call) != 0) { \
			failures++; \
			if (++in_a_row == 10) { \
				fprintf(stderr, "%s: %s\n", #call, e.msg); \
				exit(4); \
			} \
		} \
	} while (0)

static void put_batch(struct store *s, unsigned batch, uint32_t number)
{
	struct upload_progress p = { .position = (batch + 1) * ROWS,
		.rows = { .read = (batch + 1) * ROWS, .created = (batch + 1) * ROWS } };
	struct lead_put_opts o = { .upload = upload_id, .now_ms = 1000 + batch, .progress = &p };
	struct lead_put rows[ROWS];
	struct lead_score score = score_of(1);
	char emails[ROWS][40];
	struct buf cells[ROWS] = { { 0 } };
	struct err e;
	unsigned i;

	memset(rows, 0, sizeof(rows));
	for (i = 0; i < ROWS; i++) {
		struct lead_put *r = &rows[i];

		snprintf(emails[i], sizeof(emails[i]), "p%u@example.org", batch * ROWS + i);
		lead_values_none(&r->values);
		r->id = lead_id(batch * ROWS + i);
		r->values.text[LF_EMAIL] = str_of(emails[i]);
		r->mapped = ~(uint64_t)0;
		r->layout = number;
		cells_pack((struct str[]){ str_of(emails[i]), S("gold") }, 2, &cells[i]);
		r->cells = buf_view(&cells[i]);
		r->digest[0] = 1;
		r->row = batch * ROWS + i + 1;
		r->score = &score;
	}
	TRY(s->leads->put(s, rows, ROWS, &o, &e));
	for (i = 0; i < ROWS; i++)
		buf_clear(&cells[i]);
}

static void change_one(struct store *s, unsigned n)
{
	struct arena a = { .cap = 0 };
	struct lead_change c = { .now_ms = 5000, .fields = FIELD_BIT(LF_NOTES) };
	struct lead l;
	struct err e;

	lead_values_none(&c.values);
	c.values.text[LF_NOTES] = S("changed");
	/* At the version it was read at, so that a repeated call does not change it twice. */
	TRY(s->leads->get(s, lead_id(n), &a, &l, &e));
	c.version = l.version;
	for (;;) {
		if (s->leads->change(s, lead_id(n), &c, &a, &l, &e) == 0 || e.code == ERR_CONFLICT)
			break;
		if (++failures > 100)
			exit(4);
	}
	arena_clear(&a);
}

static void score_some(struct store *s)
{
	struct arena a = { .cap = 0 };
	struct lead_set_score sets[ROWS];
	struct id ids[ROWS];
	struct lead leads[ROWS];
	bool found[ROWS];
	struct err e;
	unsigned i;

	for (i = 0; i < ROWS; i++)
		ids[i] = lead_id(i);
	TRY(s->leads->get_many(s, ids, ROWS, &a, leads, found, &e));
	for (i = 0; i < ROWS; i++)
		sets[i] = (struct lead_set_score){ .id = ids[i],
			.content = leads[i].content,
			.score = score_of(leads[i].content) };
	TRY(s->leads->set_scores(s, sets, ROWS, SCORE_EDIT, 6000, &e));
	arena_clear(&a);
}

static struct store *open_it(const char *folder)
{
	char path[500];
	struct store_sqlite_opts o = { .path = path };
	struct store *s = NULL;
	struct err e = { .code = ERR_OK };

	snprintf(path, sizeof(path), "%s/heatscore.db", folder);
	TRY((s = store_sqlite_open(&o, &e)) == NULL);
	return s;
}

static int run(const char *folder)
{
	struct store *s = open_it(folder);
	struct upload u = { .id = upload_id };
	struct store_backup b;
	struct err e;
	uint32_t number;
	unsigned i;
	char path[500];

	note("ack open", 0);
	number = layout(s);
	/* A repeated first put of an upload that took effect says that it is there. */
	while (s->uploads->put(s, &u, 0, &e) != 0 && e.code != ERR_CONFLICT)
		if (++failures > 100)
			exit(4);
	for (i = 0; i < BATCHES; i++) {
		note("try put", i);
		put_batch(s, i, number);
		note("ack put", i);
	}
	for (i = 0; i < CHANGES; i++) {
		note("try change", i);
		change_one(s, i);
		note("ack change", i);
	}
	note("try settle", 0);
	TRY(s->settle(s, &e));
	note("try score", 0);
	score_some(s);
	note("ack score", 0);
	note("try backup", 0);
	snprintf(path, sizeof(path), "%s/backup.db", folder);
	for (i = 0; s->backup(s, path, &b, &e) != 0 && e.code != ERR_CREATE; i++)
		if (i == 10)
			exit(4);
	note("ack backup", 0);
	note("try erase", 0);
	for (i = 0; i < 2; i++) {
		struct id id = lead_id(ROWS + i);

		TRY(s->leads->erase(s, &id, 1, 7000, &e));
	}
	note("ack erase", 0);
	TRY(s->settle(s, &e));
	s->close(s);
	note("ack end", 0);
	printf("%u calls failed\n", failures);
	return 0;
}

/* --- checking
 * -------------------------------------------------------------------------------------- */

static void wrong(const char *what, unsigned n)
{
	fprintf(stderr, "WRONG: %s %u\n", what, n);
	exit(9);
}

static void check_leads(struct store *s, unsigned acked, unsigned changed, bool scored, bool erased)
{
	struct arena a = { .cap = 0 };
	struct lead_query q = {
		.limit = 5000, .at = NAN, .total = true, .sort = { .field = LF_EMAIL }
	};
	struct lead_tally_by by = { .column = { .field = LF_STALE } };
	struct lead_tally *tally;
	struct lead_page page;
	struct upload u;
	struct err e;
	uint64_t counted = 0;
	size_t n = 0, i;
	int64_t leads = s->leads->count(s, &e);

	if (s->leads->list(s, &q, &a, &page, &e) != 0 ||
		s->leads->tally(s, &q, &by, 1, &a, &tally, &n, &e) != 0)
		wrong(e.msg, 0);
	for (i = 0; i < n; i++)
		counted += tally[i].leads;
	if (leads < 0 || page.total != (uint64_t)leads || counted != (uint64_t)leads)
		wrong("list, tally and count differ", (unsigned)leads);
	if ((uint64_t)leads < (uint64_t)acked * ROWS - (acked > 1 ? 2 : 0))
		wrong("acknowledged leads are gone", (unsigned)leads);
	if (s->uploads->get(s, upload_id, &a, &u, &e) != 0) {
		if (acked > 0)
			wrong("the upload is gone", acked);
		return;
	}
	/* What the upload says of itself is what is there. */
	if (u.progress.position < (uint64_t)acked * ROWS || (uint64_t)leads > u.progress.position ||
		(uint64_t)leads + 2 < u.progress.position)
		wrong("progress and leads differ", (unsigned)u.progress.position);
	for (i = 0; i < page.n; i++) {
		const struct lead *l = &page.leads[i];

		if (!lead_stale(l) && l->score.points != (uint8_t)l->content)
			wrong("a score of other content is not marked", (unsigned)i);
	}
	for (i = 0; i < changed; i++) {
		struct lead l;

		if (s->leads->get(s, lead_id((unsigned)i), &a, &l, &e) != 0 || l.version != 2)
			wrong("an acknowledged change is gone", (unsigned)i);
		if (scored && lead_stale(&l))
			wrong("an acknowledged score is gone", (unsigned)i);
	}
	for (i = 0; erased && i < 2; i++) {
		struct lead l;

		if (s->leads->get(s, lead_id(ROWS + (unsigned)i), &a, &l, &e) == 0)
			wrong("an erased lead is back", (unsigned)i);
	}
	arena_clear(&a);
}

static int check(const char *folder)
{
	char path[500], line[100];
	unsigned acked = 0, changed = 0, n;
	bool scored = false, erased = false, backup = false;
	struct store *s;
	struct err e = { .code = ERR_OK };
	FILE *f;

	snprintf(path, sizeof(path), "%s/oracle", folder);
	f = fopen(path, "r");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "ack put %u", &n) == 1)
			acked = n + 1;
		if (sscanf(line, "ack change %u", &n) == 1)
			changed = n + 1;
		scored |= strcmp(line, "ack score 0\n") == 0;
		erased |= strcmp(line, "ack erase 0\n") == 0;
		backup |= strcmp(line, "ack backup 0\n") == 0;
	}
	if (f != NULL)
		fclose(f);
	s = open_it(folder);
	if (s->check(s, &e) != 0)
		wrong(e.msg, 0);
	check_leads(s, acked, changed, scored, erased);
	s->close(s);
	/* A backup is complete or not there. */
	snprintf(path, sizeof(path), "%s/backup.db", folder);
	if (access(path, F_OK) == 0) {
		struct store_sqlite_opts o = { .path = path, .must_exist = true };

		s = store_sqlite_open(&o, &e);
		if (s == NULL || s->check(s, &e) != 0)
			wrong(e.msg, 1);
		check_leads(s, BATCHES, CHANGES, true, false);
		s->close(s);
	} else if (backup) {
		wrong("an acknowledged backup is gone", 0);
	}
	return 0;
}

int main(int argc, char **argv)
{
	char path[500];

	if (argc != 3)
		return 2;
	if (strcmp(argv[1], "check") == 0)
		return check(argv[2]);
	snprintf(path, sizeof(path), "%s/oracle", argv[2]);
	oracle = open(path, O_WRONLY | O_CREAT | O_APPEND | O_DSYNC, 0600);
	return oracle < 0 ? 2 : run(argv[2]);
}
