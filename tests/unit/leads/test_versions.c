/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of versions after training: published, for all leads or for a segment, rolled back,
 * removed, given other thresholds. */
#include "unit.h"

#include <math.h>
#include <unistd.h>

#include "leads/demo.h"
#include "leads/training.h"
#include "model/heat.h"
#include "model/model.h"
#include "model/model_store.h"
#include "model/notes.h"
#include "model/registry.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"

static char root[64];
static struct model_store st;
static struct err e;

/* One small model, stored three times. */
static int setup(void **state)
{
	struct demo_opts d = { .rows = 600, .seed = 3 };
	struct training_opts o = { .target = S(DEMO_TARGET),
		.budget = 0.1,
		.max_trees = 20,
		.seed = 1,
		.as_of = NAN,
		.today = 21000,
		.hot = NAN,
		.warm = NAN,
		.per_day = NAN,
		.win_value = NAN };
	struct str won = S(DEMO_WON), lost = S(DEMO_LOST);
	struct demo_truth truth;
	struct training t;
	struct model_files fs = { 0 };
	char history[96], leads[96], models[96];
	uint32_t number;

	snprintf(root, sizeof(root), "/tmp/hs-versions-XXXXXX");
	assert_non_null(mkdtemp(root));
	snprintf(history, sizeof(history), "%s/h.csv", root);
	snprintf(leads, sizeof(leads), "%s/l.csv", root);
	snprintf(models, sizeof(models), "%s/models", root);
	d.history = history;
	d.leads = leads;
	assert_int_equal(demo_write(&d, &truth, &e), 0);
	demo_truth_clear(&truth);
	o.path = history;
	o.won = &won;
	o.lost = &lost;
	o.n_won = o.n_lost = 1;
	if (training_run(&o, &t, &e) == -1)
		fail_msg("%s", e.msg);
	assert_int_equal(model_store_folder(models, &st, &e), 0);
	assert_int_equal(training_files(&t, &fs, &e), 0);
	for (uint32_t i = 1; i <= 3; i++) {
		assert_int_equal(registry_add(&st, &fs, 1000 + i, &number, &e), 0);
		assert_int_equal(number, i);
		model_files_remove(&fs, "manifest.json");
	}
	model_files_clear(&fs);
	training_clear(&t);
	return 0;
}

static int teardown(void **state)
{
	char cmd[128];

	model_store_close(&st);
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", root);
	return system(cmd) == 0 ? 0 : -1;
}

static void assert_live(const char *segment, uint32_t want)
{
	struct registry_slot *slots;
	uint32_t found = 0;
	size_t n;

	assert_int_equal(registry_live(&st, &slots, &n, &e), 0);
	for (size_t i = 0; i < n; i++)
		if (strcmp(slots[i].segment, segment) == 0)
			found = slots[i].live;
	registry_live_free(slots, n);
	assert_int_equal(found, want);
}

static void assert_state(uint32_t number, enum version_state want, int64_t published)
{
	struct version_info *v;
	size_t n;

	assert_int_equal(registry_list(&st, &v, &n, &e), 0);
	for (size_t i = 0; i < n; i++)
		if (v[i].number == number) {
			assert_int_equal(v[i].state, want);
			assert_int_equal(v[i].published, published);
		}
	free(v);
}

static void test_a_segment_has_its_own_live_version_and_way_back(void **state)
{
	uint32_t number = 9;
	bool draft;

	assert_int_equal(registry_rollback(&st, 1, &number, &e), -1);
	assert_int_equal(e.code, ERR_CONFLICT);
	assert_int_equal(registry_publish(&st, 1, 10, &e), 0);
	assert_int_equal(registry_publish_for(&st, 2, S("region=Europe"), 20, &e), 0);
	assert_live("", 1);
	assert_live("region=Europe", 2);
	assert_state(1, VERSION_PUBLISHED, 10);
	assert_state(2, VERSION_PUBLISHED, 20);
	assert_state(3, VERSION_DRAFT, 0);
	/* What scores all leads is picked when no version is named. */
	assert_int_equal(registry_pick(&st, S(""), &number, &draft, &e), 1);
	assert_int_equal(number, 1);

	assert_int_equal(registry_publish_for(&st, 3, S("region=Europe"), 30, &e), 0);
	assert_state(2, VERSION_ARCHIVED, 20);
	assert_int_equal(registry_rollback_for(&st, S("region=Europe"), 40, &number, &e), 0);
	assert_int_equal(number, 2);
	assert_state(2, VERSION_PUBLISHED, 40);
	assert_state(3, VERSION_ARCHIVED, 30);
	assert_live("", 1);
	/* The first of a segment goes back to the version of all leads. */
	assert_int_equal(registry_rollback_for(&st, S("region=Europe"), 50, &number, &e), 0);
	assert_int_equal(number, 0);
	assert_live("region=Europe", 0);
	assert_int_equal(registry_rollback_for(&st, S("region=Europe"), 60, &number, &e), -1);
	assert_int_equal(e.code, ERR_CONFLICT);
	assert_int_equal(registry_publish_for(&st, 3, S("region=Europe"), 70, &e), 0);
	assert_live("region=Europe", 3);
	/* Two rollbacks in a row, then on from there. */
	assert_int_equal(registry_publish(&st, 2, 80, &e), 0);
	assert_int_equal(registry_publish(&st, 3, 90, &e), 0);
	assert_int_equal(registry_rollback(&st, 100, &number, &e), 0);
	assert_int_equal(registry_rollback(&st, 110, &number, &e), 0);
	assert_live("", 1);
	assert_int_equal(registry_rollback(&st, 120, &number, &e), -1);
	assert_int_equal(registry_publish(&st, 2, 130, &e), 0);
	assert_int_equal(registry_rollback(&st, 140, &number, &e), 0);
	assert_live("", 1);
}

static void test_a_removed_draft_leaves_its_number_taken(void **state)
{
	struct model_files fs = { 0 };
	uint32_t number;

	assert_int_equal(registry_remove(&st, 1, &e), -1);
	assert_int_equal(e.code, ERR_CONFLICT);
	assert_int_equal(registry_remove(&st, 8, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_int_equal(model_read_files(&st, 3, &fs, &e), 0);
	model_files_remove(&fs, "manifest.json");
	assert_int_equal(registry_add(&st, &fs, 5, &number, &e), 0);
	assert_int_equal(number, 4);
	assert_int_equal(notes_set(&st, 4, "name", S("\"doomed\""), &e), 0);
	assert_int_equal(registry_remove(&st, 4, &e), 0);
	assert_int_equal(registry_remove(&st, 4, &e), -1);
	model_files_remove(&fs, "manifest.json");
	assert_int_equal(registry_add(&st, &fs, 6, &number, &e), 0);
	assert_int_equal(number, 5);
	model_files_clear(&fs);
}

static void test_notes_keep_what_they_do_not_know(void **state)
{
	struct json *doc;

	assert_int_equal(notes_read(&st, 1, &doc, &e), 0);
	assert_null(doc);
	assert_int_equal(notes_set(&st, 1, "later", S("{\"a\":[1,2.5,null,true,\"x\"]}"), &e), 0);
	assert_int_equal(notes_set(&st, 1, "name", S("\"First\""), &e), 0);
	assert_int_equal(notes_set(&st, 1, "name", S("\"Second\""), &e), 0);
	assert_int_equal(notes_read(&st, 1, &doc, &e), 0);
	assert_int_equal(json_len(doc), 2);
	assert_true(str_eq(json_str(json_get(doc, "name"), S("")), S("Second")));
	assert_int_equal(json_len(json_get(json_get(doc, "later"), "a")), 5);
	json_free(doc);
	assert_int_equal(notes_set(&st, 1, "name", S(""), &e), 0);
	assert_int_equal(notes_read(&st, 1, &doc, &e), 0);
	assert_int_equal(json_len(doc), 1);
	json_free(doc);
}

static void test_bands_set_by_hand_are_those_of_the_loaded_model(void **state)
{
	struct model *m = model_load(&st, 1, MODEL_TO_SCORE, &e);
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	struct bands set;

	assert_non_null(m);
	set = m->bands;
	model_free(m);
	assert_int_equal(bands_by_hand(&set, 0.75, 0.5, NULL, &e), 0);
	bands_write(&w, &set);
	assert_int_equal(notes_set(&st, 1, "bands", buf_view(&b), &e), 0);
	m = model_load(&st, 1, MODEL_TO_SCORE, &e);
	assert_non_null(m);
	assert_float_equal(m->bands.hot, 0.75, 0);
	assert_float_equal(m->bands.warm, 0.5, 0);
	model_free(m);
	/* Bands that make no sense stop the version from being used, rather than be ignored. */
	assert_int_equal(notes_set(&st, 1, "bands", S("{\"hot\":0.2,\"warm\":0.5}"), &e), 0);
	assert_null(model_load(&st, 1, MODEL_TO_SCORE, &e));
	assert_int_equal(notes_set(&st, 1, "bands", S(""), &e), 0);
	m = model_load(&st, 1, MODEL_TO_SCORE, &e);
	assert_non_null(m);
	assert_true(m->bands.hot != 0.75);
	model_free(m);
	buf_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_segment_has_its_own_live_version_and_way_back),
		cmocka_unit_test(test_a_removed_draft_leaves_its_number_taken),
		cmocka_unit_test(test_notes_keep_what_they_do_not_know),
		cmocka_unit_test(test_bands_set_by_hand_are_those_of_the_loaded_model),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
