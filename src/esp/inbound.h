/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the network to the tunnels' devices, to futae-ike, or straight back (health checks). */
#ifndef ESP_INBOUND_H
#define ESP_INBOUND_H

struct watch;

/* Reads a batch from a socket (the watch of a struct esp_sock). */
void inbound_read(struct watch *w);

#endif
