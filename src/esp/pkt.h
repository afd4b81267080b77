/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A packet's place in memory: made once, used again and again, with room for ESP around it. */
#ifndef ESP_PKT_H
#define ESP_PKT_H

#include "base/addr.h"
#include "wire/esp_pkt.h"
#include "wire/ip_pkt.h"
#include "wire/ipc_msg.h"

#define PKT_HEADROOM 32 /* ESP header and IV */
#define PKT_TAILROOM 64 /* padding, next header, ICV */
#define PKT_DATA 65536
#define PKT_BATCH 64
#define PKT_QUOTE 128 /* of an inner packet, to say that it was too big */

struct tunnel;
struct sa;

struct pkt {
	uint8_t *data;
	size_t len;
	struct endpoint src, dst; /* outer */
	uint8_t tos; /* outer */
	enum ipc_socket sock; /* it came by, or goes by */
	bool may_fragment; /* outbound: the outer packet may be cut on its way */
	struct tunnel *tunnel; /* outbound; NULL: IKE or a keepalive */
	struct ip_pkt ip; /* the inner packet */
	size_t inner_len; /* outbound */
	struct esp_pkt_shape shape; /* outbound: of its SA */
	size_t quote_len; /* outbound: what of the inner packet was kept in `quote` */
	uint8_t quote[PKT_QUOTE];
	uint8_t room[PKT_HEADROOM + PKT_DATA + PKT_TAILROOM];
};

/* Where a packet without its ESP header starts. */
static inline uint8_t *pkt_inner(struct pkt *p)
{
	return p->room + PKT_HEADROOM;
}

static inline struct view pkt_view(const struct pkt *p)
{
	return (struct view){ p->data, p->len };
}

#endif
