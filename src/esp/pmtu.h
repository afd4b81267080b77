/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Path MTU of the outer paths, per peer address, forgotten after ten minutes (RFC 1191, 6.3). */
#ifndef ESP_PMTU_H
#define ESP_PMTU_H

#include "base/addr.h"
#include "base/clock.h"
#include "base/hash.h"

#define PMTU_SETS 256
#define PMTU_WAYS 4
#define PMTU_UNKNOWN 65535u
#define PMTU_LIFE (600 * USEC_PER_SEC)
#define PMTU_MIN_V4 576u /* below, it is rather an attack than a path */
#define PMTU_MIN_V6 1280u

struct pmtu_entry {
	struct addr peer;
	uint32_t mtu;
	usec_t until;
};

struct pmtu {
	struct hash_key key;
	usec_t until; /* the last entry's end: before any was noted, looking is one comparison */
	struct pmtu_entry entry[PMTU_SETS][PMTU_WAYS];
};

void pmtu_note(struct pmtu *p, const struct addr *peer, uint32_t mtu, usec_t now);
uint32_t pmtu_get(const struct pmtu *p, const struct addr *peer, usec_t now);

#endif
