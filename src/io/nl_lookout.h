/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the kernel has certain routes: told by its messages, never by asking again and again.
 *
 * A message about one of the wanted prefixes, or about links, addresses and nexthops (which take
 * routes along without a word), says look again; the routes themselves are then read from the
 * kernel a few at a time, so that a table of a million of them does not hold up the loop.
 */
#ifndef IO_NL_LOOKOUT_H
#define IO_NL_LOOKOUT_H

#include "base/err.h"
#include "io/loop.h"
#include "io/netlink.h"

struct nl_want {
	struct prefix to; /* exactly this one */
	uint32_t table;
	char device[16]; /* "": any */
	/*
	 * There is one that leads somewhere: no blackhole and the like, and not only by devices
	 * that are down or without carrier.
	 */
	bool there;
	bool seen; /* while they are read */
};

struct nl_lookout_calls {
	void (*routes)(void *ctx); /* read again; `there` may have changed */
	void (*links)(void *ctx); /* something about links or addresses has changed */
	void *ctx;
};

struct nl_lookout;

struct nl_lookout *nl_lookout_new(struct loop *loop, struct nl *nl,
				  const struct nl_lookout_calls *calls, struct err *err);
void nl_lookout_free(struct nl_lookout *l);
/* `wants` stays the caller's, and must stay until the next call.  Reads at once. */
void nl_lookout_set(struct nl_lookout *l, struct nl_want *wants, size_t count);

#endif
