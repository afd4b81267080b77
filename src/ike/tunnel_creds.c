/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/tunnel_creds.h"

#include "base/list.h"

#include <credentials/certificates/x509.h>
#include <credentials/keys/private_key.h>
#include <errno.h>

static const char pem_head[] = "-----BEGIN ";

static certificate_t *parse_cert(struct view v)
{
	return lib->creds->create(lib->creds, CRED_CERTIFICATE, CERT_X509, BUILD_BLOB_PEM,
				  ss_chunk(v), BUILD_END);
}

/* The next PEM block of *rest, or all of it when it is DER.  Empty at the end. */
static struct view next_block(struct view *rest)
{
	struct view none = { NULL, 0 }, block = *rest;
	const uint8_t *next;

	if (!rest->len)
		return none;
	if (rest->data[0] == 0x30) { /* DER: one SEQUENCE */
		*rest = none;
		return block;
	}
	block.data = memmem(rest->data, rest->len, pem_head, sizeof(pem_head) - 1);
	if (!block.data) {
		*rest = none;
		return none;
	}
	block.len = rest->len - (size_t)(block.data - rest->data);
	*rest = none;
	next = memmem(block.data + 1, block.len - 1, pem_head, sizeof(pem_head) - 1);
	if (next) {
		*rest = (struct view){ next, block.len - (size_t)(next - block.data) };
		block.len = (size_t)(next - block.data);
	}
	return block;
}

/* Every certificate of a file, in order. */
static int load_certs(struct view file, const char *what, linked_list_t *list, struct err *err)
{
	struct view block;
	int n = 0;

	while ((block = next_block(&file)).len) {
		certificate_t *cert = parse_cert(block);

		n++;
		if (!cert)
			return err_set(err, -EINVAL, "%s: block %d is no X.509 certificate", what,
				       n);
		list->insert_last(list, cert);
	}
	if (!n)
		return err_set(err, -EINVAL, "%s: there is no certificate in it", what);
	return 0;
}

static int check_validity(certificate_t *cert, const char *what, struct err *err)
{
	time_t from, to;

	if (cert->get_validity(cert, NULL, &from, &to))
		return 0;
	ss_print(err->text, sizeof(err->text), "%s \"%Y\" is not valid now: only from %T to %T",
		 what, cert->get_subject(cert), &from, TRUE, &to, TRUE);
	return -EINVAL;
}

static int load_cas(struct tunnel *t, const struct ipc_conn *c, struct err *err)
{
	enumerator_t *e;
	certificate_t *cert;
	int r = 0;

	for (unsigned i = 0; i < c->ca_count && r == 0; i++)
		r = load_certs(c->ca[i], "CA certificate", t->cas, err);
	if (r == 0 && t->cas->get_count(t->cas) == 0)
		r = err_set(err, -EINVAL, "no CA certificate: nobody could be trusted");
	e = t->cas->create_enumerator(t->cas);
	while (r == 0 && e->enumerate(e, &cert)) {
		x509_t *x509 = (x509_t *)cert;

		r = check_validity(cert, "CA certificate", err);
		if (r == 0 && !(x509->get_flags(x509) & X509_CA)) {
			ss_print(err->text, sizeof(err->text),
				 "\"%Y\" is given as a CA but is no CA certificate",
				 cert->get_subject(cert));
			r = -EINVAL;
		}
	}
	e->destroy(e);
	return r;
}

/* The key has to be the certificate's: a mix-up would otherwise show as the peer's refusal. */
static int check_pair(struct tunnel *t, certificate_t *cert, struct err *err)
{
	public_key_t *pub = cert->get_public_key(cert);
	bool same = pub && t->key->belongs_to(t->key, pub);

	DESTROY_IF(pub);
	if (same)
		return 0;
	ss_print(err->text, sizeof(err->text), "the private key is not that of certificate \"%Y\"",
		 cert->get_subject(cert));
	return -EINVAL;
}

static int load_key(struct tunnel *t, struct view file, struct err *err)
{
	t->key = lib->creds->create(lib->creds, CRED_PRIVATE_KEY, KEY_ANY, BUILD_BLOB_PEM,
				    ss_chunk(file), BUILD_END);
	if (t->key)
		return 0;
	if (memmem(file.data, file.len, "ENCRYPTED", 9))
		return err_set(err, -EINVAL,
			       "the private key is encrypted; futae needs it without a passphrase");
	return err_set(err, -EINVAL, "the private key does not parse; PEM or DER is expected");
}

static int load_x509(struct tunnel *t, const struct ipc_conn *c, struct err *err)
{
	certificate_t *cert;
	int r = load_certs(c->cert, "certificate", t->certs, err);

	if (r == 0)
		r = load_key(t, c->key, err);
	if (r == 0)
		r = load_cas(t, c, err);
	if (r < 0 || t->certs->get_first(t->certs, (void **)&cert) != SUCCESS)
		return r;
	r = check_pair(t, cert, err);
	if (r == 0)
		r = check_validity(cert, "certificate", err);
	if (r == 0 && t->local_id && !cert->has_subject(cert, t->local_id)) {
		ss_print(err->text, sizeof(err->text),
			 "our identity \"%Y\" is not in certificate \"%Y\"", t->local_id,
			 cert->get_subject(cert));
		r = -EINVAL;
	}
	if (r == 0 && !t->local_id) {
		identification_t *subject = cert->get_subject(cert);

		t->local_id = subject->clone(subject);
	}
	return r;
}

int tunnel_load_creds(struct tunnel *t, const struct ipc_conn *c, struct err *err)
{
	if (c->auth == IPC_AUTH_CERT)
		return load_x509(t, c, err);
	if (!c->psk.len)
		return err_set(err, -EINVAL, "the pre-shared key is empty");
	t->psk = shared_key_create(SHARED_IKE, ss_copy(c->psk));
	return 0;
}
