/* SPDX-License-Identifier: Apache-2.0 */
#include "net/jose.h"

#include <cjose/cjose.h>
#include <stdlib.h>
#include <string.h>

#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"
#include "util/lazy.h"
#include "util/radix.h"

#define CJOSE_API(F) \
	F(cjose_jwk_import) \
	F(cjose_jwk_release) \
	F(cjose_jws_import) F(cjose_jws_verify) F(cjose_jws_get_plaintext) F(cjose_jws_release)
LAZY(cjose, CJOSE_API, LAZY_CJOSE_SONAME);

enum { TOKEN_BYTES_MAX = 64 << 10 };

/* "alg" and "kid" of the header; the header is read here, before cjose, which would take more. */
static int read_header(
	struct str token, struct json **doc, struct str *alg, struct str *kid, struct err *e)
{
	struct str head, rest;
	uint8_t *raw = malloc(TOKEN_BYTES_MAX);
	ptrdiff_t n;

	*doc = NULL;
	if (raw == NULL)
		return err_nomem(e);
	if (token.n < TOKEN_BYTES_MAX && str_split(token, '.', &head, &rest) &&
		(n = radix64_read(head, raw, TOKEN_BYTES_MAX)) > 0)
		*doc = json_parse((struct str){ (const char *)raw, (size_t)n }, NULL);
	free(raw);
	if (*doc == NULL)
		return err_set(e, ERR_INPUT, "this is no signed token");
	*alg = json_str(json_get(*doc, "alg"), S(""));
	*kid = json_str(json_get(*doc, "kid"), S(""));
	if (!str_eq(*alg, S("RS256")) && !str_eq(*alg, S("ES256")))
		return err_set(e, ERR_INPUT, "the token is signed in a way that is not taken");
	/* "crit" asks for what we do not do. */
	if (json_get(*doc, "crit") != NULL)
		return err_set(e, ERR_INPUT, "the token asks for an extension");
	return 0;
}

static bool fits(const struct json *key, struct str alg, struct str kid)
{
	struct str use = json_str(json_get(key, "use"), S("sig"));
	struct str its = json_str(json_get(key, "alg"), alg);
	struct str kty = json_str(json_get(key, "kty"), S(""));

	return str_eq(kty, str_eq(alg, S("RS256")) ? S("RSA") : S("EC")) && str_eq(use, S("sig")) &&
	       str_eq(its, alg) &&
	       (kid.n == 0 || str_eq(kid, json_str(json_get(key, "kid"), S(""))));
}

static bool signed_by(const struct json *key, struct str token, struct buf *payload)
{
	struct buf text = { 0 };
	struct jw w = { .b = &text };
	cjose_jwk_t *jwk = NULL;
	cjose_jws_t *jws = NULL;
	uint8_t *plain;
	size_t n;
	bool ok = false;

	jw_put(&w, key);
	if (!text.failed && (jwk = cjose.cjose_jwk_import(text.p, text.n, NULL)) != NULL &&
		(jws = cjose.cjose_jws_import(token.p, token.n, NULL)) != NULL &&
		cjose.cjose_jws_verify(jws, jwk, NULL) &&
		cjose.cjose_jws_get_plaintext(jws, &plain, &n, NULL)) {
		buf_bytes(payload, plain, n);
		ok = true;
	}
	if (jws != NULL)
		cjose.cjose_jws_release(jws);
	if (jwk != NULL)
		cjose.cjose_jwk_release(jwk);
	buf_clear(&text);
	return ok;
}

int jose_verify(
	struct str token, const struct json *jwks, struct buf *payload, bool *known, struct err *e)
{
	const struct json *keys = json_get(jwks, "keys");
	struct json *header;
	struct str alg, kid;
	bool ok = false;
	int rc;

	*known = false;
	if (lazy_load(&cjose_library, &cjose, e) == -1)
		return -1;
	rc = read_header(token, &header, &alg, &kid, e);
	for (size_t i = 0; rc == 0 && !ok && i < json_len(keys); i++) {
		if (!fits(json_at(keys, i), alg, kid))
			continue;
		*known = true;
		ok = signed_by(json_at(keys, i), token, payload);
	}
	json_free(header);
	if (rc == 0 && !ok)
		return err_set(e, ERR_INPUT, "%s",
			*known ? "the token's signature is wrong"
			       : "the token is signed with an unknown key");
	return rc == 0 ? buf_done(payload, e) : -1;
}
