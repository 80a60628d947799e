/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "leads/query.h"
#include "leads/retrain_internal.h"
#include "record/id.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"
#include "util/when.h"

enum { LIST_MAX = 1000, TEXT_MAX = 1000, ARENA = 1 << 20 };

/* --- small readers --- */

bool retrain_rate(struct str s, double *per_day)
{
	static const struct {
		const char *unit;
		double days;
	} units[] = { { "day", 1 }, { "week", 7 }, { "month", 365.25 / 12 } };
	struct str head, unit;
	char room[32];
	char *end;
	double n;

	if (!str_split(s, '/', &head, &unit)) {
		head = s;
		unit = S("day");
	}
	head = str_trim(head);
	if (head.n == 0 || head.n >= sizeof(room))
		return false;
	memcpy(room, head.p, head.n);
	room[head.n] = '\0';
	n = strtod(room, &end);
	if (*end != '\0' || !(n > 0) || !isfinite(n))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (str_eqi(str_trim(unit), str_of(units[i].unit))) {
			*per_day = n / units[i].days;
			return true;
		}
	return false;
}

/* A value as it stands behind the "=" of a query string. */
static void put_encoded(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			(c != '\0' && strchr("-_.~,*[]:", c) != NULL))
			buf_c(b, (char)c);
		else
			buf_fmt(b, "%%%02X", c);
	}
}

static bool put_value(struct buf *b, const struct json *v)
{
	switch (json_type(v)) {
	case J_STR:
		put_encoded(b, json_str(v, S("")));
		return true;
	case J_NUM:
		buf_num(b, json_num(v, 0));
		return true;
	case J_BOOL:
		buf_z(b, json_bool(v, false) ? "true" : "false");
		return true;
	default:
		return false;
	}
}

/* One of a list: a comma in it is part of it. */
static bool put_item(struct buf *b, const struct json *v)
{
	struct str s = json_str(v, S("")), head, rest;

	if (json_type(v) != J_STR)
		return put_value(b, v);
	for (; str_split(s, ',', &head, &rest); s = rest) {
		put_encoded(b, head);
		buf_z(b, "%5C,");
	}
	put_encoded(b, s);
	return true;
}

static void put_key(struct buf *b, struct str key)
{
	if (b->n != 0)
		buf_c(b, '&');
	put_encoded(b, key);
}

/* "heat": "hot", "heat": ["hot", "warm"] or "score": {"gte": 50}. */
static bool put_member(struct buf *b, struct str key, const struct json *v)
{
	bool ok = true;

	switch (json_type(v)) {
	case J_OBJ:
		for (size_t i = 0; ok && i < json_len(v); i++) {
			struct str op;
			const struct json *m = json_member(v, i, &op);

			put_key(b, key);
			buf_c(b, '[');
			put_encoded(b, op);
			buf_z(b, "]=");
			for (size_t k = 0; ok && json_type(m) == J_ARR && k < json_len(m); k++) {
				if (k > 0)
					buf_c(b, ',');
				ok = put_item(b, json_at(m, k));
			}
			if (json_type(m) != J_ARR)
				ok = put_value(b, m);
		}
		return ok && json_len(v) > 0;
	case J_ARR:
		put_key(b, key);
		buf_z(b, "[in]=");
		for (size_t k = 0; ok && k < json_len(v); k++) {
			if (k > 0)
				buf_c(b, ',');
			ok = put_item(b, json_at(v, k));
		}
		return ok && json_len(v) > 0;
	default:
		put_key(b, key);
		buf_c(b, '=');
		return put_value(b, v);
	}
}

bool retrain_query(const struct json *v, struct buf *out)
{
	if (json_type(v) == J_NULL)
		return true;
	if (json_type(v) == J_STR) {
		buf_str(out, json_str(v, S("")));
		return true;
	}
	if (json_type(v) != J_OBJ)
		return false;
	for (size_t i = 0; i < json_len(v); i++) {
		struct str key;
		const struct json *m = json_member(v, i, &key);

		/* {"filter": "query string"} as bulk actions take it. */
		if (str_eq(key, S("filter")) && json_type(m) == J_STR) {
			if (out->n != 0)
				buf_c(out, '&');
			buf_str(out, json_str(m, S("")));
		} else if (!put_member(out, key, m)) {
			return false;
		}
	}
	return true;
}

bool retrain_segment(const struct json *args, struct str *out, int64_t *priority)
{
	const struct json *v = json_get(args, "segment");

	*priority = json_int(json_get(v, "priority"), 100);
	*out = json_str(json_type(v) == J_OBJ ? json_get(v, "query") : v, S(""));
	return out->n != 0;
}

/* --- checking --- */

struct checker {
	const struct json *args;
	void (*fault)(void *ctx, const char *pointer, const char *detail);
	void *ctx;
	struct err *e;
	size_t faults;
};

static void fault(struct checker *c, const char *member, const char *detail)
{
	char pointer[80];

	snprintf(pointer, sizeof(pointer), "/%s", member);
	if (c->faults++ == 0)
		err_set(c->e, ERR_INPUT, "%s: %s", member, detail);
	if (c->fault != NULL)
		c->fault(c->ctx, pointer, detail);
}

static void check_known(struct checker *c)
{
	static const char *const known[] = { "upload", "leads", "target", "won", "lost", "drop",
		"keep", "profile", "budget_s", "as_of", "seed", "capacity", "hot", "warm", "value",
		"cost", "verdicts", "name", "segment" };

	for (size_t i = 0; i < json_len(c->args); i++) {
		struct str key;
		bool found = false;
		char name[64];

		json_member(c->args, i, &key);
		for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++)
			found = found || str_eq(key, str_of(known[k]));
		snprintf(name, sizeof(name), STR_FMT, STR_ARG(str_sub(key, 0, 60)));
		if (!found)
			fault(c, name, "is not known here");
	}
}

static void check_lists(struct checker *c)
{
	static const char *const lists[] = { "won", "lost", "drop", "keep" };

	for (size_t i = 0; i < 4; i++) {
		const struct json *v = json_get(c->args, lists[i]);

		if (v == NULL)
			continue;
		if (json_type(v) != J_ARR) {
			fault(c, lists[i], "expected a list of texts");
			continue;
		}
		if (json_len(v) > LIST_MAX)
			fault(c, lists[i], "has more than 1,000 entries");
		for (size_t k = 0; k < json_len(v); k++)
			if (json_type(json_at(v, k)) != J_STR) {
				fault(c, lists[i], "expected a list of texts");
				break;
			}
	}
}

static void check_number(struct checker *c, const char *name, double lo, double hi)
{
	const struct json *v = json_get(c->args, name);
	double x = json_num(v, NAN);
	char text[96];

	snprintf(text, sizeof(text), "expected a number from %g to %g", lo, hi);
	if (v != NULL && !(x >= lo && x <= hi))
		fault(c, name, text);
}

static void check_text(struct checker *c, const char *name)
{
	const struct json *v = json_get(c->args, name);

	if (v != NULL && (json_type(v) != J_STR || json_str(v, S("")).n > TEXT_MAX))
		fault(c, name, "expected a text of at most 1,000 bytes");
}

/* The query string says which leads; it must make sense before a job is made of it. */
static void check_query(struct checker *c, const char *name, const struct json *v)
{
	struct arena mem = { .cap = ARENA };
	struct query *q = arena_alloc(&mem, sizeof(*q));
	struct buf text = { 0 };
	struct err mine = { 0 };

	if (!retrain_query(v, &text)) {
		fault(c, name, "expected a query string, or an object of texts and numbers");
	} else if (q != NULL) {
		query_init(q, &mem, 0);
		if (query_text(q, buf_view(&text), NULL, &mine) == -1 ||
			query_check(q, &mine) == -1)
			fault(c, name, mine.msg);
	}
	buf_clear(&text);
	arena_clear(&mem);
}

static void check_source(struct checker *c)
{
	const struct json *upload = json_get(c->args, "upload");
	struct id id;

	if (upload != NULL && json_get(c->args, "leads") != NULL)
		fault(c, "upload", "either an upload or leads, not both");
	if (upload != NULL && id_parse_ulid(json_str(upload, S("")), &id) == -1)
		fault(c, "upload", "expected the id of an upload");
	check_query(c, "leads", json_get(c->args, "leads"));
}

static void check_rest(struct checker *c)
{
	const struct json *as_of = json_get(c->args, "as_of");
	const struct json *capacity = json_get(c->args, "capacity");
	const struct json *segment = json_get(c->args, "segment");
	const struct json *verdicts = json_get(c->args, "verdicts");
	double rate;
	int64_t ms;

	check_number(c, "budget_s", 1, 86400);
	check_number(c, "seed", 0, 9007199254740991.0);
	check_number(c, "hot", 0, 1);
	check_number(c, "warm", 0, 1);
	check_number(c, "value", 0, 1e15);
	check_number(c, "cost", 0, 1e15);
	check_text(c, "target");
	check_text(c, "name");
	if (as_of != NULL && when_read(json_str(as_of, S("")), &ms, NULL) == -1)
		fault(c, "as_of", "expected a date, as 2026-03-31");
	if (capacity != NULL && json_type(capacity) != J_NUM &&
		!retrain_rate(json_str(capacity, S("")), &rate))
		fault(c, "capacity", "expected leads per day, as \"30/day\" or \"100/week\"");
	if (verdicts != NULL && json_type(verdicts) != J_BOOL)
		fault(c, "verdicts", "expected true or false");
	if (segment != NULL)
		check_query(c, "segment",
			json_type(segment) == J_OBJ ? json_get(segment, "query") : segment);
	if ((json_get(c->args, "value") == NULL) != (json_get(c->args, "cost") == NULL))
		fault(c, "value", "value and cost belong together");
	if (json_get(c->args, "profile") != NULL &&
		json_type(json_get(c->args, "profile")) != J_OBJ)
		fault(c, "profile", "expected an object");
}

int retrain_check(const struct json *args,
	void (*tell)(void *ctx, const char *pointer, const char *detail), void *ctx, struct err *e)
{
	struct checker c = { args, tell, ctx, e, 0 };

	if (json_type(args) != J_OBJ)
		return err_set(e, ERR_INPUT, "expected a JSON object");
	check_known(&c);
	check_source(&c);
	check_lists(&c);
	check_rest(&c);
	return c.faults == 0 ? 0 : -1;
}
