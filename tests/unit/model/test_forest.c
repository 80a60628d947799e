/* SPDX-License-Identifier: Apache-2.0 */
/* forest, forest_parse, forest_json: against libxgboost over random models, and on damaged files.
 * HEATSCORE_TEST_MODELS=1000 tries that many models instead of 200. */
#include "unit.h"

#include "model/forest_internal.h"
#include "model/xgb_models.h"

#define ROWS 100

static unsigned model_count(void)
{
	const char *n = getenv("HEATSCORE_TEST_MODELS");

	return n != NULL && atoi(n) > 0 ? (unsigned)atoi(n) : 200;
}

static double margin_gap(const float *ours, const float *theirs, size_t n)
{
	double worst = 0;

	for (size_t i = 0; i < n; i++) {
		double gap = fabs((double)ours[i] - (double)theirs[i]) /
			     fmax(1, fabs((double)theirs[i]));

		worst = fmax(worst, isnan(gap) ? INFINITY : gap);
	}
	return worst;
}

static void assert_same_forest(const struct forest *a, const struct forest *b)
{
	assert_int_equal(a->n_features, b->n_features);
	assert_int_equal(a->n_groups, b->n_groups);
	assert_int_equal(a->n_trees, b->n_trees);
	assert_int_equal(a->n_segments, b->n_segments);
	assert_string_equal(a->objective, b->objective);
	assert_memory_equal(a->base, b->base, a->n_groups * sizeof(float));
	if (a->n_trees == 0)
		return;
	assert_memory_equal(a->group, b->group, a->n_trees * 4);
	assert_memory_equal(a->segment_end, b->segment_end, a->n_segments * 4);
	for (uint32_t i = 0; i < a->n_trees; i++) {
		assert_int_equal(a->trees[i].n, b->trees[i].n);
		for (uint32_t k = 0; k < a->trees[i].n; k++) {
			const struct tree *s = &a->trees[i], *t = &b->trees[i];

			assert_int_equal(s->left[k], t->left[k]);
			assert_int_equal(s->right[k], t->right[k]);
			assert_int_equal(s->feature[k], t->feature[k]);
			assert_int_equal(s->default_left[k], t->default_left[k]);
			assert_true(s->value[k] == t->value[k]);
			assert_true(s->cover[k] == t->cover[k]);
			assert_true(s->gain[k] == t->gain[k]);
		}
	}
}

static struct forest *parse_ok(struct str json)
{
	struct err e = { 0 };
	struct forest *f = forest_parse(json, NULL, &e);

	if (f == NULL)
		fail_msg("%s", e.msg);
	return f;
}

/* Ours loads theirs, theirs loads ours, and all margins agree. */
static void test_random_models_agree_with_libxgboost_both_ways(void **state)
{
	unsigned models = model_count();
	double worst = 0, worst_back = 0;
	struct rng r;

	rng_seed(&r, 20);
	for (unsigned m = 0; m < models; m++) {
		struct xgb_spec s = xgb_spec_random(&r);
		BoosterHandle b = xgb_train(&s, &r), b2;
		struct forest *f = xgb_forest(b), *f2;
		float *x = malloc(ROWS * s.features * 4), *ours = malloc(ROWS * s.classes * 4);
		struct buf json = { 0 }, again = { 0 };
		struct err e = { 0 };

		xgb_fill_odd(&r, x, ROWS, &s);
		assert_int_equal(f->n_groups, s.classes);
		forest_margins(f, x, ROWS, s.features, ours);
		worst = fmax(worst,
			margin_gap(ours, xgb_margins(b, x, ROWS, s.features), ROWS * s.classes));

		assert_int_equal(forest_json(f, &json, &e), 0);
		b2 = xgb_load(buf_view(&json));
		worst_back = fmax(worst_back,
			margin_gap(ours, xgb_margins(b2, x, ROWS, s.features), ROWS * s.classes));
		f2 = parse_ok(buf_view(&json));
		assert_same_forest(f, f2);
		assert_int_equal(forest_json(f2, &again, &e), 0);
		assert_true(str_eq(buf_view(&json), buf_view(&again)));

		buf_clear(&json);
		buf_clear(&again);
		forest_free(f);
		forest_free(f2);
		free(x);
		free(ours);
		XGB(XGBoosterFree(b));
		XGB(XGBoosterFree(b2));
	}
	printf("forest: %u random models, largest margin difference %.3g, written and loaded %.3g "
	       "(of max(1, |margin|))\n",
		models, worst, worst_back);
	assert_true(worst <= 1e-6);
	assert_true(worst_back <= 1e-6);
}

static struct forest *trained(const char *objective, unsigned classes, uint64_t seed)
{
	struct xgb_spec s = { .objective = objective,
		.classes = classes,
		.depth = 4,
		.rounds = 6,
		.rows = 200,
		.features = 5,
		.missing = .1,
		.base_score = .3 };
	struct forest *f;
	BoosterHandle b;
	struct rng r;

	rng_seed(&r, seed);
	b = xgb_train(&s, &r);
	f = xgb_forest(b);
	XGB(XGBoosterFree(b));
	return f;
}

/* A blend of folds with features of their own is one file; segments, names and bases survive. */
static void blend_round_trip(uint32_t groups, float base, const char *names)
{
	static const uint32_t maps[3][5] = { { 0, 1, 2, 3, 4 }, { 0, 5, 6, 7, 8 },
		{ 0, 9, 10, 8, 11 } };
	struct forest *all = forest_new(12, groups), *back;
	float x[12], want[3] = { 0 }, got[3], local[5];
	struct buf json = { 0 };
	struct err e = { 0 };
	BoosterHandle b;

	all->base[groups - 1] = want[groups - 1] = base;
	if (names != NULL) {
		all->feature_names = calloc(12, sizeof(char *));
		for (int i = 0; i < 12; i++)
			assert_true(asprintf(&all->feature_names[i], "%s %d", names, i) > 0);
	}
	for (int i = 0; i < 12; i++)
		x[i] = i == 7 ? NAN : .3f * (float)i - 1.6f;
	for (uint32_t k = 0; k < 3 * groups; k++) {
		struct forest *f = trained("binary:logistic", 1, k);
		float m;

		for (int i = 0; i < 5; i++)
			local[i] = x[maps[k / groups][i]];
		forest_margin(f, local, &m);
		want[k % groups] += m * .25f;
		assert_int_equal(forest_append(all, f, maps[k / groups], .25f, k % groups, &e), 0);
		if (k % groups == groups - 1)
			assert_int_equal(forest_end_segment(all, &e), 0);
		forest_free(f);
	}
	assert_int_equal(all->n_segments, 3);
	forest_margin(all, x, got);
	for (uint32_t g = 0; g < groups; g++)
		assert_float_equal(got[g], want[g], 1e-5);
	assert_int_equal(forest_json(all, &json, &e), 0);
	b = xgb_load(buf_view(&json));
	assert_memory_equal(got, xgb_margins(b, x, 1, 12), groups * sizeof(float));
	back = parse_ok(buf_view(&json));
	assert_same_forest(all, back);
	if (names != NULL) {
		for (int i = 0; i < 12; i++)
			assert_string_equal(back->feature_names[i], all->feature_names[i]);
	}
	XGB(XGBoosterFree(b));
	buf_clear(&json);
	forest_free(all);
	forest_free(back);
}

static void test_a_blend_is_one_file_with_the_same_margins(void **state)
{
	blend_round_trip(1, 0, NULL);
	blend_round_trip(1, -2.2f, "Lead Source");
	blend_round_trip(1, 9.7f, "Straße \"quoted\" \\ 名前");
	blend_round_trip(1, -30.5f, NULL);
	blend_round_trip(3, 0.7f, "a");
}

static void test_a_forest_without_trees_is_its_base(void **state)
{
	static const float bases[] = { 0, .5f, -1.3862944f, 12.5f, -87 };

	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		struct forest *f = forest_new(2, 1), *back;
		float x[2] = { 1, NAN }, got;
		struct buf json = { 0 };
		struct err e = { 0 };
		BoosterHandle b;

		f->base[0] = bases[i];
		assert_int_equal(forest_end_segment(f, &e), 0);
		assert_int_equal(forest_json(f, &json, &e), 0);
		b = xgb_load(buf_view(&json));
		back = parse_ok(buf_view(&json));
		assert_same_forest(f, back);
		forest_margin(back, x, &got);
		assert_true(got == bases[i]);
		if (str_find(buf_view(&json), S("heatscore_base")) >= 0)
			assert_true(got == xgb_margins(b, x, 1, 2)[0]);
		XGB(XGBoosterFree(b));
		buf_clear(&json);
		forest_free(f);
		forest_free(back);
	}
}

static void test_a_decimal_becomes_the_nearest_float(void **state)
{
	struct rng r;

	rng_seed(&r, 7);
	for (int i = 0; i < 200000; i++) {
		uint64_t w = rng_u64(&r) >> (rng_below(&r, 60) + 4);
		int exp10 = (int)rng_below(&r, 60) - 30;
		char text[64];
		float got;

		if (i % 3 ==
			0) { /* near the middle of two floats, where rounding twice goes wrong */
			uint32_t bits = 0x3f800000u + (uint32_t)rng_below(&r, 1 << 23);
			float f;

			memcpy(&f, &bits, 4);
			w = (uint64_t)(((double)f + (double)nextafterf(f, 2)) / 2 * 1e15) +
			    rng_below(&r, 3);
			exp10 = -15;
		}
		snprintf(text, sizeof(text), "%lluE%d", (unsigned long long)w, exp10);
		if (dec_float(w, exp10, &got))
			assert_true(got == strtof(text, NULL));
	}
}

#define LEARNER(trees, info, param) \
	"{\"learner\":{\"gradient_booster\":{\"model\":{\"tree_info\":[" info \
	"],\"trees\":[" trees "]},\"name\":\"gbtree\"},\"learner_model_param\":{" param \
	"},\"objective\":{\"name\":\"binary:logistic\"}},\"version\":[3,0,0]}"
#define PARAM "\"base_score\":\"5E-1\",\"num_class\":\"0\",\"num_feature\":\"2\""
#define TREE(left, right, feature, value, cover) \
	"{\"default_left\":[true,false,0],\"left_children\":[" left "],\"right_children\":[" right \
	"],\"split_indices\":[" feature "],\"split_conditions\":[" value \
	"],\"sum_hessian\":[" cover "],\"loss_changes\":[1,0,0]}"
#define GOOD TREE("1,-1,-1", "2,-1,-1", "1,0,0", "0.5,-1e0,2", "3,1,2")

static void test_bare_files_and_every_base_score_are_read(void **state)
{
	static const char *const bases[] = { "\"5E-1\"", "0.5", "[5E-1]", "\"[5E-1]\"", " [ 0.5 ] ",
		"\"0.50000000000000000000000000000\"" };
	static const char *const param = "\"num_feature\":2,\"num_target\":\"1\",\"base_score\":";
	float x[2] = { 0, NAN }, m;

	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		char *json = NULL;
		struct forest *f;

		assert_true(asprintf(&json, LEARNER(GOOD, "0", "%s%s"), param, bases[i]) > 0);
		f = parse_ok(str_of(json));
		assert_int_equal(f->n_segments, 1);
		forest_margin(f, x, &m);
		assert_true(m == -1);
		x[1] = .5f;
		forest_margin(f, x, &m);
		assert_true(m == 2);
		x[1] = NAN;
		forest_free(f);
		free(json);
	}
}

static void test_nodes_left_behind_by_pruning_are_dropped(void **state)
{
	static const char json[] =
		LEARNER("{\"default_left\":[1,0,0,0,0],\"left_children\":[3,-1,-1,-1,-1],"
			"\"right_children\":[4,-1,-1,-1,-1],\"split_indices\":[1,2147483647,"
			"2147483647,0,0],"
			"\"split_conditions\":[1.5,0,0,7,8],\"sum_hessian\":[2,0,0,1,1],"
			"\"loss_changes\":[1,0,0,0,0],\"parents\":[2147483647,0,0,0,0]}",
			"0", PARAM);
	float x[2] = { 0, 2 }, m;
	struct forest *f = parse_ok(S(json));

	assert_int_equal(f->trees[0].n, 3);
	assert_int_equal(f->trees[0].left[0], 1);
	forest_margin(f, x, &m);
	assert_true(m == 8);
	x[1] = NAN;
	forest_margin(f, x, &m);
	assert_true(m == 7);
	forest_free(f);
}

static void test_damaged_files_are_refused_with_the_reason(void **state)
{
	static const struct {
		const char *json, *says;
	} t[] = {
		{ "", "object should start" },
		{ "[]", "object should start" },
		{ "{}", "no \"learner_model_param\"" },
		{ "{\"learner\":", "object should start" },
		{ LEARNER(GOOD, "0", PARAM) "x", "text after the end" },
		{ LEARNER(GOOD, "", PARAM), "groups for 0" },
		{ LEARNER(GOOD, "1", PARAM), "adds to margin 1" },
		{ LEARNER(GOOD, "-1", PARAM), "adds to margin -1" },
		{ LEARNER(GOOD, "0", "\"base_score\":1,\"num_feature\":2"), "base_score" },
		{ LEARNER(GOOD, "0", "\"base_score\":0,\"num_feature\":2"), "base_score" },
		{ LEARNER(GOOD, "0", "\"base_score\":\"[]\",\"num_feature\":2"), "base_score" },
		{ LEARNER(GOOD, "0", "\"base_score\":\"x\",\"num_feature\":2"), "finite number" },
		{ LEARNER(GOOD, "0", "\"num_feature\":2"), "base_score" },
		{ LEARNER(GOOD, "0", "\"base_score\":.5,\"num_feature\":2"), "finite number" },
		{ LEARNER(GOOD, "0", "\"base_score\":0.5,\"num_feature\":1"), "feature 1 of 1" },
		{ LEARNER(GOOD, "0", "\"base_score\":0.5,\"num_feature\":-2"), "below 0" },
		{ LEARNER(GOOD, "0", "\"base_score\":0.5,\"num_feature\":1e9"), "whole number" },
		{ LEARNER(GOOD, "0", "\"base_score\":0.5,\"num_feature\":99999999999"), "whole" },
		{ LEARNER(GOOD, "0", "\"base_score\":0.5,\"num_feature\":200000"), "limit" },
		{ LEARNER(GOOD, "0", PARAM ",\"num_target\":\"2\""), "2 targets" },
		{ LEARNER(GOOD, "0", PARAM ",\"num_class\":\"4\""), "4 classes" },
		{ LEARNER(TREE("1,-1,-1", "1,-1,-1", "1,0,0", "1,2,3", "1,1,1"), "0", PARAM),
			"another parent" },
		{ LEARNER(TREE("1,0,-1", "2,0,-1", "1,0,0", "1,2,3", "1,1,1"), "0", PARAM),
			"not a node" },
		{ LEARNER(TREE("1,2,-1", "2,1,-1", "1,0,0", "1,2,3", "1,1,1"), "0", PARAM),
			"another parent" },
		{ LEARNER(TREE("1,-1,-1", "3,-1,-1", "1,0,0", "1,2,3", "1,1,1"), "0", PARAM),
			"not a node" },
		{ LEARNER(TREE("-7,-1,-1", "2,-1,-1", "1,0,0", "1,2,3", "1,1,1"), "0", PARAM),
			"not a node" },
		{ LEARNER(TREE("1,-1,-1", "-1,-1,-1", "1,0,0", "1,2,3", "1,1,1"), "0", PARAM),
			"one child" },
		{ LEARNER(TREE("1,-1,-1", "2,-1,-1", "-1,0,0", "1,2,3", "1,1,1"), "0", PARAM),
			"negative feature" },
		{ LEARNER(TREE("1,-1,-1", "2,-1,-1", "1,0,0", "1,2", "1,1,1"), "0", PARAM),
			"differ in length" },
		{ LEARNER(TREE("", "", "", "", ""), "0", PARAM), "no nodes" },
		{ LEARNER(TREE("1,-1,-1", "2,-1,-1", "1,0,0", "NaN,2,3", "1,1,1"), "0", PARAM),
			"finite number" },
		{ LEARNER(TREE("1,-1,-1", "2,-1,-1", "1,0,0", "1,1e39,3", "1,1,1"), "0", PARAM),
			"too large" },
		{ LEARNER(TREE("1,-1,-1", "2,-1,-1", "1,0,0", "1,2,3", "1,-1,1"), "0", PARAM),
			"negative sum_hessian" },
		{ LEARNER(TREE("1.0,-1,-1", "2,-1,-1", "1,0,0", "1,2,3", "1,1,1"), "0", PARAM),
			"whole number" },
		{ LEARNER("{\"id\":3}", "0", PARAM), "id is not" },
		{ LEARNER("{\"id\":0}", "0", PARAM), "has no \"left_children\"" },
		{ LEARNER("{\"id\":0,\"id\":0}", "0", PARAM), "twice" },
		{ LEARNER(GOOD, "0", PARAM ",\"x\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]"), "levels" },
		{ LEARNER(GOOD, "0", PARAM ",\"x\":[1,]"), "finite number" },
		{ LEARNER(GOOD, "0", PARAM ",\"x\":{\"a\" 1}"), "colon" },
		{ LEARNER(GOOD, "0", PARAM ",\"x\":nul"), "not JSON" },
		{ LEARNER(GOOD, "0", PARAM ",\"x\":\"a\nb\""), "control character" },
		{ "{\"learner\":{\"gradient_booster\":{\"name\":\"dart\"}}}", "\"dart\"" },
		{ "{\"learner\":{\"gradient_booster\":{\"name\":\"gblinear\"}}}", "\"gblinear\"" },
		{ "{\"learner\":{\"objective\":{\"name\":\"survival:cox\"}}}", "survival:cox" },
		{ "{\"learner\":{\"attributes\":{\"heatscore_segments\":\"1", "does not end" },
		{ "{\"learner\":{\"feature_names\":[\"a\\u0000b\"]}}", "escape" },
		{ "{\"learner\":{\"feature_names\":[\"\\ud800\"]}}", "escape" },
		{ "{\"learner\":{\"feature_names\":[\"\\x\"]}}", "escape" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct err e = { 0 };
		struct forest *f = forest_parse(str_of(t[i].json), NULL, &e);

		if (f != NULL || strstr(e.msg, t[i].says) == NULL)
			fail_msg("case %zu: \"%s\" does not say \"%s\"", i, e.msg, t[i].says);
	}
}

static void test_segments_are_checked(void **state)
{
	static const char *const bad[] = { "2", "0", "0,0", "1,1,0", "-1,1", "x", "1,", ",1" };
	struct err e = { 0 };
	struct forest *f;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *json = NULL;

		assert_true(
			asprintf(&json,
				"{\"learner\":{\"attributes\":{\"heatscore_segments\":\"%s\"},%s",
				bad[i], &LEARNER(GOOD, "0", PARAM)[strlen("{\"learner\":{")]) > 0);
		assert_null(forest_parse(str_of(json), NULL, &e));
		assert_true(strlen(e.msg) > 0);
		free(json);
	}
	f = parse_ok(S(LEARNER(GOOD, "0", PARAM)));
	forest_free(f);
}

static void test_limits_hold(void **state)
{
	static const char two[] = LEARNER(GOOD "," GOOD, "0,0", PARAM);
	const struct forest_limits lim[] = { { .bytes = sizeof(two) - 2 }, { .trees = 1 },
		{ .nodes = 2 }, { .features = 1 } };
	struct err e;

	for (size_t i = 0; i < sizeof(lim) / sizeof(lim[0]); i++) {
		e.code = ERR_OK;
		assert_null(forest_parse(S(two), &lim[i], &e));
		assert_int_equal(e.code, ERR_LIMIT);
	}
	forest_free(parse_ok(S(two)));
}

static void test_a_cut_file_is_refused_at_every_byte(void **state)
{
	struct forest *f = trained("multi:softprob", 3, 5), *cut;
	struct buf json = { 0 };
	struct err e = { 0 };

	assert_int_equal(forest_json(f, &json, &e), 0);
	for (size_t n = 0; n < json.n; n += n < 3000 ? 1 : 37) {
		char *copy = malloc(n + 1); /* exactly as long as the cut, for the sanitizer */

		memcpy(copy, json.p, n);
		cut = forest_parse((struct str){ copy, n }, NULL, &e);
		assert_null(cut);
		free(copy);
	}
	buf_clear(&json);
	forest_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_decimal_becomes_the_nearest_float),
		cmocka_unit_test(test_random_models_agree_with_libxgboost_both_ways),
		cmocka_unit_test(test_a_blend_is_one_file_with_the_same_margins),
		cmocka_unit_test(test_a_forest_without_trees_is_its_base),
		cmocka_unit_test(test_bare_files_and_every_base_score_are_read),
		cmocka_unit_test(test_nodes_left_behind_by_pruning_are_dropped),
		cmocka_unit_test(test_damaged_files_are_refused_with_the_reason),
		cmocka_unit_test(test_segments_are_checked),
		cmocka_unit_test(test_limits_hold),
		cmocka_unit_test(test_a_cut_file_is_refused_at_every_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
