/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/agree.h"

static bool is_same(const struct agree_word *a, const struct agree_word *b)
{
	return a->node == b->node && a->nonce == b->nonce && a->lead == b->lead &&
	       a->sight == b->sight && a->role == b->role && a->carries == b->carries &&
	       a->fit == b->fit;
}

/* Overtaken on the way by a later one of the same sender (RFC 1982). */
static bool is_stale(const struct agree *a, const struct agree_word *word)
{
	return a->known && a->peer.nonce == word->nonce &&
	       word->epoch - a->peer.epoch > UINT32_MAX / 2;
}

struct agree_step agree_hear(const struct agree_cfg *cfg, struct agree a,
			     const struct agree_word *word, usec_t now)
{
	unsigned actions = 0;

	/* Our own word, reflected; or another node of our number, and then nobody can lead. */
	if (word->node == cfg->node && word->nonce != cfg->nonce && !a.twin) {
		a.twin = true;
		actions = AGREE_CHANGED;
	}
	if (word->node == cfg->node || is_stale(&a, word)) {
		a.refused++;
		return (struct agree_step){ .next = a, .actions = actions };
	}
	/* Who is known has shown that he knows ours; another must wait until he is forgotten. */
	if (a.peer_nonce != word->nonce && (!a.known || word->echo == cfg->nonce)) {
		a.peer_nonce = word->nonce;
		actions |= AGREE_SPEAK; /* it has started anew, and waits for our echo */
	}
	if (word->echo != cfg->nonce) {
		a.refused++;
		return (struct agree_step){ .next = a, .actions = actions };
	}
	if (!a.known || !is_same(&a.peer, word))
		actions |= AGREE_CHANGED;
	a.known = true;
	a.twin = false;
	a.peer = *word;
	a.heard = now;
	a.deadline = usec_add(now, cfg->hold);
	return (struct agree_step){ .next = a, .actions = actions };
}

struct agree_step agree_timer(struct agree a, usec_t now)
{
	if (!a.known || now < a.deadline)
		return (struct agree_step){ .next = a };
	a.known = false;
	a.deadline = 0;
	return (struct agree_step){ .next = a, .actions = AGREE_CHANGED };
}

struct agree_step agree_note(struct agree a, const struct agree_facts *facts)
{
	if (a.sight == facts->sight && a.role == facts->role && a.lead == facts->lead &&
	    a.carries == facts->carries && a.fit == facts->fit)
		return (struct agree_step){ .next = a };
	a.sight = facts->sight;
	a.role = facts->role;
	a.lead = facts->lead;
	a.carries = facts->carries;
	a.fit = facts->fit;
	a.epoch++;
	return (struct agree_step){ .next = a, .actions = AGREE_SPEAK };
}

struct agree_word agree_say(const struct agree_cfg *cfg, const struct agree *a)
{
	return (struct agree_word){
		.node = cfg->node,
		.nonce = cfg->nonce,
		.echo = a->peer_nonce,
		.epoch = a->epoch,
		.lead = a->lead,
		.sight = a->sight,
		.role = a->role,
		.carries = a->carries,
		.fit = a->fit,
	};
}

bool agree_is_unheard(const struct agree *a)
{
	return a->known && a->peer.sight == AGREE_SILENT;
}

bool agree_is_unfit(const struct agree *a)
{
	return a->known && !a->peer.fit;
}

bool agree_is_avoided(const struct agree *a)
{
	return a->known && a->peer.sight != AGREE_USABLE;
}

bool agree_is_led(const struct agree_cfg *cfg, const struct agree *a)
{
	if (!a->known)
		return false;
	return a->peer.lead != a->lead ? a->peer.lead > a->lead : a->peer.node > cfg->node;
}

static void leave_avoided(struct agree_member *members, size_t n)
{
	bool better = false;

	for (size_t i = 0; i < n; i++)
		better = better || (members[i].usable && !members[i].avoided);
	for (size_t i = 0; better && i < n; i++)
		if (members[i].avoided)
			members[i].usable = false;
}

/* Does the leader carry by a tunnel that we can use, too?  Then that is where we go. */
static bool is_followed(const struct agree_member *members, size_t n, uint64_t node,
			uint8_t *weight)
{
	bool found = false;

	*weight = 1;
	for (size_t i = 0; i < n; i++) {
		const struct agree_member *m = &members[i];

		if (m->node != node)
			continue;
		found = found || (m->led && m->carried && m->usable);
		*weight = m->weight > *weight ? m->weight : *weight;
	}
	return found;
}

void agree_shape(struct agree_member *members, size_t n)
{
	uint8_t asked[AGREE_MEMBERS_MAX];

	leave_avoided(members, n);
	n = n < AGREE_MEMBERS_MAX ? n : AGREE_MEMBERS_MAX;
	for (size_t i = 0; i < n; i++)
		asked[i] = members[i].weight;
	for (size_t i = 0; i < n; i++) {
		struct agree_member *m = &members[i];
		uint8_t most;

		if (m->node == 0 || !m->led || !is_followed(members, n, m->node, &most))
			continue;
		/* What stands by here carries with all the weight that its node has. */
		if (!m->carried)
			asked[i] = 0;
		else if (m->weight == 0)
			asked[i] = most;
	}
	for (size_t i = 0; i < n; i++)
		members[i].weight = asked[i];
}
