/* SPDX-License-Identifier: Apache-2.0 */
/* console.h: what the commands user, key and audit share: one request, one answer. */
#ifndef CLI_CONSOLE_H
#define CLI_CONSOLE_H

#include "util/buf.h"
#include "util/json.h"

struct cli;
struct err;

struct console {
	struct buf request, reply;
	struct jw w;      /* the open request: add members */
	struct json *doc; /* the answer */
};

/* console_begin(k, what): {"do": ${what}, and open. console_send(c, k, e): send it and read the
 * answer; with --json it is printed as it is. console_end(k) in every case. */
void console_begin(struct console *k, const char *what);
int console_send(struct cli *c, struct console *k, struct err *e);
void console_end(struct console *k);

/* console_note(data, action, object, detail): into the audit log of the server that runs on the
 * folder, when one does: what a command has done there by itself. ${detail}: a JSON object. Best
 * effort: the thing is done already. */
void console_note(const char *data, const char *action, const char *object, struct str detail);

/* console_note_model(c, action, version): as console_note, of a version of a model. */
void console_note_model(const struct cli *c, const char *action, uint32_t version);

/* console_when(v, out): "2026-11-27 08:00" or "-". */
const char *console_when(const struct json *v, char out[24]);

#endif
