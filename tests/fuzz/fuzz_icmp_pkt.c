/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Byte 0: what the rest is, a whole packet or an ICMP message, and whether to put its checksums
 * right first.  What we answer to a request must be an answer to it in our own eyes.
 */
#include "wire/icmp_pkt.h"

#include "base/csum.h"

#include <stdlib.h>
#include <string.h>

#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond))                                                                       \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static uint8_t packet[4096], reply[4096];

static void put_csum(uint8_t *at, uint32_t sum)
{
	uint16_t c = csum_finish(sum);

	at[0] = (uint8_t)(c >> 8);
	at[1] = (uint8_t)c;
}

/* As far as the lengths make sense; where they do not, the packet stays wrong. */
static void fix_packet(size_t len)
{
	size_t header = len ? 4 * (size_t)(packet[0] & 0xf) : 0, total;

	if (len >= 48 && packet[0] >> 4 == 6) {
		struct addr src = addr_from_bytes(ADDR_V6, packet + 8);
		struct addr dst = addr_from_bytes(ADDR_V6, packet + 24);

		total = 40 + (size_t)(packet[4] << 8 | packet[5]);
		if (total < 48 || total > len)
			return;
		packet[42] = packet[43] = 0;
		put_csum(packet + 42,
			 csum_add(csum_add_pseudo(0, &src, &dst, 58, (uint32_t)(total - 40)),
				  packet + 40, total - 40));
	} else if (header >= 20 && len >= header + 8) {
		packet[10] = packet[11] = 0;
		put_csum(packet + 10, csum_add(0, packet, header));
		total = (size_t)(packet[2] << 8 | packet[3]);
		if (total < header + 8 || total > len)
			return;
		packet[header + 2] = packet[header + 3] = 0;
		put_csum(packet + header + 2, csum_add(0, packet + header, total - header));
	}
}

static void read_back(size_t len, enum addr_family family, enum icmp_kind kind,
		      const struct addr *asked)
{
	size_t header = family == ADDR_V4 ? 20 : 40;
	struct icmp_answer a;

	MUST(len >= header + 8);
	MUST(icmp_parse(family, (struct view){ reply + header, len - header }, &a) == 0);
	MUST(a.kind == kind);
	MUST(kind == ICMP_KIND_REPLY || addr_equal(&a.asked, asked));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct addr src, dst;
	struct icmp_answer a;
	struct view v;
	ssize_t n;

	if (len < 1 || len > 2048)
		return 0;
	memcpy(packet, data + 1, len - 1);
	v = (struct view){ packet, len - 1 };
	if (data[0] & 1)
		(void)icmp_parse(ADDR_V6, v, &a);
	if (data[0] & 2 && v.len >= 8) {
		packet[2] = packet[3] = 0;
		put_csum(packet + 2, csum_add(0, packet, v.len));
		(void)icmp_parse(ADDR_V4, v, &a);
	}
	if (data[0] & 4)
		fix_packet(v.len);
	n = icmp_build_reply(v, reply, sizeof(reply));
	MUST((n > 0) == icmp_is_echo_request(v, &src, &dst));
	if (n > 0) {
		read_back((size_t)n, src.family, ICMP_KIND_REPLY, &dst);
		n = icmp_build_unreachable(v, reply, sizeof(reply));
		MUST(n > 0);
		read_back((size_t)n, src.family, ICMP_KIND_UNREACHABLE, &dst);
	}
	return 0;
}
