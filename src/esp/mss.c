/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/mss.h"

#include <netinet/in.h>

#define TCP_HEADER 20
#define TCP_SYN 0x02
#define OPT_END 0
#define OPT_NOP 1
#define OPT_MSS 2
#define OPT_MSS_LEN 4

static void lower(uint8_t *tcp, size_t at, uint16_t mss)
{
	uint16_t old = (uint16_t)(tcp[at] << 8 | tcp[at + 1]);

	if (old <= mss)
		return;
	tcp[at] = (uint8_t)(mss >> 8);
	tcp[at + 1] = (uint8_t)mss;
	/* An option may start at any byte: at an odd one its bytes sit the other way round in
	 * the words that the checksum adds up (RFC 1071, 2B). */
	if (at % 2) {
		old = (uint16_t)(old << 8 | old >> 8);
		mss = (uint16_t)(mss << 8 | mss >> 8);
	}
	ip_pkt_fix_csum(tcp + 16, old, mss);
}

void mss_clamp(uint8_t *packet, const struct ip_pkt *ip, uint16_t mss)
{
	uint8_t *tcp = packet + ip->header_len;
	size_t end, pos = TCP_HEADER;

	if (mss == 0 || ip->protocol != IPPROTO_TCP || ip->fragment_offset ||
	    ip->len < ip->header_len + TCP_HEADER || !(tcp[13] & TCP_SYN))
		return;
	end = (size_t)(tcp[12] >> 4) * 4;
	if (end > ip->len - ip->header_len)
		return;
	while (pos + 1 < end && tcp[pos] != OPT_END) {
		if (tcp[pos] == OPT_NOP) {
			pos++;
			continue;
		}
		if (tcp[pos + 1] < 2 || pos + tcp[pos + 1] > end)
			return;
		if (tcp[pos] == OPT_MSS && tcp[pos + 1] == OPT_MSS_LEN)
			lower(tcp, pos + 2, mss);
		pos += tcp[pos + 1];
	}
}
