/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The traffic class of the outer and the inner header (RFC 4301, 5.1.2; RFC 6040, 4). */
#ifndef ESP_ECN_H
#define ESP_ECN_H

#include <stdbool.h>
#include <stdint.h>

#define DSCP_CS6 0xc0 /* network control; in the traffic class, as below */
#define ECN_MASK 0x03

/* The outer traffic class: ECN is always copied (normal mode), DSCP where it is wanted. */
uint8_t ecn_encapsulate(uint8_t inner, bool copy_dscp);
/* The inner traffic class at the far end, or -1: the packet must be dropped, since congestion
 * was met and its ends would not understand a mark. */
int ecn_decapsulate(uint8_t outer, uint8_t inner);

#endif
