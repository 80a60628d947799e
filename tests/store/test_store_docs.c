/* SPDX-License-Identifier: Apache-2.0 */
/* What every backend must do with the records beside leads and jobs. Each test runs against each
 * backend. */
#include "store_suite.h"

/* --- events, notes, uploads */

static void test_events_are_listed_newest_first_and_once(void **state)
{
	struct fixture *f = *state;
	struct event ev[30], *out;
	struct str cursor = S(""), next;
	size_t n, i, total = 0;

	for (i = 0; i < 30; i++)
		ev[i] = (struct event){ .id = number_id(100 + (unsigned)i),
			.lead = number_id(1),
			.at_ms = (int64_t)i,
			.kind = i % 2 ? S("note") : S("band"),
			.text = S("t") };
	ok(f, f->s->events->add(f->s, ev, 30, &f->e));
	ok(f, f->s->events->add(f->s, ev, 30, &f->e)); /* a call repeated */
	do {
		ok(f, f->s->events->list(
			      f->s, number_id(1), 7, cursor, &f->a, &out, &n, &next, &f->e));
		for (i = 0; i < n; i++, total++)
			assert_int_equal(out[i].at_ms, 29 - (int64_t)total);
		cursor = next;
	} while (cursor.n > 0);
	assert_int_equal(total, 30);
	ok(f, f->s->events->since(f->s, S("note"), 20, 100, &f->a, &out, &n, &f->e));
	assert_int_equal(n, 5);
	refused(f, ERR_INPUT,
		f->s->events->list(f->s, number_id(1), 7, S("xx"), &f->a, &out, &n, &next, &f->e));
}

static void test_notes_can_be_changed_and_taken_away(void **state)
{
	struct fixture *f = *state;
	struct note note = { .id = number_id(5), .lead = number_id(1), .text = S("one") }, *out;
	size_t n;

	ok(f, f->s->notes->put(f->s, &note, &f->e));
	note.text = S("two");
	ok(f, f->s->notes->put(f->s, &note, &f->e));
	ok(f, f->s->notes->list(f->s, number_id(1), &f->a, &out, &n, &f->e));
	assert_int_equal(n, 1);
	same_text(out[0].text, "two");
	ok(f, f->s->notes->remove(f->s, number_id(1), note.id, &f->e));
	refused(f, ERR_NOT_FOUND, f->s->notes->remove(f->s, number_id(1), note.id, &f->e));
}

static void test_an_upload_is_replaced_only_at_its_version(void **state)
{
	struct fixture *f = *state;
	struct upload u = { .id = upload_a, .filename = S("leads.csv"), .bytes = 12 }, back, *list;
	struct upload_progress p = { .position = 9, .fraction = 0.5 };
	struct str next;
	size_t n;

	ok(f, f->s->uploads->put(f->s, &u, 0, &f->e));
	assert_int_equal(u.version, 1);
	refused(f, ERR_CONFLICT, f->s->uploads->put(f->s, &u, 0, &f->e));
	ok(f, f->s->uploads->progress(f->s, upload_a, &p, 3, &f->e));
	u.state = UPLOAD_DONE;
	ok(f, f->s->uploads->put(f->s, &u, 1, &f->e));
	ok(f, f->s->uploads->get(f->s, upload_a, &f->a, &back, &f->e));
	assert_int_equal(back.version, 2);
	assert_int_equal(back.state, UPLOAD_DONE);
	assert_int_equal(back.progress.position, 9); /* what the import wrote is not lost */
	same_text(back.filename, "leads.csv");
	refused(f, ERR_CONFLICT, f->s->uploads->put(f->s, &u, 1, &f->e));
	ok(f, f->s->uploads->list(f->s, 10, S(""), &f->a, &list, &n, &next, &f->e));
	assert_int_equal(n, 1);
	assert_int_equal(next.n, 0);
	ok(f, f->s->uploads->remove(f->s, upload_a, &f->e));
	refused(f, ERR_NOT_FOUND, f->s->uploads->get(f->s, upload_a, &f->a, &back, &f->e));
}

/* --- people */

static void test_one_user_per_email_whatever_its_case(void **state)
{
	struct fixture *f = *state;
	struct user u = { .id = number_id(1),
		.email = S("Ann@Example.org"),
		.role = USER_ADMIN,
		.subject = S("idp ann") },
		    v = { .id = number_id(2), .email = S("ann@example.ORG") }, back, *all;
	size_t n;

	ok(f, f->s->users->put(f->s, &u, 0, &f->e));
	refused(f, ERR_CONFLICT, f->s->users->put(f->s, &v, 0, &f->e));
	v.email = S("ben@example.org");
	ok(f, f->s->users->put(f->s, &v, 0, &f->e));
	ok(f, f->s->users->by_email(f->s, S("ANN@example.org"), &f->a, &back, &f->e));
	assert_true(id_eq(back.id, u.id));
	ok(f, f->s->users->by_subject(f->s, S("idp ann"), &f->a, &back, &f->e));
	u.email = S("anna@example.org");
	ok(f, f->s->users->put(f->s, &u, 1, &f->e));
	refused(f, ERR_CONFLICT, f->s->users->put(f->s, &u, 1, &f->e));
	v.email = S("ann@example.org"); /* free again */
	ok(f, f->s->users->put(f->s, &v, 1, &f->e));
	ok(f, f->s->users->use_totp(f->s, u.id, 5, &f->e));
	refused(f, ERR_CONFLICT, f->s->users->use_totp(f->s, u.id, 5, &f->e));
	ok(f, f->s->users->list(f->s, &f->a, &all, &n, &f->e));
	assert_int_equal(n, 2);
	ok(f, f->s->users->remove(f->s, u.id, &f->e));
	refused(f, ERR_NOT_FOUND,
		f->s->users->by_email(f->s, S("anna@example.org"), &f->a, &back, &f->e));
	refused(f, ERR_NOT_FOUND, f->s->users->by_subject(f->s, S("idp ann"), &f->a, &back, &f->e));
}

static void test_sessions_end_one_by_one_or_all_together(void **state)
{
	struct fixture *f = *state;
	struct session x = { .user = number_id(1), .expires_ms = 100, .address = S("::1") }, back,
		       *list;
	uint64_t ended;
	size_t n;
	uint8_t i;

	for (i = 1; i <= 4; i++) {
		x.hash[0] = i;
		x.created_ms = x.seen_ms = i;
		ok(f, f->s->sessions->put(f->s, &x, &f->e));
	}
	ok(f, f->s->sessions->touch(f->s, x.hash, 50, &f->e));
	ok(f, f->s->sessions->get(f->s, x.hash, &f->a, &back, &f->e));
	assert_int_equal(back.seen_ms, 50);
	ok(f, f->s->sessions->list(f->s, number_id(1), &f->a, &list, &n, &f->e));
	assert_int_equal(n, 4);
	assert_int_equal(list[0].created_ms, 4);
	x.hash[0] = 1;
	ok(f, f->s->sessions->remove(f->s, x.hash, &f->e));
	refused(f, ERR_NOT_FOUND, f->s->sessions->get(f->s, x.hash, &f->a, &back, &f->e));
	ok(f, f->s->sessions->purge(f->s, 60, 3, &f->e)); /* 2 is idle */
	x.hash[0] = 4;
	ok(f, f->s->sessions->end(f->s, number_id(1), x.hash, &ended, &f->e));
	assert_int_equal(ended, 1);
	ok(f, f->s->sessions->get(f->s, x.hash, &f->a, &back, &f->e));
	ok(f, f->s->sessions->end_all(f->s, &f->e));
	refused(f, ERR_NOT_FOUND, f->s->sessions->get(f->s, x.hash, &f->a, &back, &f->e));
}

static void test_keys_are_found_by_their_hash(void **state)
{
	struct fixture *f = *state;
	struct api_key k = { .id = number_id(1),
		.hash = { 1 },
		.name = S("crm"),
		.scopes = S("read score"),
		.last_used_ms = MS_NONE,
		.revoked_ms = MS_NONE },
		       back, *all;
	size_t n;

	ok(f, f->s->keys->put(f->s, &k, &f->e));
	ok(f, f->s->keys->by_hash(f->s, k.hash, &f->a, &back, &f->e));
	same_text(back.scopes, "read score");
	ok(f, f->s->keys->used(f->s, k.id, 9, &f->e));
	ok(f, f->s->keys->used(f->s, k.id, 8, &f->e));
	ok(f, f->s->keys->get(f->s, k.id, &f->a, &back, &f->e));
	assert_int_equal(back.last_used_ms, 9);
	k.hash[0] = 2;
	ok(f, f->s->keys->put(f->s, &k, &f->e));
	k.hash[0] = 1;
	refused(f, ERR_NOT_FOUND, f->s->keys->by_hash(f->s, k.hash, &f->a, &back, &f->e));
	ok(f, f->s->keys->list(f->s, &f->a, &all, &n, &f->e));
	assert_int_equal(n, 1);
}

static void test_a_token_works_once_and_in_time(void **state)
{
	struct fixture *f = *state;
	struct token t = { .hash = { 3 }, .kind = S("reset"), .data = S("{}"), .expires_ms = 100 },
		     out;

	ok(f, f->s->tokens->put(f->s, &t, &f->e));
	refused(f, ERR_NOT_FOUND,
		f->s->tokens->take(f->s, t.hash, S("setup"), 50, &f->a, &out, &f->e));
	refused(f, ERR_NOT_FOUND,
		f->s->tokens->take(f->s, t.hash, S("reset"), 100, &f->a, &out, &f->e));
	ok(f, f->s->tokens->peek(f->s, t.hash, S("reset"), 50, &f->a, &out, &f->e));
	ok(f, f->s->tokens->take(f->s, t.hash, S("reset"), 50, &f->a, &out, &f->e));
	refused(f, ERR_NOT_FOUND,
		f->s->tokens->take(f->s, t.hash, S("reset"), 50, &f->a, &out, &f->e));
}

static void test_tries_are_counted_within_their_window(void **state)
{
	struct fixture *f = *state;
	uint32_t n;
	int64_t last;

	ok(f, f->s->tries->add(f->s, S("a"), 1000, 500, &n, &f->e));
	ok(f, f->s->tries->add(f->s, S("a"), 1499, 500, &n, &f->e));
	assert_int_equal(n, 2);
	ok(f, f->s->tries->get(f->s, S("a"), 1499, 500, &n, &last, &f->e));
	assert_int_equal(n, 2);
	assert_int_equal(last, 1499);
	ok(f, f->s->tries->add(f->s, S("a"), 1500, 500, &n, &f->e));
	assert_int_equal(n, 1);
	ok(f, f->s->tries->clear(f->s, S("a"), &f->e));
	ok(f, f->s->tries->get(f->s, S("a"), 1500, 500, &n, &last, &f->e));
	assert_int_equal(n, 0);
}

/* --- audit, settings, views, replies */

static void test_the_audit_chain_holds(void **state)
{
	struct fixture *f = *state;
	struct audit_filter by = {
		.action = S("login.*"), .since_ms = MS_NONE, .until_ms = MS_NONE
	};
	struct audit a, *list;
	struct str next;
	uint64_t checked, bad, purged;
	size_t n;
	int i;

	for (i = 1; i <= 20; i++) {
		a = (struct audit){ .at_ms = i,
			.actor = S("cli"),
			.action = i % 2 ? S("login.ok") : S("key.created") };
		ok(f, f->s->audit->add(f->s, &a, &f->e));
		assert_int_equal(a.sequence, i);
	}
	ok(f, f->s->audit->verify(f->s, &checked, &bad, &f->e));
	assert_int_equal(checked, 20);
	assert_int_equal(bad, 0);
	ok(f, f->s->audit->list(f->s, &by, 4, S(""), &f->a, &list, &n, &next, &f->e));
	assert_int_equal(n, 4);
	assert_int_equal(list[0].sequence, 19);
	ok(f, f->s->audit->list(f->s, &by, 40, next, &f->a, &list, &n, &next, &f->e));
	assert_int_equal(n, 6);
	ok(f, f->s->audit->purge(f->s, 11, &purged, &f->e));
	assert_int_equal(purged, 10);
	ok(f, f->s->audit->verify(f->s, &checked, &bad, &f->e));
	assert_int_equal(checked, 10);
	assert_int_equal(bad, 0);
}

static void test_settings_have_versions(void **state)
{
	struct fixture *f = *state;
	struct setting x = { .key = S("reps.see"), .value = S("\"own\"") }, back, *list;
	size_t n;

	ok(f, f->s->settings->get(f->s, x.key, &f->a, &back, &f->e));
	assert_int_equal(back.version, 0);
	ok(f, f->s->settings->put(f->s, &x, 0, &f->e));
	refused(f, ERR_CONFLICT, f->s->settings->put(f->s, &x, 0, &f->e));
	ok(f, f->s->settings->put(f->s, &x, UINT64_MAX, &f->e));
	assert_int_equal(x.version, 2);
	ok(f, f->s->settings->list(f->s, S("reps"), &f->a, &list, &n, &f->e));
	assert_int_equal(n, 1);
	same_text(list[0].value, "\"own\"");
	x.value = S("");
	ok(f, f->s->settings->put(f->s, &x, 2, &f->e));
	ok(f, f->s->settings->list(f->s, S(""), &f->a, &list, &n, &f->e));
	assert_int_equal(n, 0);
}

static void test_views_are_seen_by_their_owner_or_all(void **state)
{
	struct fixture *f = *state;
	struct view a = { .id = number_id(1), .owner = number_id(8), .name = S("b") },
		    b = { .id = number_id(2),
			    .owner = number_id(9),
			    .name = S("a"),
			    .shared = true },
		    *list;
	struct user u = { .id = number_id(8), .email = S("x@y.z") };
	size_t n;

	ok(f, f->s->views->put(f->s, &a, 0, &f->e));
	ok(f, f->s->views->put(f->s, &b, 0, &f->e));
	ok(f, f->s->views->list(f->s, number_id(8), &f->a, &list, &n, &f->e));
	assert_int_equal(n, 2);
	same_text(list[0].name, "a");
	ok(f, f->s->views->list(f->s, number_id(9), &f->a, &list, &n, &f->e));
	assert_int_equal(n, 1);
	ok(f, f->s->users->put(f->s, &u, 0, &f->e));
	ok(f, f->s->users->remove(f->s, u.id, &f->e));
	ok(f, f->s->views->list(f->s, number_id(8), &f->a, &list, &n, &f->e));
	assert_int_equal(n, 1); /* the shared one */
}

static void test_a_request_is_answered_once(void **state)
{
	struct fixture *f = *state;
	struct reply r = { .key = { 1 }, .request = { 2 }, .created_ms = 100, .expires_ms = 1000 },
		     old;

	assert_int_equal(f->s->replies->begin(f->s, &r, 50, &f->a, &old, &f->e), 0);
	r.created_ms = 120;
	assert_int_equal(f->s->replies->begin(f->s, &r, 50, &f->a, &old, &f->e), 1);
	assert_false(old.done);
	r.created_ms = 150; /* the first one is taken for dead */
	r.expires_ms = 1050;
	assert_int_equal(f->s->replies->begin(f->s, &r, 50, &f->a, &old, &f->e), 0);
	assert_int_equal(old.expires_ms, 1000);
	r.expires_ms = 1000;
	r.status = 201;
	r.body = S("{}");
	ok(f, f->s->replies->finish(f->s, &r, &f->e));
	r.created_ms = 900;
	assert_int_equal(f->s->replies->begin(f->s, &r, 50, &f->a, &old, &f->e), 1);
	assert_true(old.done);
	assert_int_equal(old.status, 201);
	same_text(old.body, "{}");
	r.created_ms = 1000; /* expired */
	assert_int_equal(f->s->replies->begin(f->s, &r, 50, &f->a, &old, &f->e), 0);
	ok(f, f->s->replies->drop(f->s, r.key, &f->e));
	ok(f, f->s->replies->purge(f->s, 5000, &f->e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_events_are_listed_newest_first_and_once),
		T(test_notes_can_be_changed_and_taken_away),
		T(test_an_upload_is_replaced_only_at_its_version),
		T(test_one_user_per_email_whatever_its_case),
		T(test_sessions_end_one_by_one_or_all_together),
		T(test_keys_are_found_by_their_hash),
		T(test_a_token_works_once_and_in_time),
		T(test_tries_are_counted_within_their_window),
		T(test_the_audit_chain_holds),
		T(test_settings_have_versions),
		T(test_views_are_seen_by_their_owner_or_all),
		T(test_a_request_is_answered_once),
	};

	RETURN_SUITE(tests);
}
