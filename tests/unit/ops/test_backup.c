/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ops/backup.h"
#include "ops/folder.h"
#include "ops/restore.h"
#include "record/id.h"
#include "store/sqlite.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/file.h"

enum { LEADS = 300 };

static char root[64];
static struct err e;

static const char *at(const char *name)
{
	static char room[64][128];
	static int turn;

	turn = (turn + 1) % 64;
	snprintf(room[turn], sizeof(room[turn]), "%s/%s", root, name);
	return room[turn];
}

static struct store *open_store(const char *data, bool read_only)
{
	char db[160];
	struct store_sqlite_opts o = { .path = db, .read_only = read_only };
	struct store *s;

	snprintf(db, sizeof(db), "%s/" FOLDER_DB, data);
	if ((s = store_sqlite_open(&o, &e)) == NULL)
		fail_msg("%s", e.msg);
	return s;
}

static struct id lead_id(struct store *s, unsigned i)
{
	char name[16];
	struct id id;

	snprintf(name, sizeof(name), "E%u", i);
	store_lead_id_external(s, str_of(name), &id);
	return id;
}

static void fill(struct store *s)
{
	struct lead_put *rows = calloc(LEADS, sizeof(*rows));
	struct lead_put_opts o = { .now_ms = 1795766331000 };

	for (unsigned i = 0; i < LEADS; i++) {
		lead_values_none(&rows[i].values);
		rows[i].id = lead_id(s, i);
		rows[i].values.text[LF_COMPANY] = S("Canary & Sons");
		rows[i].mapped = FIELD_BIT(LF_COMPANY);
		rows[i].digest[0] = (uint8_t)i;
		rows[i].digest[1] = (uint8_t)(1 + i / 256);
	}
	assert_int_equal(s->leads->put(s, rows, LEADS, &o, &e), 0);
	free(rows);
}

static int setup(void **state)
{
	struct session ses = { .hash = { 7 }, .expires_ms = INT64_MAX };
	struct store *s;

	snprintf(root, sizeof(root), "/tmp/hs-backup-XXXXXX");
	assert_non_null(mkdtemp(root));
	s = open_store(at("data"), false);
	fill(s);
	assert_int_equal(s->sessions->put(s, &ses, &e), 0);
	s->close(s);
	assert_int_equal(file_mkdir_p(at("data/models/v1"), NULL, &e), 0);
	assert_int_equal(file_mkdir_p(at("data/models/removed-v2"), NULL, &e), 0);
	assert_int_equal(file_mkdir_p(at("data/uploads"), NULL, &e), 0);
	assert_int_equal(file_write(at("data/models/v1/forest.json"), S("{\"trees\":[]}"), &e), 0);
	assert_int_equal(file_write(at("data/models/state.json"), S("{}\n"), &e), 0);
	assert_int_equal(file_write(at("data/models/removed-v2/x"), S("x"), &e), 0);
	assert_int_equal(file_write(at("data/seal.key"), S("secret"), &e), 0);
	assert_int_equal(file_write(at("data/uploads/raw"), S("a person"), &e), 0);
	return 0;
}

static int teardown(void **state)
{
	folder_remove(root);
	return 0;
}

static void make_backup(const char *out, bool verify, struct backup_result *r)
{
	struct backup_opts o = { .data = at("data"), .out = out, .verify = verify };

	o.store = open_store(at("data"), true);
	if (backup_run(&o, r, &e) == -1)
		fail_msg("%s", e.msg);
	o.store->close(o.store);
}

static void test_a_backup_comes_back_whole_without_sessions(void **state)
{
	struct restore_opts o = { at("b.tar"), at("back"), NULL };
	struct restore_result r;
	struct backup_result b;
	struct session ses;
	struct arena mem = { 0 };
	struct lead lead;
	struct store *s;
	struct stat sb;

	make_backup(at("b.tar"), true, &b);
	assert_int_equal(b.leads, LEADS);
	assert_int_equal(
		b.files, 4); /* store, forest, state, key; neither uploads nor what is gone */
	assert_int_equal(stat(at("b.tar"), &sb), 0);
	assert_int_equal(sb.st_mode & 0777, 0600);
	assert_int_equal(sb.st_size, b.bytes);
	if (restore_run(&o, &r, &e) == -1)
		fail_msg("%s", e.msg);
	assert_int_equal(r.leads, LEADS);
	assert_int_equal(r.at_ms / 1000, b.at_ms / 1000);
	assert_true(file_exists(at("back/seal.key")));
	assert_true(file_exists(at("back/models/v1/forest.json")));
	assert_false(file_exists(at("back/uploads/raw")));
	assert_false(file_exists(at("back/.restoring")));
	s = open_store(at("back"), false);
	assert_int_equal(s->leads->count(s, &e), LEADS);
	assert_int_equal(s->leads->get(s, lead_id(s, 17), &mem, &lead, &e), 0);
	assert_true(str_eq(lead.values.text[LF_COMPANY], S("Canary & Sons")));
	assert_int_equal(s->sessions->get(s, (const uint8_t[32]){ 7 }, &mem, &ses, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	s->close(s);
	arena_clear(&mem);
	/* Once more, into what is there now. */
	assert_int_equal(restore_run(&o, &r, &e), -1);
	assert_int_equal(e.code, ERR_CONFLICT);
}

static void test_who_was_erased_later_is_erased_again(void **state)
{
	struct restore_opts o = { at("old.tar"), at("again"), at("data") };
	struct restore_result r;
	struct backup_result b;
	struct arena mem = { 0 };
	struct lead lead;
	struct store *s;
	struct id id;

	make_backup(at("old.tar"), false, &b);
	s = open_store(at("data"), false);
	id = lead_id(s, 5);
	assert_int_equal(s->leads->erase(s, &id, 1, 1795766339000, &e), 0);
	assert_int_equal(s->leads->erase(s, &(struct id){ { 9, 9 } }, 1, 1795766339000, &e), 0);
	s->close(s);
	if (restore_run(&o, &r, &e) == -1)
		fail_msg("%s", e.msg);
	assert_int_equal(r.erased, 2);
	s = open_store(at("again"), false);
	assert_int_equal(s->leads->get(s, id, &mem, &lead, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_int_equal(s->leads->count(s, &e), LEADS - 1);
	s->close(s);
	arena_clear(&mem);
}

/* Every 512th byte changed, and every cut: never taken for whole, and nothing is left behind. */
static void test_a_damaged_or_cut_backup_is_refused(void **state)
{
	struct restore_opts o = { at("bad.tar"), at("never"), NULL };
	struct restore_result r;
	struct backup_result b;
	struct buf whole = { 0 };
	size_t tried = 0, caught = 0, step;

	make_backup(at("whole.tar"), false, &b);
	assert_int_equal(file_read(at("whole.tar"), 1 << 28, &whole, &e), 0);
	step = whole.n / 100;
	for (size_t i = 3; i < whole.n - 2048; i += step) {
		char was = whole.p[i];

		whole.p[i] = (char)(was ^ 0x20);
		assert_int_equal(file_write(o.from, buf_view(&whole), &e), 0);
		tried++;
		if (restore_run(&o, &r, &e) == -1 && !file_exists(o.data))
			caught++;
		else
			fprintf(stderr, "byte %zu changed and not noticed\n", i);
		folder_remove(o.data);
		whole.p[i] = was;
	}
	for (size_t n = 0; n < whole.n; n += step) {
		assert_int_equal(file_write(o.from, (struct str){ whole.p, n }, &e), 0);
		tried++;
		caught += restore_run(&o, &r, &e) == -1 && !file_exists(o.data);
		folder_remove(o.data);
	}
	fprintf(stderr, "damaged or cut backups refused: %zu of %zu\n", caught, tried);
	/* A byte that pads a header or a file is nobody's. */
	assert_true(caught + 3 >= tried);
	buf_clear(&whole);
}

static void test_a_half_restored_folder_is_started_anew(void **state)
{
	struct restore_opts o = { at("h.tar"), at("half"), NULL };
	struct restore_result r;
	struct backup_result b;

	make_backup(at("h.tar"), false, &b);
	assert_int_equal(file_mkdir_p(at("half/.restoring/models"), NULL, &e), 0);
	assert_int_equal(file_write(at("half/.restoring/" FOLDER_DB), S("torn"), &e), 0);
	if (restore_run(&o, &r, &e) == -1)
		fail_msg("%s", e.msg);
	assert_int_equal(r.leads, LEADS - 1); /* one was erased above */
}

static void test_a_newer_backup_is_refused_with_78(void **state)
{
	struct restore_opts o = { at("newer.tar"), at("nowhere"), NULL };
	struct restore_result r;
	struct backup_result b;
	struct buf whole = { 0 };
	char *format;

	make_backup(at("newer.tar"), false, &b);
	assert_int_equal(file_read(at("newer.tar"), 1 << 28, &whole, &e), 0);
	format = memmem(whole.p, whole.n, "\"format\": 1", 11);
	assert_non_null(format);
	format[10] = '9';
	assert_int_equal(file_write(at("newer.tar"), buf_view(&whole), &e), 0);
	assert_int_equal(restore_run(&o, &r, &e), -1);
	assert_int_equal(e.code, ERR_CONFIG);
	assert_int_equal(err_exit(e.code), 78);
	assert_false(file_exists(at("nowhere")));
	buf_clear(&whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_backup_comes_back_whole_without_sessions),
		cmocka_unit_test(test_who_was_erased_later_is_erased_again),
		cmocka_unit_test(test_a_damaged_or_cut_backup_is_refused),
		cmocka_unit_test(test_a_half_restored_folder_is_started_anew),
		cmocka_unit_test(test_a_newer_backup_is_refused_with_78),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
