/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/pmtu.h"

static size_t set_of(const struct pmtu *p, const struct addr *peer)
{
	return hash_bytes(&p->key, peer->bytes, sizeof(peer->bytes)) % PMTU_SETS;
}

void pmtu_note(struct pmtu *p, const struct addr *peer, uint32_t mtu, usec_t now)
{
	struct pmtu_entry *set = p->entry[set_of(p, peer)], *e = set;
	uint32_t least = peer->family == ADDR_V6 ? PMTU_MIN_V6 : PMTU_MIN_V4;

	if (mtu >= PMTU_UNKNOWN || pmtu_get(p, peer, now) < mtu)
		return;
	/* The same peer's place, or else the one that would be forgotten first. */
	for (unsigned i = 0; i < PMTU_WAYS; i++) {
		if (addr_equal(&set[i].peer, peer)) {
			e = &set[i];
			break;
		}
		if (set[i].until < e->until)
			e = &set[i];
	}
	*e = (struct pmtu_entry){ *peer, mtu < least ? least : mtu, usec_add(now, PMTU_LIFE) };
	p->until = e->until;
}

uint32_t pmtu_get(const struct pmtu *p, const struct addr *peer, usec_t now)
{
	const struct pmtu_entry *set;

	if (now >= p->until)
		return PMTU_UNKNOWN;
	set = p->entry[set_of(p, peer)];
	for (unsigned i = 0; i < PMTU_WAYS; i++)
		if (now < set[i].until && addr_equal(&set[i].peer, peer))
			return set[i].mtu;
	return PMTU_UNKNOWN;
}
