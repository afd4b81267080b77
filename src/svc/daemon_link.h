/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The siblings: what they are started with, told, and how they are joined to each other. */
#ifndef SVC_DAEMON_LINK_H
#define SVC_DAEMON_LINK_H

#include "base/err.h"

#include <stdbool.h>

struct daemon;

/* Names the workers, ends those of a futaed before us, opens the sockets that they get. */
int daemon_link_open(struct daemon *d, struct err *err);
void daemon_link_start(struct daemon *d);
/* Tells the workers whether the kernel may join packets for them. */
void daemon_link_join(struct daemon *d, bool may);
/* Starts futae-script, unless it has been. */
void daemon_link_start_script(struct daemon *d);
void daemon_link_ask_stats(struct daemon *d);
/* What was to leave this turn, leaves; for loop_at_turn_end(). */
void daemon_link_flush(void *daemon);
void daemon_link_close(struct daemon *d);

#endif
