/* SPDX-License-Identifier: Apache-2.0 */
/* proxies.h: whose word counts about the address of a client.
 *
 * A proxy in front names the client in X-Forwarded-For. Anybody can send that header, so it is read
 * only where the connection comes from a listed address, from its right end, and only as far as
 * the addresses in it are listed too: what is left of the first one that is not, the client may
 * have made up. Threads: never changes after proxies_new; any thread. */
#ifndef HTTP_PROXIES_H
#define HTTP_PROXIES_H

#include <stdbool.h>

#include "util/str.h"

struct err;
struct proxies;

enum { PROXIES_ADDRESS = 46 };

/* proxies_new(list, e): "127.0.0.1, 10.0.0.0/8, fd00::/8". ERR_CONFIG for what is none. */
struct proxies *proxies_new(struct str list, struct err *e);
void proxies_free(struct proxies *p); /* NULL is fine */

/* proxies_has(p, address): whether it is listed; false with NULL. */
bool proxies_has(const struct proxies *p, const char *address);

/* proxies_step(p, forwarded, address): ${address} is the peer's; one X-Forwarded-For moves it
 * toward the client as far as it may. Several such headers: the last one first, and the one before
 * it only after true: ${address} is still a listed proxy, and all of the header could be read. */
bool proxies_step(const struct proxies *p, struct str forwarded, char address[PROXIES_ADDRESS]);

#endif
