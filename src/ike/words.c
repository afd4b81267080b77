/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/words.h"

#include "base/clock.h"
#include "ike/settings.h"
#include "ike/words_terms.h"

#include <encoding/payloads/id_payload.h>
#include <encoding/payloads/notify_payload.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* charon raises an alert in the thread that processes the message that led to it. */
static _Thread_local struct {
	notify_type_t said; /* the peer's error in this message, 0: none */
	char id[128]; /* who it says it is */
	char cert[160]; /* what is wrong with its certificate */
} now_processing;

struct scene {
	ike_sa_t *ike;
	char peer[ENDPOINT_TEXT];
	const char *phase; /* "IKE_AUTH" */
	bool v1, established;
};

static struct scene look(ike_sa_t *ike)
{
	struct endpoint e = ss_endpoint(ike->get_other_host(ike));
	ike_sa_id_t *id = ike->get_id(ike);
	struct scene s = { .ike = ike,
			   .v1 = ike->get_version(ike) == IKEV1,
			   .established = ike->get_state(ike) == IKE_ESTABLISHED ||
					  ike->get_state(ike) == IKE_REKEYING };
	bool answered = id->get_responder_spi(id) != 0;

	endpoint_format(&e, s.peer);
	if (s.established)
		s.phase = s.v1 ? "Quick Mode" : "CREATE_CHILD_SA";
	else if (s.v1)
		s.phase = "Main Mode";
	else
		s.phase = answered ? "IKE_AUTH" : "IKE_SA_INIT";
	return s;
}

static void note_id(payload_t *payload)
{
	id_payload_t *p = (id_payload_t *)payload;
	identification_t *id = p->get_identification(p);

	ss_print(now_processing.id, sizeof(now_processing.id), "%Y", id);
	id->destroy(id);
}

/* The peer's identity: an IKEv2 request also holds the one it wants of us. */
static bool is_peers_id(message_t *message, payload_type_t type)
{
	if (type == PLV1_ID)
		return message->get_exchange_type(message) == ID_PROT;
	return type == (message->get_request(message) ? PLV2_ID_INITIATOR : PLV2_ID_RESPONDER);
}

void words_note_message(message_t *message)
{
	enumerator_t *e = message->create_payload_enumerator(message);
	payload_t *payload;

	memset(&now_processing, 0, sizeof(now_processing));
	while (e->enumerate(e, &payload)) {
		notify_payload_t *n = (notify_payload_t *)payload;
		payload_type_t type = payload->get_type(payload);

		/* below 16384 are errors, above is news (RFC 7296, 3.10.1) */
		if ((type == PLV2_NOTIFY || type == PLV1_NOTIFY) &&
		    n->get_notify_type(n) < INITIAL_CONTACT)
			now_processing.said = n->get_notify_type(n);
		else if (is_peers_id(message, type))
			note_id(payload);
	}
	e->destroy(e);
}

void words_suite(proposal_t *proposal, char *out, size_t size)
{
	char all[256];
	const char *colon;

	if (!proposal) {
		out[0] = '\0';
		return;
	}
	ss_print(all, sizeof(all), "%P", proposal);
	colon = strchr(all, ':');
	(void)snprintf(out, size, "%s", colon ? colon + 1 : all);
}

static identification_t *expected_id(ike_sa_t *ike, bool local)
{
	peer_cfg_t *peer = ike->get_peer_cfg(ike);
	identification_t *id = NULL;
	enumerator_t *e;
	auth_cfg_t *auth;

	if (!peer)
		return NULL;
	e = peer->create_auth_cfg_enumerator(peer, local);
	if (e->enumerate(e, &auth))
		id = auth->get(auth, AUTH_RULE_IDENTITY);
	e->destroy(e);
	return id;
}

static bool by_psk(ike_sa_t *ike)
{
	peer_cfg_t *peer = ike->get_peer_cfg(ike);
	bool psk = false;
	enumerator_t *e;
	auth_cfg_t *auth;

	if (!peer)
		return false;
	e = peer->create_auth_cfg_enumerator(peer, TRUE);
	if (e->enumerate(e, &auth))
		psk = (uintptr_t)auth->get(auth, AUTH_RULE_AUTH_CLASS) == AUTH_CLASS_PSK;
	e->destroy(e);
	return psk;
}

/* The peer does not believe us. */
static void refused_by_peer(const struct scene *s, char *out, size_t size)
{
	identification_t *id = s->ike->get_my_id(s->ike);

	if (now_processing.said != AUTHENTICATION_FAILED)
		ss_print(out, size,
			 "cannot authenticate to %s: no usable %s for our identity \"%Y\"", s->peer,
			 by_psk(s->ike) ? "pre-shared key" : "private key", id);
	else if (by_psk(s->ike))
		ss_print(out, size,
			 "%s answers AUTHENTICATION_FAILED: the pre-shared key or the identities "
			 "differ (we are \"%Y\")",
			 s->peer, id);
	else
		ss_print(out, size,
			 "%s answers AUTHENTICATION_FAILED: it does not accept our certificate or "
			 "our identity \"%Y\"",
			 s->peer, id);
}

/* IKEv1 as initiator does not note the identity that it refuses. */
static bool other_id_than(identification_t *want)
{
	char text[128];

	ss_print(text, sizeof(text), "%Y", want);
	return now_processing.id[0] && !want->contains_wildcards(want) &&
	       strcmp(text, now_processing.id) != 0;
}

/* We do not believe the peer. */
static void refused_by_us(const struct scene *s, char *out, size_t size)
{
	identification_t *is = s->ike->get_other_id(s->ike), *want = expected_id(s->ike, false);

	if (!s->ike->get_peer_cfg(s->ike))
		ss_print(out, size,
			 "%s says it is \"%Y\" and wants \"%Y\": no connection here is for these",
			 s->peer, is, s->ike->get_my_id(s->ike));
	else if (want && is && is->get_type(is) != ID_ANY && !is->matches(is, want))
		ss_print(out, size, "identity mismatch: %s says it is \"%Y\", expected \"%Y\"",
			 s->peer, is, want);
	else if (want && is && is->get_type(is) == ID_ANY && other_id_than(want))
		ss_print(out, size, "identity mismatch: %s says it is \"%s\", expected \"%Y\"",
			 s->peer, now_processing.id, want);
	else if (now_processing.cert[0])
		ss_print(out, size, "the certificate of %s (\"%Y\") is refused: %s", s->peer, is,
			 now_processing.cert);
	else if (by_psk(s->ike))
		ss_print(out, size,
			 "authentication of %s (\"%Y\") failed: the pre-shared key or the "
			 "identities differ",
			 s->peer, is);
	else
		ss_print(out, size,
			 "authentication of %s (\"%Y\") failed: it proved no identity that we "
			 "accept with a certificate of our CA",
			 s->peer, is);
}

static void no_answer(const struct scene *s, uint64_t since, uint64_t now, char *out, size_t size)
{
	uint64_t sec = usec_since(since, now) / USEC_PER_SEC;
	bool mute = s->v1 && !s->established && by_psk(s->ike) &&
		    s->ike->get_id(s->ike)->get_responder_spi(s->ike->get_id(s->ike)) != 0;

	if (s->established || !since)
		(void)snprintf(out, size, "no answer from %s after %d tries: taken for dead",
			       s->peer, SETTINGS_RETRANSMIT_TRIES + 1);
	else
		(void)snprintf(out, size,
			       "no answer from %s after %d tries in %" PRIu64 " s (%s)%s", s->peer,
			       SETTINGS_RETRANSMIT_TRIES + 1, sec, s->phase,
			       mute ? "; with IKEv1 a different pre-shared key looks like this"
				    : "");
}

static linked_list_t *our_child_proposals(ike_sa_t *ike)
{
	peer_cfg_t *peer = ike->get_peer_cfg(ike);
	linked_list_t *list = NULL;
	child_cfg_t *child;
	enumerator_t *e;

	if (!peer)
		return NULL;
	e = peer->create_child_cfg_enumerator(peer);
	if (e->enumerate(e, &child))
		list = child->get_proposals(child, FALSE);
	e->destroy(e);
	return list;
}

/* charon hands over our own list when the peer refused it, and the peer's when we did. */
static void mismatch(const struct scene *s, const char *kind, linked_list_t *list,
		     linked_list_t *ours, char *out, size_t size)
{
	char why[200];

	if (now_processing.said == NO_PROPOSAL_CHOSEN) {
		words_list(list, why, 120);
		/* It also is what a peer says that knows no connection for our address. */
		(void)snprintf(out, size,
			       "%s answers NO_PROPOSAL_CHOSEN (%s): none of our %s proposals suits "
			       "it%s; proposed %s",
			       s->peer, s->phase, kind,
			       strcmp(kind, "IKE") ? "" : ", or it has no connection for us", why);
	} else if (ours) {
		words_mismatch(list, ours, why, sizeof(why));
		(void)snprintf(out, size, "%s proposals of %s (%s): %s", kind, s->peer, s->phase,
			       why);
	} else {
		words_list(list, why, sizeof(why));
		(void)snprintf(out, size, "%s proposals of %s (%s) do not fit: %s", kind, s->peer,
			       s->phase, why);
	}
	if (ours)
		ours->destroy_offset(ours, offsetof(proposal_t, destroy));
}

static void selectors(const struct scene *s, linked_list_t *tsi, linked_list_t *tsr, char *out,
		      size_t size)
{
	ss_print(out, size, "traffic selectors of %s do not fit ours: it wants %#R === %#R",
		 s->peer, tsi, tsr);
}

static linked_list_t *our_selectors(ike_sa_t *ike, bool local)
{
	peer_cfg_t *peer = ike->get_peer_cfg(ike);
	child_cfg_t *child;
	enumerator_t *e;
	linked_list_t *list = NULL;

	if (!peer)
		return NULL;
	e = peer->create_child_cfg_enumerator(peer);
	if (e->enumerate(e, &child))
		list = child->get_traffic_selectors(child, local, NULL, NULL, FALSE);
	e->destroy(e);
	return list;
}

/* The peer wants no such CHILD_SA, for another reason than its algorithms. */
static enum words_kind child_refused(const struct scene *s, char *out, size_t size)
{
	linked_list_t *local = our_selectors(s->ike, true), *remote = our_selectors(s->ike, false);
	bool told = local && remote && now_processing.said &&
		    (s->v1 || now_processing.said != NO_PROPOSAL_CHOSEN);

	if (told)
		ss_print(out, size, "%s answers %N (%s): no CHILD_SA for %#R === %#R%s", s->peer,
			 notify_type_names, now_processing.said, s->phase, local, remote,
			 now_processing.said == SINGLE_PAIR_REQUIRED
				 ? "; it wants a CHILD_SA for each pair of selectors"
				 : "");
	if (local)
		local->destroy_offset(local, offsetof(traffic_selector_t, destroy));
	if (remote)
		remote->destroy_offset(remote, offsetof(traffic_selector_t, destroy));
	return told ? WORDS_TROUBLE : WORDS_NOTHING;
}

bool words_refused_v1(ike_sa_t *ike, char *out, size_t size)
{
	struct scene s;

	if (!ike || !now_processing.said)
		return false;
	s = look(ike);
	return s.v1 && s.established && child_refused(&s, out, size) == WORDS_TROUBLE;
}

/* The alert that authentication failed follows and uses it. */
static void note_cert(certificate_t *cert, const char *what)
{
	ss_print(now_processing.cert, sizeof(now_processing.cert), "%s: \"%Y\"", what,
		 cert->get_subject(cert));
}

static enum words_kind cert_alert(alert_t alert, va_list args)
{
	certificate_t *cert = va_arg(args, certificate_t *);

	switch (alert) {
	case ALERT_CERT_EXPIRED:
		note_cert(cert, "not valid now");
		break;
	case ALERT_CERT_REVOKED:
		note_cert(cert, "revoked");
		break;
	case ALERT_CERT_NO_ISSUER:
		note_cert(cert, "its issuer is none of our CAs");
		break;
	case ALERT_CERT_UNTRUSTED_ROOT:
		note_cert(cert, "its root is not trusted");
		break;
	case ALERT_CERT_EXCEEDED_PATH_LEN:
		note_cert(cert, "too many certificates up to its CA");
		break;
	default:
		note_cert(cert, "against a rule in it or its CA");
		break;
	}
	return WORDS_NOTHING;
}

static enum words_kind parse_alert(const struct scene *s, char *out, size_t size)
{
	/* As responder of main mode we do not know yet whose message it is. */
	if (!s->v1 || s->established || (s->ike->get_peer_cfg(s->ike) && !by_psk(s->ike)))
		return WORDS_STRAY;
	(void)snprintf(out, size,
		       "a message of %s cannot be decrypted (%s): the pre-shared key differs",
		       s->peer, s->phase);
	return WORDS_TROUBLE;
}

static enum words_kind child_alert(const struct scene *s, alert_t alert, va_list args, char *out,
				   size_t size)
{
	linked_list_t *list = va_arg(args, linked_list_t *);
	char suite[128];

	switch (alert) {
	case ALERT_PROPOSAL_MISMATCH_IKE:
		mismatch(s, "IKE", list,
			 s->ike->get_ike_cfg(s->ike)->get_proposals(s->ike->get_ike_cfg(s->ike)),
			 out, size);
		return WORDS_TROUBLE;
	case ALERT_PROPOSAL_MISMATCH_CHILD:
		mismatch(s, "ESP", list, our_child_proposals(s->ike), out, size);
		return WORDS_TROUBLE;
	case ALERT_TS_MISMATCH:
		selectors(s, list, va_arg(args, linked_list_t *), out, size);
		return WORDS_TROUBLE;
	default: {
		child_sa_t *child = (child_sa_t *)list; /* ALERT_INSTALL_CHILD_SA_FAILED */

		words_suite(child->get_proposal(child), suite, sizeof(suite));
		(void)snprintf(out, size, "futae-esp did not take the SA with %s (%s)", s->peer,
			       suite);
		return WORDS_TROUBLE;
	}
	}
}

enum words_kind words_alert(ike_sa_t *ike, alert_t alert, va_list args, uint64_t since,
			    uint64_t now, char *out, size_t size)
{
	struct scene s;

	if (!ike)
		return alert == ALERT_INVALID_IKE_SPI || alert == ALERT_PARSE_ERROR_HEADER
			       ? WORDS_STRAY
			       : WORDS_NOTHING;
	s = look(ike);
	switch (alert) {
	case ALERT_LOCAL_AUTH_FAILED:
		refused_by_peer(&s, out, size);
		return WORDS_TROUBLE;
	case ALERT_PEER_AUTH_FAILED:
		refused_by_us(&s, out, size);
		return WORDS_TROUBLE;
	case ALERT_RETRANSMIT_SEND_TIMEOUT:
		no_answer(&s, since, now, out, size);
		return WORDS_TROUBLE;
	case ALERT_PARSE_ERROR_BODY:
		return parse_alert(&s, out, size);
	case ALERT_PROPOSAL_MISMATCH_IKE:
	case ALERT_PROPOSAL_MISMATCH_CHILD:
	case ALERT_TS_MISMATCH:
	case ALERT_INSTALL_CHILD_SA_FAILED:
		return child_alert(&s, alert, args, out, size);
	case ALERT_KEEP_ON_CHILD_SA_FAILURE:
		return child_refused(&s, out, size);
	case ALERT_HALF_OPEN_TIMEOUT:
		(void)snprintf(out, size, "%s began to set up a connection and went silent (%s)",
			       s.peer, s.phase);
		return WORDS_TROUBLE;
	case ALERT_IKE_SA_EXPIRED:
		(void)snprintf(out, size,
			       "the IKE_SA with %s outlived its lifetime: rekeying failed", s.peer);
		return WORDS_TROUBLE;
	case ALERT_INVALID_IKE_SPI:
	case ALERT_PARSE_ERROR_HEADER:
		return WORDS_STRAY;
	default:
		return alert >= ALERT_CERT_EXPIRED ? cert_alert(alert, args) : WORDS_NOTHING;
	}
}

void words_ended(ike_sa_t *ike, char *out, size_t size)
{
	struct scene s = look(ike);
	ike_cfg_t *cfg = ike->get_ike_cfg(ike);
	linked_list_t *ours;
	char list[120];

	if (!now_processing.said || !cfg) {
		(void)snprintf(out, size, "the setup with %s ended in %s", s.peer, s.phase);
		return;
	}
	ours = cfg->get_proposals(cfg);
	words_list(ours, list, sizeof(list));
	ours->destroy_offset(ours, offsetof(proposal_t, destroy));
	ss_print(out, size, "%s answers %N (%s); proposed %s", s.peer, notify_type_names,
		 now_processing.said, s.phase, list);
}
