/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two futae ends of a tunnel tell each other what they see of it, so that neither waits for the
 * slower one and both send by the same tunnels.  What follows from the peer's word:
 *
 *   it hears nothing of us          our direction is dead: out of use at once, though its own
 *                                   packets still arrive
 *   it hears us but does not use    used only if nothing better is usable
 *   it leads, and uses others       those carry for us, too, whatever our own weights say
 *
 * One end leads: by its `lead`, or else by its greater node number, so both know without asking.
 * Where a person locks a route to a tunnel, that end leads until he frees it.
 * Who leads goes by its own weights and by what both ends can use; who follows goes where the
 * leader went, and leaves by itself what it cannot use, which its word makes the leader leave.
 * So no two ends hold opposite opinions for longer than one word takes.
 *
 * A word counts only when it echoes our nonce: a stranger behind the peer cannot know it.  A
 * peer that says nothing (another make, an older one) changes nothing, and what was said holds
 * for a while only (agree_cfg.hold).
 */
#ifndef FSM_AGREE_H
#define FSM_AGREE_H

#include "base/clock.h"
#include "wire/agree_word.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AGREE_LEAD_HAND UINT8_MAX /* nothing that is configured comes before a person's wish */

struct agree_cfg {
	uint64_t node, nonce; /* ours, never 0; the number must not be the peer's, too */
	usec_t hold; /* how long a word counts without another */
};

enum agree_action {
	AGREE_SPEAK = 1 << 0, /* tell the peer now, not with the next probe only */
	AGREE_CHANGED = 1 << 1, /* what follows from the peer's word may differ */
};

/* Of one tunnel; zeroed at the start. */
struct agree {
	bool known; /* peer holds a word that counts */
	bool twin; /* somebody there has our own number: no agreement with him */
	struct agree_word peer;
	uint64_t peer_nonce; /* as last heard, counting or not; 0: none */
	usec_t heard; /* when `peer` was last said */
	usec_t deadline; /* when to call agree_timer(), or 0: never */
	/* What we say. */
	uint32_t epoch;
	enum agree_sight sight;
	enum agree_role role;
	uint8_t lead;
	bool carries, fit;
	uint64_t refused; /* words that did not count, for want of our nonce or for age */
};

struct agree_facts {
	enum agree_sight sight;
	enum agree_role role;
	uint8_t lead; /* AGREE_LEAD_HAND: a person chose here which tunnel carries */
	bool carries, fit;
};

struct agree_step {
	struct agree next;
	unsigned actions;
};

struct agree_step agree_hear(const struct agree_cfg *cfg, struct agree a,
			     const struct agree_word *word, usec_t now);
struct agree_step agree_timer(struct agree a, usec_t now);
/* What holds at our end now; AGREE_SPEAK when that is news. */
struct agree_step agree_note(struct agree a, const struct agree_facts *facts);
struct agree_word agree_say(const struct agree_cfg *cfg, const struct agree *a);

bool agree_is_unheard(const struct agree *a); /* our direction is dead, says the peer */
bool agree_is_unfit(const struct agree *a); /* the network behind it cannot be reached by it */
bool agree_is_avoided(const struct agree *a); /* the peer does not use it itself */
bool agree_is_led(const struct agree_cfg *cfg, const struct agree *a); /* the peer leads */

#define AGREE_MEMBERS_MAX 64u /* = ROUTE_MEMBERS_MAX */

/* A member of a route, as fsm/route_set wants it, with what the peer says. */
struct agree_member {
	uint8_t weight;
	bool usable;
	bool avoided, led, carried; /* by the peer */
	uint64_t node; /* the peer's; 0: says nothing */
};

/* Changes weights and usability by the peers' words; see above. */
void agree_shape(struct agree_member *members, size_t n);

#endif
