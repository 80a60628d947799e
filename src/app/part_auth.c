/* SPDX-License-Identifier: Apache-2.0 */
#include "app/app_internal.h"
#include "app/control.h"
#include "auth/auth.h"
#include "auth/console.h"
#include "auth/oidc.h"
#include "config/options.h"
#include "util/err.h"

static void console(void *ctx, struct str request, struct buf *reply)
{
	struct app *a = ctx;
	struct err e = { 0 };

	if (console_run(a->api.auth, request, reply, &e) == -1)
		console_failure(&e, reply);
}

/* Whether others than this machine can reach it: the address says so, or a proxy's does. */
static bool is_exposed(const struct options *o)
{
	struct str at = str_of(o->listen);

	return o->public_url != NULL || !(str_starts(at, S("127.")) || str_starts(at, S("[::1]")) ||
						str_startsi(at, S("localhost:")));
}

static int start_oidc(struct app *a, struct err *e)
{
	const struct options *o = a->o;
	struct oidc_opts c = { .issuer = o->oidc_issuer,
		.client_id = o->oidc_client_id,
		.client_secret = o->oidc_client_secret,
		.group_claim = o->oidc_group_claim,
		.groups = o->oidc_group.v,
		.n_groups = o->oidc_group.n,
		.default_role = o->oidc_default_role,
		.allow_private = o->oidc_allow_private,
		.ca_file = o->oidc_ca };

	if (o->oidc_issuer == NULL)
		return 0;
	return (a->api.oidc = oidc_open(&c, e)) != NULL ? 0 : -1;
}

int part_auth_start(struct app *a, struct err *e)
{
	struct auth_opts o = { .store = a->api.store,
		.data = a->o->data,
		.secure = a->o->tls_cert != NULL ||
			  str_startsi(str_of(a->o->public_url), S("https://")),
		.exposed = is_exposed(a->o),
		.public_url = a->o->public_url };

	if (start_oidc(a, e) == -1)
		return -1;
	if ((a->api.auth = auth_open(&o, e)) == NULL) {
		oidc_close(a->api.oidc);
		return -1;
	}
	if ((a->control = control_open(a->o->data, console, a, e)) == NULL) {
		auth_free(a->api.auth);
		oidc_close(a->api.oidc);
		return -1;
	}
	return 0;
}

void part_auth_stop(struct app *a)
{
	control_close(a->control);
	auth_free(a->api.auth);
	oidc_close(a->api.oidc);
}
