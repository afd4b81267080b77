/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a tunnel's device to the network. */
#ifndef ESP_OUTBOUND_H
#define ESP_OUTBOUND_H

#include "base/buf.h"

struct esp;
struct ip_pkt;
struct tunnel;
struct vnet_hdr;

/* What a device gave: a virtio-net header, and an inner packet. */
void outbound_take(struct esp *esp, struct tunnel *t, struct view read);
/*
 * An inner packet, or many in one piece as `v` tells, is cut, sealed and put into the outbox; or
 * dropped and counted.
 */
void outbound_submit(struct esp *esp, struct tunnel *t, struct view packet,
		     const struct vnet_hdr *v);
/* One packet of a health check, or an answer to one: marked so that it is let pass on its way. */
void outbound_express(struct esp *esp, struct tunnel *t, struct view packet);
/* Tells the sender of an inner packet, by the tunnel's device, that `room` bytes would pass. */
void outbound_say_too_big(struct esp *esp, struct tunnel *t, struct view packet,
			  const struct ip_pkt *ip, size_t room);

#endif
