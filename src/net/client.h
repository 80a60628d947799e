/* SPDX-License-Identifier: Apache-2.0 */
/* client.h: HTTP requests of ours over libcurl: bounded in time and size, no redirects, no proxy
 * from the environment, certificates always checked, addresses as net/guard.h allows. Threads: any.
 */
#ifndef NET_CLIENT_H
#define NET_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"
#include "util/str.h"

struct err;

struct client {
	bool allow_private; /* networks around the machine; the machine itself only by http:// */
	unsigned connect_ms, total_ms;
	size_t max;          /* bytes of an answer */
	const char *ca_file; /* certificates to trust; NULL: the system's */
};

struct client_reply {
	long status;
	struct buf body;   /* cleared by the caller */
	int64_t max_age_s; /* of Cache-Control; -1: not said */
};

/* client_get(c, url, out, e): ERR_UPSTREAM when there is no answer, with the reason; any status is
 * an answer. */
int client_get(const struct client *c, const char *url, struct client_reply *out, struct err *e);
/* client_form(c, url, user, password, body, out, e): POST of application/x-www-form-urlencoded with
 * basic authentication; ${user} NULL: without. */
int client_form(const struct client *c, const char *url, const char *user, const char *password,
	struct str body, struct client_reply *out, struct err *e);

/* client_escape(b, s): as form-urlencoding wants it. */
void client_escape(struct buf *b, struct str s);

#endif
