/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts what strangers send, by reason, and logs each reason once a minute at most. */
#ifndef SVC_DROP_LOG_H
#define SVC_DROP_LOG_H

#include "base/addr.h"
#include "base/clock.h"

#include <stddef.h>
#include <stdint.h>

#define DROP_REASONS 8

struct drop_log {
	const char *event;
	const char *const *names; /* `count` of them, DROP_REASONS at most */
	size_t count;
	uint64_t drops[DROP_REASONS];
	usec_t logged[DROP_REASONS]; /* 0: never */
};

/* src: who it seems to be from; device: ifindex it came by. */
void drop_log_count(struct drop_log *d, size_t reason, const struct addr *src, int device,
		    usec_t now);

#endif
