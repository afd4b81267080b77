/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The node's own interfaces that matter: those that hold an address a peer may probe, carry
 * VRRP or are tracked.  Their carrier is asked of the driver every few milliseconds, since
 * the kernel's link messages come up to a second late (RTM_NEWLINK is rate limited).
 */
#ifndef SVC_IFACE_H
#define SVC_IFACE_H

#include "base/addr.h"
#include "base/clock.h"
#include "conf/model.h"
#include "svc/env.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IFACE_MAX 64

struct iface {
	char name[16];
	int index; /* 0: there is no such interface now */
	uint8_t mac[6];
	bool good; /* there, up, with carrier */
	struct addr v4, v6; /* first IPv4 address; link-local IPv6 address; ADDR_NONE: none */
	unsigned users;
};

/* Embedded in a listener; called after good, index or an address changed. */
struct iface_watch {
	void (*fn)(struct iface_watch *w, const struct iface *i);
	struct iface_watch *next;
};

struct ifaces;

struct ifaces *ifaces_new(const struct env *env);
void ifaces_free(struct ifaces *is);
void ifaces_watch(struct ifaces *is, struct iface_watch *w);
/* Counted; NULL when there are too many.  Stays where it is until put. */
const struct iface *ifaces_get(struct ifaces *is, const char *name);
void ifaces_put(struct ifaces *is, const struct iface *i);
/* Keeps an eye on every interface that the configuration names, as often as it asks for. */
void ifaces_apply(struct ifaces *is, const struct conf *conf);
/* How often that is: a few times within what would otherwise decide, for the fastest of all. */
usec_t ifaces_poll_interval(const struct conf *conf);
/* Reads links and addresses again; after anything in the kernel changed. */
void ifaces_refresh(struct ifaces *is);

#endif
