/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a tunnel's device to the network. */
#ifndef ESP_OUTBOUND_H
#define ESP_OUTBOUND_H

#include "esp/pkt.h"

struct esp;
struct tunnel;
struct watch;

/* Reads a batch from the device (the watch of a struct tunnel), seals and sends it. */
void outbound_read(struct watch *w);
/* An inner packet in the outbox's next place: sealed and committed, or dropped and counted. */
void outbound_submit(struct esp *esp, struct tunnel *t, struct pkt *p);
/* Tells the sender of an inner packet, by the tunnel's device, that `room` bytes would pass. */
void outbound_say_too_big(struct esp *esp, struct tunnel *t, struct view packet,
			  const struct ip_pkt *ip, size_t room);

#endif
