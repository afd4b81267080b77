/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What charon takes for the kernel's IPsec: futae-esp, told over the link.  Keys pass through and
 * are wiped. */
#ifndef IKE_KERNEL_H
#define IKE_KERNEL_H

#include "ike/ss.h"
#include "wire/ipc_msg.h"

kernel_ipsec_t *kernel_create(void);
/* A message from a futae-esp about SAs. */
void kernel_take(unsigned worker, struct view msg);
/* A new futae-esp is there and knows no SA: rekeys every CHILD_SA that the old one had.  How many
 * are still to be replaced. */
unsigned kernel_rekey_lost(void);
/* Stops sending by these outbound SAs, while what still arrives is taken: traffic moves to another
 * CHILD_SA of the same tunnel before this one is closed. */
void kernel_retire_outbound(uint32_t spi, host_t *dst);

#endif
