/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What futae-esp and futae-ike say to each other: IKE datagrams both ways, SAs, their use. */
#ifndef ESP_RELAY_H
#define ESP_RELAY_H

#include "esp/pkt.h"

struct esp;
struct sa;
struct watch;

void relay_read(struct watch *w); /* from futae-ike */
/* An IKE datagram from the network, with its non-ESP marker if it came to port 4500. */
void relay_ike(struct esp *esp, const struct pkt *p);
/* Authenticated ESP for this inbound SA came from elsewhere than the SA says. */
void relay_mapping(struct esp *esp, struct sa *sa, const struct endpoint *from);
/* Once a second, and when esp->expire_due: use, limits. */
void relay_report(struct esp *esp, bool usage);

#endif
