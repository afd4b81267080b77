/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Secrets and certificates in files: who may read them, and whether they are any good. */
#include <errno.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf_text.h"

#define DAY (24L * 3600)

static char dir[64];

static const char *in_dir(const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void put(const char *name, const char *text, mode_t mode)
{
	FILE *f;

	(void)unlink(in_dir(name));
	f = fopen(in_dir(name), "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(in_dir(name), mode), 0);
}

/* Loads a configuration whose one tunnel ends in `credentials`. */
static struct conf *load_with(const char *credentials)
{
	char text[512];
	struct conf *conf = NULL;

	(void)snprintf(text, sizeof(text),
		       "node: n\ntunnels:\n  a: {local: 192.0.2.1, remote: 192.0.2.2, %s}\n",
		       credentials);
	(void)conf_load_text(text, strlen(text), "f", dir, &report, &conf);
	return conf;
}

/* The report with the directory's name taken out of it is what is expected. */
static void assert_says(const char *want)
{
	char *said = report_text(), *at;

	while ((at = strstr(said, dir)) != NULL)
		memmove(at, at + strlen(dir) + 1, strlen(at + strlen(dir) + 1) + 1);
	assert_string_equal(said, want);
	free(said);
}

static void assert_refused(const char *credentials, const char *want)
{
	assert_null(load_with(credentials));
	assert_says(want);
}

static void test_psk(void **state)
{
	struct conf *conf;

	(void)state;
	put("s", "my secret \r\n", 0600);
	conf = load_with("secret: {file: s}");
	assert_non_null(conf);
	assert_int_equal(conf->tunnels[0].secret.psk.len, 10); /* the blank is part of it */
	assert_memory_equal(conf->tunnels[0].secret.psk.data, "my secret ", 10);
	conf_free(conf);
}

static void test_psk_refused(void **state)
{
	char longer[2000];

	(void)state;
	put("open", "x\n", 0644);
	put("group", "x\n", 0640);
	put("empty", "\n", 0600);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	put("long", longer, 0600);
	assert_int_equal(mkfifo(in_dir("pipe"), 0600), 0);
	assert_refused("secret: {file: none}",
		       "f:3:59: file: cannot read none: No such file or directory\n");
	assert_refused("secret: {file: open}",
		       "f:3:59: file: open can be read by others; run: chmod 600 open\n");
	assert_refused("secret: {file: group}",
		       "f:3:59: file: group can be read by others; run: chmod 600 group\n");
	assert_refused("secret: {file: empty}",
		       "f:3:59: file: the secret in empty is empty; write one into it\n");
	assert_refused("secret: {file: long}",
		       "f:3:59: file: long is longer than 1024 bytes; is it the right file?\n");
	assert_refused("secret: {file: .}", "f:3:59: file: . is no regular file; name one\n");
	assert_refused("secret: {file: pipe}", "f:3:59: file: pipe is no regular file; name one\n");
	assert_refused("secret: {file: /dev/zero}",
		       "f:3:59: file: /dev/zero is no regular file; name one\n");
}

/* Both ways need root: to give a file away, or to be refused by the kernel's own check. */
static void test_psk_unreadable(void **state)
{
	(void)state;
	put("theirs", "x\n", 0600);
	if (geteuid() == 0) {
		assert_int_equal(chown(in_dir("theirs"), 12345, 0), 0);
		assert_refused(
			"secret: {file: theirs}",
			"f:3:59: file: theirs belongs to user 12345; run: chown root theirs\n");
	} else {
		assert_int_equal(chmod(in_dir("theirs"), 0), 0);
		assert_refused("secret: {file: theirs}",
			       "f:3:59: file: cannot read theirs: Permission denied\n");
	}
}

static EVP_PKEY *put_key(const char *name, mode_t mode)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	FILE *f;

	(void)unlink(in_dir(name));
	f = fopen(in_dir(name), "w");
	assert_non_null(key);
	assert_non_null(f);
	assert_int_equal(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL), 1);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(in_dir(name), mode), 0);
	return key;
}

static void put_cert(const char *name, EVP_PKEY *key, bool ca, long from, long to)
{
	X509 *cert = X509_new();
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints,
						  ca ? "critical,CA:TRUE" : "CA:FALSE");
	FILE *f = fopen(in_dir(name), "w");

	assert_non_null(cert);
	assert_non_null(ext);
	assert_non_null(f);
	assert_int_equal(X509_set_version(cert, 2), 1);
	assert_int_equal(X509_add_ext(cert, ext, -1), 1);
	assert_non_null(X509_gmtime_adj(X509_getm_notBefore(cert), from));
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(cert), to));
	assert_int_equal(X509_set_pubkey(cert, key), 1);
	assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
	assert_int_equal(PEM_write_X509(f, cert), 1);
	assert_int_equal(fclose(f), 0);
	X509_EXTENSION_free(ext);
	X509_free(cert);
}

/* A good pair and an authority, and one of everything that can be wrong. */
static void make_certs(void)
{
	EVP_PKEY *key = put_key("key", 0600), *other = put_key("other", 0600);

	EVP_PKEY_free(put_key("open-key", 0644));
	put_cert("cert", key, false, -DAY, 365 * DAY);
	put_cert("ca", other, true, -DAY, 365 * DAY);
	put_cert("expired", key, false, -2 * DAY, -DAY);
	put_cert("early", key, false, DAY, 365 * DAY);
	put_cert("soon", key, false, -DAY, 10 * DAY + 3600);
	put("garbage", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", 0600);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
}

static void test_cert(void **state)
{
	struct conf *conf;

	(void)state;
	make_certs();
	conf = load_with("certificate: {file: cert, key: key, ca: [ca, ca]}");
	assert_says("");
	assert_non_null(conf);
	assert_int_equal(conf->tunnels[0].secret.kind, CONF_SECRET_CERT);
	assert_int_equal(conf->tunnels[0].secret.ca_count, 2);
	assert_true(conf->tunnels[0].secret.cert.len > 100);
	conf_free(conf);
}

static void test_cert_refused(void **state)
{
	(void)state;
	make_certs();
	assert_refused(
		"certificate: {file: garbage, key: key, ca: ca}",
		"f:3:64: file: garbage: this is not a certificate that parses; write the path "
		"of an X.509 certificate in PEM or DER\n");
	assert_refused(
		"certificate: {file: cert, key: garbage, ca: ca}",
		"f:3:75: key: garbage: this is not a private key that parses; write the path of "
		"one in PEM or DER, without a password\n");
	assert_refused(
		"certificate: {file: cert, key: other, ca: ca}",
		"f:3:75: key: other: the key does not belong to the certificate; write the key "
		"it was made from\n");
	assert_refused("certificate: {file: cert, key: open-key, ca: ca}",
		       "f:3:75: key: open-key can be read by others; run: chmod 600 open-key\n");
	assert_refused(
		"certificate: {file: cert, key: key, ca: cert}",
		"f:3:84: ca: cert: this certificate is no authority (CA:FALSE); write the path "
		"of the one that signed the peer's\n");
	assert_refused("certificate: {file: cert, key: key}",
		       "f:3:57: 'ca' is missing; write ca: PATH\n");
}

static void test_cert_dates(void **state)
{
	static const struct {
		const char *file, *says;
	} rows[] = {
		{ "expired",
		  "f:3:64: warning: file: expired: the certificate has expired; renew it\n" },
		{ "early",
		  "f:3:64: warning: file: early: the certificate is not valid yet; check the "
		  "clock\n" },
		{ "soon",
		  "f:3:64: warning: file: soon: the certificate expires in 10 days; renew it\n" },
	};

	(void)state;
	make_certs();
	for (size_t i = 0; i < 3; i++) {
		char text[128];
		struct conf *conf;

		(void)snprintf(text, sizeof(text), "certificate: {file: %s, key: key, ca: ca}",
			       rows[i].file);
		conf = load_with(text);
		assert_says(rows[i].says);
		assert_non_null(conf); /* a warning must not keep a gateway from starting */
		conf_free(conf);
	}
}

/* A file of its own: secrets beside it, and a word about a secret inside it. */
static void test_file(void **state)
{
	struct conf *conf = NULL;
	char path[128];

	(void)state;
	put("s", "x\n", 0600);
	put("conf.yaml",
	    "node: n\ntunnels:\n  a: {local: 192.0.2.1, remote: 192.0.2.2, secret: {file: s}}\n",
	    0644);
	(void)snprintf(path, sizeof(path), "%s", in_dir("conf.yaml"));
	assert_int_equal(conf_load_file(path, &report, &conf), 0);
	assert_says("");
	assert_int_equal(conf->tunnels[0].secret.psk.len, 1);
	conf_free(conf);
	put("conf.yaml",
	    "node: n\ntunnels:\n  a: {local: 192.0.2.1, remote: 192.0.2.2, secret: {text: x}}\n",
	    0644);
	assert_int_equal(conf_load_file(path, &report, &conf), 0);
	conf_free(conf);
	assert_says("conf.yaml: warning: this file holds a secret and can be read by others; run: "
		    "chmod 600 conf.yaml\n");
	assert_int_equal(conf_load_file(in_dir("nothing.yaml"), &report, &conf), -ENOENT);
	assert_says("nothing.yaml: cannot be read: No such file or directory\n");
	assert_int_equal(conf_load_file(dir, &report, &conf), -EISDIR);
}

static int make_dir(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/futae-test-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	static const char *const names[] = { "s",    "open",     "group",   "empty", "long",
					     "pipe", "theirs",   "key",     "other", "cert",
					     "ca",   "open-key", "expired", "early", "garbage",
					     "soon", "conf.yaml" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlink(in_dir(names[i]));
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_psk),
		cmocka_unit_test(test_psk_refused),
		cmocka_unit_test(test_psk_unreadable),
		cmocka_unit_test(test_cert),
		cmocka_unit_test(test_cert_refused),
		cmocka_unit_test(test_cert_dates),
		cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
