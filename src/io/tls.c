/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/tls.h"

#include "base/addr.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

struct tls_trust {
	SSL_CTX *ctx;
};

struct tls {
	SSL *ssl;
	bool wants_write;
};

static int load_ca(SSL_CTX *ctx, struct view ca)
{
	X509_STORE *store = SSL_CTX_get_cert_store(ctx);
	BIO *bio = ca.len <= INT_MAX ? BIO_new_mem_buf(ca.data, (int)ca.len) : NULL;
	X509 *cert;
	int count = 0;

	while (bio && (cert = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
		count += X509_STORE_add_cert(store, cert);
		X509_free(cert);
	}
	/* DER holds one, and no more */
	if (bio && !count && BIO_reset(bio) == 1 && (cert = d2i_X509_bio(bio, NULL)) != NULL) {
		count += X509_STORE_add_cert(store, cert);
		X509_free(cert);
	}
	BIO_free(bio);
	ERR_clear_error();
	return count > 0 ? 0 : -EINVAL;
}

struct tls_trust *tls_trust_new(struct view ca, bool verify, struct err *err)
{
	struct tls_trust *t = calloc(1, sizeof(*t));
	bool ok = t && (t->ctx = SSL_CTX_new(TLS_client_method())) != NULL &&
		  SSL_CTX_set_min_proto_version(t->ctx, TLS1_2_VERSION);

	if (!ok) {
		(void)err_set(err, -ENOMEM, "not enough memory for TLS");
		tls_trust_free(t);
		return NULL;
	}
	/* Each probe is to prove the whole of it, not what was remembered. */
	(void)SSL_CTX_set_session_cache_mode(t->ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_options(t->ctx, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
	if (!verify)
		return t;
	SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER, NULL);
	if (ca.len ? load_ca(t->ctx, ca) == 0 : SSL_CTX_set_default_verify_paths(t->ctx) == 1)
		return t;
	(void)err_set(err, -EINVAL, "the authorities cannot be read");
	tls_trust_free(t);
	return NULL;
}

void tls_trust_free(struct tls_trust *t)
{
	if (t)
		SSL_CTX_free(t->ctx);
	free(t);
}

/* Names go into SNI; addresses may not (RFC 6066, 3). */
static bool expect(SSL *ssl, const char *host)
{
	struct addr a;

	if (addr_parse(host, &a))
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host);
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	/* As SSL_set_tlsext_host_name() does, which drops the const in clang's sight. */
	return SSL_set1_host(ssl, host) &&
	       SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
			(void *)(uintptr_t)host);
}

struct tls *tls_new(struct tls_trust *trust, int fd, const char *host)
{
	struct tls *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->ssl = SSL_new(trust->ctx);
	if (!t->ssl || !expect(t->ssl, host) || !SSL_set_fd(t->ssl, fd)) {
		ERR_clear_error();
		tls_free(t);
		return NULL;
	}
	SSL_set_connect_state(t->ssl);
	return t;
}

void tls_free(struct tls *t)
{
	if (t)
		SSL_free(t->ssl);
	free(t);
}

bool tls_wants_write(const struct tls *t)
{
	return t->wants_write;
}

/* -EAGAIN, 0 at the end, or -EPROTO: why the last call brought nothing. */
static int why_not(struct tls *t, int rc)
{
	int error = SSL_get_error(t->ssl, rc);

	t->wants_write = error == SSL_ERROR_WANT_WRITE;
	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
		return -EAGAIN;
	return error == SSL_ERROR_ZERO_RETURN ? 0 : -EPROTO;
}

int tls_handshake(struct tls *t, struct err *err)
{
	const char *reason;
	int rc, why;
	long verdict;

	ERR_clear_error();
	rc = SSL_do_handshake(t->ssl);
	if (rc == 1)
		return 0;
	why = why_not(t, rc);
	if (why == -EAGAIN)
		return why;
	verdict = SSL_get_verify_result(t->ssl);
	if (verdict != X509_V_OK)
		return err_set(err, -EPROTO, "certificate: %s",
			       X509_verify_cert_error_string(verdict));
	reason = ERR_reason_error_string(ERR_peek_last_error());
	return err_set(err, -EPROTO, "TLS: %.80s", reason ? reason : "the connection was closed");
}

ssize_t tls_send(struct tls *t, const void *data, size_t len)
{
	size_t n = 0;
	int rc;

	ERR_clear_error();
	rc = SSL_write_ex(t->ssl, data, len, &n);
	return rc == 1 ? (ssize_t)n : why_not(t, rc);
}

ssize_t tls_recv(struct tls *t, void *data, size_t cap)
{
	size_t n = 0;
	int rc;

	ERR_clear_error();
	rc = SSL_read_ex(t->ssl, data, cap, &n);
	return rc == 1 ? (ssize_t)n : why_not(t, rc);
}
