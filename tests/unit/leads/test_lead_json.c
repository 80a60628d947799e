/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>

#include "leads/lead_json.h"
#include "record/layout.h"
#include "record/query.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"

#define LIT(z) \
	{ \
		(z), sizeof(z) - 1 \
	}
static const struct layout_column columns[] = { { LIT("Id"), LF_EXTERNAL_ID, "" },
	{ LIT("Page views"), LF_ATTRIBUTE, "" }, { LIT("Internal"), LF_IGNORE, "" },
	{ LIT("Empty"), LF_ATTRIBUTE, "" }, { LIT("<b>\"x\"</b>"), LF_ATTRIBUTE, "" } };
static const struct layout layout = { .columns = columns, .n = 5 };

struct text {
	struct buf cells, out;
	struct lead lead;
};

static int setup(void **state)
{
	struct str cells[] = { S("007"), S("12"), S("secret"), S(""), S("</script>\n\xFF") };
	struct text *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return -1;
	cells_pack(cells, 5, &t->cells);
	lead_values_none(&t->lead.values);
	t->lead.version = 3;
	t->lead.cells = buf_view(&t->cells);
	memset(t->lead.id.b, 0xAB, 16);
	t->lead.values.text[LF_EXTERNAL_ID] = S("007");
	t->lead.override_heat = LEAD_NO_HEAT;
	t->lead.score.previous_ms = MS_NONE;
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct text *t = *state;

	buf_clear(&t->cells);
	buf_clear(&t->out);
	free(t);
	return 0;
}

static const char *written(struct text *t, const struct lead_json_opts *o)
{
	struct jw w = { .b = &t->out };
	struct json *doc;
	struct err e = { 0 };

	buf_reset(&t->out);
	lead_json(&w, &t->lead, o);
	assert_non_null(doc = json_parse(buf_view(&t->out), &e));
	json_free(doc);
	buf_c(&t->out, '\0');
	return t->out.p;
}

static void score_it(struct lead *l)
{
	strcpy(l->score.model, "v3");
	l->score.probability = 0.8125;
	l->score.confidence = 0.75;
	l->score.bands[0] = 0.75;
	l->score.bands[1] = 0.25;
	l->score.points = 81;
	l->score.heat = LEAD_HOT;
	l->score.scored_ms = 0;
	l->content = l->score.content = 2;
	l->inserted_ms = l->updated_ms = 1000;
}

static void test_what_is_not_known_is_left_out(void **state)
{
	struct text *t = *state;
	struct lead_json_opts o = { 0 };

	t->lead.inserted_ms = t->lead.updated_ms = 1000;
	assert_string_equal(written(t, &o),
		"{\"id\":\"abababababababababababababababab\",\"version\":3,"
		"\"external_id\":\"007\",\"outcome\":\"open\",\"stale\":true,"
		"\"inserted_at\":\"1970-01-01T00:00:01Z\",\"updated_at\":\"1970-01-01T00:00:"
		"01Z\"}");
}

static void test_all_of_a_scored_lead(void **state)
{
	struct text *t = *state;
	struct lead_json_opts o = { .model = "v3", .layout = &layout, .reason = S("Came early") };
	struct lead *l = &t->lead;

	score_it(l);
	l->values.value = 12.5;
	l->values.outcome = LEAD_WON;
	l->values.outcome_ms = 0;
	l->score.previous_ms = 0;
	l->score.previous_points = 79;
	l->score.previous_heat = LEAD_WARM;
	l->override_heat = LEAD_COLD;
	l->override_mark = (struct lead_mark){ .at_ms = 0, .note = S("no budget") };
	l->verdict = LEAD_WAS_HOT;
	l->verdict_mark.at_ms = MS_NONE;
	assert_string_equal(written(t, &o),
		"{\"id\":\"abababababababababababababababab\",\"version\":3,"
		"\"external_id\":\"007\",\"value\":12.5,\"outcome\":\"won\","
		"\"outcome_at\":\"1970-01-01T00:00:00Z\",\"heat\":\"cold\",\"stale\":false,"
		"\"score\":81,\"probability\":0.8125,\"confidence\":0.75,"
		"\"bands\":{\"hot\":0.75,\"warm\":0.25,\"cold\":0},\"model\":\"v3\","
		"\"scored_at\":\"1970-01-01T00:00:00Z\","
		"\"previous\":{\"score\":79,\"heat\":\"warm\",\"at\":\"1970-01-01T00:00:00Z\"},"
		"\"reason\":\"Came early\","
		"\"override\":{\"heat\":\"cold\",\"at\":\"1970-01-01T00:00:00Z\",\"note\":\"no "
		"budget\"},\"verdict\":{\"verdict\":\"was_hot\"},"
		"\"inserted_at\":\"1970-01-01T00:00:01Z\",\"updated_at\":\"1970-01-01T00:00:01Z\","
		"\"attributes\":{\"Page "
		"views\":\"12\",\"<b>\\\"x\\\"</b>\":\"</script>\\n\xEF\xBF\xBD\"}}");
}

static void test_ignored_columns_are_never_shown(void **state)
{
	struct query_column ask[] = { { LF_ATTRIBUTE, S("Internal") }, { LF_ATTRIBUTE, S("Empty") },
		{ LF_ATTRIBUTE, S("Page views") }, { LF_ATTRIBUTE, S("nowhere") } };
	struct lead_json_opts o = { .layout = &layout,
		.attributes = ask,
		.n_attributes = 4,
		.fields = FIELD_BIT(LF_NAME) };

	assert_non_null(strstr(written(*state, &o), "\"attributes\":{\"Page views\":\"12\"}"));
	o.attributes = NULL;
	assert_null(strstr(written(*state, &o), "secret"));
}

static void test_a_score_of_old_values_or_another_model_is_marked(void **state)
{
	struct lead *l = &((struct text *)*state)->lead;

	assert_true(lead_json_stale(l, NULL));
	score_it(l);
	assert_false(lead_json_stale(l, NULL));
	assert_false(lead_json_stale(l, "v3"));
	assert_true(lead_json_stale(l, "v4"));
	l->content = 3;
	assert_true(lead_json_stale(l, "v3"));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_what_is_not_known_is_left_out),
		T(test_all_of_a_scored_lead),
		T(test_ignored_columns_are_never_shown),
		T(test_a_score_of_old_values_or_another_model_is_marked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
