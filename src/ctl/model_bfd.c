/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/model_bfd.h"

#include "ctl/model.h"
#include "svc/daemon.h"
#include "svc/health.h"
#include "svc/probe_bfd.h"

static void put_drops(json_t *o, enum bfd_reason reason, uint64_t count)
{
	if (count)
		json_object_set_new(o, bfd_reason_name(reason), json_integer((json_int_t)count));
}

static json_t *drops(const struct bfd_session *s)
{
	json_t *o = json_object();

	for (enum bfd_reason r = 0; r < BFD_REASON_COUNT; r++)
		put_drops(o, r, s->drops[r]);
	return o;
}

static const char *auth_name(enum bfd_auth_type type)
{
	return type == BFD_AUTH_METICULOUS_SHA1 ? "meticulous-sha1"
	       : type == BFD_AUTH_SHA1          ? "sha1"
						: "none";
}

json_t *model_bfd(const struct check *c, usec_t now)
{
	const struct bfd_session *s = probe_bfd_session(c);
	const struct bfd *b;

	if (!s)
		return json_null();
	b = &s->fsm;
	return json_pack(
		"{s:s, s:o, s:s, s:s, s:s, s:I, s:I, s:o, s:o, s:o, s:i, s:i, s:b, s:b, s:b, s:b, "
		"s:s, s:I, s:I, s:I, s:o}",
		"state", bfd_state_name(b->state), "since_ms", model_since(b->since, now), "diag",
		bfd_diag_text(b->state == BFD_UP && b->concatenated ? BFD_DIAG_CONCATENATED
								    : b->diag),
		"peer_state", bfd_state_name(b->remote_state), "peer_diag",
		bfd_diag_text(b->remote_diag), "my_discriminator", (json_int_t)s->cfg.discr,
		"your_discriminator", (json_int_t)b->remote_discr, "tx_interval_ms",
		model_msec(bfd_tx_interval(b)), "rx_interval_ms",
		model_msec(bfd_rx_interval(&s->cfg, b)), "detection_ms",
		model_msec(bfd_detection_time(&s->cfg, b)), "multiplier", s->cfg.mult,
		"peer_multiplier", b->remote_mult, "multihop", s->multihop, "demand",
		bfd_demand_is_active(&s->cfg, b), "peer_demand", b->remote_demand, "concatenated",
		b->concatenated, "auth", auth_name(s->cfg.auth), "sent", (json_int_t)s->sent,
		"received", (json_int_t)s->received, "downs", (json_int_t)s->downs, "drops",
		drops(s));
}

json_t *model_bfd_strays(struct daemon *d)
{
	struct probe_kind *k = healths_kind(d->healths, CONF_PROBE_BFD);
	json_t *o = json_object();

	for (enum bfd_reason r = 0; k && r < BFD_REASON_COUNT; r++)
		put_drops(o, r, probe_bfd_strays(k, r));
	return o;
}

static void explain_session_peer(const struct bfd *b, struct explanation *e)
{
	if (b->remote_state == BFD_UP && b->remote_diag == BFD_DIAG_CONCATENATED)
		explain_advise(e, "The tunnel works, but the peer says that what lies behind it is "
				  "down: look at its LAN and its VRRP.");
	else if (b->remote_diag == BFD_DIAG_EXPIRED && b->heard)
		explain_advise(e,
			       "The peer is there and hears nothing from us: look at what our "
			       "packets meet on their way, and at what it takes (addresses, TTL, "
			       "authentication).");
	else if (b->remote_state == BFD_ADMIN_DOWN && b->heard)
		explain_advise(e, "The peer's session was switched off there by hand.");
	else if (!b->heard)
		explain_advise(e,
			       "No BFD packet of the peer's arrives: is BFD configured there, for "
			       "our source address, over this tunnel?");
}

void explain_bfd(const struct check *c, struct explanation *e, usec_t now)
{
	const struct bfd_session *s = probe_bfd_session(c);
	char span[EXPLAIN_SPAN], tx[EXPLAIN_SPAN], rx[EXPLAIN_SPAN], detect[EXPLAIN_SPAN];
	const struct bfd *b;

	if (!s)
		return;
	b = &s->fsm;
	explain_evidence(e, "BFD session %s for %s (%s); the peer's is %s (%s)",
			 bfd_state_name(b->state), explain_span(usec_since(b->since, now), span),
			 bfd_diag_text(b->state == BFD_UP && b->concatenated ? BFD_DIAG_CONCATENATED
									     : b->diag),
			 bfd_state_name(b->remote_state), bfd_diag_text(b->remote_diag));
	if (b->state == BFD_UP)
		explain_evidence(e, "a packet each %s out, each %s in; down after %s without one",
				 explain_span(bfd_tx_interval(b), tx),
				 explain_span(bfd_rx_interval(&s->cfg, b), rx),
				 explain_span(bfd_detection_time(&s->cfg, b), detect));
	for (enum bfd_reason r = 0; r < BFD_REASON_COUNT; r++)
		if (s->drops[r])
			explain_evidence(e, "%llu BFD packets dropped: %s",
					 (unsigned long long)s->drops[r], bfd_reason_name(r));
	if (!health_is_usable(&c->fsm))
		explain_session_peer(b, e);
}
