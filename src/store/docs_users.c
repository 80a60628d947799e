/* SPDX-License-Identifier: Apache-2.0 */
/* Users. Keys: "us" id; "ue" folded email -> id; "ui" subject -> id. */
#include "record/fold.h"
#include "store/docs_internal.h"
#include "util/err.h"

static const struct doc_field user_fields[] = {
	DOC(ID, user, id),
	DOC(U64, user, version),
	DOC(STR, user, email),
	DOC(STR, user, name),
	DOC(ENUM, user, role),
	DOC(BOOL, user, disabled),
	DOC(STR, user, password),
	DOC(STR, user, totp),
	DOC(U64, user, totp_step),
	DOC(STR, user, recovery),
	DOC(STR, user, preferences),
	DOC(STR, user, subject),
	DOC(BOOL, user, must_change_password),
	DOC(I64, user, created_ms),
	DOC(I64, user, updated_ms),
	DOC(I64, user, password_ms),
	DOC(I64, user, last_login_ms),
};
static const struct doc_form user_form = DOC_FORM(user_fields, user);

static struct doc_key email_key(struct str email)
{
	struct buf b = { 0 };
	struct doc_key k;

	fold_text(email, &b);
	k = doc_text_key("ue", b.failed ? email : buf_view(&b));
	buf_clear(&b);
	return k;
}

/* claim_name(..): ${key} points to ${id}; ERR_CONFLICT when it points to another. */
static int claim_name(struct kv *k, const struct doc_key *key, struct id id, const char *what,
	struct arena *a, struct err *e)
{
	struct id other;
	int rc = doc_pointed(k, key, a, &other, e);

	if (rc < 0)
		return -1;
	if (rc == 1 && !id_eq(other, id))
		return err_set(e, ERR_CONFLICT, "another user has this %s", what);
	return k->put(k, doc_key_str(key), (struct str){ (const char *)id.b, 16 }, e);
}

struct user_put {
	struct user *u;
	uint64_t version;
};

static int user_put(struct kv *k, void *arg, struct err *e)
{
	struct user_put *p = arg;
	struct arena a = { .cap = 0 };
	struct doc_key key = doc_id_key("us", p->u->id), email = email_key(p->u->email);
	struct doc_key subject = doc_text_key("ui", p->u->subject);
	struct user old, new = *p->u;
	int rc = -1, was = doc_get(k, &key, &user_form, &a, &old, e);

	if (was < 0)
		goto done;
	if (was == 0 ? p->version != 0 : old.version != p->version) {
		err_set(e, was == 0 ? ERR_NOT_FOUND : ERR_CONFLICT,
			was == 0 ? "there is no such user" : "the user was changed meanwhile");
		goto done;
	}
	new.version = p->version + 1;
	if (claim_name(k, &email, new.id, "email", &a, e) != 0)
		goto done;
	if (new.subject.n > 0 && claim_name(k, &subject, new.id, "login", &a, e) != 0)
		goto done;
	if (was == 1) {
		struct doc_key old_email = email_key(old.email);
		struct doc_key old_subject = doc_text_key("ui", old.subject);

		if (!str_eq(doc_key_str(&old_email), doc_key_str(&email)) &&
			k->del(k, doc_key_str(&old_email), e) != 0)
			goto done;
		if (old.subject.n > 0 && !str_eq(old.subject, new.subject) &&
			k->del(k, doc_key_str(&old_subject), e) != 0)
			goto done;
	}
	rc = doc_put(k, &key, &user_form, &new, e);
done:
	arena_clear(&a);
	return rc;
}

static int users_put(struct store *s, struct user *u, uint64_t version, struct err *e)
{
	struct user_put p = { u, version };

	if (store_write(s, user_put, &p, e) != 0)
		return -1;
	u->version = version + 1;
	return 0;
}

static int users_get(
	struct store *s, struct id id, struct arena *a, struct user *out, struct err *e)
{
	struct doc_one g = { doc_id_key("us", id), false, NULL, &user_form, "user", a, out };

	return store_read(s, doc_one_read, &g, e);
}

static int users_by_email(
	struct store *s, struct str email, struct arena *a, struct user *out, struct err *e)
{
	struct doc_one g = { email_key(email), true, "us", &user_form, "user", a, out };

	return store_read(s, doc_one_read, &g, e);
}

static int users_by_subject(
	struct store *s, struct str subject, struct arena *a, struct user *out, struct err *e)
{
	struct doc_one g = { doc_text_key("ui", subject), true, "us", &user_form, "user", a, out };

	return store_read(s, doc_one_read, &g, e);
}

static int users_list(struct store *s, struct arena *a, struct user **out, size_t *n, struct err *e)
{
	struct doc_all l = { doc_key("us"), { .form = &user_form, .a = a, .most = SIZE_MAX },
		true };

	if (store_read(s, doc_all_read, &l, e) != 0)
		return -1;
	*out = (struct user *)(void *)l.list.items;
	*n = l.list.n;
	return 0;
}

static int user_remove(struct kv *k, void *arg, struct err *e)
{
	struct arena a = { .cap = 0 };
	struct id id = *(struct id *)arg;
	struct doc_key key = doc_id_key("us", id), email, subject;
	struct user u;
	uint64_t ended;
	int rc = doc_get(k, &key, &user_form, &a, &u, e);

	if (rc == 0)
		err_set(e, ERR_NOT_FOUND, "there is no such user");
	if (rc == 1) {
		email = email_key(u.email);
		subject = doc_text_key("ui", u.subject);
		rc = docs_sessions_end(k, id, NULL, &ended, e) == 0 &&
		     docs_views_of_user(k, id, e) == 0 && k->del(k, doc_key_str(&email), e) == 0 &&
		     (u.subject.n == 0 || k->del(k, doc_key_str(&subject), e) == 0) &&
		     k->del(k, doc_key_str(&key), e) == 0;
	} else {
		rc = 0;
	}
	arena_clear(&a);
	return rc == 1 ? 0 : -1;
}

static int users_remove(struct store *s, struct id id, struct err *e)
{
	return store_write(s, user_remove, &id, e);
}

struct totp {
	struct id id;
	uint64_t step;
};

static int totp_use(struct kv *k, void *arg, struct err *e)
{
	struct totp *t = arg;
	struct arena a = { .cap = 0 };
	struct doc_key key = doc_id_key("us", t->id);
	struct user u;
	int rc = doc_get(k, &key, &user_form, &a, &u, e);

	if (rc == 0)
		err_set(e, ERR_NOT_FOUND, "there is no such user");
	if (rc == 1 && t->step <= u.totp_step)
		rc = err_set(e, ERR_CONFLICT, "this code has been used");
	if (rc == 1) {
		u.totp_step = t->step;
		rc = doc_put(k, &key, &user_form, &u, e) == 0;
	}
	arena_clear(&a);
	return rc == 1 ? 0 : -1;
}

static int users_use_totp(struct store *s, struct id id, uint64_t step, struct err *e)
{
	struct totp t = { id, step };

	return store_write(s, totp_use, &t, e);
}

const struct store_users docs_users = { users_put, users_get, users_by_email, users_by_subject,
	users_list, users_remove, users_use_totp };
