/* SPDX-License-Identifier: GPL-2.0-or-later */
/* strongSwan's own headers, and its values in ours.  Only src/ike includes this. */
#ifndef IKE_SS_H
#define IKE_SS_H

#include "base/addr.h"
#include "base/buf.h"

/* library.h first: the headers include each other in circles */
#include <library.h>

#include <daemon.h>

/* Addresses; ss_host_* give a new host_t, or NULL for ADDR_NONE. */
host_t *ss_host_of_addr(const struct addr *a, uint16_t port);
host_t *ss_host_of_endpoint(const struct endpoint *e);
struct endpoint ss_endpoint(host_t *host);

/* Traffic selectors; a range that is no prefix becomes the smallest prefix around it. */
traffic_selector_t *ss_selector(const struct prefix *p);
unsigned ss_prefixes(linked_list_t *selectors, struct prefix *out, unsigned max);

static inline chunk_t ss_chunk(struct view v)
{
	return chunk_create((u_char *)(uintptr_t)v.data, v.len);
}

/* A copy on the heap, for those that take chunks over. */
chunk_t ss_copy(struct view v);

/* snprintf() that also knows strongSwan's %H (host), %Y (identity), %P (proposal), %R (selector)
 * and %N (name of an enum value); for that reason without the compiler's check. */
void ss_print(char *out, size_t size, const char *fmt, ...);

#endif
