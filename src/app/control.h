/* SPDX-License-Identifier: Apache-2.0 */
/* control.h: how commands reach the server that runs on the same data folder: a socket in it, which
 * only the owner of the folder may use. One request and one answer per connection. */
#ifndef APP_CONTROL_H
#define APP_CONTROL_H

#include "util/str.h"

struct buf;
struct control;
struct err;

enum { CONTROL_MAX = 300 << 20, CONTROL_REQUEST_MAX = 1 << 20 };

/* Answers in the thread of the socket, one after the other. */
typedef void control_fn(void *ctx, struct str request, struct buf *reply);

/* control_open(data, fn, ctx, e): DATA/control.sock (0600); one that was left there is replaced.
 * control_close waits for the answer under way. */
struct control *control_open(const char *data, control_fn *fn, void *ctx, struct err *e);
void control_close(struct control *c); /* NULL is fine */

/* control_call(data, request, reply, e): 1 with the answer in ${reply}; 0: no server listens there;
 * -1: one does, and it did not answer. */
int control_call(const char *data, struct str request, struct buf *reply, struct err *e);

#endif
