/* SPDX-License-Identifier: Apache-2.0 */
#include "app/local.h"

#include <stdio.h>

#include "app/control.h"
#include "auth/auth.h"
#include "auth/console.h"
#include "store/sqlite.h"
#include "store/store.h"
#include "util/buf.h"
#include "util/err.h"

static int on_folder(const char *data, struct str request, struct buf *reply, struct err *e)
{
	char path[4096];
	struct store_sqlite_opts so = { .path = path };
	struct auth_opts o = { .data = data };
	struct auth *a;
	int rc = -1;

	snprintf(path, sizeof(path), "%s/heatscore.db", data);
	if ((o.store = store_sqlite_open(&so, e)) == NULL)
		return -1;
	if ((a = auth_open(&o, e)) != NULL)
		rc = console_run(a, request, reply, e);
	auth_free(a);
	o.store->close(o.store);
	return rc;
}

int local_run(const char *data, struct str request, struct buf *reply, struct err *e)
{
	int rc = control_call(data, request, reply, e);

	if (rc == 0)
		return on_folder(data, request, reply, e);
	return rc == -1 ? -1 : console_result(buf_view(reply), e);
}
