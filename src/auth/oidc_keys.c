/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/oidc_keys.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "net/jose.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"

enum { KEEP_MS = 3600 * 1000, AGAIN_MS = 5 * 1000 };

struct provider {
	char *issuer;
	struct client client;
	pthread_mutex_t lock;
	struct json *about, *keys;
	int64_t about_ms, keys_ms; /* monotonic; when they came */
};

struct provider *provider_new(const char *issuer, const struct client *client, struct err *e)
{
	struct provider *p = calloc(1, sizeof(*p));

	if (p == NULL || (p->issuer = str_dup(str_of(issuer))) == NULL) {
		free(p);
		err_nomem(e);
		return NULL;
	}
	p->client = *client;
	pthread_mutex_init(&p->lock, NULL);
	return p;
}

void provider_free(struct provider *p)
{
	if (p == NULL)
		return;
	json_free(p->about);
	json_free(p->keys);
	pthread_mutex_destroy(&p->lock);
	free(p->issuer);
	free(p);
}

static struct json *fetch(struct provider *p, const char *url, struct err *e)
{
	struct client_reply r;
	struct json *doc = NULL;

	if (client_get(&p->client, url, &r, e) == -1)
		return NULL;
	if (r.status != 200)
		err_set(e, ERR_UPSTREAM, "%.200s answers %ld", url, r.status);
	else if ((doc = json_parse(buf_view(&r.body), e)) == NULL && e != NULL)
		e->code = ERR_UPSTREAM;
	buf_clear(&r.body);
	return doc;
}

/* The description must be of the issuer that was asked, else it is another's. */
static int load_about_locked(struct provider *p, struct err *e)
{
	struct str issuer = str_of(p->issuer);
	struct buf url = { 0 };
	struct json *doc = NULL;
	int rc = -1;

	if (p->about != NULL && clock_mono_ms() - p->about_ms < KEEP_MS)
		return 0;
	buf_str(&url, str_ends(issuer, S("/")) ? str_sub(issuer, 0, issuer.n - 1) : issuer);
	buf_z(&url, "/.well-known/openid-configuration");
	buf_c(&url, '\0');
	if (buf_done(&url, e) == -1 || (doc = fetch(p, url.p, e)) == NULL)
		goto done;
	if (!str_eq(json_str(json_get(doc, "issuer"), S("")), issuer)) {
		err_set(e, ERR_UPSTREAM,
			"the provider calls itself by another name than --oidc-issuer");
		goto done;
	}
	json_free(p->about);
	p->about = doc;
	p->about_ms = clock_mono_ms();
	doc = NULL;
	rc = 0;
done:
	json_free(doc);
	buf_clear(&url);
	return rc;
}

static int endpoint_locked(struct provider *p, const char *name, struct buf *out, struct err *e)
{
	struct str s;

	if (load_about_locked(p, e) == -1)
		return -1;
	s = json_str(json_get(p->about, name), S(""));
	if (s.n == 0 || s.n > 2000)
		return err_set(e, ERR_UPSTREAM, "the provider's description has no %s", name);
	buf_str(out, s);
	return buf_done(out, e);
}

int provider_endpoint(struct provider *p, const char *name, struct buf *out, struct err *e)
{
	int rc;

	pthread_mutex_lock(&p->lock);
	rc = endpoint_locked(p, name, out, e);
	pthread_mutex_unlock(&p->lock);
	return rc;
}

static int load_keys_locked(struct provider *p, int64_t older_than_ms, struct err *e)
{
	struct buf url = { 0 };
	struct json *doc = NULL;
	int rc = 0;

	if (p->keys != NULL && clock_mono_ms() - p->keys_ms < older_than_ms)
		return 0;
	if (endpoint_locked(p, "jwks_uri", &url, e) == -1)
		rc = -1;
	buf_c(&url, '\0');
	if (rc == 0 && ((rc = buf_done(&url, e)) == -1 || (doc = fetch(p, url.p, e)) == NULL))
		rc = -1;
	if (rc == 0) {
		json_free(p->keys);
		p->keys = doc;
		p->keys_ms = clock_mono_ms();
	}
	buf_clear(&url);
	return rc;
}

int provider_verify(struct provider *p, struct str token, struct buf *payload, struct err *e)
{
	bool known = true;
	int rc;

	pthread_mutex_lock(&p->lock);
	rc = load_keys_locked(p, KEEP_MS, e);
	if (rc == 0)
		rc = jose_verify(token, p->keys, payload, &known, e);
	/* The provider may have changed its keys. */
	if (rc == -1 && !known && load_keys_locked(p, AGAIN_MS, e) == 0) {
		buf_reset(payload);
		rc = jose_verify(token, p->keys, payload, &known, e);
	}
	pthread_mutex_unlock(&p->lock);
	return rc;
}
