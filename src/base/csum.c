/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/csum.h"

#include "base/addr.h"

static uint32_t fold(uint64_t sum)
{
	while (sum >> 32)
		sum = (sum & UINT32_MAX) + (sum >> 32);
	return (uint32_t)sum;
}

uint32_t csum_add(uint32_t sum, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t total = sum;

	for (; len >= 2; p += 2, len -= 2)
		total += (uint32_t)p[0] << 8 | p[1];
	if (len)
		total += (uint32_t)p[0] << 8;
	return fold(total);
}

uint32_t csum_add_pseudo(uint32_t sum, const struct addr *src, const struct addr *dst,
			 uint8_t protocol, uint32_t len)
{
	sum = csum_add(sum, src->bytes, addr_size(src->family));
	sum = csum_add(sum, dst->bytes, addr_size(dst->family));
	return fold((uint64_t)sum + protocol + (len >> 16) + (len & 0xffff));
}

uint16_t csum_finish(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}
