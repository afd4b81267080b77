/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A packet with place for ESP around it, as the outbox has, for tests of sealing and opening. */
#ifndef TESTS_UNIT_ESP_PACKET_H
#define TESTS_UNIT_ESP_PACKET_H

#include "esp/ecn.h"
#include "esp/seal.h"

#include <stdlib.h>

#define AROUND 64

struct roomy_pkt {
	struct pkt p; /* first */
	uint8_t room[AROUND + PKT_DATA + AROUND];
};

static inline struct pkt *pkt_new(void)
{
	void *r = calloc(1, sizeof(struct roomy_pkt));

	return r;
}

/* Where its inner packet starts. */
static inline uint8_t *pkt_inner(struct pkt *p)
{
	return ((struct roomy_pkt *)(void *)p)->room + AROUND;
}

/* The inner packet becomes ESP, told by p as it would leave. */
static inline int pkt_seal(struct sa *out, struct pkt *p, bool copy_dscp, usec_t now)
{
	uint8_t *at = p->data - seal_head(out);
	size_t len = p->len;
	int rc = seal_packet(out, at, len, p->ip.family, now);

	if (rc != SEAL_OK)
		return rc;
	p->data = at;
	p->len = seal_len(out, len);
	p->src = out->src;
	p->dst = out->dst;
	p->tos = ecn_encapsulate(p->ip.tos, copy_dscp);
	return SEAL_OK;
}

#endif
