/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/vrrp_in.h"

#include "base/list.h"
#include "base/log.h"
#include "io/rawsock.h"
#include "svc/iface.h"
#include "svc/vrrp.h"

#include <errno.h>

/* A stranger must not be able to fill the log: this often, for each reason and sender ... */
#define SAY_AGAIN (60 * USEC_PER_SEC)

const char *vrrp_refusal_name(unsigned reason)
{
	static const char *const names[] = {
#define X(id, text) text,
		VRRP_REFUSALS(X)
#undef X
	};

	return reason <= VRRP_REFUSED_FIRST  ? vrrp_pkt_error_name((enum vrrp_pkt_error)reason)
	       : reason < VRRP_REFUSAL_COUNT ? names[reason - VRRP_REFUSED_FIRST - 1]
					     : "unknown";
}

/* ... and no more of them than there is room to remember. */
static bool may_say(struct vrrp *v, unsigned reason, const struct addr *src, usec_t now)
{
	struct vrrp_said *room = NULL;

	for (size_t i = 0; i < ARRAY_LEN(v->said); i++) {
		struct vrrp_said *s = &v->said[i];

		if (!s->at || usec_since(s->at, now) >= SAY_AGAIN)
			room = s;
		else if (s->reason == reason && addr_equal(&s->src, src))
			return false;
	}
	if (room)
		*room = (struct vrrp_said){ reason, *src, now };
	return room;
}

void vrrp_in_refuse(struct vrrp *v, unsigned reason, const struct addr *src, usec_t now)
{
	char text[ADDR_TEXT];

	v->counters.refused[reason]++;
	if (may_say(v, reason, src, now))
		log_event(LOGL_WARN, "vrrp.bad_packet",
			  "vrrp=%s from=%s error=%s count=%llu; only counted for a minute now",
			  v->name, addr_format(src, text), vrrp_refusal_name(reason),
			  (unsigned long long)v->counters.refused[reason]);
}

static bool is_ours(const struct vrrp *v, const struct rawsock_from *from)
{
	struct addr source = vrrp_net_source(&v->net);

	return addr_equal(&source, &from->src);
}

/* With unicast peers configured, nobody else has a say. */
static bool is_peer(const struct vrrp *v, const struct addr *src)
{
	for (size_t i = 0; i < v->conf->peer_count; i++)
		if (addr_equal(src, &v->conf->peers[i]))
			return true;
	return v->conf->peer_count == 0;
}

static bool same_addresses(const struct vrrp *v, const struct vrrp_adv *adv)
{
	for (size_t i = 0; i < v->conf->address_count; i++) {
		bool found = false;

		for (unsigned k = 0; k < adv->count && !found; k++)
			found = addr_equal(&v->conf->addresses[i].addr, &adv->addresses[k]);
		if (!found)
			return false;
	}
	return adv->count == v->conf->address_count;
}

/* Decodes and checks (RFC 9568, 7.1); false: refused. */
static bool check(struct vrrp *v, struct view packet, const struct rawsock_from *from,
		  struct vrrp_adv *adv)
{
	/* Peers behind a router are trusted as far as the configuration says. */
	uint8_t ttl = from->ttl >= v->conf->min_ttl && v->conf->peer_count ? VRRP_TTL : from->ttl;
	unsigned reason = vrrp_pkt_decode(packet, &from->src, &from->dst, ttl, adv);

	if (reason == VRRP_PKT_NONE && adv->version != v->conf->version)
		reason = VRRP_PKT_VERSION;
	if (reason != VRRP_PKT_NONE)
		vrrp_in_refuse(v, reason, &from->src, from->at);
	return reason == VRRP_PKT_NONE;
}

static void take(struct vrrp *v, struct view packet, const struct rawsock_from *from,
		 vrrp_in_fn *fn, void *ctx)
{
	struct vrrp_event ev = { .kind = VRRP_EV_ADVERT, .src = from->src };
	struct vrrp_adv adv;

	if (packet.len >= 2 && packet.data[1] != v->conf->vrid) {
		v->counters.other_router++;
		return;
	}
	if (is_ours(v, from)) {
		vrrp_in_refuse(v, VRRP_REFUSED_ECHO, &from->src, from->at);
		return;
	}
	if (!is_peer(v, &from->src)) {
		vrrp_in_refuse(v, VRRP_REFUSED_NOT_PEER, &from->src, from->at);
		return;
	}
	if (!check(v, packet, from, &adv))
		return;
	if (!same_addresses(v, &adv)) {
		vrrp_in_refuse(v, VRRP_REFUSED_ADDRESSES, &from->src, from->at);
		/* RFC 3768, 7.1 drops it unless the owner says so.  In version 3 it is told and
		 * taken: while a list is changed on one router after the other, there must not be
		 * two masters. */
		if (adv.version == 2 && adv.priority != VRRP_OWNER)
			return;
	}
	v->counters.received++;
	ev.priority = adv.priority;
	ev.interval = adv.interval;
	fn(ctx, &ev, from->at);
}

void vrrp_in_drain(struct vrrp *v, int fd, unsigned most, vrrp_in_fn *fn, void *ctx)
{
	uint8_t buf[VRRP_PKT_MAX + 64]; /* and IPv4 options */

	for (unsigned i = 0; i < most && fd >= 0; i++) {
		struct rawsock_from from;
		ssize_t n = rawsock_recv(fd, v->conf->family, buf, sizeof(buf), &from);

		/* What came and cannot be a packet does not end what comes behind it. */
		if (n == -EMSGSIZE || n == -EBADMSG)
			continue;
		if (n < 0)
			return;
		take(v, (struct view){ buf, (size_t)n }, &from, fn, ctx);
	}
}
