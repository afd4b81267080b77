/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The outbox's runs into the sockets, and what the network says to that. */
#ifndef ESP_OUTBOX_SEND_H
#define ESP_OUTBOX_SEND_H

struct esp;

void outbox_send(struct esp *esp); /* all runs, in order; what could not be sent is counted */

#endif
