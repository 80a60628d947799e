/* SPDX-License-Identifier: Apache-2.0 */
/* app.h: the running server: builds every part in order, frees them in reverse.
 *
 * How to add a part (a store, a pool of jobs): write src/app/part_NAME.c with
 * int part_NAME_start(struct app *, struct err *) and void part_NAME_stop(struct app *), its
 * members in app_internal.h, and one line PART(NAME) in parts.def, after what it needs.
 *
 * Threads: one; app_abort from any. */
#ifndef APP_APP_H
#define APP_APP_H

#include <stddef.h>

struct app;
struct err;
struct options;

/* app_start(o, e): listening when it returns. Borrows ${o}. On failure nothing is left running. */
struct app *app_start(const struct options *o, struct err *e);
/* app_load_demo(a, e): queue the demo leads, if there are no leads yet. */
int app_load_demo(struct app *a, struct err *e);
const char *app_address(const struct app *a); /* "http://127.0.0.1:8000" */
/* app_setup_link(a, link, n, e): a one-time link for the first account; "" when there is one. */
int app_setup_link(struct app *a, char *link, size_t n, struct err *e);
int app_reload(struct app *a, struct err *e); /* what can change while running: certificates */
void app_drain(struct app *a);                /* not ready any more; open requests are finished */
void app_abort(struct app *a);                /* app_drain returns as soon as it can */
void app_free(struct app *a);                 /* NULL is fine */

#endif
