/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole Ethernet frames that we send past the kernel's IP stack: from a virtual MAC, and
 * before (or after) our addresses are on the device.  Each gives the frame's length, or
 * -EMSGSIZE.
 */
#ifndef WIRE_FRAME_H
#define WIRE_FRAME_H

#include "base/addr.h"
#include "base/buf.h"

#include <sys/types.h>

#define FRAME_MAC 6
#define FRAME_MAX 1514

/* The MAC of a virtual router (RFC 9568, 7.3). */
void vrrp_virtual_mac(enum addr_family family, uint8_t vrid, uint8_t out[static FRAME_MAC]);
/* The group that advertisements go to: 224.0.0.18 or ff02::12. */
struct addr vrrp_group(enum addr_family family);
/* An advertisement (from vrrp_pkt_encode() with this source and vrrp_group()) to everybody. */
ssize_t frame_build_vrrp(const uint8_t mac[static FRAME_MAC], const struct addr *src,
			 struct view packet, void *buf, size_t cap);
/*
 * "This IPv4 address is at this MAC", to everybody.  In the form of a request: Linux ignores
 * gratuitous replies without a target address while an entry is fresh.
 */
ssize_t frame_build_arp(const uint8_t mac[static FRAME_MAC], const struct addr *addr, void *buf,
			size_t cap);
/* The same for IPv6: an unsolicited neighbour advertisement of a router (RFC 4861, 7.2.6). */
ssize_t frame_build_na(const uint8_t mac[static FRAME_MAC], const struct addr *addr, void *buf,
		       size_t cap);
/* Whichever of the two suits the address. */
ssize_t frame_build_announce(const uint8_t mac[static FRAME_MAC], const struct addr *addr,
			     void *buf, size_t cap);

#endif
