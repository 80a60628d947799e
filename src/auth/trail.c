/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/trail.h"

#include <stdio.h>
#include <string.h>

#include "http/request.h"
#include "store/store.h"
#include "util/clock.h"
#include "util/err.h"

void actor_of(struct actor *out, const struct caller *who, struct str address, struct str request)
{
	memset(out, 0, sizeof(*out));
	out->address = address;
	out->request = request;
	out->role = who->role;
	if (who->key_id[0] != '\0')
		snprintf(out->name, sizeof(out->name), "key %.26s", who->key_id);
	else if (strcmp(who->user_id, "local") == 0)
		snprintf(out->name, sizeof(out->name), "local");
	else if (who->user_id[0] != '\0')
		snprintf(out->name, sizeof(out->name), "user %.26s", who->user_id);
	else
		snprintf(out->name, sizeof(out->name), "nobody");
	if (who->key_id[0] == '\0')
		id_parse_ulid(str_of(who->user_id), &out->user);
}

void actor_cli(struct actor *out)
{
	memset(out, 0, sizeof(*out));
	snprintf(out->name, sizeof(out->name), "cli");
	out->role = ROLE_ADMIN;
}

void actor_server(struct actor *out)
{
	memset(out, 0, sizeof(*out));
	snprintf(out->name, sizeof(out->name), "server");
	out->role = ROLE_ADMIN;
}

int trail_add(struct store *s, const struct actor *by, const char *action, struct str object,
	struct str detail, struct err *e)
{
	struct audit a = { .at_ms = clock_ms(),
		.actor = str_of(by->name),
		.action = str_of(action),
		.object = object,
		.address = by->address,
		.request = by->request,
		.detail = detail };

	return s->audit->add(s, &a, e);
}

int trail_id(struct store *s, const struct actor *by, const char *action, const char *kind,
	struct id id, struct str detail, struct err *e)
{
	char object[64], ulid[ID_ULID];

	id_ulid(id, ulid);
	snprintf(object, sizeof(object), "%s %s", kind, ulid);
	return trail_add(s, by, action, str_of(object), detail, e);
}
