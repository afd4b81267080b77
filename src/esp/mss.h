/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP's maximum segment size, lowered in SYNs that pass, so that path MTU never has to be found. */
#ifndef ESP_MSS_H
#define ESP_MSS_H

#include "wire/ip_pkt.h"

/* Lowers the MSS option of a SYN to `mss` (0: leave); never raises it, never adds one. */
void mss_clamp(uint8_t *packet, const struct ip_pkt *ip, uint16_t mss);

#endif
