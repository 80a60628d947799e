/* SPDX-License-Identifier: Apache-2.0 */
/* listen.h: the listening socket, from "HOST:PORT". */
#ifndef HTTP_LISTEN_H
#define HTTP_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct err;

/* listen_open(where, expose, address, n, e): a listening TCP socket, non-blocking, closed on exec;
 * -1 with ERR_CONFIG when ${where} is none or (without ${expose}) not on loopback, ERR_UNAVAILABLE
 * when the port is taken. ${address} gets "HOST:PORT" as it is now, [V6]:PORT for version 6. */
int listen_open(const char *where, bool expose, char *address, size_t n, struct err *e);

/* address_text(sa, out, n): the address without the port. */
void address_text(const struct sockaddr *sa, char *out, size_t n);

/* address_is_loopback(sa): 127.0.0.0/8 or ::1. */
bool address_is_loopback(const struct sockaddr *sa);

#endif
