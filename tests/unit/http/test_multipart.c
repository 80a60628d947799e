/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "http/multipart.h"
#include "util/buf.h"
#include "util/err.h"

/* What was told, as text: "[name|filename|type]bytes;". */
static int begin(void *ctx, const struct part *p, struct err *e)
{
	buf_fmt(ctx, "[" STR_FMT "|" STR_FMT "|" STR_FMT "]", STR_ARG(p->name),
		STR_ARG(p->filename), STR_ARG(p->type));
	return 0;
}

static int data(void *ctx, struct str bytes, struct err *e)
{
	buf_str(ctx, bytes);
	return 0;
}

static int end(void *ctx, struct err *e)
{
	buf_c(ctx, ';');
	return 0;
}

/* In pieces of ${step} bytes. 0, or -1 when it was refused. */
static int run(struct str body, size_t step, struct buf *told, struct err *e)
{
	struct multipart_hooks hooks = { told, begin, data, end };
	struct multipart *m = multipart_new(S("XyZ"), &hooks, e);
	int rc = 0;

	for (size_t i = 0; i < body.n && rc == 0; i += step)
		rc = multipart_feed(m, str_sub(body, i, i + step), e);
	if (rc == 0)
		rc = multipart_end(m, e);
	multipart_free(m);
	return rc;
}

#define CD "Content-Disposition: form-data; name="

static const struct {
	const char *body, *told; /* NULL: refused */
} cases[] = {
	{ "--XyZ\r\n" CD "\"a\"\r\n\r\n1\r\n--XyZ--\r\n", "[a||]1;" },
	{ "\r\n--XyZ\r\n" CD "\"a\"\r\n\r\n1\r\n--XyZ--", NULL }, /* a line before the first */
	{ "--XyZ\r\n" CD "a\r\n\r\n\r\n--XyZ--\r\n", "[a||];" },
	{ "--XyZ\r\n" CD
	  "\"a\"; filename=\"x;y=\\\"z\\\".csv\"\r\nContent-Type: text/csv\r\n\r\n1\r\n--XyZ\r\n"
	  "content-disposition:form-data;name=b\r\n\r\n2\r\n--XyZ--\r\n\r\n",
		"[a|x;y=\\\"z\\\".csv|text/csv]1;[b||]2;" },
	/* Beginnings of the delimiter in the data, at every length. */
	{ "--XyZ\r\n" CD
	  "\"a\"\r\n\r\n\r\r\n\r\n-\r\n--\r\n--X\r\n--Xy\r\n--Xz\r\n--xyz\r\r\n--XyZ--",
		"[a||]\r\r\n\r\n-\r\n--\r\n--X\r\n--Xy\r\n--Xz\r\n--xyz\r;" },
	{ "--XyZ\r\n" CD "\"a\"\r\n\r\n--XyZ\r\n--XyZ--", "[a||]--XyZ;" },
	{ "", NULL },
	{ "--XyZ--", "" },
	{ "--XyZ", NULL },
	{ "--XyZ\r\n", NULL },
	{ "--XyY\r\n", NULL },
	{ "--XyZ\n" CD "\"a\"\n\n1\n--XyZ--", NULL },
	{ "--XyZ \r\n" CD "\"a\"\r\n\r\n1\r\n--XyZ--", NULL },
	{ "--XyZ\r\n" CD "\"a\"\r\n\r\n1\r\n--XyZ", NULL },
	{ "--XyZ\r\n" CD "\"a\"\r\n\r\n1\r\n--XyZ-", NULL },
	{ "--XyZ\r\n" CD "\"a\"\r\n\r\n1\r\n--XyZ--x", NULL },
	{ "--XyZ\r\n" CD "\"a\r\n\r\n1\r\n--XyZ--", NULL },
	{ "--XyZ\r\nContent-Disposition: form-data\r\n\r\n1\r\n--XyZ--", NULL },
	{ "--XyZ\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n1\r\n--XyZ--", NULL },
	{ "--XyZ\r\n" CD "\"a\"\r\n" CD "\"b\"\r\n\r\n1\r\n--XyZ--", NULL },
	{ "--XyZ\r\n" CD "\"a\"\r\nContent-Transfer-Encoding: base64\r\n\r\n1\r\n--XyZ--", NULL },
	{ "--XyZ\r\n" CD "\"a\"\r\n folded\r\n\r\n1\r\n--XyZ--", NULL },
	{ "--XyZ\r\n" CD "\"\xff\"\r\n\r\n1\r\n--XyZ--", NULL },
	{ "--XyZ\r\n\r\n1\r\n--XyZ--", NULL },
};

static void test_parts_are_told_whatever_the_pieces(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str body = str_of(cases[i].body);

		for (size_t step = 1; step <= body.n + 1; step++) {
			struct buf told = { 0 };
			struct err e = { 0 };
			int rc = run(body, step, &told, &e);

			if ((rc == 0) != (cases[i].told != NULL) ||
				(rc == -1 && e.code != ERR_REQUEST))
				fail_msg("case %zu in pieces of %zu: %s", i, step, e.msg);
			if (rc == 0 && !str_eq(buf_view(&told), str_of(cases[i].told)))
				fail_msg("case %zu in pieces of %zu: " STR_FMT, i, step,
					STR_ARG(buf_view(&told)));
			buf_clear(&told);
		}
	}
}

static void test_too_much_is_refused(void **state)
{
	struct buf body = { 0 }, told = { 0 };
	struct err e = { 0 };

	buf_z(&body, "--XyZ\r\nX: ");
	for (int i = 0; i < 8192; i++)
		buf_c(&body, 'x');
	assert_int_equal(run(buf_view(&body), 1000, &told, &e), -1);
	assert_non_null(strstr(e.msg, "8 KiB"));
	buf_reset(&body);
	for (int i = 0; i < 33; i++)
		buf_z(&body, "--XyZ\r\n" CD "\"a\"\r\n\r\n1\r\n");
	buf_z(&body, "--XyZ--");
	assert_int_equal(run(buf_view(&body), 1000, &told, &e), -1);
	assert_non_null(strstr(e.msg, "32 parts"));
	buf_clear(&body);
	buf_clear(&told);
}

static void test_boundaries(void **state)
{
	static const struct {
		const char *type, *boundary;
	} types[] = {
		{ "multipart/form-data; boundary=abc", "abc" },
		{ "multipart/form-data; charset=x; Boundary=\"a b'c\"", "a b'c" },
		{ "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxk",
			"----WebKitFormBoundary7MA4YWxk" },
		{ "multipart/form-data", NULL },
		{ "multipart/form-data; boundary=", NULL },
		{ "multipart/form-data; boundary=\"\"", NULL },
		{ "multipart/form-data; boundary=\"abc", NULL },
		{ "multipart/form-data; boundary=a<b", NULL },
		{ "multipart/form-data; xboundary=abc", NULL },
		{ "multipart/form-data; boundary="
		  "1234567890123456789012345678901234567890123456789012345678901234567890x",
			NULL },
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct str got;
		struct err e = { 0 };
		int rc = multipart_boundary(str_of(types[i].type), &got, &e);

		if ((rc == 0) != (types[i].boundary != NULL) ||
			(rc == 0 && !str_eq(got, str_of(types[i].boundary))))
			fail_msg("%s", types[i].type);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts_are_told_whatever_the_pieces),
		cmocka_unit_test(test_too_much_is_refused),
		cmocka_unit_test(test_boundaries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
