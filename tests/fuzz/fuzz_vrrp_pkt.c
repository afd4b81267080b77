/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Byte 0: family, and whether to put the checksum right first (bits: IPv6, fix, without the
 * pseudo header).  What was understood can be said again, and is understood the same.
 */
#include "wire/vrrp_pkt.h"

#include "base/csum.h"

#include <stdlib.h>
#include <string.h>

#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond))                                                                       \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must_be_equal(const struct vrrp_adv *a, const struct vrrp_adv *b)
{
	MUST(a->version == b->version && a->vrid == b->vrid && a->priority == b->priority);
	MUST(a->checksum == b->checksum && a->interval == b->interval && a->count == b->count);
	for (unsigned i = 0; i < a->count; i++)
		MUST(addr_equal(&a->addresses[i], &b->addresses[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t packet[512], again[VRRP_PKT_MAX];
	struct addr src = { ADDR_V4, { 10, 1, 22, 252 } }, dst = { ADDR_V4, { 224, 0, 0, 18 } };
	struct vrrp_adv adv, back;
	ssize_t n;

	if (len < 1 || len > sizeof(packet))
		return 0;
	len--;
	memcpy(packet, data + 1, len);
	if (data[0] & 1)
		src.family = dst.family = ADDR_V6;
	if (data[0] & 2 && len >= 8) {
		uint32_t sum = 0;

		packet[6] = packet[7] = 0;
		if (!(data[0] & 4))
			sum = csum_add_pseudo(0, &src, &dst, 112, (uint32_t)len);
		sum = csum_finish(csum_add(sum, packet, len));
		packet[6] = (uint8_t)(sum >> 8);
		packet[7] = (uint8_t)sum;
	}
	if (vrrp_pkt_decode((struct view){ packet, len }, &src, &dst, VRRP_TTL, &adv))
		return 0;
	MUST(adv.interval > 0 && adv.count > 0 && adv.count <= VRRP_ADDRS_MAX && adv.vrid > 0);
	n = vrrp_pkt_encode(&adv, &src, &dst, again, sizeof(again));
	MUST(n > 0 && (size_t)n == len);
	MUST(vrrp_pkt_decode((struct view){ again, (size_t)n }, &src, &dst, VRRP_TTL, &back) ==
	     VRRP_PKT_NONE);
	must_be_equal(&adv, &back);
	return 0;
}
