/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two changes that a packet goes through: an inner one is sealed, an outer one opened. */
#ifndef ESP_SEAL_H
#define ESP_SEAL_H

#include "esp/pkt.h"
#include "esp/sadb.h"

#define SEAL_OK (-1) /* else an enum ipc_drop is returned */
#define SEAL_DUMMY (-2) /* opened, authentic, and empty: a sign of life only */

/* Of an inner packet in ESP of this SA: where it starts, and how long it is as a whole. */
size_t seal_head(const struct sa *sa);
size_t seal_len(const struct sa *sa, size_t inner_len);
/* The inner packet of inner_len bytes at out + seal_head() becomes ESP of seal_len() bytes at out.
 */
int seal_packet(struct sa *sa, uint8_t *out, size_t inner_len, enum addr_family inner, usec_t now);
/* Which socket carries this SA. */
enum ipc_socket seal_socket(const struct sa *sa);

/* May this outer packet belong to the SA, by where it came from and in which form? */
bool seal_fits_address(const struct sa *sa, const struct pkt *p, bool encap);
/*
 * ESP at p->data becomes the inner packet, checked; p->ip tells of it.  `early`: it was taken out
 * of turn, and others with lower numbers may wait (replay_mark_early()).
 */
int seal_open(struct sa *sa, struct pkt *p, bool early, usec_t now);
/* Did seal_open() find the packet authentic, whatever it then found wrong with it? */
bool seal_was_authentic(int verdict);

#endif
