/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/vrrp_net.h"

#include "base/buf.h"
#include "base/list.h"
#include "base/log.h"
#include "fsm/vrrp_fsm.h"
#include "io/netlink.h"
#include "io/nft.h"
#include "io/rawsock.h"
#include "svc/devconf.h"
#include "svc/iface.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/*
 * After another router has taken over, packets that were on their way to us are still forwarded
 * for this long: the switch may have handed them over before it learned the new port.
 */
#define LINGER (50 * USEC_PER_MSEC)

/* The virtual address is answered for by the virtual MAC only, not by the parent's. */
static void settle_sysctls(struct nl *nl, const char *macvlan, const char *parent)
{
	devconf_accept_asymmetric(macvlan);
	devconf_be_silent(nl, macvlan);
	devconf_set(macvlan, "ipv4", "send_redirects", "0");
	devconf_set(macvlan, "ipv4", "arp_ignore", "1");
	devconf_set(parent, "ipv4", "arp_ignore", "1");
}

/* "vrrp4.10.3": family, VRID, parent; unique while the parent lives, and never too long. */
static void name_of(enum addr_family family, unsigned vrid, int parent,
		    char out[static CONF_DEVICE])
{
	char name[40];

	(void)snprintf(name, sizeof(name), "vrrp%c.%u.%d", family == ADDR_V6 ? '6' : '4', vrid,
		       parent);
	memcpy(out, name, CONF_DEVICE - 1);
	out[CONF_DEVICE - 1] = '\0';
}

void vrrp_net_macvlan(const struct vrrp_net *n, char out[static CONF_DEVICE])
{
	name_of(n->conf->family, n->conf->vrid, n->iface->index, out);
}

/* One line of an nft script, as long as there is room. */
__attribute__((format(printf, 2, 3))) static void script_add(struct wbuf *w, const char *fmt, ...)
{
	char line[256];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	wbuf_bytes(w, line, n > 0 ? (size_t)n : 0);
}

/* "inet futae_vrrp_ip_10_3" */
static void table_name(enum addr_family family, uint8_t vrid, int device, char *out, size_t size)
{
	(void)snprintf(out, size, "inet futae_vrrp_%s_%u_%d", family == ADDR_V6 ? "ip6" : "ip",
		       vrid, device);
}

/* Adding before deleting makes the deletion of what is not there no error. */
static void script_delete_table(struct wbuf *w, const char *table)
{
	script_add(w, "add table %s\ndelete table %s\n", table, table);
}

static void drop_table(enum addr_family family, uint8_t vrid, int device)
{
	char script[256], table[48];
	struct wbuf w = wbuf_of(script, sizeof(script));

	table_name(family, vrid, device, table, sizeof(table));
	script_delete_table(&w, table);
	wbuf_u8(&w, 0);
	(void)nft_apply(script, NULL);
}

/*
 * Accept_Mode false (RFC 9568, 6.1): the master forwards and answers ARP and neighbour
 * solicitations for the addresses, but takes nothing else that is addressed to them.
 */
static int refuse_packets(const struct vrrp_net *n, struct err *err)
{
	const char *family = n->conf->family == ADDR_V6 ? "ip6" : "ip";
	char script[8192], table[48], text[ADDR_TEXT];
	struct wbuf w = wbuf_of(script, sizeof(script));

	table_name(n->conf->family, n->conf->vrid, n->device, table, sizeof(table));
	script_delete_table(&w, table);
	script_add(&w, "add table %s\n", table);
	script_add(&w, "add chain %s in { type filter hook input priority -150 ; }\n", table);
	script_add(&w,
		   "add rule %s in icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } "
		   "accept\n",
		   table);
	for (size_t i = 0; i < n->conf->address_count; i++)
		script_add(&w, "add rule %s in %s daddr %s drop\n", table, family,
			   addr_format(&n->conf->addresses[i].addr, text));
	wbuf_u8(&w, 0);
	if (w.failed)
		return err_set(err, -E2BIG, "too many virtual addresses for accept: no");
	return nft_apply(script, err);
}

static int make_macvlan(struct vrrp_net *n)
{
	struct nl_link link;
	struct err err = { "" };
	char name[CONF_DEVICE];
	int r;

	vrrp_net_macvlan(n, name);
	r = nl_link_by_name(n->env->nl, name, &link);
	/* Left by one of us that was killed: nobody knows what it holds, so it is made anew. */
	if (r == 0 && !strcmp(link.kind, "macvlan")) {
		(void)nl_link_del(n->env->nl, link.index, NULL);
		drop_table(n->conf->family, n->conf->vrid, link.index);
	}
	r = nl_macvlan_add(n->env->nl, name, n->iface->index, n->mac, &n->device, &err);
	if (r) {
		(void)snprintf(n->trouble, sizeof(n->trouble), "%.240s", err.text);
		return r;
	}
	settle_sysctls(n->env->nl, name, n->iface->name);
	return 0;
}

static void delete_addresses(const struct vrrp_net *n)
{
	for (size_t i = 0; i < n->conf->address_count; i++)
		(void)nl_address_del(n->env->nl, n->device, &n->conf->addresses[i].addr,
				     n->conf->addresses[i].len, NULL);
}

/* On the interface itself, the owner's address is there with VRRP or without. */
static bool has_own_addresses(const struct vrrp_net *n)
{
	return !n->conf->virtual_mac && n->conf->priority == VRRP_OWNER;
}

/*
 * Takes off what only a master may have, whoever put it there: a futaed that was killed as
 * master leaves all of it, and two routers would answer for the addresses.
 */
static void clear(const struct vrrp_net *n)
{
	if (n->conf->virtual_mac)
		(void)nl_link_set(n->env->nl, n->device, false, 0, NULL);
	if (!has_own_addresses(n))
		delete_addresses(n);
	drop_table(n->conf->family, n->conf->vrid, n->device);
}

int vrrp_net_prepare(struct vrrp_net *n)
{
	n->trouble[0] = '\0';
	if (!n->iface->index) {
		(void)snprintf(n->trouble, sizeof(n->trouble),
			       "there is no interface %s; waiting for it", n->iface->name);
		return -ENODEV;
	}
	if (n->device)
		return 0;
	/* A redirect would name our own address, and with it a next hop that does not move (RFC
	 * 9568, 8.1.1).  What "all" says holds for every device, whatever that says itself. */
	devconf_set("all", "ipv4", "send_redirects", "0");
	devconf_set(n->iface->name, "ipv4", "send_redirects", "0");
	if (n->conf->virtual_mac) {
		vrrp_virtual_mac(n->conf->family, n->conf->vrid, n->mac);
		return make_macvlan(n);
	}
	memcpy(n->mac, n->iface->mac, FRAME_MAC);
	n->device = n->iface->index;
	clear(n);
	return 0;
}

int vrrp_net_install(struct vrrp_net *n)
{
	struct err err = { "" };
	int r = vrrp_net_prepare(n);

	if (r)
		return r;
	timer_stop(&n->linger);
	if (!n->conf->accept)
		r = refuse_packets(n, &err);
	if (r == 0 && n->conf->virtual_mac)
		r = nl_link_set(n->env->nl, n->device, true, 0, &err);
	for (size_t i = 0; r == 0 && i < n->conf->address_count; i++)
		r = nl_address_add(n->env->nl, n->device, &n->conf->addresses[i].addr,
				   n->conf->addresses[i].len, &err);
	n->installed = true; /* also when it failed half way: vrrp_net_remove() cleans up */
	if (r)
		(void)snprintf(n->trouble, sizeof(n->trouble), "%.240s", err.text);
	return r;
}

static void take_down(struct vrrp_net *n)
{
	timer_stop(&n->linger);
	if (n->conf->virtual_mac && n->device)
		(void)nl_link_set(n->env->nl, n->device, false, 0, NULL);
}

static void on_linger(struct timer *t)
{
	take_down(container_of(t, struct vrrp_net, linger));
}

void vrrp_net_init(struct vrrp_net *n, const struct env *env, const struct iface *iface,
		   int frame_fd)
{
	*n = (struct vrrp_net){
		.env = env, .iface = iface, .frame_fd = frame_fd, .unicast_fd = -1
	};
	timer_init(&n->linger, env->loop, on_linger);
}

/*
 * The addresses go at once: an answer for them, sent from the virtual MAC, would turn the switch
 * back to us.  For the same reason IPv6 does not linger: the kernel reports the groups that it
 * leaves with an address.
 */
void vrrp_net_remove(struct vrrp_net *n)
{
	if (!n->installed)
		return;
	n->installed = false;
	if (n->conf->family == ADDR_V6)
		take_down(n);
	else
		timer_at(&n->linger, usec_add(clock_now(), LINGER));
	delete_addresses(n);
	if (!n->conf->accept)
		drop_table(n->conf->family, n->conf->vrid, n->device);
}

void vrrp_net_done(struct vrrp_net *n)
{
	vrrp_net_remove(n);
	timer_stop(&n->linger);
	if (n->conf->virtual_mac && n->device)
		(void)nl_link_del(n->env->nl, n->device, NULL);
	n->device = 0;
}

struct search {
	const struct vrrp_net *n;
	size_t found, exact; /* with the configured length, too */
};

static void take_address(void *ctx, const struct nl_address *a)
{
	struct search *s = ctx;

	for (size_t i = 0; a->index == s->n->device && i < s->n->conf->address_count; i++)
		if (addr_equal(&a->local.addr, &s->n->conf->addresses[i].addr)) {
			s->found++;
			s->exact += a->local.len == s->n->conf->addresses[i].len;
		}
}

/* A backup has nothing up, but for the macvlan while it lingers. */
static bool repair_backup(const struct vrrp_net *n, const struct search *s, bool up)
{
	if (!(up && n->linger.at == USEC_NEVER) && (!s->exact || has_own_addresses(n)))
		return false;
	clear(n);
	return true;
}

bool vrrp_net_repair(struct vrrp_net *n)
{
	struct search s = { .n = n };
	struct nl_link link = { .up = false };
	char name[CONF_DEVICE];

	if (!n->device || !n->iface->index)
		return false;
	if (n->conf->virtual_mac) {
		vrrp_net_macvlan(n, name);
		if (nl_link_by_name(n->env->nl, name, &link)) {
			n->device = 0; /* deleted by somebody, or with its parent */
			return n->installed ? vrrp_net_install(n) == 0 : vrrp_net_prepare(n) == 0;
		}
	}
	if (nl_address_dump(n->env->nl, take_address, &s))
		return false;
	if (!n->installed)
		return repair_backup(n, &s, link.up);
	return s.found < n->conf->address_count && vrrp_net_install(n) == 0;
}

/* Our macvlans among all devices; those that do not fit in are found the next time. */
struct ours {
	struct {
		int index;
		enum addr_family family;
		uint8_t vrid;
	} list[64];
	size_t count;
};

static void take_ours(void *ctx, const struct nl_link *link)
{
	struct ours *o = ctx;
	enum addr_family family = link->mac[4] == 2 ? ADDR_V6 : ADDR_V4;
	uint8_t mac[FRAME_MAC], vrid = link->mac[5];
	char name[CONF_DEVICE];

	/* The MAC, and the name that follows from it: a stranger's device is not ours to delete. */
	vrrp_virtual_mac(family, vrid, mac);
	name_of(family, vrid, link->parent, name);
	if (o->count == ARRAY_LEN(o->list) || strcmp(link->kind, "macvlan") != 0 ||
	    memcmp(mac, link->mac, sizeof(mac)) != 0 || strcmp(name, link->name) != 0)
		return;
	o->list[o->count].index = link->index;
	o->list[o->count].family = family;
	o->list[o->count++].vrid = vrid;
}

void vrrp_net_prune(const struct env *env, bool (*is_wanted)(const void *ctx, int index),
		    const void *ctx)
{
	struct ours o = { .count = 0 };

	(void)nl_link_dump(env->nl, take_ours, &o);
	for (size_t i = 0; i < o.count; i++) {
		if (is_wanted(ctx, o.list[i].index))
			continue;
		(void)nl_link_del(env->nl, o.list[i].index, NULL);
		drop_table(o.list[i].family, o.list[i].vrid, o.list[i].index);
		log_event(LOGL_WARN, "vrrp.orphan", "device=%d vrid=%u was left over; removed",
			  o.list[i].index, o.list[i].vrid);
	}
}

struct addr vrrp_net_source(const struct vrrp_net *n)
{
	if (n->conf->unicast_source.family != ADDR_NONE)
		return n->conf->unicast_source;
	return n->conf->family == ADDR_V6 ? n->iface->v6 : n->iface->v4;
}

static bool multicast(struct vrrp_net *n, const struct vrrp_adv *adv, const struct addr *src)
{
	struct addr group = vrrp_group(n->conf->family);
	uint8_t packet[VRRP_PKT_MAX], frame[FRAME_MAX];
	ssize_t len = vrrp_pkt_encode(adv, src, &group, packet, sizeof(packet));

	if (len > 0)
		len = frame_build_vrrp(n->mac, src, (struct view){ packet, (size_t)len }, frame,
				       sizeof(frame));
	return len > 0 && rawsock_send_frame(n->frame_fd, n->iface->index, frame, (size_t)len) == 0;
}

static bool unicast(struct vrrp_net *n, const struct vrrp_adv *adv, const struct addr *src,
		    const struct addr *peer)
{
	uint8_t packet[VRRP_PKT_MAX];
	ssize_t len = vrrp_pkt_encode(adv, src, peer, packet, sizeof(packet));

	return len > 0 && rawsock_vrrp_send(n->unicast_fd, src, peer, packet, (size_t)len) == 0;
}

bool vrrp_net_advertise(struct vrrp_net *n, uint8_t priority, usec_t interval)
{
	struct vrrp_adv adv = { .version = n->conf->version,
				.vrid = n->conf->vrid,
				.priority = priority,
				.checksum = n->conf->checksum == CONF_CHECKSUM_PLAIN
						    ? VRRP_CHECKSUM_PLAIN
						    : VRRP_CHECKSUM_PSEUDO,
				.interval = interval };
	struct addr src = vrrp_net_source(n);
	bool sent = true;

	if (src.family == ADDR_NONE || !n->iface->index)
		return false;
	for (size_t i = 0; i < n->conf->address_count && i < VRRP_ADDRS_MAX; i++)
		adv.addresses[adv.count++] = n->conf->addresses[i].addr;
	if (!n->conf->peer_count)
		sent = multicast(n, &adv, &src);
	for (size_t i = 0; i < n->conf->peer_count; i++)
		sent = unicast(n, &adv, &src, &n->conf->peers[i]) && sent;
	return sent;
}

void vrrp_net_announce(struct vrrp_net *n)
{
	uint8_t frame[FRAME_MAX];

	for (size_t i = 0; i < n->conf->address_count; i++) {
		ssize_t len = frame_build_announce(n->mac, &n->conf->addresses[i].addr, frame,
						   sizeof(frame));

		if (len > 0)
			(void)rawsock_send_frame(n->frame_fd, n->iface->index, frame, (size_t)len);
	}
}
