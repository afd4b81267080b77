/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One SA at work: which packets are its, how much it has carried, when it ends. */
#include "esp/sadb.h"

#include "wire/ip_pkt.h"

struct esp_pkt_shape sa_shape(const struct sa *sa)
{
	return (struct esp_pkt_shape){ sa->dst.addr.family, sa->encap, aead_iv_len(sa->aead),
				       aead_icv_len(sa->aead), aead_align(sa->aead) };
}

static bool past(uint64_t limit, uint64_t value)
{
	return limit && value > limit;
}

bool sa_count(struct sa *sa, size_t bytes, usec_t now)
{
	if (past(sa->hard_bytes, sa->bytes + bytes) || past(sa->hard_packets, sa->packets + 1)) {
		sa->hard_due = true;
		return false;
	}
	sa->bytes += bytes;
	sa->packets++;
	sa->last_use = now;
	if (past(sa->soft_bytes, sa->bytes) || past(sa->soft_packets, sa->packets))
		sa->soft_due = true;
	return true;
}

/* Bits of the longest selector that holds the address, or -1. */
static int match(const struct prefix *ts, unsigned n, const struct addr *a)
{
	int best = -1;

	for (unsigned i = 0; i < n; i++)
		if (ts[i].len > best && prefix_contains(&ts[i], a))
			best = ts[i].len;
	return best;
}

struct sa *tunnel_choose(const struct tunnel *t, const struct ip_pkt *ip, enum ipc_drop *why)
{
	enum ipc_drop reason = t->out ? IPC_DROP_SELECTOR : IPC_DROP_NO_SA;
	struct sa *best = NULL;
	int best_bits = -1;

	for (struct sa *sa = t->out; sa; sa = sa->next_out) {
		int local = match(sa->ts_local, sa->ts_local_count, &ip->src);
		int remote = match(sa->ts_remote, sa->ts_remote_count, &ip->dst);

		if (local < 0 || remote < 0 || local + remote <= best_bits)
			continue;
		if (sa->hard_due) {
			reason = IPC_DROP_EXPIRED;
			continue;
		}
		best = sa;
		best_bits = local + remote;
	}
	if (!best)
		*why = reason;
	return best;
}
