/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is master?  One virtual router of RFC 9568 section 6.4 (and RFC 3768), with these
 * additions:
 *
 * - Preempt delay.  A router that came up, or whose own priority rose, leaves a lower-priority
 *   master alone for that long.  It is about coming back slowly only: a master that
 *   lowers *its* priority is in trouble, and who was ready long before takes over at once.
 *
 *       backup hears a lower priority   preempt off      preempt on, delay    preempt on, delay
 *                                                        still running        over (or 0)
 *       effect                          master accepted  master accepted      ignored: the down
 *                                                                             timer runs out
 *
 *   The owner (255) always preempts, and becomes master at startup, as the RFC says.
 * - Priority 0 counts only when it comes from the master that a backup follows.
 * - Urge.  Who waits for the master to be silent, and hears that the far end has moved the
 *   network's traffic here, has a second witness: one overdue advertisement is enough then.  A
 *   master that lives says so with its next one.
 * - Being late.  A loop that did not run for a while must not act on what it missed: see
 *   VRRP_CAUSE_LATE.  For the rest, the caller reads all waiting advertisements before it
 *   feeds VRRP_EV_TIMER, each with `now` as the time it arrived at.
 * - Groups.  With .grouped a backup whose timer ran out does not become master but a candidate,
 *   and vrrp_group.h says when it may.
 */
#ifndef FSM_VRRP_FSM_H
#define FSM_VRRP_FSM_H

#include "base/addr.h"
#include "base/clock.h"

#include <stdbool.h>

#define VRRP_OWNER 255 /* priority of the router whose own addresses these are */

enum vrrp_state {
	VRRP_INIT, /* not started yet */
	VRRP_STOPPED, /* told to stop */
	VRRP_FAULT, /* the interface is down (stopped as well, or not) */
	VRRP_BACKUP,
	VRRP_MASTER
};

/* Why the state is what it is: text. */
#define VRRP_CAUSES(X)                                                                             \
	X(NONE, "not started")                                                                     \
	X(STARTED, "started; listening first")                                                     \
	X(OWNER, "owner of the addresses")                                                         \
	X(SILENCE, "no advertisement for 3 intervals")                                             \
	X(URGED, "an advertisement is overdue, and the other end of the tunnel sends by us")       \
	X(FAREWELL, "priority 0 from the master")                                                  \
	X(PREEMPT, "lower priority heard")                                                         \
	X(HIGHER, "higher priority heard")                                                         \
	X(GREATER_ADDRESS, "equal priority and greater address heard")                             \
	X(TRACK, "tracked condition lost")                                                         \
	X(SHUTDOWN, "shut down")                                                                   \
	X(CONFIG, "configuration changed")                                                         \
	X(LINK, "interface down")                                                                  \
	X(MANUAL, "by hand")                                                                       \
	X(GROUP, "moves with its group")                                                           \
	/* a master that was silent for so long that others must have taken over */                \
	X(LATE, "this router was held up; listening first")

enum vrrp_cause {
#define X(id, text) VRRP_CAUSE_##id,
	VRRP_CAUSES(X)
#undef X
		VRRP_CAUSE_COUNT
};

enum vrrp_event_kind {
	VRRP_EV_START, /* may run: the first time, or after VRRP_EV_STOP */
	VRRP_EV_STOP, /* must not run; cause: TRACK, SHUTDOWN or CONFIG */
	VRRP_EV_LINK_DOWN, /* nothing can be sent; until told so, the interface is up */
	VRRP_EV_LINK_UP,
	VRRP_EV_PRIORITY, /* effective priority: configured, less what tracking takes */
	VRRP_EV_TAKE, /* a backup becomes master without waiting; cause: MANUAL, GROUP, ... */
	VRRP_EV_YIELD, /* a master becomes a backup, and says so; cause: MANUAL or GROUP */
	VRRP_EV_SLEPT, /* the machine, and its clock with it, stood still for .interval */
	VRRP_EV_ADVERT,
	VRRP_EV_TIMER,
	VRRP_EV_URGE /* the far end of a tunnel sends the traffic for this network by us */
};

struct vrrp_event {
	enum vrrp_event_kind kind;
	enum vrrp_cause cause; /* STOP, TAKE, YIELD */
	uint8_t priority; /* PRIORITY, ADVERT */
	usec_t interval; /* ADVERT, SLEPT */
	struct addr src; /* ADVERT */
};

/* To be carried out from the lowest bit up. */
enum vrrp_action {
	VRRP_SEND_ADV_ZERO = 1 << 0, /* "I go": the backup need not wait */
	VRRP_LEAVE_MASTER = 1 << 1, /* take the addresses off */
	VRRP_SEND_ADV = 1 << 2, /* with .priority of the new state */
	VRRP_BECOME_MASTER = 1 << 3, /* put the addresses on */
	VRRP_SEND_GARP = 1 << 4, /* gratuitous ARP or neighbour advertisement for each address */
	VRRP_BAD_INTERVAL = 1 << 5, /* ignored: version 2 wants the same interval everywhere */
	VRRP_OTHER_OWNER = 1 << 6, /* ignored: we own the addresses, and so says somebody else */
	VRRP_CANDIDATE = 1 << 7, /* would become master, if the group did */
};

struct vrrp_fsm_cfg {
	uint8_t version; /* 2 or 3 */
	uint8_t priority; /* configured, 1-255 */
	usec_t interval; /* between our advertisements, > 0 */
	bool preempt;
	usec_t preempt_delay;
	bool grouped; /* becomes master by VRRP_EV_TAKE only */
	struct addr address; /* that we send from: the greater one wins a tie */
};

struct vrrp_fsm {
	enum vrrp_state state;
	enum vrrp_cause cause; /* of the last change of state */
	usec_t since; /* of the last change of state */
	uint8_t priority; /* effective */
	bool stopped, link_down;
	enum vrrp_cause stop_cause; /* of the last VRRP_EV_STOP */
	/* the master: ourselves, or who was last accepted as one */
	struct addr master; /* ADDR_NONE: unknown */
	uint8_t master_priority;
	usec_t interval; /* of the master; learned from it in version 3 */
	usec_t heard; /* its last advertisement, 0: none */
	/* backup */
	enum vrrp_cause expect; /* why we shall have become master when the deadline passes */
	bool listened; /* the deadline was put off once since the master was heard */
	bool follows; /* somebody is master, and we have nothing against it */
	bool candidate; /* grouped: would be master for the reason .expect */
	usec_t preempt_from; /* no sooner is a lower-priority master pushed aside */
	/* master */
	usec_t adv_at, garp_at; /* next; USEC_NEVER: none */
	unsigned garps; /* sent of this series */
	usec_t sent; /* our last advertisement */
	usec_t asserted; /* when a rival was, or will be, last contradicted */
	usec_t deadline; /* when to feed VRRP_EV_TIMER, or USEC_NEVER */
};

struct vrrp_step {
	struct vrrp_fsm next;
	unsigned actions; /* enum vrrp_action */
};

struct vrrp_fsm vrrp_new(const struct vrrp_fsm_cfg *cfg); /* VRRP_INIT */
struct vrrp_step vrrp_step(const struct vrrp_fsm_cfg *cfg, struct vrrp_fsm v,
			   const struct vrrp_event *ev, usec_t now);
/* Three intervals and the skew of this priority (RFC 9568, 6.1; RFC 3768, 6.1). */
usec_t vrrp_down_interval(uint8_t version, uint8_t priority, usec_t interval);

const char *vrrp_state_name(enum vrrp_state state); /* "master" */
const char *vrrp_cause_text(enum vrrp_cause cause);

#endif
