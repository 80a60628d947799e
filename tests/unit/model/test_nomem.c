/* SPDX-License-Identifier: Apache-2.0 */
/* Model files are read, checked, shown and written again, and a registry is asked, while memory
 * runs out at every place: an answer or an error in words each time, and nothing leaked. */
#include "unit.h"

#include <unistd.h>

#include "model/bundle.h"
#include "model/card.h"
#include "model/forest.h"
#include "model/forest_fast.h"
#include "model/model.h"
#include "model/model_store.h"
#include "model/registry.h"
#include "nomem.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/file.h"
#include "util/json.h"

static struct buf seed;
static char folder[64];

static void load(const char *path)
{
	struct err e = { 0 };

	buf_reset(&seed);
	assert_int_equal(file_read(path, 1 << 20, &seed, &e), 0);
}

static int answered(int rc, const struct err *e)
{
	if (rc == -1)
		assert_true(e->code != ERR_OK && e->msg[0] != '\0');
	return rc;
}

static int a_bundle(void)
{
	struct model_files fs = { 0 };
	struct model *m = NULL;
	struct buf out = { 0 };
	struct err e = { 0 };
	int64_t created;
	int rc = -1;

	if (bundle_read(buf_view(&seed), &fs, &e) == -1 ||
		model_check_files(&fs, &created, &e) == -1 ||
		(m = model_unpack(&fs, MODEL_WITH_FOREST | MODEL_WITH_REPORT | MODEL_WITH_DONORS,
			 &e)) == NULL)
		goto done;
	for (int format = CARD_HTML; format <= CARD_JSON; format++) {
		struct card_about about = { .version = "v1", .summary = &m->summary };

		if (card_write(m->report, &about, (enum card_format)format, &out, &e) == -1)
			goto done;
	}
	rc = bundle_write(&fs, &out, &e);
done:
	buf_clear(&out);
	model_free(m);
	model_files_clear(&fs);
	return answered(rc, &e);
}

static int a_forest(void)
{
	struct buf json = { 0 };
	struct err e = { 0 };
	struct forest *f = forest_parse(buf_view(&seed), NULL, &e), *again = NULL;
	struct forest_fast *fast = NULL;
	int rc = -1;

	if (f != NULL && (fast = forest_fast_new(f, &e)) != NULL &&
		forest_json(f, &json, &e) == 0 &&
		(again = forest_parse(buf_view(&json), NULL, &e)) != NULL)
		rc = 0;
	forest_free(again);
	forest_fast_free(fast);
	forest_free(f);
	buf_clear(&json);
	return answered(rc, &e);
}

static int a_registry(void)
{
	struct model_store st = { 0 };
	struct version_info *list = NULL;
	struct registry_gate gate;
	struct buf out = { 0 };
	struct err e = { 0 };
	uint32_t number;
	size_t n;
	bool draft;
	int rc = -1;

	if (model_store_folder(folder, &st, &e) == -1)
		return answered(-1, &e);
	if (registry_list(&st, &list, &n, &e) == 0 &&
		registry_pick(&st, S(""), &number, &draft, &e) == 1 &&
		registry_verify(&st, number, &e) == 0 &&
		registry_gate(&st, number, S(""), &gate, NULL, &e) == 0 &&
		registry_export(&st, number, &out, &e) == 0)
		rc = 0;
	free(list);
	buf_clear(&out);
	model_store_close(&st);
	return answered(rc, &e);
}

static void test_a_bundle_is_read_and_shown_or_refused(void **state)
{
	size_t n;

	load("tests/fuzz/fuzz_model.in/bundle");
	n = nomem_until_passes(a_bundle);
	printf("bundle and card: %zu allocations\n", n);
	assert_true(n > 100);
}

static void test_a_forest_is_read_and_written_or_refused(void **state)
{
	static const char *const files[] = { "binary", "pruned", "segments", "three_classes",
		"version3" };
	char path[128];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "tests/fuzz/fuzz_forest.in/%s", files[i]);
		load(path);
		assert_int_equal(a_forest(), 0);
		assert_true(nomem_until_passes(a_forest) > 20);
	}
}

static void test_a_registry_answers_or_says_why_not(void **state)
{
	struct model_store st = { 0 };
	struct err e = { 0 };
	uint32_t number;
	char command[128];
	size_t n;

	load("tests/fuzz/fuzz_model.in/bundle");
	strcpy(folder, "/tmp/test_nomem.XXXXXX");
	assert_non_null(mkdtemp(folder));
	assert_int_equal(model_store_folder(folder, &st, &e), 0);
	assert_int_equal(registry_import(&st, buf_view(&seed), &number, &e), 0);
	model_store_close(&st);
	n = nomem_until_passes(a_registry);
	printf("registry: %zu allocations\n", n);
	assert_true(n > 50);
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_bundle_is_read_and_shown_or_refused),
		cmocka_unit_test(test_a_forest_is_read_and_written_or_refused),
		cmocka_unit_test(test_a_registry_answers_or_says_why_not),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);

	buf_clear(&seed);
	return rc;
}
