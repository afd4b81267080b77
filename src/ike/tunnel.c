/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/tunnel.h"

#include "base/hash.h"
#include "base/secret.h"
#include "ike/suite.h"
#include "ike/tunnel_creds.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * Ours by default: modern first, then what any peer of the last fifteen years speaks.  A CHILD_SA
 * is rekeyed with fresh Diffie-Hellman where the peer can, without where it cannot (modpnone).
 */
#define KE "curve25519-ecp384-ecp256-modp3072-modp2048"
#define IKE_V2                                                                                     \
	"aes256gcm16-aes128gcm16-prfsha384-prfsha256-" KE ","                                      \
	"aes256-aes128-sha512-sha384-sha256-" KE
#define ESP_V2                                                                                     \
	"aes256gcm16-aes128gcm16-" KE "-modpnone-esn-noesn,"                                       \
	"aes256-aes128-sha256-sha512-" KE "-modpnone-esn-noesn"
/* IKEv1 has one group for all CHILD_SAs and cannot negotiate its absence: ask for none, take any.
 */
#define IKE_V1                                                                                     \
	"aes256-sha256-modp2048,aes128-sha256-modp2048,aes256-sha256-curve25519,"                  \
	"aes128-sha256-curve25519,aes256-sha256-ecp256,aes256-sha1-modp2048,aes128-sha1-modp2048"
#define ESP_V1                                                                                     \
	"aes256-sha256-modpnone-modp2048-ecp256,aes128-sha256-modpnone-modp2048,"                  \
	"aes256-sha1-modpnone-modp2048,aes128-sha1-modpnone-modp2048"

typedef void add_proposal(void *cfg, proposal_t *p);

static void add_to_ike(void *cfg, proposal_t *p)
{
	ike_cfg_t *ike = cfg;

	ike->add_proposal(ike, p);
}

static void add_to_child(void *cfg, proposal_t *p)
{
	child_cfg_t *child = cfg;

	child->add_proposal(child, p);
}

static int add_proposals(const char *text, protocol_id_t protocol, add_proposal *add, void *cfg,
			 struct err *err)
{
	const char *kind = protocol == PROTO_IKE ? "IKE" : "ESP";
	char list[2 * IPC_TEXT], word[96], *save = NULL;

	(void)snprintf(list, sizeof(list), "%s", text);
	for (char *s = strtok_r(list, ", ", &save); s; s = strtok_r(NULL, ", ", &save)) {
		proposal_t *p = proposal_create_from_string(protocol, s);

		if (!p)
			return err_set(err, -EINVAL,
				       "%s proposal \"%s\" is not understood; write it as in "
				       "aes256gcm16-%scurve25519",
				       kind, s, protocol == PROTO_IKE ? "prfsha256-" : "");
		if (protocol == PROTO_ESP && suite_find_unknown(p, word, sizeof(word))) {
			p->destroy(p);
			return err_set(err, -EINVAL,
				       "ESP proposal \"%s\": futae's data plane cannot do %s", s,
				       word);
		}
		add(cfg, p);
	}
	return 0;
}

static const char *or_default(const char *text, const char *otherwise)
{
	return *text ? text : otherwise;
}

/* Rekeying earlier by up to a tenth spreads many tunnels; a tenth later the SA is gone for good. */
static void lifetime(uint64_t soft, uint64_t *rekey, uint64_t *life, uint64_t *jitter)
{
	*rekey = soft;
	*life = soft + (soft + 9) / 10;
	*jitter = soft / 10;
}

static child_cfg_t *new_child(const struct ipc_conn *c, const char *name, struct err *err)
{
	child_cfg_create_t data = {
		.mode = MODE_TUNNEL,
		.if_id_in = c->if_id,
		.if_id_out = c->if_id,
		/* retry.c dials, not charon: it would do so only in some cases */
		.start_action = ACTION_NONE,
		.dpd_action = ACTION_NONE,
		.close_action = ACTION_NONE
	};
	lifetime_cfg_t *l = &data.lifetime;
	child_cfg_t *child;

	/* Several of equal selectors: the number tells each apart from the others, and its new keys
	 * from theirs; without, charon would take them for duplicates. */
	if (c->children > 1)
		data.if_id_in = data.if_id_out = IF_ID_UNIQUE;
	lifetime(c->child_rekey_sec, &l->time.rekey, &l->time.life, &l->time.jitter);
	lifetime(c->child_bytes, &l->bytes.rekey, &l->bytes.life, &l->bytes.jitter);
	lifetime(c->child_packets, &l->packets.rekey, &l->packets.life, &l->packets.jitter);
	child = child_cfg_create((char *)(uintptr_t)name, &data);
	if (c->replay_window)
		child->set_replay_window(child, c->replay_window);
	if (add_proposals(or_default(c->esp_proposals, c->version == 1 ? ESP_V1 : ESP_V2),
			  PROTO_ESP, add_to_child, child, err) < 0) {
		child->destroy(child);
		return NULL;
	}
	return child;
}

static int add_whole(peer_cfg_t *peer, const struct ipc_conn *c, struct err *err)
{
	child_cfg_t *child = new_child(c, c->name, err);

	if (!child)
		return -EINVAL;
	for (unsigned i = 0; i < c->ts_local_count; i++)
		child->add_traffic_selector(child, TRUE, ss_selector(&c->ts_local[i]));
	for (unsigned i = 0; i < c->ts_remote_count; i++)
		child->add_traffic_selector(child, FALSE, ss_selector(&c->ts_remote[i]));
	peer->add_child_cfg(peer, child);
	return 1;
}

/*
 * Peers that were not told to separate selectors but take one pair only (IKEv1) get IPv4 alone by
 * default: hardly one of them would accept a second pair for all of IPv6.
 */
static bool pair_wanted(const struct ipc_conn *c, const struct prefix *a, const struct prefix *b)
{
	if (a->addr.family != b->addr.family)
		return false;
	return c->ts_separate || a->addr.family == ADDR_V4 || a->len > 0 || b->len > 0 ||
	       (c->ts_local_count == 1 && c->ts_remote_count == 1);
}

static int add_pairs(peer_cfg_t *peer, const struct ipc_conn *c, struct err *err)
{
	int n = 0;

	for (unsigned i = 0; i < c->ts_local_count * c->ts_remote_count; i++) {
		const struct prefix *a = &c->ts_local[i / c->ts_remote_count];
		const struct prefix *b = &c->ts_remote[i % c->ts_remote_count];
		char name[IPC_NAME + 8];
		child_cfg_t *child;

		if (!pair_wanted(c, a, b))
			continue;
		(void)snprintf(name, sizeof(name), "%s-%d", c->name, ++n);
		child = new_child(c, name, err);
		if (!child)
			return -EINVAL;
		child->add_traffic_selector(child, TRUE, ss_selector(a));
		child->add_traffic_selector(child, FALSE, ss_selector(b));
		peer->add_child_cfg(peer, child);
	}
	if (!n)
		return err_set(err, -EINVAL,
			       "the selectors of the two sides share no address family");
	return n;
}

static auth_cfg_t *new_auth(const struct tunnel *t, identification_t *id)
{
	auth_cfg_t *auth = auth_cfg_create();

	auth->add(auth, AUTH_RULE_AUTH_CLASS, t->psk ? AUTH_CLASS_PSK : AUTH_CLASS_PUBKEY);
	if (id)
		auth->add(auth, AUTH_RULE_IDENTITY, id->clone(id));
	return auth;
}

static void add_auth(struct tunnel *t)
{
	auth_cfg_t *mine = new_auth(t, t->local_id), *other = new_auth(t, t->remote_id);
	certificate_t *cert;
	enumerator_t *e;

	if (t->certs->get_first(t->certs, (void **)&cert) == SUCCESS)
		mine->add(mine, AUTH_RULE_SUBJECT_CERT, cert->get_ref(cert));
	e = t->cas->create_enumerator(t->cas);
	while (e->enumerate(e, &cert))
		other->add(other, AUTH_RULE_CA_CERT, cert->get_ref(cert));
	e->destroy(e);
	if (!t->psk) /* the peer may show any name that its certificate vouches for */
		other->add(other, AUTH_RULE_IDENTITY_LOOSE, TRUE);
	t->peer->add_auth_cfg(t->peer, mine, TRUE);
	t->peer->add_auth_cfg(t->peer, other, FALSE);
}

static ike_cfg_t *new_ike(const struct ipc_conn *c, struct err *err)
{
	char local[ADDR_TEXT] = "%any", remote[ADDR_TEXT] = "%any";
	ike_cfg_create_t data = { .version = c->version == 1   ? IKEV1
					     : c->version == 2 ? IKEV2
							       : IKE_ANY,
				  .local = local,
				  .local_port = 500,
				  .remote = remote,
				  .remote_port = 500,
				  .force_encap = c->force_encap,
				  .fragmentation =
					  c->fragmentation ? FRAGMENTATION_YES : FRAGMENTATION_NO };
	ike_cfg_t *ike;

	if (c->local.family != ADDR_NONE)
		addr_format(&c->local, local);
	if (c->remote.family != ADDR_NONE)
		addr_format(&c->remote, remote);
	ike = ike_cfg_create(&data);
	if (add_proposals(or_default(c->ike_proposals, c->version == 1 ? IKE_V1 : IKE_V2),
			  PROTO_IKE, add_to_ike, ike, err) < 0) {
		ike->destroy(ike);
		return NULL;
	}
	return ike;
}

static int new_peer(struct tunnel *t, const struct ipc_conn *c, struct err *err)
{
	uint32_t shorter =
		c->ike_reauth_sec && (!c->ike_rekey_sec || c->ike_reauth_sec < c->ike_rekey_sec)
			? c->ike_reauth_sec
			: c->ike_rekey_sec;
	peer_cfg_create_t data = { .cert_policy = CERT_ALWAYS_SEND,
				   .unique = UNIQUE_REPLACE,
				   .keyingtries = 1, /* retry.c tries again, and says so */
				   .rekey_time = c->ike_rekey_sec,
				   .reauth_time = c->ike_reauth_sec,
				   .jitter_time = shorter / 10,
				   .over_time = shorter / 10 + 1,
				   .no_mobike = TRUE,
				   .if_id_in = c->if_id,
				   .if_id_out = c->if_id,
				   .dpd = c->dpd_sec,
				   .dpd_timeout = c->dpd_sec * 4 };
	ike_cfg_t *ike = new_ike(c, err);
	int n;

	if (!ike)
		return -EINVAL;
	t->peer = peer_cfg_create(t->name, ike, &data);
	add_auth(t);
	n = c->ts_separate || c->version == 1 ? add_pairs(t->peer, c, err)
					      : add_whole(t->peer, c, err);
	t->children = n > 0 ? (unsigned)n : 0;
	return n < 0 ? n : 0;
}

static identification_t *identity(const char *text, host_t *address, enum ipc_auth auth)
{
	if (*text)
		return identification_create_from_string((char *)(uintptr_t)text);
	if (auth == IPC_AUTH_PSK && address)
		return identification_create_from_sockaddr(address->get_sockaddr(address));
	return NULL; /* ours: the certificate's subject; the peer's: whatever its CA vouches for */
}

static uint64_t fingerprint(const struct ipc_conn *c)
{
	static struct hash_key key;
	static uint8_t buf[IPC_MSG_MAX];
	ssize_t n = ipc_conn_encode(c, buf, sizeof(buf));
	uint64_t h = n > 0 ? hash_bytes(&key, buf, (size_t)n) : 0;

	secret_wipe(buf, n > 0 ? (size_t)n : sizeof(buf));
	return h;
}

/* What only concerns this end, or the next SA, is no reason to set up anew what is up. */
static uint64_t visible_fingerprint(const struct ipc_conn *c)
{
	struct ipc_conn v = *c;

	v.initiate = false;
	v.initiate_delay = 0;
	v.ike_rekey_sec = v.ike_reauth_sec = v.child_rekey_sec = v.dpd_sec = v.replay_window = 0;
	v.child_bytes = v.child_packets = 0;
	return fingerprint(&v);
}

struct tunnel *tunnel_new(const struct ipc_conn *c, struct err *err)
{
	struct tunnel *t;
	int r;

	INIT(t, .content = fingerprint(c), .visible = visible_fingerprint(c),
	     .initiate = c->initiate && c->remote.family != ADDR_NONE,
	     .initiate_delay = c->initiate_delay, .local = ss_host_of_addr(&c->local, 500),
	     .each = c->children > 1 ? c->children : 1, .remote = ss_host_of_addr(&c->remote, 500),
	     .certs = linked_list_create(), .cas = linked_list_create(), );
	(void)snprintf(t->name, sizeof(t->name), "%s", c->name);
	t->local_id = identity(c->local_id, t->local, c->auth);
	t->remote_id = identity(c->remote_id, t->remote, c->auth);
	r = tunnel_load_creds(t, c, err);
	if (r == 0)
		r = new_peer(t, c, err);
	if (r == 0)
		return t;
	tunnel_free(t);
	return NULL;
}

void tunnel_free(struct tunnel *t)
{
	if (!t)
		return;
	DESTROY_IF(t->peer);
	DESTROY_IF(t->local);
	DESTROY_IF(t->remote);
	DESTROY_IF(t->local_id);
	DESTROY_IF(t->remote_id);
	DESTROY_IF(t->psk);
	DESTROY_IF(t->key);
	t->certs->destroy_offset(t->certs, offsetof(certificate_t, destroy));
	t->cas->destroy_offset(t->cas, offsetof(certificate_t, destroy));
	free(t);
}

child_cfg_t *tunnel_child(peer_cfg_t *peer, unsigned n)
{
	enumerator_t *e = peer->create_child_cfg_enumerator(peer);
	child_cfg_t *child, *found = NULL;

	for (unsigned i = 0; e->enumerate(e, &child); i++)
		if (i == n) {
			found = child->get_ref(child);
			break;
		}
	e->destroy(e);
	return found;
}

unsigned tunnel_child_index(const char *child, const char *tunnel)
{
	size_t len = strlen(tunnel);
	unsigned long n = 0;

	if (strncmp(child, tunnel, len) == 0 && child[len] == '-')
		n = strtoul(child + len + 1, NULL, 10);
	return n && n <= (unsigned long)IPC_TS_MAX * IPC_TS_MAX ? (unsigned)n - 1 : 0;
}
