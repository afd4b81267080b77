/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The siblings: what they are started with, told, and how they are joined to each other. */
#ifndef SVC_DAEMON_LINK_H
#define SVC_DAEMON_LINK_H

#include "base/err.h"

struct daemon;

int daemon_link_open(struct daemon *d, struct err *err); /* the sockets that futae-esp gets */
void daemon_link_start(struct daemon *d);
void daemon_link_ask_stats(struct daemon *d);
void daemon_link_close(struct daemon *d);

#endif
