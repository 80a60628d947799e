/* SPDX-License-Identifier: Apache-2.0 */
/* notify.h: tells the service manager how it goes, by systemd's datagram protocol (sd_notify(3)),
 * without its library. Outside of one ($NOTIFY_SOCKET is not set) all of it does nothing.
 *
 * Threads: any. */
#ifndef OBS_NOTIFY_H
#define OBS_NOTIFY_H

#include <stdbool.h>

struct err;
struct notify_dog;

/* notify_send(lines): "READY=1\nSTATUS=..."; false when there is nobody to tell, or it failed. */
bool notify_send(const char *lines);

/* notify_watch(alive, ctx, e): a thread that asks ${alive} twice in every $WATCHDOG_USEC, and
 * reports only when it says yes: a server that hangs is killed and started anew. NULL and success
 * (e->code untouched) when no watchdog is asked for. ${alive} may take as long as it needs. */
struct notify_dog *notify_watch(bool (*alive)(void *ctx), void *ctx, struct err *e);
void notify_watch_stop(struct notify_dog *d); /* NULL is fine */

#endif
