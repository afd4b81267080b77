/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two changes a packet goes through: an inner one is sealed, an outer one is opened. */
#ifndef ESP_SEAL_H
#define ESP_SEAL_H

#include "esp/pkt.h"
#include "esp/sadb.h"

#define SEAL_OK (-1) /* else an enum ipc_drop is returned */
#define SEAL_DUMMY (-2) /* opened, authentic, and empty: a sign of life only */

/* The inner packet at p->data, told by p->ip, becomes ESP; outer addresses and socket are set. */
int seal_packet(struct sa *sa, struct pkt *p, bool copy_dscp, usec_t now);

/* May this outer packet belong to the SA, by where it came from and in which form? */
bool seal_fits_address(const struct sa *sa, const struct pkt *p, bool encap);
/* ESP at p->data becomes the inner packet, checked; p->ip tells of it. */
int seal_open(struct sa *sa, struct pkt *p, usec_t now);
/* Did seal_open() find the packet authentic, whatever it then found wrong with it? */
bool seal_was_authentic(int verdict);

#endif
