/* SPDX-License-Identifier: Apache-2.0 */
/* health.h: named checks behind /readyz and /health. A part registers how to look at itself;
 * one thread looks every second, so that a probe never waits for what it asks about, and a check
 * that hangs is reported as failed after two seconds.
 *
 * Threads: register before health_start; the rest from any. */
#ifndef OBS_HEALTH_H
#define OBS_HEALTH_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct health;
struct jw;

/* A check returns 0, or -1 with the reason in ${e}. */
typedef int health_fn(void *ctx, struct err *e);

struct health *health_new(struct err *e);
/* health_add(h, name, needed, fn, ctx): ${needed}: without it the server is not ready; else it is
 * only shown. ${name} lives as long as ${h}. At most 32. */
void health_add(struct health *h, const char *name, bool needed, health_fn *fn, void *ctx);
int health_start(struct health *h, struct err *e); /* looks once before it returns */
/* health_drain(h): from now on not ready, because the server is stopping. */
void health_drain(struct health *h);
/* health_stop(h): no check runs any more when it returns; before what they look at goes. */
void health_stop(struct health *h);
bool health_ready(struct health *h, char *why, size_t n); /* ${why}: first needed one that fails */
/* health_print(h, w, details): "status" and "checks" members of an open object. */
void health_print(struct health *h, struct jw *w, bool details);
void health_free(struct health *h); /* stops the thread; NULL is fine */

#endif
