/* SPDX-License-Identifier: Apache-2.0 */
/* people.h: accounts. Every change that takes rights away ends the sessions of that person at once,
 * and each is in the audit log. The last admin that works cannot be taken away.
 *
 * Used by the API and the command line alike. Texts of a struct user that comes back live in the
 * arena given. Threads: any. */
#ifndef AUTH_PEOPLE_H
#define AUTH_PEOPLE_H

#include <stdbool.h>

#include "auth/key.h"
#include "auth/trail.h"
#include "record/user.h"

struct arena;
struct auth;
struct buf;
struct err;

struct person_new {
	struct str email, name;
	enum user_role role;
	struct str password; /* empty: none yet; invite them */
	bool must_change;    /* the password was chosen by another */
	struct str subject;  /* at the identity provider; empty: none */
	struct str owner;    /* the name under which they own leads; empty: name, else email */
};

/* people_add(a, by, p, mem, out, e): ERR_INPUT (address, name, password), ERR_CONFLICT (address is
 * taken), ERR_PERM (${by} may not give that role). */
int people_add(struct auth *a, const struct actor *by, const struct person_new *p,
	struct arena *mem, struct user *out, struct err *e);

struct person_change {
	bool set_name, set_role, set_disabled, set_owner;
	struct str name, owner;
	enum user_role role;
	bool disabled;
};
/* people_change: ERR_CONFLICT when no admin would be left. */
int people_change(struct auth *a, const struct actor *by, struct id id,
	const struct person_change *c, struct arena *mem, struct user *out, struct err *e);
int people_remove(struct auth *a, const struct actor *by, struct id id, struct err *e);
int people_end_sessions(
	struct auth *a, const struct actor *by, struct id id, uint64_t *n, struct err *e);

/* people_set_password(a, by, id, pw, must_change, keep, e): checks it, hashes it, ends all sessions
 * but the one whose hash is ${keep} (NULL: all). */
int people_set_password(struct auth *a, const struct actor *by, struct id id, struct str pw,
	bool must_change, const uint8_t *keep, struct err *e);
/* people_confirm(a, u, pw, ok, e): is this the person's password? Throttled as a login. */
int people_confirm(struct auth *a, const struct user *u, struct str pw, struct str address,
	bool *ok, struct err *e);

/* people_invite(a, by, id, token, e): a secret for a link with which the person chooses a password;
 * good once, for three days when they have none yet and for ten minutes else. */
int people_invite(struct auth *a, const struct actor *by, struct id id, char token[TOKEN_SIZE],
	struct err *e);
/* people_redeem(a, token, pw, address, request, mem, out, e): chooses the password. ERR_NOT_FOUND:
 * no such link (any more). A password that is not taken leaves the link as it is. */
int people_redeem(struct auth *a, struct str token, struct str pw, struct str address,
	struct str request, struct arena *mem, struct user *out, struct err *e);

/* people_set_own(a, by, id, own, e): what people may change of their own account. */
struct person_own {
	bool set_name, set_time_zone, set_preferences;
	struct str name, time_zone;
	struct str preferences; /* a JSON object, at most 16 KiB */
};
int people_set_own(struct auth *a, const struct actor *by, struct id id,
	const struct person_own *own, struct err *e);

/* --- second factor --- */
/* people_totp_start(a, id, base32, uri, e): a new secret, which counts from the moment that
 * people_totp_confirm has seen a code of it. ERR_CONFLICT when there is one already. */
int people_totp_start(
	struct auth *a, struct id id, struct buf *base32, struct buf *uri, struct err *e);
/* people_totp_confirm: ${codes_json} gets the array of recovery codes. ERR_INPUT: a wrong code.
 * people_totp_check(a, u, code, ok, e): a code of the app or a recovery code, either good once. */
int people_totp_confirm(struct auth *a, const struct actor *by, struct id id, struct str code,
	struct buf *codes_json, struct err *e);
int people_totp_check(struct auth *a, const struct user *u, struct str code, struct str address,
	bool *ok, struct err *e);
int people_totp_remove(struct auth *a, const struct actor *by, struct id id, struct err *e);

/* people_by_email(a, email, mem, out, e): also by ULID. */
int people_by_email(
	struct auth *a, struct str email, struct arena *mem, struct user *out, struct err *e);
/* people_check(email, name, e): ERR_INPUT when one of them cannot be taken. */
int people_check(struct str email, struct str name, struct err *e);
/* people_none(a, none, e): nobody has an account yet. */
int people_none(struct auth *a, bool *none, struct err *e);

#endif
