/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/seal.h"

#include "esp/ecn.h"

#include <string.h>

static bool next_number(struct sa *sa)
{
	uint64_t last = sa->esn ? UINT64_MAX : UINT32_MAX;

	if (sa->seq >= last) {
		sa->hard_due = true;
		return false;
	}
	sa->seq++;
	/* A rekeying peer gets the last quarter to do it in. */
	if (sa->seq > last / 4 * 3)
		sa->soft_due = true;
	return true;
}

enum ipc_socket seal_socket(const struct sa *sa)
{
	bool v6 = sa->dst.addr.family == ADDR_V6;

	if (sa->encap)
		return v6 ? IPC_SOCK_UDP4500_V6 : IPC_SOCK_UDP4500_V4;
	return v6 ? IPC_SOCK_ESP_V6 : IPC_SOCK_ESP_V4;
}

size_t seal_head(const struct sa *sa)
{
	return ESP_PKT_HEADER + aead_iv_len(sa->aead);
}

size_t seal_len(const struct sa *sa, size_t inner_len)
{
	return seal_head(sa) + esp_pkt_padded(inner_len, aead_align(sa->aead)) +
	       aead_icv_len(sa->aead);
}

int seal_packet(struct sa *sa, uint8_t *out, size_t inner_len, enum addr_family inner, usec_t now)
{
	struct esp_pkt_header h;
	size_t text_len;

	if (!sa_count(sa, inner_len, now))
		return IPC_DROP_EXPIRED;
	if (!next_number(sa))
		return IPC_DROP_SEQUENCE;
	text_len = esp_pkt_pad(out + seal_head(sa), inner_len, aead_align(sa->aead),
			       inner == ADDR_V6 ? ESP_NEXT_IPV6 : ESP_NEXT_IPV4);
	h = (struct esp_pkt_header){ sa->ref.spi, (uint32_t)sa->seq };
	esp_pkt_encode(&h, out);
	if (aead_make_iv(sa->aead, out, sa->seq) < 0 ||
	    aead_seal(sa->aead, out, text_len, (uint32_t)(sa->seq >> 32)) < 0)
		return IPC_DROP_SEND;
	return SEAL_OK;
}

/*
 * ESP in UDP is taken for a bare SA, too (RFC 7296, 2.23), from the peer's address; for an SA in
 * UDP any source will do, since a NAT may give another one at any time.
 */
bool seal_fits_address(const struct sa *sa, const struct pkt *p, bool encap)
{
	if (!addr_equal(&sa->dst.addr, &p->dst.addr) || (sa->encap && !encap))
		return false;
	return sa->encap || addr_equal(&sa->src.addr, &p->src.addr);
}

static bool selects(const struct prefix *ts, unsigned n, const struct addr *a)
{
	for (unsigned i = 0; i < n; i++)
		if (prefix_contains(&ts[i], a))
			return true;
	return false;
}

/* The text is authentic: trailer, inner header, selectors, traffic class. */
static int check_inner(const struct sa *sa, struct pkt *p)
{
	struct ip_pkt *ip = &p->ip;
	uint8_t next;
	size_t len;
	int tos;

	if (esp_pkt_unpad(pkt_view(p), &len, &next) < 0)
		return IPC_DROP_PADDING;
	if (next == ESP_NEXT_DUMMY)
		return SEAL_DUMMY;
	if (ip_pkt_decode((struct view){ p->data, len }, ip) < 0 ||
	    next != (ip->family == ADDR_V6 ? ESP_NEXT_IPV6 : ESP_NEXT_IPV4))
		return IPC_DROP_INNER;
	if (!selects(sa->ts_remote, sa->ts_remote_count, &ip->src) ||
	    !selects(sa->ts_local, sa->ts_local_count, &ip->dst))
		return IPC_DROP_SELECTOR;
	tos = ecn_decapsulate(p->tos, ip->tos);
	if (tos < 0)
		return IPC_DROP_CONGESTION;
	if (tos != ip->tos) {
		ip_pkt_set_tos(p->data, (uint8_t)tos);
		ip->tos = (uint8_t)tos;
	}
	p->len = ip->len; /* what padding for traffic confidentiality is behind it goes */
	return SEAL_OK;
}

int seal_open(struct sa *sa, struct pkt *p, bool early, usec_t now)
{
	size_t head = ESP_PKT_HEADER + aead_iv_len(sa->aead), icv = aead_icv_len(sa->aead);
	struct esp_pkt_header h;
	uint64_t seq;

	if (esp_pkt_decode(pkt_view(p), &h) < 0 || p->len < head + 2 + icv)
		return IPC_DROP_SHORT;
	seq = replay_infer(sa->replay, h.seq);
	if (!replay_is_fresh(sa->replay, seq))
		return IPC_DROP_REPLAY;
	if (sa->hard_due)
		return IPC_DROP_EXPIRED;
	if (aead_open(sa->aead, p->data, p->len, (uint32_t)(seq >> 32)) < 0)
		return IPC_DROP_AUTH;
	if (early)
		replay_mark_early(sa->replay, seq);
	else
		replay_mark(sa->replay, seq);
	p->data += head;
	p->len -= head + icv;
	if (!sa_count(sa, p->len, now))
		return IPC_DROP_EXPIRED;
	return check_inner(sa, p);
}

bool seal_was_authentic(int verdict)
{
	return verdict < 0 || verdict == IPC_DROP_PADDING || verdict == IPC_DROP_INNER ||
	       verdict == IPC_DROP_SELECTOR || verdict == IPC_DROP_CONGESTION;
}
