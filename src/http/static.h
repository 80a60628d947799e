/* SPDX-License-Identifier: Apache-2.0 */
/* static.h: the files of the built web app, beside their compressed twins (FILE.br, FILE.gz).
 *
 * /assets/... carry a hash in their names and may be kept for ever; everything else is asked for
 * again by its ETag. What is no file and looks like an address of the app gets index.html, in which
 * every
 * __CSP_NONCE__ is replaced by a fresh nonce that the content policy of that answer names too:
 *      <meta name="csp-nonce" content="__CSP_NONCE__"> */
#ifndef HTTP_STATIC_H
#define HTTP_STATIC_H

struct err;
struct req;

/* static_answer(r, e): as a handler. ERR_NOT_FOUND. */
int static_answer(struct req *r, struct err *e);

#endif
