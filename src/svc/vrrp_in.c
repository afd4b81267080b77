/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/vrrp_in.h"

#include "base/log.h"
#include "io/rawsock.h"
#include "svc/iface.h"
#include "svc/vrrp.h"

#define BATCH 64

/* Said once for each kind of trouble: a stranger must not be able to fill the log. */
static void count_bad(struct vrrp *v, enum vrrp_pkt_error error, const struct addr *src)
{
	char text[ADDR_TEXT];

	if (v->counters.bad[error]++ == 0)
		log_event(LOGL_WARN, "vrrp.bad_packet",
			  "vrrp=%s from=%s error=%s; further ones are "
			  "only counted",
			  v->name, addr_format(src, text), vrrp_pkt_error_name(error));
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

static void take(struct vrrp *v, struct view packet, const struct rawsock_from *from,
		 vrrp_in_fn *fn, void *ctx)
{
	struct vrrp_event ev = { .kind = VRRP_EV_ADVERT, .src = from->src };
	struct vrrp_adv adv;
	enum vrrp_pkt_error error;

	/* Another virtual router on this link is none of our business, good or bad. */
	if (is_ours(v, from) || packet.len < 2 || packet.data[1] != v->conf->vrid)
		return;
	if (!is_peer(v, &from->src)) {
		v->counters.ignored_peer++;
		return;
	}
	error = vrrp_pkt_decode(packet, &from->src, &from->dst, from->ttl, &adv);
	if (error == VRRP_PKT_NONE && adv.version != v->conf->version)
		error = VRRP_PKT_VERSION;
	if (error != VRRP_PKT_NONE) {
		count_bad(v, error, &from->src);
		return;
	}
	v->counters.received++;
	/* A different list is a misconfiguration to be told, not a reason for two masters. */
	if (!same_addresses(v, &adv) && v->counters.other_addresses++ == 0)
		log_event(LOGL_WARN, "vrrp.addresses",
			  "vrrp=%s the other router advertises other addresses", v->name);
	ev.priority = adv.priority;
	ev.interval = adv.interval;
	fn(ctx, &ev, from->at);
}

void vrrp_in_drain(struct vrrp *v, int fd, vrrp_in_fn *fn, void *ctx)
{
	uint8_t buf[2048];

	for (unsigned i = 0; i < BATCH && fd >= 0; i++) {
		struct rawsock_from from;
		ssize_t n = rawsock_recv(fd, v->conf->family, buf, sizeof(buf), &from);

		if (n < 0)
			return;
		take(v, (struct view){ buf, (size_t)n }, &from, fn, ctx);
	}
}
