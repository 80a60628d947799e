/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>

#include "features/headers.h"
#include "features/profile.h"
#include "rows.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"
#include "util/rng.h"

static struct profile *profile_rows(const struct rows *r, const struct profile_opts *o)
{
	struct err e = { 0 };
	struct profiler *pr = profiler_new(r->cells, r->cols, o, &e);
	struct profile *p;

	if (pr == NULL)
		fail_msg("%s", e.msg);
	for (size_t i = 0; i < r->n; i++)
		assert_int_equal(profiler_row(pr, rows_at(r, i), &e), 0);
	p = profiler_end(pr, &e);
	assert_non_null(p);
	return p;
}

static struct profile *profile_text_of(const char *text, const char *target)
{
	struct rows r = rows_of(text, ',');
	struct profile_opts o = { .target = str_of(target) };
	struct profile *p = profile_rows(&r, &o);

	rows_clear(&r);
	return p;
}

struct expect {
	const char *name;
	enum col_role role;
	enum col_kind kind;
	enum col_out out;
};

static const struct column *col(const struct profile *p, const char *name)
{
	ptrdiff_t i = profile_find(p, str_of(name));

	if (i < 0)
		fail_msg("no column %s", name);
	return &p->cols[i];
}

static void check(const struct profile *p, const struct expect *x)
{
	for (; x->name != NULL; x++) {
		const struct column *c = col(p, x->name);

		if (c->role != x->role || c->kind != x->kind || c->out != x->out)
			fail_msg("%s: %s, %s, out \"%s\" (" STR_FMT "); wanted %s, %s, \"%s\"",
				x->name, profile_role_name(c->role), profile_kind_name(c->kind),
				profile_out_name(c->out), STR_ARG(c->out_why),
				profile_role_name(x->role), profile_kind_name(x->kind),
				profile_out_name(x->out));
	}
}

static void shared_case(const char *rel, char sep, const char *target, const struct expect *x)
{
	struct profile_opts o = { .target = str_of(target) };
	struct rows r = { 0 };
	struct profile *p;

	if (!rows_shared(rel, sep, &r))
		skip();
	p = profile_rows(&r, &o);
	check(p, x);
	profile_free(p);
	rows_clear(&r);
}

#define A ROLE_ATTRIBUTE

static void test_x_education_columns(void **state)
{
	static const struct expect x[] = {
		{ "Prospect ID", ROLE_ID, KIND_CATEGORY, COL_IDENTIFIER },
		{ "Lead Number", ROLE_ID, KIND_NUMBER, COL_IDENTIFIER },
		{ "Lead Origin", ROLE_SOURCE, KIND_CATEGORY, COL_IN },
		{ "Lead Source", ROLE_SOURCE, KIND_CATEGORY, COL_IN },
		{ "Do Not Email", ROLE_CONSENT, KIND_YESNO, COL_IN },
		{ "Do Not Call", ROLE_CONSENT, KIND_YESNO, COL_IN },
		{ "Converted", ROLE_OUTCOME, KIND_YESNO, COL_OUTCOME },
		{ "TotalVisits", ROLE_ENGAGEMENT, KIND_NUMBER, COL_IN },
		{ "Total Time Spent on Website", ROLE_ENGAGEMENT, KIND_NUMBER, COL_IN },
		{ "Page Views Per Visit", ROLE_ENGAGEMENT, KIND_NUMBER, COL_IN },
		{ "Last Activity", A, KIND_CATEGORY, COL_IN },
		{ "Country", ROLE_COUNTRY, KIND_CATEGORY, COL_IN },
		{ "Specialization", A, KIND_CATEGORY, COL_IN },
		{ "Magazine", A, KIND_YESNO, COL_CONSTANT },
		{ "Search", A, KIND_YESNO, COL_IN },
		{ "Tags", ROLE_TAGS, KIND_CATEGORY, COL_IN },
		{ "Lead Quality", ROLE_SCORE_FOREIGN, KIND_CATEGORY, COL_IN },
		{ "City", ROLE_CITY, KIND_CATEGORY, COL_IN },
		{ "Asymmetrique Activity Index", A, KIND_CATEGORY, COL_IN },
		{ "Asymmetrique Activity Score", A, KIND_NUMBER, COL_IN },
		{ "I agree to pay the amount through cheque", A, KIND_YESNO, COL_CONSTANT },
		{ "", A, KIND_CATEGORY, COL_EMPTY },
		{ 0 },
	};

	shared_case("data/leads/x_education/train.csv", ',', "Converted", x);
}

static void test_bank_columns(void **state)
{
	static const struct expect x[] = {
		{ "age", A, KIND_NUMBER, COL_IN },
		{ "job", A, KIND_CATEGORY, COL_IN },
		{ "marital", A, KIND_CATEGORY, COL_IN },
		{ "default", A, KIND_YESNO, COL_IN },
		{ "housing", A, KIND_YESNO, COL_IN },
		{ "contact", A, KIND_CATEGORY, COL_IN },
		{ "month", A, KIND_CATEGORY, COL_IN },
		{ "day_of_week", A, KIND_CATEGORY, COL_IN },
		{ "duration", A, KIND_NUMBER, COL_IN },
		{ "campaign", ROLE_CAMPAIGN, KIND_NUMBER, COL_IN },
		{ "pdays", A, KIND_NUMBER, COL_IN },
		{ "previous", A, KIND_NUMBER, COL_IN },
		{ "poutcome", A, KIND_CATEGORY, COL_IN },
		{ "emp.var.rate", A, KIND_NUMBER, COL_IN },
		{ "cons.price.idx", A, KIND_NUMBER, COL_IN },
		{ "euribor3m", A, KIND_NUMBER, COL_IN },
		{ "nr.employed", A, KIND_NUMBER, COL_IN },
		{ "y", ROLE_OUTCOME, KIND_YESNO, COL_OUTCOME },
		{ 0 },
	};
	struct profile_opts o = { .target = S("y") };
	struct rows r = { 0 };
	struct profile *p;

	if (!rows_shared("data/leads/bank_marketing/train.csv", ';', &r))
		skip();
	p = profile_rows(&r, &o);
	check(p, x);
	assert_int_equal(col(p, "pdays")->n_sentinels, 1);
	assert_float_equal(col(p, "pdays")->sentinels[0], 999, 0);
	assert_true(col(p, "pdays")->max < 60);
	assert_true(col(p, "pdays")->filled < 2000);
	assert_int_equal(col(p, "previous")->n_sentinels, 0);
	assert_int_equal(col(p, "emp.var.rate")->n_sentinels, 0);
	assert_int_equal(col(p, "cons.price.idx")->format.mark, MARK_DOT);
	assert_float_equal(col(p, "euribor3m")->max, 5.045, .01);
	assert_true(col(p, "default")->placeholders > 5000);
	assert_true(isnan(p->as_of));
	profile_free(p);
	rows_clear(&r);
}

static void test_health_insurance_columns(void **state)
{
	static const struct expect x[] = {
		{ "ID", ROLE_ID, KIND_NUMBER, COL_IDENTIFIER },
		{ "City_Code", ROLE_CITY, KIND_CATEGORY, COL_IN },
		{ "Region_Code", ROLE_REGION, KIND_NUMBER, COL_IN },
		{ "Upper_Age", A, KIND_NUMBER, COL_IN },
		{ "Is_Spouse", A, KIND_YESNO, COL_IN },
		{ "Health Indicator", A, KIND_CATEGORY, COL_IN },
		{ "Holding_Policy_Duration", A, KIND_NUMBER, COL_IN },
		{ "Reco_Policy_Cat", A, KIND_NUMBER, COL_IN },
		{ "Reco_Policy_Premium", A, KIND_NUMBER, COL_IN },
		{ 0 },
	};

	shared_case("data/leads/health_insurance_leads/train.csv", ',', "Response", x);
}

static void test_olist_columns(void **state)
{
	static const struct expect x[] = {
		{ "mql_id", ROLE_ID, KIND_CATEGORY, COL_IDENTIFIER },
		{ "first_contact_date", ROLE_CREATED_AT, KIND_DATE, COL_IN },
		{ "landing_page_id", ROLE_SOURCE_DETAIL, KIND_CATEGORY, COL_IN },
		{ "origin", ROLE_SOURCE, KIND_CATEGORY, COL_IN },
		{ 0 },
	};
	struct profile_opts o = { .target = S("converted") };
	struct rows r = { 0 };
	struct profile *p;

	if (!rows_shared("data/leads/olist_funnel/train.csv", ',', &r))
		skip();
	p = profile_rows(&r, &o);
	check(p, x);
	assert_int_equal(col(p, "first_contact_date")->format.order, ORDER_DMY);
	assert_true(col(p, "origin")->empty > 10 && col(p, "origin")->placeholders > 500);
	assert_float_equal(p->as_of, (double)cell_days(2018, 5, 31), 0);
	profile_free(p);
	rows_clear(&r);
}

static void test_generated_sets_columns(void **state)
{
	static const struct expect a3[] = {
		{ "lead_id", ROLE_ID, KIND_NUMBER, COL_IDENTIFIER },
		{ "source", ROLE_SOURCE, KIND_CATEGORY, COL_IN },
		{ "recency_days", A, KIND_NUMBER, COL_IN },
		{ "role", ROLE_TITLE, KIND_CATEGORY, COL_IN },
		{ "page_views", ROLE_ENGAGEMENT, KIND_NUMBER, COL_IN },
		{ "last_touch", A, KIND_CATEGORY, COL_IN },
		{ "prior_course_interest", A, KIND_YESNO, COL_IN },
		{ 0 },
	};
	static const struct expect goushik[] = {
		{ "lead_id", ROLE_ID, KIND_CATEGORY, COL_IDENTIFIER },
		{ "region", ROLE_REGION, KIND_CATEGORY, COL_IN },
		{ "prior_course_interest", A, KIND_LIST, COL_IN },
		{ "webinar_attended", A, KIND_YESNO, COL_IN },
		{ "region_engagement_score", A, KIND_NUMBER, COL_IN },
		{ "time_spent_minutes", ROLE_ENGAGEMENT, KIND_NUMBER, COL_IN },
		{ 0 },
	};
	static const struct expect qeagle[] = {
		{ "name", ROLE_NAME, KIND_CATEGORY, COL_IDENTIFIER },
		{ "email", ROLE_EMAIL, KIND_CATEGORY, COL_IN },
		{ "phone", ROLE_PHONE, KIND_CATEGORY, COL_IN },
		{ "search_keywords", A, KIND_CATEGORY, COL_IN },
		{ "time_spent", ROLE_ENGAGEMENT, KIND_NUMBER, COL_IN },
		{ 0 },
	};

	shared_case("data/leads/synthetic_a3/train.csv", ',', "heat_label", a3);
	shared_case("data/leads/synthetic_goushik/train.csv", ',', "label_conversion", goushik);
	shared_case("data/leads/synthetic_qeagle/train.csv", ',', NULL, qeagle);
}

static void test_header_folding_is_what_people_mean(void **state)
{
	char room[HEADER_MAX];

	assert_true(str_eq(header_fold(S("  Lead_Source* "), room), S("lead source")));
	assert_true(str_eq(header_fold(S("LeadSource"), room), S("lead source")));
	assert_true(str_eq(header_fold(S("E-Mail"), room), S("e mail")));
	assert_true(str_eq(header_fold(S("T\xC3\xA9l\xC3\xA9phone #2"), room), S("telephone #2")));
	assert_true(str_eq(header_fold(S("\xFF\xFE"), room), S("")));
	assert_int_equal(header_fold(S(""), room).n, 0);
}

static void test_products_are_told_by_their_headers(void **state)
{
	const struct str hubspot[] = { S("Record ID"), S("Email"), S("Lifecycle Stage") };
	const struct str forms[] = { S("Timestamp"), S("Your name") };
	const struct str odd[] = { S("Salesperson"), S("Active"), S("Fruit") };
	const struct str pipedrive[] = { S("Deal - Title"), S("Deal - Won time") };
	struct header_guess g;

	assert_string_equal(header_product_name(header_product(hubspot, 3)), "HubSpot");
	assert_string_equal(header_product_name(header_product(forms, 2)), "Google Forms");
	assert_int_equal(header_product(odd, 3), -1);
	assert_string_equal(header_product_name(header_product(pipedrive, 2)), "Pipedrive");
	assert_true(header_guess(S("Deal - Won time"), header_product(pipedrive, 2), 0, &g));
	assert_int_equal(g.role, ROLE_OUTCOME_AT);
	assert_true(g.leak);
	assert_false(header_guess(S("Active"), -1, 0, &g));
}

static void test_a_file_with_header_only_has_empty_columns(void **state)
{
	struct profile *p = profile_text_of("a,b\n", NULL);

	assert_int_equal(p->rows, 0);
	assert_int_equal(p->cols[0].out, COL_EMPTY);
	profile_free(p);
}

static void test_unknown_target_and_drop_are_named(void **state)
{
	const struct str names[] = { S("a") }, drop[] = { S("b") };
	struct profile_opts o = { .target = S("won") };
	struct err e = { 0 };

	assert_null(profiler_new(names, 1, &o, &e));
	assert_non_null(strstr(e.msg, "\"won\""));
	o = (struct profile_opts){ .drop = drop, .n_drop = 1 };
	assert_null(profiler_new(names, 1, &o, &e));
	assert_non_null(strstr(e.msg, "--drop"));
}

/* 200 rows of columns that look like identifiers and are none, and the other way round. */
static void test_measures_are_no_identifiers(void **state)
{
	struct buf b = { 0 };
	struct err e = { 0 };
	struct profile *p;
	char *text;

	buf_z(&b, "counter,shuffled,revenue,seconds,points,customer no,sorted "
		  "revenue,code,zip,long,person\n");
	for (unsigned i = 0; i < 200; i++) {
		unsigned r = (i * 7919u + 13u) % 200u, h = i * 2654435761u;

		buf_fmt(&b, "%u,%u,%u,%u,%u.%u,%u,%.0f,AB-%u,%05u,%u,", 9000 + i * 3, r,
			h % 90000000u, h % 2000u, h % 97u, h % 89u, 70000 + h % 9000000u,
			exp(i / 15.0) * 1000, h % 1000000u, h % 30u * 31u,
			1000000000u + h % 900000000u);
		buf_fmt(&b, "Ann%c Lee%c%c\n", 'a' + i % 26, 'a' + i / 26, 'a' + h % 26);
	}
	text = buf_take(&b, &e);
	p = profile_text_of(text, NULL);
	check(p, (const struct expect[]){
			 { "counter", A, KIND_NUMBER, COL_IDENTIFIER },
			 { "shuffled", A, KIND_NUMBER, COL_IDENTIFIER },
			 { "revenue", A, KIND_NUMBER, COL_IN },
			 { "seconds", A, KIND_NUMBER, COL_IN },
			 { "points", A, KIND_NUMBER, COL_IN },
			 { "customer no", A, KIND_NUMBER, COL_IDENTIFIER },
			 { "sorted revenue", A, KIND_NUMBER, COL_IN },
			 { "code", A, KIND_CATEGORY, COL_IDENTIFIER },
			 { "zip", ROLE_POSTAL_CODE, KIND_CATEGORY, COL_IN },
			 { "long", A, KIND_NUMBER, COL_IDENTIFIER },
			 { "person", ROLE_NAME, KIND_CATEGORY, COL_IDENTIFIER },
			 { 0 },
		 });
	assert_int_equal(col(p, "counter")->counter, 1);
	profile_free(p);
	free(text);
}

/* A file has part of the records, in any order: what numbers them has gaps, yet no value twice. */
static void test_a_part_of_numbered_records_is_numbered(void **state)
{
	struct rng r;
	struct buf b = { 0 };
	struct err e = { 0 };
	struct profile *p;
	char *text;

	rng_seed(&r, 5);
	buf_z(&b, "record,drawn,wide,Unnamed: 0\n");
	for (unsigned i = 0; i < 600; i++)
		buf_fmt(&b, "%u,%u,%u,%u\n", 1 + i * 7919u % 3001u, (unsigned)rng_below(&r, 3001),
			1 + i * 7919u % 30011u, 1 + i * 104729u % 600011u);
	text = buf_take(&b, &e);
	p = profile_text_of(text, NULL);
	check(p, (const struct expect[]){
			 { "record", A, KIND_NUMBER, COL_IDENTIFIER },
			 { "drawn", A, KIND_NUMBER, COL_IN },
			 { "wide", A, KIND_NUMBER, COL_IN },
			 { "Unnamed: 0", A, KIND_NUMBER, COL_IDENTIFIER },
			 { 0 },
		 });
	profile_free(p);
	free(text);
}

/* A generated or small file has few names: they are names all the same. Kinds are no names. */
static void test_few_names_are_names(void **state)
{
	static const char *const first[] = { "Ann", "Bob", "Cy", "Dee", "Eve" };
	static const char *const last[] = { "Lee", "Fox", "Ray" };
	struct buf b = { 0 };
	struct err e = { 0 };
	struct profile *p;
	char *text;

	buf_str(&b, S("First Name,Nachname,Name,Subject,Visits\n"));
	for (unsigned i = 0; i < 400; i++)
		buf_fmt(&b, "%s,%s,%s %s,%s,%u\n", first[i % 5], last[i % 3], first[i % 5],
			last[i % 3],
			i % 2   ? "Prices"
			: i % 3 ? "Demo"
				: "Other",
			i % 17);
	text = buf_take(&b, &e);
	p = profile_text_of(text, NULL);
	check(p, (const struct expect[]){
			 { "First Name", ROLE_FIRST_NAME, KIND_CATEGORY, COL_IDENTIFIER },
			 { "Nachname", ROLE_LAST_NAME, KIND_CATEGORY, COL_IDENTIFIER },
			 { "Name", ROLE_NAME, KIND_CATEGORY, COL_IDENTIFIER },
			 { "Subject", A, KIND_CATEGORY, COL_IN },
			 { 0 },
		 });
	profile_free(p);
	free(text);
}

static void test_day_order_is_decided_from_all_rows(void **state)
{
	char note[PROFILE_NOTE];
	struct profile *p = profile_text_of("created,other,never\n01/02/2024,05/06/2024,x\n"
					    "03/04/2024,,x\n25/04/2024,07/08/2024,x\n",
		NULL);

	assert_int_equal(col(p, "created")->format.order, ORDER_DMY);
	assert_int_equal(col(p, "created")->ambiguous, 2);
	assert_int_equal(col(p, "other")->format.order, ORDER_DMY); /* as the file's other column */
	assert_float_equal(p->as_of, (double)cell_days(2024, 8, 7), 0);
	assert_true(str_eq(p->as_of_column, S("other")));
	profile_free(p);
	p = profile_text_of("created\n01/02/2024\n03/04/2024\n", NULL);
	assert_int_equal(col(p, "created")->format.order, ORDER_UNKNOWN);
	assert_non_null(
		strstr(profile_note(p, 0, note), "such as 01/02/2024; they are read day first"));
	assert_null(profile_note(p, 1, note));
	profile_free(p);
}

static void test_dates_of_the_future_and_of_the_outcome_are_no_as_of(void **state)
{
	struct rows r = rows_of("Created,Next Call,Close Date\n2024-01-05,2031-01-01,2024-06-01\n"
				"2024-01-09,2024-01-20,\n",
		',');
	struct profile_opts o = { .now = (double)cell_days(2024, 7, 1) };
	struct profile *p = profile_rows(&r, &o);

	assert_int_equal(col(p, "Close Date")->role, ROLE_OUTCOME_AT);
	assert_true(col(p, "Close Date")->leak_hint.n != 0);
	assert_float_equal(p->as_of, (double)cell_days(2024, 1, 20), 0);
	profile_free(p);
	rows_clear(&r);
}

static void test_the_only_date_tells_when_leads_came(void **state)
{
	struct profile *p = profile_text_of(
		"engage_date,close_date,n\n2024-01-05,2024-06-01,a\n2024-01-09,2024-07-01,b\n",
		NULL);

	assert_int_equal(col(p, "engage_date")->role, ROLE_CREATED_AT);
	profile_free(p);
	p = profile_text_of("birth date,n\n1984-01-05,a\n1990-01-09,b\n", NULL);
	assert_int_equal(col(p, "birth date")->role, ROLE_ATTRIBUTE);
	profile_free(p);
}

static void test_decimal_commas_are_seen(void **state)
{
	struct rows r = rows_of("amount;other\n1.500,50;1.234\n2.000;3,5\n", ';');
	struct profile *p = profile_rows(&r, NULL);

	assert_int_equal(col(p, "amount")->format.mark, MARK_COMMA);
	assert_float_equal(col(p, "amount")->max, 2000, 0);
	assert_float_equal(col(p, "other")->max, 1234, 0);
	profile_free(p);
	rows_clear(&r);
}

static void test_codes_for_missing_are_told_from_large_values(void **state)
{
	struct buf b = { 0 };
	struct err e = { 0 };
	struct profile *p;
	char *text;

	buf_z(&b, "gap,minus,honest,age,temp\n");
	for (int i = 0; i < 300; i++)
		buf_fmt(&b, "%d,%d,%d,%d,%d\n", i % 3 ? 999 : i % 20, i % 4 ? i % 30 : -1,
			i % 5 ? i * 7 % 1500 : 999, i % 9 ? 20 + i % 79 : 99,
			i % 2 ? -1 : -5 + i % 11);
	text = buf_take(&b, &e);
	p = profile_text_of(text, NULL);
	assert_int_equal(col(p, "gap")->n_sentinels, 1);
	assert_int_equal(col(p, "gap")->filled, 100);
	assert_int_equal(col(p, "gap")->placeholders, 200);
	assert_int_equal(col(p, "minus")->n_sentinels, 1);
	assert_int_equal(col(p, "honest")->n_sentinels, 0);
	assert_int_equal(col(p, "age")->n_sentinels, 0);
	assert_int_equal(col(p, "temp")->n_sentinels, 0);
	profile_free(p);
	free(text);
}

static void test_commas_in_names_make_no_list(void **state)
{
	struct buf b = { 0 };
	struct err e = { 0 };
	struct profile *p;
	char *text;
	static const char *const topics[] = { "SEO", "Ads", "Blog", "CRM", "Mail" };

	buf_z(&b, "place;topics;sector\n");
	for (unsigned i = 0; i < 300; i++)
		buf_fmt(&b, "City%u, Land%u;%s,%s;%s\n", i % 90, i % 90 % 3, topics[i % 5],
			topics[i * 7 / 3 % 5],
			i % 2 ? "Banking, Investment And Insurance" : "Travel");
	text = buf_take(&b, &e);
	{
		struct rows r = rows_of(text, ';');

		p = profile_rows(&r, NULL);
		assert_int_equal(col(p, "place")->kind, KIND_CATEGORY);
		assert_int_equal(col(p, "topics")->kind, KIND_LIST);
		assert_int_equal(col(p, "topics")->list_sep, ',');
		assert_int_equal(col(p, "sector")->kind, KIND_CATEGORY);
		profile_free(p);
		rows_clear(&r);
	}
	free(text);
}

static void test_distinct_is_estimated_with_bounded_memory(void **state)
{
	const struct str names[] = { S("many"), S("few") };
	struct err e = { 0 };
	struct profiler *pr = profiler_new(names, 2, NULL, &e);
	struct profile *p;

	for (unsigned i = 0; i < 60000; i++) {
		char many[16], few[16];
		struct str cells[2];

		snprintf(many, sizeof(many), "%u.5", i * 2654435761u % 50000u);
		snprintf(few, sizeof(few), "v%u", i % 40);
		cells[0] = str_of(many);
		cells[1] = str_of(few);
		assert_int_equal(profiler_row(pr, cells, &e), 0);
	}
	p = profiler_end(pr, &e);
	assert_float_equal(p->cols[1].distinct, 40, 0);
	assert_true(p->cols[0].distinct > 28000 && p->cols[0].distinct < 70000);
	assert_int_equal(p->cols[0].out, COL_IN);
	profile_free(p);
}

static struct json *json_of(const struct profile *p, struct buf *b)
{
	struct jw w = { .b = b };
	struct err e = { 0 };

	profile_write(p, &w);
	return json_parse(buf_view(b), &e);
}

static void test_json_comes_back_as_it_went(void **state)
{
	struct profile *p, *q;
	struct buf b = { 0 }, c = { 0 };
	struct err e = { 0 };
	struct json *doc, *again;

	p = profile_text_of("id,mail,when,n\n1,a@x.com,01/02/2024,5\n2,b@y.org,25/02/2024,\n", "n");
	doc = json_of(p, &b);
	assert_non_null(doc);
	q = profile_read(doc, &e);
	assert_non_null(q);
	again = json_of(q, &c);
	assert_true(str_eq(buf_view(&b), buf_view(&c)));
	json_free(doc);
	json_free(again);
	buf_clear(&b);
	buf_clear(&c);
	profile_free(q);
	profile_free(p);
}

static int edit(struct profile *p, const char *text, struct err *e)
{
	struct json *doc = json_parse(str_of(text), e);
	int rc;

	assert_non_null(doc);
	rc = profile_edit(p, doc, e);
	json_free(doc);
	return rc;
}

static void test_edits_are_checked_and_named(void **state)
{
	struct profile *p = profile_text_of("id,plan,n\n1,a,5\n2,b,6\n3,b,6\n", NULL);
	struct err e = { 0 };

	assert_int_equal(
		edit(p, "{\"columns\":[{\"name\":\"plan\",\"role\":\"colour\"}]}", &e), -1);
	assert_non_null(strstr(e.msg, "\"plan\""));
	assert_non_null(strstr(e.msg, "attribute"));
	assert_int_equal(edit(p, "{\"columns\":[{\"name\":\"gone\"}]}", &e), -1);
	assert_non_null(strstr(e.msg, "\"gone\""));
	assert_int_equal(edit(p, "{\"columns\":[{\"name\":\"n\"},{\"name\":\"n\"}]}", &e), -1);
	assert_int_equal(edit(p, "{\"columns\":[5]}", &e), -1);
	assert_int_equal(edit(p, "{}", &e), -1);
	assert_int_equal(edit(p, "[]", &e), -1);
	assert_non_null(strstr(e.msg, "no columns"));
	assert_int_equal(
		edit(p,
			"{\"columns\":[{\"name\":\"n\",\"kind\":\"category\"},{\"name\":\"plan\","
			"\"role\":"
			"\"ignore\",\"note\":1},{\"name\":\"id\",\"role\":\"attribute\"}]}",
			&e),
		0);
	assert_int_equal(col(p, "n")->kind, KIND_CATEGORY);
	assert_true(col(p, "n")->kind_by_user);
	assert_int_equal(col(p, "plan")->out, COL_DROPPED);
	assert_int_equal(col(p, "id")->out, COL_IN);
	profile_free(p);
}

static void test_keep_insists_and_drop_leaves_out(void **state)
{
	const struct str keep[] = { S("id") }, drop[] = { S("Plan") };
	struct profile_opts o = { .keep = keep, .n_keep = 1, .drop = drop, .n_drop = 1 };
	struct rows r = rows_of("id,plan\n1,a\n2,b\n3,b\n", ',');
	struct profile *p = profile_rows(&r, &o);

	assert_int_equal(p->cols[0].out, COL_IN);
	assert_true(p->cols[0].kept_by_user);
	assert_int_equal(p->cols[1].out, COL_DROPPED);
	profile_free(p);
	rows_clear(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header_folding_is_what_people_mean),
		cmocka_unit_test(test_products_are_told_by_their_headers),
		cmocka_unit_test(test_a_file_with_header_only_has_empty_columns),
		cmocka_unit_test(test_unknown_target_and_drop_are_named),
		cmocka_unit_test(test_measures_are_no_identifiers),
		cmocka_unit_test(test_a_part_of_numbered_records_is_numbered),
		cmocka_unit_test(test_few_names_are_names),
		cmocka_unit_test(test_day_order_is_decided_from_all_rows),
		cmocka_unit_test(test_dates_of_the_future_and_of_the_outcome_are_no_as_of),
		cmocka_unit_test(test_the_only_date_tells_when_leads_came),
		cmocka_unit_test(test_decimal_commas_are_seen),
		cmocka_unit_test(test_codes_for_missing_are_told_from_large_values),
		cmocka_unit_test(test_commas_in_names_make_no_list),
		cmocka_unit_test(test_distinct_is_estimated_with_bounded_memory),
		cmocka_unit_test(test_json_comes_back_as_it_went),
		cmocka_unit_test(test_edits_are_checked_and_named),
		cmocka_unit_test(test_keep_insists_and_drop_leaves_out),
		cmocka_unit_test(test_x_education_columns),
		cmocka_unit_test(test_bank_columns),
		cmocka_unit_test(test_health_insurance_columns),
		cmocka_unit_test(test_olist_columns),
		cmocka_unit_test(test_generated_sets_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
