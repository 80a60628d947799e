/* SPDX-License-Identifier: Apache-2.0 */
/* guard.h: where requests of ours may go. An address of the machine itself, of the network around
 * it, or of a cloud's metadata service is refused when the connection is made, after the name was
 * resolved, so that no name and no form of writing an address gets past. Pure; any thread. */
#ifndef NET_GUARD_H
#define NET_GUARD_H

#include <stdbool.h>
#include <sys/socket.h>

#include "util/str.h"

struct err;

/* guard_address(sa): may be connected to by default: a public unicast address. */
bool guard_address(const struct sockaddr *sa);
/* guard_loopback(sa): 127.0.0.0/8, ::1 and the former inside version 6. */
bool guard_loopback(const struct sockaddr *sa);

/* guard_url(url, e): https://HOST[:PORT]/..., or http:// to a loopback address or localhost;
 * without user or password. ERR_INPUT. */
int guard_url(struct str url, struct err *e);

#endif
