/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The header in front of each packet of a TUN device with IFF_VNET_HDR (virtio 1.2, 5.1.6): what
 * of the packet's checksum and of its cutting into segments is left to the reader.
 */
#ifndef WIRE_VNET_HDR_H
#define WIRE_VNET_HDR_H

#include "base/buf.h"

#include <stdint.h>

#define VNET_HDR_LEN 10

#define VNET_HDR_NEEDS_CSUM 0x01 /* its field holds the sum of the pseudo header only */
#define VNET_HDR_DATA_VALID 0x02 /* to the kernel: the checksum was verified */

#define VNET_HDR_GSO_NONE 0
#define VNET_HDR_GSO_TCPV4 1
#define VNET_HDR_GSO_TCPV6 4
#define VNET_HDR_GSO_UDP_L4 5
#define VNET_HDR_GSO_ECN 0x80 /* beside a TCP type: CWR is set */

struct vnet_hdr {
	uint8_t flags, gso_type;
	uint16_t hdr_len; /* a hint only */
	uint16_t gso_size; /* payload of each segment but the last */
	uint16_t csum_start, csum_offset; /* from the packet's start; from csum_start */
};

/* 0, or -EBADMSG when there are fewer than VNET_HDR_LEN bytes.  Values are the reader's to judge.
 */
int vnet_hdr_decode(struct view v, struct vnet_hdr *out);
void vnet_hdr_encode(const struct vnet_hdr *h, uint8_t out[static VNET_HDR_LEN]);

#endif
