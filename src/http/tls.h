/* SPDX-License-Identifier: Apache-2.0 */
/* tls.h: the certificate and key of the server, which can be read anew while it runs.
 * Threads: tls_load from one, tls_current from any. */
#ifndef HTTP_TLS_H
#define HTTP_TLS_H

#include <stdint.h>

struct err;
struct tls;

/* tls_new(cert, key, e): paths of PEM files, borrowed. ERR_CONFIG says which one is wrong. */
struct tls *tls_new(const char *cert, const char *key, struct err *e);
/* tls_load(t, e): reads both again; on failure what was loaded before stays in use. */
int tls_load(struct tls *t, struct err *e);
void tls_free(struct tls *t); /* NULL is fine */

/* tls_inspect(cert, key, until_ms, e): whether both can be read and belong together, and when the
 * first certificate ends; for those who only look. ${key} NULL: only the certificate. */
int tls_inspect(const char *cert, const char *key, int64_t *until_ms, struct err *e);

/* tls_retrieve(t): a gnutls_certificate_retrieve_function2 * that answers for ${t}. There is one
 * struct tls per process at a time, because the callback is given nothing of ours. */
void *tls_retrieve(struct tls *t);

#endif
