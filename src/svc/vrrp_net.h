/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a virtual router does to the network: the macvlan with its virtual MAC, the virtual
 * addresses on it, advertisements and announcements.  It decides nothing.
 */
#ifndef SVC_VRRP_NET_H
#define SVC_VRRP_NET_H

#include "conf/model.h"
#include "io/loop.h"
#include "svc/env.h"
#include "wire/frame.h"
#include "wire/vrrp_pkt.h"

struct iface;

struct vrrp_net {
	const struct env *env;
	const struct conf_vrrp *conf;
	const struct iface *iface;
	int frame_fd; /* shared AF_PACKET socket, not owned */
	int unicast_fd; /* our receiving socket serves for sending too; not owned */
	uint8_t mac[FRAME_MAC]; /* what our frames come from */
	int device; /* ifindex that holds the virtual addresses; 0: not made yet */
	bool installed;
	struct timer linger; /* until the macvlan goes down */
	char trouble[256]; /* why the last action failed, empty when it did not */
};

void vrrp_net_init(struct vrrp_net *n, const struct env *env, const struct iface *iface,
		   int frame_fd); /* ->conf is the caller's to set */
/* The macvlan (if one is wanted) is there, down, and nothing that a former master left.  0, or
 * -errno and ->trouble. */
int vrrp_net_prepare(struct vrrp_net *n);
void vrrp_net_macvlan(const struct vrrp_net *n, char out[static CONF_DEVICE]); /* its name */
/* Puts the virtual addresses on (or takes them off) this node. */
int vrrp_net_install(struct vrrp_net *n);
void vrrp_net_remove(struct vrrp_net *n);
/* Takes the macvlan away too. */
void vrrp_net_done(struct vrrp_net *n);
/* Puts back what others removed, and takes off what others put up; true: something was amiss. */
bool vrrp_net_repair(struct vrrp_net *n);
/* Deletes the macvlans, left by one of us that was killed, that nobody wants any more. */
void vrrp_net_prune(const struct env *env, bool (*is_wanted)(const void *ctx, int index),
		    const void *ctx);
/* false: at least one did not leave */
bool vrrp_net_advertise(struct vrrp_net *n, uint8_t priority, usec_t interval);
void vrrp_net_announce(struct vrrp_net *n); /* gratuitous ARP or NA for each address */
/* The address our advertisements come from; ADDR_NONE: there is none yet. */
struct addr vrrp_net_source(const struct vrrp_net *n);

#endif
