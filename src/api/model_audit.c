/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "api/api.h"
#include "api/model_audit.h"
#include "store/store.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"

int model_audit(struct req *r, const char *action, uint32_t version, struct str note, struct err *e)
{
	struct store *s = api_of(r)->store;
	const struct caller *who = req_caller(r);
	struct buf detail = { 0 };
	struct jw w = { .b = &detail };
	char actor[48], object[24];
	struct audit a = { .at_ms = clock_ms(),
		.action = str_of(action),
		.address = str_of(req_address(r)),
		.request = str_of(req_id(r)) };
	int rc = -1;

	if (who->key_id[0] != '\0')
		snprintf(actor, sizeof(actor), "key %s", who->key_id);
	else
		snprintf(actor, sizeof(actor), "user %s", who->user_id);
	snprintf(object, sizeof(object), version == 0 ? "model" : "model v%u", version);
	a.actor = str_of(actor);
	a.object = str_of(object);
	jw_obj(&w);
	if (note.n != 0)
		jw_kstr(&w, "note", note);
	jw_end_obj(&w);
	if (buf_done(&detail, e) == 0) {
		a.detail = buf_view(&detail);
		rc = s->audit->add(s, &a, e);
	}
	buf_clear(&detail);
	return rc;
}
