/* SPDX-License-Identifier: Apache-2.0 */
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "http/tls.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/file.h"
#include "util/lazy.h"

/* clang-format off */
#define GNUTLS_FUNCTIONS(F) F(gnutls_memcmp) F(gnutls_memset) F(gnutls_pcert_deinit) \
	F(gnutls_pcert_list_import_x509_raw) F(gnutls_privkey_deinit) F(gnutls_privkey_import_x509_raw) \
	F(gnutls_privkey_init) F(gnutls_pubkey_deinit) F(gnutls_pubkey_get_key_id) \
	F(gnutls_pubkey_import_privkey) F(gnutls_pubkey_init) F(gnutls_strerror) F(gnutls_x509_crt_deinit) \
	F(gnutls_x509_crt_get_expiration_time) F(gnutls_x509_crt_import) F(gnutls_x509_crt_init)
/* clang-format on */
LAZY(gtls, GNUTLS_FUNCTIONS, LAZY_GNUTLS_SONAME);

#define PEM_MAX   ((size_t)1 << 20)
#define CHAIN_MAX 16

/* One certificate as read. Those replaced are kept until the end: a handshake may still be using
 * one, and they are small and seldom. */
struct loaded {
	struct loaded *next;
	gnutls_pcert_st chain[CHAIN_MAX];
	unsigned n;
	gnutls_privkey_t key;
};

struct tls {
	const char *cert, *key;
	_Atomic(struct loaded *) now;
	struct loaded *all;
};

static _Atomic(struct tls *) only;

static void loaded_free(struct loaded *l)
{
	if (l == NULL)
		return;
	for (unsigned i = 0; i < l->n; i++)
		gtls.gnutls_pcert_deinit(&l->chain[i]);
	if (l->key != NULL)
		gtls.gnutls_privkey_deinit(l->key);
	free(l);
}

static int pem(const char *path, gnutls_datum_t *d, struct buf *b, struct err *e)
{
	if (file_read(path, PEM_MAX, b, e) == -1)
		return -1;
	d->data = (unsigned char *)b->p;
	d->size = (unsigned)b->n;
	return 0;
}

static int read_cert(struct loaded *l, const char *path, struct err *e)
{
	struct buf b = { 0 };
	gnutls_datum_t d = { 0 };
	unsigned n = CHAIN_MAX;
	int rc;

	if (pem(path, &d, &b, e) == -1)
		return -1;
	rc = gtls.gnutls_pcert_list_import_x509_raw(l->chain, &n, &d, GNUTLS_X509_FMT_PEM, 0);
	buf_clear(&b);
	if (rc < 0)
		return err_set(
			e, ERR_CONFIG, "%s is no certificate: %s", path, gtls.gnutls_strerror(rc));
	l->n = n;
	return 0;
}

static int read_key(struct loaded *l, const char *path, struct err *e)
{
	struct buf b = { 0 };
	gnutls_datum_t d = { 0 };
	int rc;

	if (pem(path, &d, &b, e) == -1)
		return -1;
	if ((rc = gtls.gnutls_privkey_init(&l->key)) >= 0)
		rc = gtls.gnutls_privkey_import_x509_raw(l->key, &d, GNUTLS_X509_FMT_PEM, NULL, 0);
	gtls.gnutls_memset(b.p, 0, b.n);
	buf_clear(&b);
	if (rc < 0)
		return err_set(e, ERR_CONFIG, "%s is no key: %s", path, gtls.gnutls_strerror(rc));
	return 0;
}

/* A key of another certificate would only show in the first handshake. */
static int fits(const struct loaded *l, const struct tls *t, struct err *e)
{
	unsigned char a[64], b[64];
	size_t na = sizeof(a), nb = sizeof(b);
	gnutls_pubkey_t of_key;
	int rc;

	if ((rc = gtls.gnutls_pubkey_init(&of_key)) < 0)
		return err_nomem(e);
	rc = gtls.gnutls_pubkey_import_privkey(of_key, l->key, 0, 0);
	if (rc >= 0)
		rc = gtls.gnutls_pubkey_get_key_id(of_key, GNUTLS_KEYID_USE_SHA256, a, &na);
	if (rc >= 0)
		rc = gtls.gnutls_pubkey_get_key_id(
			l->chain[0].pubkey, GNUTLS_KEYID_USE_SHA256, b, &nb);
	gtls.gnutls_pubkey_deinit(of_key);
	if (rc < 0 || na != nb || gtls.gnutls_memcmp(a, b, na) != 0)
		return err_set(e, ERR_CONFIG, "%s is not the key of %s", t->key, t->cert);
	return 0;
}

int tls_load(struct tls *t, struct err *e)
{
	struct loaded *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return err_nomem(e);
	if (read_cert(l, t->cert, e) == -1 || read_key(l, t->key, e) == -1 || fits(l, t, e) == -1) {
		loaded_free(l);
		return -1;
	}
	l->next = t->all;
	t->all = l;
	atomic_store(&t->now, l);
	return 0;
}

struct tls *tls_new(const char *cert, const char *key, struct err *e)
{
	struct tls *t = calloc(1, sizeof(*t));

	if (t == NULL) {
		err_nomem(e);
		return NULL;
	}
	if (lazy_load(&gtls_library, &gtls, e) == -1) {
		free(t);
		return NULL;
	}
	t->cert = cert;
	t->key = key;
	if (tls_load(t, e) == -1) {
		tls_free(t);
		return NULL;
	}
	return t;
}

void tls_free(struct tls *t)
{
	struct loaded *next;
	struct tls *mine = t;

	if (t == NULL)
		return;
	atomic_compare_exchange_strong(&only, &mine, NULL);
	for (struct loaded *l = t->all; l != NULL; l = next) {
		next = l->next;
		loaded_free(l);
	}
	free(t);
}

static int expires(const struct loaded *l, int64_t *until_ms, struct err *e)
{
	gnutls_x509_crt_t crt;
	time_t until = -1;
	int rc;

	if (gtls.gnutls_x509_crt_init(&crt) < 0)
		return err_nomem(e);
	rc = gtls.gnutls_x509_crt_import(crt, &l->chain[0].cert, GNUTLS_X509_FMT_DER);
	if (rc >= 0)
		until = gtls.gnutls_x509_crt_get_expiration_time(crt);
	gtls.gnutls_x509_crt_deinit(crt);
	if (rc < 0 || until == (time_t)-1)
		return err_set(e, ERR_CONFIG, "it cannot be told when the certificate ends");
	*until_ms = (int64_t)until * 1000;
	return 0;
}

int tls_inspect(const char *cert, const char *key, int64_t *until_ms, struct err *e)
{
	struct tls t = { .cert = cert, .key = key };
	struct loaded *l;
	int rc;

	if (lazy_load(&gtls_library, &gtls, e) == -1)
		return -1;
	if ((l = calloc(1, sizeof(*l))) == NULL)
		return err_nomem(e);
	rc = read_cert(l, cert, e);
	if (rc == 0 && key != NULL && (rc = read_key(l, key, e)) == 0)
		rc = fits(l, &t, e);
	if (rc == 0)
		rc = expires(l, until_ms, e);
	loaded_free(l);
	return rc;
}

static int retrieve(gnutls_session_t session, const gnutls_datum_t *ca, int n_ca,
	const gnutls_pk_algorithm_t *algos, int n_algos, gnutls_pcert_st **chain, unsigned *n,
	gnutls_privkey_t *key)
{
	struct tls *t = atomic_load(&only);
	struct loaded *l = t != NULL ? atomic_load(&t->now) : NULL;

	if (l == NULL)
		return -1;
	*chain = l->chain;
	*n = l->n;
	*key = l->key;
	return 0;
}

void *tls_retrieve(struct tls *t)
{
	union {
		gnutls_certificate_retrieve_function2 *fn;
		void *p;
	} as = { retrieve };

	atomic_store(&only, t);
	return as.p;
}
