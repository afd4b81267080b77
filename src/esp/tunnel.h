/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tunnel: its device as futaed gave it, its outbound SAs, its counters.  if_id ties them. */
#ifndef ESP_TUNNEL_H
#define ESP_TUNNEL_H

#include "base/clock.h"
#include "esp/bucket.h"
#include "io/loop.h"
#include "wire/ipc_msg.h"
#include "wire/liveness.h"

struct esp;
struct sa;
struct ip_pkt;

/* Owned by struct sadb: made by the first of futaed or an SA, freed when neither wants it. */
struct tunnel {
	struct tunnel *next;
	uint32_t if_id;
	int tun_fd; /* -1: none */
	struct watch watch; /* of tun_fd */
	struct tunnel *next_in_line; /* see devices.h */
	unsigned guess; /* packets that it will give in the next turn; asking in vain costs, too */
	bool in_line;
	bool no_segment; /* the kernel does not cut what goes to its peer */
	bool configured; /* futaed knows it; else SAs came first, or it was deleted under them */
	bool counts_untold; /* futaed has not heard the present counts */
	struct esp *esp;
	struct liveness_slot *live; /* NULL before futaed gave the memory */
	struct sa *out; /* newest first */
	uint32_t inbound, outbound; /* SAs */
	usec_t encap_sent; /* last packet in UDP: when to keep a NAT's mapping alive */
	/* The peer's last word that futaed was told, and when; see words.h. */
	uint8_t word[IPC_WORD_LEN];
	usec_t word_told;
	struct bucket words;
	struct ipc_stats stats;
	struct ipc_tunnel cfg;
};

/*
 * The outbound SA for a packet: of those whose selectors hold it, the most specific, then the
 * newest.  NULL and the reason when there is none.
 */
struct sa *tunnel_choose(const struct tunnel *t, const struct ip_pkt *ip, enum ipc_drop *why);

#endif
