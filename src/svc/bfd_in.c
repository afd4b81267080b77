/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/bfd_in.h"

#include "base/list.h"
#include "base/log.h"
#include "io/rawsock.h"
#include "svc/bfd_auth.h"
#include "svc/health.h"

#define LOG_GAP (60 * USEC_PER_SEC) /* of one reason */

const char *bfd_reason_name(enum bfd_reason reason)
{
	static const char *const own[] = { "ttl", "device", "address", "port", "no-session" };

	if (reason < BFD_REASON_STEP)
		return bfd_pkt_error_name((enum bfd_pkt_error)(reason - BFD_REASON_PKT));
	if (reason < BFD_REASON_TTL)
		return bfd_drop_name((enum bfd_drop)(reason - BFD_REASON_STEP));
	return reason < BFD_REASON_COUNT ? own[reason - BFD_REASON_TTL] : "unknown";
}

/* A stranger must not be able to fill the log. */
static void count_drop(struct bfd_probe *p, struct bfd_session *s, enum bfd_reason reason,
		       const struct addr *src)
{
	usec_t now = clock_now();
	char text[ADDR_TEXT];

	(s ? s->drops : p->strays)[reason]++;
	if (reason == BFD_REASON_STEP + (enum bfd_reason)BFD_DROP_ADMIN) /* we told it so */
		return;
	if (p->logged[reason] && usec_since(p->logged[reason], now) < LOG_GAP)
		return;
	p->logged[reason] = now;
	log_event(LOGL_WARN, "bfd.drop",
		  "tunnel=%s from=%s reason=%s; more of these within a minute are only counted",
		  s ? s->check->path->name : "none", addr_format(src, text),
		  bfd_reason_name(reason));
}

/*
 * What a packet that was taken means for the path.  While we are Up a packet proves both
 * directions, since the peer would not be Up without hearing us.  Down from a peer that was
 * Up, or because it hears nothing, is its own word that the path is not fit.
 */
static bool judge(const struct bfd_session *s, enum bfd_state was, const struct bfd_pkt *p,
		  struct probe_answer *out)
{
	bool concatenated = p->diag == BFD_DIAG_CONCATENATED && p->state == BFD_UP;

	if (s->fsm.state == BFD_UP) {
		bool refused = concatenated && !s->check->conf->health.bfd.ignore_concatenated;

		out->verdict = refused ? PROBE_REFUSED : PROBE_REPLY;
		out->said = refused ? bfd_diag_text(p->diag) : NULL;
		return true;
	}
	out->verdict = PROBE_REFUSED;
	if (p->state == BFD_ADMIN_DOWN)
		out->said = bfd_diag_text(BFD_DIAG_ADMIN);
	else
		out->said = p->diag == BFD_DIAG_NONE ? "its BFD session is down"
						     : bfd_diag_text(p->diag);
	return was == BFD_UP || p->state == BFD_ADMIN_DOWN ||
	       (p->state == BFD_DOWN && p->diag == BFD_DIAG_EXPIRED);
}

/* RFC 5880, 6.8.6: by our discriminator; who does not know it yet, by where it is. */
static struct bfd_session *find(const struct bfd_probe *p, const struct bfd_pkt *packet,
				bool multihop, const struct rawsock_from *from)
{
	struct bfd_session *s = p->sessions[packet->your_discr % BFD_SESSIONS_MAX];

	if (packet->your_discr)
		return s && s->cfg.discr == packet->your_discr ? s : NULL;
	for (size_t i = 0; i < p->count; i++) {
		s = p->sessions[i];
		if (s && s->check->path->index == from->index && s->multihop == multihop &&
		    addr_equal(&s->target, &from->src) && addr_equal(&s->source, &from->dst))
			return s;
	}
	return NULL;
}

/* RFC 5881, 3 and 5; RFC 5883, 5.  0, or what is wrong with the way it came. */
static enum bfd_reason check_way(const struct bfd_session *s, bool multihop,
				 const struct rawsock_from *from)
{
	uint8_t least = s->multihop ? s->check->conf->health.bfd.min_ttl : BFD_TTL;

	if (s->multihop != multihop)
		return BFD_REASON_HOPS;
	if (s->check->path->index == 0 || from->index != s->check->path->index)
		return BFD_REASON_DEVICE;
	if (!addr_equal(&s->target, &from->src) || !addr_equal(&s->source, &from->dst))
		return BFD_REASON_ADDRESS;
	return from->ttl < least ? BFD_REASON_TTL : BFD_REASON_PKT;
}

void bfd_in_take(void *ctx, bool multihop, struct view bytes, const struct rawsock_from *from)
{
	struct bfd_probe *p = ctx;
	struct bfd_pkt packet;
	enum bfd_pkt_error error = bfd_pkt_decode(bytes, &packet);
	struct bfd_event ev = { .kind = BFD_EV_PACKET, .packet = &packet, .at = from->at };
	struct probe_answer answer = { .src = from->src, .device = from->index, .at = from->at };
	struct bfd_session *s;
	enum bfd_reason reason;
	enum bfd_state was;
	enum bfd_drop drop;

	if (error != BFD_PKT_NONE) {
		count_drop(p, NULL, BFD_REASON_PKT + (enum bfd_reason)error, &from->src);
		return;
	}
	s = find(p, &packet, multihop, from);
	reason = s ? check_way(s, multihop, from) : BFD_REASON_SESSION;
	if (!s || reason != BFD_REASON_PKT) {
		count_drop(p, s, reason, &from->src);
		return;
	}
	/* The length that was decoded, not that of the datagram. */
	ev.authentic =
		packet.auth.type == BFD_AUTH_NONE ||
		bfd_auth_verify(bfd_session_key(s), (struct view){ bytes.data, bytes.data[3] });
	was = s->fsm.state;
	drop = bfd_session_feed(s, &ev);
	if (drop != BFD_DROP_NONE) {
		count_drop(p, s, BFD_REASON_STEP + (enum bfd_reason)drop, &from->src);
		return;
	}
	s->received++;
	answer.index = s->check->index;
	if (judge(s, was, &packet, &answer))
		p->fn(p->ctx, &answer);
}
