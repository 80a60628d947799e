/* SPDX-License-Identifier: Apache-2.0 */
/* store_suite.h: what the parts of the behaviour suite (test_store_*.c) share: rows to put in, and
 * running every test against each backend. */
#ifndef TESTS_STORE_STORE_SUITE_H
#define TESTS_STORE_STORE_SUITE_H

#include "store_test.h"

static const char *backend;

static inline int setup(void **state)
{
	struct fixture *f = malloc(sizeof(*f));

	open_backend(f, backend);
	*state = f;
	return 0;
}

static inline int teardown(void **state)
{
	clock_set_ms(-1);
	close_backend(*state);
	free(*state);
	return 0;
}

static inline struct id number_id(unsigned n)
{
	struct id id = { { (uint8_t)(n >> 8), (uint8_t)n } };

	id.b[15] = 9;
	return id;
}

static inline uint32_t layout_of(
	struct fixture *f, const char *const *headers, size_t n, enum lead_field first)
{
	struct layout_column c[10];
	struct layout l = { .columns = c, .n = n };
	uint32_t number;
	size_t i;

	for (i = 0; i < n; i++)
		c[i] = (struct layout_column){ str_of(headers[i]), i == 0 ? first : LF_ATTRIBUTE,
			"" };
	ok(f, f->s->layouts->put(f->s, &l, &number, &f->e));
	return number;
}

/* A row with an email, a source and two attributes; ${version} makes its content. */
static inline struct lead_put row_of(
	struct fixture *f, unsigned n, const char *source, unsigned version)
{
	static const char *const headers[] = { "Email", "Plan", "Pages" };
	struct lead_put p = {
		.id = number_id(n), .mapped = FIELD_BIT(LF_EMAIL) | FIELD_BIT(LF_SOURCE), .row = n
	};
	struct buf b = { 0 };
	char email[40], pages[20];
	struct str cells[3];

	snprintf(email, sizeof(email), "p%u@example.org", n);
	snprintf(pages, sizeof(pages), "%u", version);
	lead_values_none(&p.values);
	p.values.text[LF_EMAIL] = (struct str){ arena_dup(&f->a, str_of(email)), strlen(email) };
	p.values.text[LF_SOURCE] = str_of(source);
	cells[0] = p.values.text[LF_EMAIL];
	cells[1] = S("gold");
	cells[2] = str_of(pages);
	cells_pack(cells, 3, &b);
	p.cells = (struct str){ arena_dup(&f->a, buf_view(&b)), b.n };
	buf_clear(&b);
	p.layout = layout_of(f, headers, 3, LF_EMAIL);
	p.digest[0] = (uint8_t)(n + 1);
	p.digest[1] = (uint8_t)(version + 1);
	p.digest[2] = (uint8_t)source[0];
	return p;
}

static inline struct lead_score score_of(double p, const char *model)
{
	struct lead_score s = { .probability = p,
		.points = (uint8_t)(p * 100 + 0.5),
		.heat = p > 0.7   ? LEAD_HOT
			: p > 0.3 ? LEAD_WARM
				  : LEAD_COLD,
		.scored_ms = 77 };

	strcpy(s.model, model);
	return s;
}

static inline void put_rows(
	struct fixture *f, struct lead_put *rows, size_t n, struct id upload, int64_t now)
{
	struct lead_put_opts o = { .upload = upload, .now_ms = now };

	ok(f, f->s->leads->put(f->s, rows, n, &o, &f->e));
}

static inline struct lead get(struct fixture *f, unsigned n)
{
	struct lead l;

	ok(f, f->s->leads->get(f->s, number_id(n), &f->a, &l, &f->e));
	return l;
}

static inline struct lead_page page_of(struct fixture *f, struct lead_query q)
{
	struct lead_page page;

	q.limit = q.limit != 0 ? q.limit : 100;
	q.total = true;
	if (q.at == 0)
		q.at = NAN;
	ok(f, f->s->leads->list(f->s, &q, &f->a, &page, &f->e));
	return page;
}

static const struct id upload_a = { { 1 } }, upload_b = { { 2 } }, nobody;

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* The end of main: how many failed, all backends together. */
#define RETURN_SUITE(tests) \
	do { \
		int failed_; \
\
		backend = "memory"; \
		failed_ = cmocka_run_group_tests_name("memory", tests, NULL, NULL); \
		backend = "sqlite"; \
		return failed_ + cmocka_run_group_tests_name("sqlite", tests, NULL, NULL); \
	} while (0)

#endif
