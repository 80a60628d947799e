/* SPDX-License-Identifier: Apache-2.0 */
/* A saved outcome rule, or the cells of a target column line by line (the first two lines also as
 * won and lost values): an answer or a message, and what is written reads back. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "model/outcome.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void use(const struct outcome_rule *r, struct str text)
{
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	struct err e = { 0 };
	struct outcome_rule *back;
	struct json *doc;
	int label = outcome_label(r, text);

	if (label < -1 || label > 2)
		abort();
	outcome_describe(r, &b);
	buf_reset(&b);
	outcome_write(r, &w);
	if ((doc = json_parse(buf_view(&b), &e)) == NULL || (back = outcome_read(doc, &e)) == NULL)
		abort();
	outcome_rule_free(back);
	json_free(doc);
	buf_clear(&b);
}

static void count_lines(struct str text)
{
	struct str rest = text, line, given[2] = { S(""), S("") };
	struct outcome_opts o = { .column = S("target"), .won = given, .lost = given + 1 };
	struct err e = { 0 };
	struct outcome_counter *c;

	str_split(rest, '\n', &given[0], &line);
	str_split(line, '\n', &given[1], &rest);
	o.n_won = given[0].n > 0;
	o.n_lost = given[1].n > 0;
	if ((c = outcome_counter_new(&o, &e)) == NULL)
		return;
	for (rest = text; rest.n > 0;) {
		struct str tail;

		str_split(rest, '\n', &line, &tail);
		outcome_counter_cell(c, line, &e);
		rest = tail;
	}
	for (int flags = 0; flags < 2; flags++) {
		struct outcome_rule *r;

		if (flags == 0)
			o.n_won = o.n_lost = 0;
		else
			o.n_won = given[0].n > 0;
		if ((r = outcome_resolve(c, &o, &e)) != NULL)
			use(r, given[0]);
		else if (e.msg[0] == '\0')
			abort();
		outcome_rule_free(r);
	}
	outcome_counter_free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str text = { (const char *)data, n };
	struct err e = { 0 };
	struct json *doc;
	struct outcome_rule *r;

	if (n == 0 || data[0] != '{') {
		count_lines(text);
		return 0;
	}
	if ((doc = json_parse(text, &e)) == NULL)
		return 0;
	if ((r = outcome_read(doc, &e)) != NULL)
		use(r, text);
	outcome_rule_free(r);
	json_free(doc);
	return 0;
}
