/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Internet checksum (RFC 1071), summed in parts. */
#ifndef BASE_CSUM_H
#define BASE_CSUM_H

#include <stddef.h>
#include <stdint.h>

struct addr;

/*
 * Adds len bytes to a running sum (start at 0).  Only the last part may have an odd length.  The
 * sum grows by 0xffff at most: 16-bit words can be added by hand, too, without a care.
 */
uint32_t csum_add(uint32_t sum, const void *data, size_t len);
/* Copies the bytes on the way; dst and src must not overlap. */
uint32_t csum_copy(uint32_t sum, void *dst, const void *src, size_t len);
/* Adds the pseudo header of IPv4 or IPv6 (RFC 793, RFC 8200 section 8.1). */
uint32_t csum_add_pseudo(uint32_t sum, const struct addr *src, const struct addr *dst,
			 uint8_t protocol, uint32_t len);
/* The checksum field's value in host order; over a whole correct packet it is 0. */
uint16_t csum_finish(uint32_t sum);

#endif
