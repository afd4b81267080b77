/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/vnet_hdr.h"

#include <errno.h>
#include <string.h>

/* Without TUNSETVNETLE or TUNSETVNETBE a TUN device speaks the host's byte order. */
static uint16_t get_u16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

int vnet_hdr_decode(struct view v, struct vnet_hdr *out)
{
	const uint8_t *p = v.data;

	if (v.len < VNET_HDR_LEN)
		return -EBADMSG;
	out->flags = p[0];
	out->gso_type = p[1];
	out->hdr_len = get_u16(p + 2);
	out->gso_size = get_u16(p + 4);
	out->csum_start = get_u16(p + 6);
	out->csum_offset = get_u16(p + 8);
	return 0;
}

void vnet_hdr_encode(const struct vnet_hdr *h, uint8_t out[static VNET_HDR_LEN])
{
	out[0] = h->flags;
	out[1] = h->gso_type;
	memcpy(out + 2, &h->hdr_len, 2);
	memcpy(out + 4, &h->gso_size, 2);
	memcpy(out + 6, &h->csum_start, 2);
	memcpy(out + 8, &h->csum_offset, 2);
}
