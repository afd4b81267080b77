/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Byte 0: bit 0 the authenticated mode, bit 1 with a right MAC.  What parses must say the same when
 * it is written again, and TLVs must cover what they were walked over.
 */
#include "wire/stamp_pkt.h"
#include "wire/udp_pkt.h"

#include <stdlib.h>
#include <string.h>

#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond))                                                                       \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void mac(void *ctx, const struct view *parts, size_t count, uint8_t out[STAMP_MAC_SIZE])
{
	uint8_t sum = 0;

	(void)ctx;
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < parts[i].len; j++)
			sum = (uint8_t)(sum * 31 + parts[i].data[j]);
	memset(out, sum, STAMP_MAC_SIZE);
}

static const struct stamp_key key = { mac, NULL };

static void check_tlvs(struct view packet, struct view tlvs)
{
	struct stamp_tlv_walk walk = stamp_tlvs(tlvs);
	struct stamp_tlv t;
	size_t end = 0;

	while (stamp_tlv_next(&walk, &t)) {
		MUST(t.at == end);
		MUST(t.value.data == tlvs.data + t.at + STAMP_TLV_HDR);
		MUST(t.value.len <= tlvs.len - t.at - STAMP_TLV_HDR);
		end = walk.pos;
		MUST(end > t.at && end <= tlvs.len);
	}
	MUST(tlvs.len - end < STAMP_TLV_HDR);
	(void)stamp_tlv_check(packet, tlvs, &key);
}

static void check_request(struct view packet, const struct stamp_key *k)
{
	struct stamp_request a, b;
	uint8_t buf[STAMP_PKT_MAX];
	struct wbuf w = wbuf_of(buf, sizeof(buf));

	if (stamp_request_parse(packet, k, &a))
		return;
	check_tlvs(packet, a.tlvs);
	stamp_request_put(&w, &a, k);
	MUST(!w.failed && stamp_request_parse((struct view){ buf, w.len }, k, &b) == 0);
	MUST(a.seq == b.seq && a.sent == b.sent && a.estimate == b.estimate && a.ssid == b.ssid);
	(void)stamp_time_decode(STAMP_PTP, a.sent);
	(void)stamp_time_decode(STAMP_NTP, a.sent);
	(void)stamp_estimate_decode(a.estimate);
}

static void check_reply(struct view packet, const struct stamp_key *k)
{
	struct stamp_reply a, b;
	uint8_t buf[STAMP_PKT_MAX];
	struct wbuf w = wbuf_of(buf, sizeof(buf));

	if (stamp_reply_parse(packet, k, &a))
		return;
	check_tlvs(packet, a.tlvs);
	stamp_reply_put(&w, &a, k);
	MUST(!w.failed && stamp_reply_parse((struct view){ buf, w.len }, k, &b) == 0);
	MUST(a.seq == b.seq && a.sent == b.sent && a.received == b.received &&
	     a.sender_seq == b.sender_seq && a.sender_sent == b.sender_sent &&
	     a.sender_ttl == b.sender_ttl);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static uint8_t packet[2048];
	const struct stamp_key *k;
	struct view v = { packet, len - 1 };
	struct udp_quote q;

	if (len < 1 || len > sizeof(packet))
		return 0;
	memcpy(packet, data + 1, v.len);
	k = data[0] & 1 ? &key : NULL;
	if (data[0] & 2 && v.len >= STAMP_AUTH_SIZE) {
		const struct view covered = { packet, 96 };

		mac(NULL, &covered, 1, packet + 96);
	}
	check_request(v, k);
	check_reply(v, k);
	(void)udp_pkt_parse_unreachable(ADDR_V6, v, &q);
	(void)udp_pkt_parse_unreachable(ADDR_V4, v, &q);
	return 0;
}
