/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One datagram from the network, where the kernel put it: opened and delivered in place. */
#ifndef ESP_PKT_H
#define ESP_PKT_H

#include "base/addr.h"
#include "wire/ip_pkt.h"
#include "wire/ipc_msg.h"

#define PKT_DATA 65536 /* the most that one read gives: a datagram, or many that were joined */
#define PKT_BATCH 64

struct pkt {
	uint8_t *data;
	size_t len;
	struct endpoint src, dst; /* outer */
	uint8_t tos; /* outer */
	enum ipc_socket sock; /* it came by */
	bool joined; /* the kernel gave it with others in one message */
	struct ip_pkt ip; /* the inner packet, once it is opened */
};

static inline struct view pkt_view(const struct pkt *p)
{
	return (struct view){ p->data, p->len };
}

#endif
