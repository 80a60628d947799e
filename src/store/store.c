/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include <math.h>

#include "record/fold.h"
#include "store/lead_value_internal.h"
#include "util/buf.h"
#include "util/crypto.h"
#include "util/err.h"

void store_lead_id_external(const struct store *s, struct str external_id, struct id *out)
{
	struct str parts[] = { S("external"), str_trim(external_id) };

	crypto_hash128_parts(s->lead_key, parts, 2, out->b);
}

void store_lead_id_email(const struct store *s, struct str email, struct id *out)
{
	char lower[320];
	struct str parts[] = { S("email"), str_trim(email) };
	size_t i;

	/* Longer than any mailbox can be: taken as it is. */
	if (parts[1].n <= sizeof(lower)) {
		for (i = 0; i < parts[1].n; i++) {
			char c = parts[1].p[i];

			lower[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
		}
		parts[1].p = lower;
	}
	crypto_hash128_parts(s->lead_key, parts, 2, out->b);
}

void store_lead_id_row(
	const struct store *s, struct str packed_cells, uint64_t occurrence, struct id *out)
{
	struct str parts[] = { S("row"), packed_cells,
		{ (const char *)&occurrence, sizeof(occurrence) } };

	crypto_hash128_parts(s->lead_key, parts, 3, out->b);
}

void store_words(const struct lead_values *v, uint64_t mapped, struct buf *out)
{
	words_of_values(v, mapped, out);
}

static int check_filter(const struct query_filter *f, struct err *e)
{
	enum field_kind kind = field_kind(f->column.field);
	const char *name = field_name(f->column.field);
	size_t i, want = 1;

	if (f->column.field > LF_ATTRIBUTE)
		return err_set(e, ERR_INPUT, "there is no such column to filter by");
	if (f->op == QUERY_EMPTY || f->op == QUERY_FILLED)
		want = 0;
	if (f->op == QUERY_EQ || f->op == QUERY_NE || f->op == QUERY_IN) {
		if (f->n == 0)
			return err_set(e, ERR_INPUT, "a filter on %s lacks its value", name);
	} else if (f->n != want) {
		return err_set(
			e, ERR_INPUT, "a filter on %s wants %zu values, not %zu", name, want, f->n);
	}
	if ((f->op == QUERY_CONTAINS || f->op == QUERY_STARTS) && kind != FK_TEXT)
		return err_set(e, ERR_INPUT, "%s is no text: it cannot be searched in", name);
	for (i = 0; i < f->n; i++) {
		if ((kind == FK_NUMBER || kind == FK_TIME) && isnan(f->values[i].number))
			return err_set(e, ERR_INPUT, "a filter on %s wants a %s", name,
				kind == FK_TIME ? "time" : "number");
		if (kind == FK_CHOICE && field_choice_parse(f->column.field, f->values[i].text) < 0)
			return err_set(e, ERR_INPUT, "%s is never \"" STR_FMT "\"", name,
				STR_ARG(str_sub(f->values[i].text, 0, 100)));
	}
	return 0;
}

bool store_asks_for(const struct lead_query *q, struct id id)
{
	size_t lo = 0, hi = q->n_ids;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int c = id_cmp(q->ids[mid], id);

		if (c == 0)
			return true;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return q->ids == NULL;
}

int store_check_query(const struct lead_query *q, struct err *e)
{
	size_t i;

	if (q->limit < 1 || q->limit > 5000)
		return err_set(e, ERR_INPUT, "the limit of a page is 1 to 5000");
	if (q->n_filters > 100)
		return err_set(e, ERR_INPUT, "more than 100 filters");
	if (!isnan(q->at) && (q->at < 0 || q->at > 1))
		return err_set(e, ERR_INPUT, "a page starts at a fraction from 0 to 1");
	for (i = 1; i < q->n_ids; i++)
		if (id_cmp(q->ids[i - 1], q->ids[i]) >= 0)
			return err_set(e, ERR_INPUT, "ids of a query are in order, each once");
	for (i = 0; i < q->n_filters; i++)
		if (check_filter(&q->filters[i], e) != 0)
			return -1;
	return 0;
}
