/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/console.h"

#include <stdio.h>
#include <string.h>

#include "app/control.h"
#include "app/local.h"
#include "cli/cli.h"
#include "util/crypto.h"
#include "util/err.h"

void console_begin(struct console *k, const char *what)
{
	memset(k, 0, sizeof(*k));
	k->w.b = &k->request;
	jw_obj(&k->w);
	jw_kz(&k->w, "do", what);
}

int console_send(struct cli *c, struct console *k, struct err *e)
{
	const char *data;

	jw_end_obj(&k->w);
	if ((data = cli_data(c, e)) == NULL || buf_done(&k->request, e) == -1 ||
		local_run(data, buf_view(&k->request), &k->reply, e) == -1 ||
		(k->doc = json_parse(buf_view(&k->reply), e)) == NULL)
		return -1;
	if (c->o->json) {
		buf_str(&c->out.b, buf_view(&k->reply));
		buf_c(&c->out.b, '\n');
	}
	return 0;
}

/* Passwords and keys pass through both. */
void console_end(struct console *k)
{
	if (k->request.p != NULL)
		crypto_wipe(k->request.p, k->request.n);
	if (k->reply.p != NULL)
		crypto_wipe(k->reply.p, k->reply.n);
	buf_clear(&k->request);
	buf_clear(&k->reply);
	json_free(k->doc);
}

void console_note(const char *data, const char *action, const char *object, struct str detail)
{
	struct console k;

	console_begin(&k, "note");
	jw_kz(&k.w, "action", action);
	jw_kz(&k.w, "object", object);
	jw_key(&k.w, "detail");
	jw_raw(&k.w, detail);
	jw_end_obj(&k.w);
	if (!k.request.failed)
		(void)control_call(data, buf_view(&k.request), &k.reply, NULL);
	console_end(&k);
}

void console_note_model(const struct cli *c, const char *action, uint32_t version)
{
	char object[24];

	snprintf(object, sizeof(object), "model v%u", version);
	if (c->o->data != NULL)
		console_note(
			c->o->data, action, object, c->o->force ? S("{\"forced\":true}") : S("{}"));
}

const char *console_when(const struct json *v, char out[24])
{
	struct str s = json_str(v, S("-"));

	snprintf(out, 24, STR_FMT, STR_ARG(str_sub(s, 0, 16)));
	if (s.n >= 16)
		out[10] = ' ';
	return out;
}
