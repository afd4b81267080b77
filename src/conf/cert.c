/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/cert.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#define EXPIRY_NOTICE_DAYS 30

/* Asked for when a key is encrypted: there is nobody at a daemon's terminal to answer. */
static int no_password(char *buf, int size, int writing, void *ctx)
{
	(void)buf, (void)size, (void)writing, (void)ctx;
	return -1;
}

static bool is_pem(const struct conf_blob *b)
{
	return b->len && memmem(b->data, b->len, "-----BEGIN ", 11);
}

static BIO *open_blob(const struct conf_blob *b)
{
	return b->len <= INT_MAX ? BIO_new_mem_buf(b->data, (int)b->len) : NULL;
}

static X509 *parse_cert(const struct conf_blob *b)
{
	BIO *in = open_blob(b);
	X509 *cert = NULL;

	if (in)
		cert = is_pem(b) ? PEM_read_bio_X509(in, NULL, no_password, NULL)
				 : d2i_X509_bio(in, NULL);
	BIO_free(in);
	ERR_clear_error();
	return cert;
}

static EVP_PKEY *parse_key(const struct conf_blob *b)
{
	BIO *in = open_blob(b);
	EVP_PKEY *key = NULL;

	if (in)
		key = is_pem(b) ? PEM_read_bio_PrivateKey(in, NULL, no_password, NULL)
				: d2i_PrivateKey_bio(in, NULL);
	BIO_free(in);
	ERR_clear_error();
	return key;
}

static enum cert_verdict check_dates(const X509 *cert, int64_t wall, struct err *err)
{
	time_t now = (time_t)wall;
	int days = 0, seconds = 0;

	if (X509_cmp_time(X509_get0_notBefore(cert), &now) > 0) {
		(void)err_set(err, 0, "the certificate is not valid yet; check the clock");
		return CERT_WARN;
	}
	if (X509_cmp_time(X509_get0_notAfter(cert), &now) < 0) {
		(void)err_set(err, 0, "the certificate has expired; renew it");
		return CERT_WARN;
	}
	ASN1_TIME *from = ASN1_TIME_set(NULL, now);

	if (from && ASN1_TIME_diff(&days, &seconds, from, X509_get0_notAfter(cert)) &&
	    days < EXPIRY_NOTICE_DAYS) {
		(void)err_set(err, 0, "the certificate expires in %d days; renew it", days);
		ASN1_TIME_free(from);
		return CERT_WARN;
	}
	ASN1_TIME_free(from);
	return CERT_GOOD;
}

enum cert_verdict cert_check(const struct conf_blob *blob, int64_t wall, struct err *err)
{
	X509 *cert = parse_cert(blob);
	enum cert_verdict verdict = CERT_BAD;

	if (!cert)
		(void)err_set(err, 0,
			      "this is not a certificate that parses; write the path of an X.509 "
			      "certificate in PEM or DER");
	else
		verdict = check_dates(cert, wall, err);
	X509_free(cert);
	return verdict;
}

enum cert_verdict cert_check_ca(const struct conf_blob *blob, int64_t wall, struct err *err)
{
	enum cert_verdict verdict = cert_check(blob, wall, err);
	X509 *cert = verdict == CERT_BAD ? NULL : parse_cert(blob);

	if (cert && X509_check_ca(cert) == 0) {
		(void)err_set(
			err, 0,
			"this certificate is no authority (CA:FALSE); write the path of the one "
			"that signed the peer's");
		verdict = CERT_BAD;
	}
	ERR_clear_error();
	X509_free(cert);
	return verdict;
}

enum cert_verdict cert_check_key(const struct conf_blob *blob, struct err *err)
{
	EVP_PKEY *key = parse_key(blob);
	bool good = key != NULL;

	EVP_PKEY_free(key);
	if (!good)
		(void)err_set(
			err, 0,
			"this is not a private key that parses; write the path of one in PEM or "
			"DER, without a password");
	return good ? CERT_GOOD : CERT_BAD;
}

enum cert_verdict cert_check_pair(const struct conf_blob *cert, const struct conf_blob *key,
				  struct err *err)
{
	X509 *x509 = parse_cert(cert);
	EVP_PKEY *pkey = parse_key(key);
	bool match = x509 && pkey && X509_check_private_key(x509, pkey) == 1;

	EVP_PKEY_free(pkey);
	X509_free(x509);
	ERR_clear_error();
	if (!match)
		(void)err_set(
			err, 0,
			"the key does not belong to the certificate; write the key it was made "
			"from");
	return match ? CERT_GOOD : CERT_BAD;
}
