/* SPDX-License-Identifier: Apache-2.0 */
/* oidc_keys.h: what a provider says of itself and the keys it signs with, kept for an hour; a token
 * with an unknown key asks for them again, every five seconds at most. Threads: any. */
#ifndef AUTH_OIDC_KEYS_H
#define AUTH_OIDC_KEYS_H

#include "net/client.h"
#include "util/str.h"

struct err;
struct json;
struct provider;

struct provider *provider_new(const char *issuer, const struct client *client, struct err *e);
void provider_free(struct provider *p);
/* provider_endpoint(p, name, out, e): the address called ${name} in its description. */
int provider_endpoint(struct provider *p, const char *name, struct buf *out, struct err *e);
/* provider_verify(p, token, payload, e): what a token says, when one of its keys signed it. */
int provider_verify(struct provider *p, struct str token, struct buf *payload, struct err *e);

#endif
