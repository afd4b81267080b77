/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is a tunnel's path good?  Decides by evidence: silence with no authenticated packet at
 * all decides fast, missing replies while the peer's traffic keeps arriving decide slowly,
 * and a path that failed must be good for a while before it is used again.
 *
 * The caller probes every cfg.interval whatever the state is (also while there is no SA: it
 * costs nothing and the count stays honest) and feeds, on each such tick and in this order:
 * HEALTH_EV_LATE if its loop was late, the same guessed if the data plane seems to have been,
 * HEALTH_EV_LIFE, HEALTH_EV_PROBE_SENT.  Replies are fed as they come; HEALTH_EV_TIMER at
 * next.deadline, after the same first three.  At health_copy_at() the newest probe is sent once
 * more; no event says so, and a reply to a copy is a reply to its probe.
 */
#ifndef FSM_HEALTH_FSM_H
#define FSM_HEALTH_FSM_H

#include "base/clock.h"
#include "fsm/damp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum health_state {
	HEALTH_NO_SA, /* where everything starts */
	HEALTH_ADMIN, /* switched off by hand */
	HEALTH_DOWN,
	HEALTH_WRONG_PATH, /* replies come, but by another device */
	HEALTH_HELD, /* good again, but not yet for long enough: "down" to users */
	HEALTH_UP,
	HEALTH_SUSPECT, /* still used; a reply is missing */
};

enum health_event_kind {
	HEALTH_EV_PROBE_SENT, /* seq; consecutive numbers; also when sending failed */
	HEALTH_EV_REPLY, /* seq, rtt, at; right cookie, by the right device */
	HEALTH_EV_WRONG_PATH, /* device, at; right cookie, but by another device */
	HEALTH_EV_UNREACHABLE, /* seq, first_party; quotes our probe */
	HEALTH_EV_UNHEARD, /* the peer says that nothing of ours arrives (fsm/agree) */
	HEALTH_EV_LIFE, /* rx_last, rx_packets */
	HEALTH_EV_SA_UP, /* at least one usable pair of SAs */
	HEALTH_EV_SA_DOWN, /* not a single one is left */
	HEALTH_EV_ADMIN_DOWN,
	HEALTH_EV_ADMIN_UP,
	HEALTH_EV_TIMER,
	HEALTH_EV_LINK, /* link: why what the outer packets leave by is gone; NULL: it is back */
	HEALTH_EV_LATE, /* late: how long we were blind before now; guessed */
};

struct health_event {
	enum health_event_kind kind;
	uint32_t seq;
	usec_t at; /* when the kernel took the packet in; 0: now */
	usec_t rtt, late;
	const char *link; /* a few words: "wan0 has no carrier" */
	int device; /* ifindex the wrong reply came by */
	/* It was the process that carries the packets, and all we know is that nothing left it: it
	 * stood still, or every line of ours is dead. */
	bool guessed;
	bool first_party; /* the target itself says that it is not fit; it came by our device */
	const char *said; /* its own words, of static storage; NULL: none */
	usec_t rx_last; /* of any authenticated packet; 0: never */
	/* Cumulative, authenticated, best without replies to our own probes
	 * (liveness_slot.rx_data_packets): those would hide or fake a collapse of the traffic. */
	uint64_t rx_packets;
};

enum health_action {
	HEALTH_TELL_USABLE = 1 << 0,
	HEALTH_TELL_UNUSABLE = 1 << 1,
	HEALTH_TELL_STATE = 1 << 2, /* state or cause changed: worth a line */
	HEALTH_TELL_ANSWERS = 1 << 3, /* health.answer changed */
};

struct health_cfg {
	usec_t interval, silence;
	usec_t restore;
	struct damp_cfg damp;
	unsigned patience; /* times silence, while there are signs of life */
	bool unprobed; /* no health check configured: an SA is all that is asked */
	bool repeats; /* probes may be repeated while replies are missing */
	/* The peer speaks by itself, in turn: silence alone decides, and no probe is counted. */
	bool by_time;
};

#define HEALTH_PATIENCE 4u
#define HEALTH_COPIES 4u /* of one probe at most, itself included */
#define HEALTH_STREAK 3u /* replies in a row that make good, misses in a row that make bad */

enum health_cause {
	HEALTH_CAUSE_START, /* no SA yet */
	HEALTH_CAUSE_SA_LOST,
	HEALTH_CAUSE_ADMIN,
	HEALTH_CAUSE_NEVER, /* an SA, but no reply so far */
	HEALTH_CAUSE_MISSED, /* suspect: a reply is missing */
	HEALTH_CAUSE_QUIET, /* suspect: half of the silence has passed */
	HEALTH_CAUSE_SILENCE, /* nothing authenticated any more */
	HEALTH_CAUSE_NO_REPLIES, /* though the peer's traffic arrives */
	HEALTH_CAUSE_COLLAPSE, /* replies and traffic stopped together */
	HEALTH_CAUSE_NOT_FIT, /* the peer says so */
	HEALTH_CAUSE_UNREACHABLE, /* somebody on the way says so */
	HEALTH_CAUSE_UNHEARD, /* the peer hears nothing of us: one direction is dead */
	HEALTH_CAUSE_WRONG_PATH,
	HEALTH_CAUSE_RELAPSE, /* replies went missing during the restore time */
	HEALTH_CAUSE_RETURNED, /* held: replies again */
	HEALTH_CAUSE_FIRST, /* up: enough replies in a row */
	HEALTH_CAUSE_RESTORED, /* up: the restore time is over */
	HEALTH_CAUSE_ANSWERED, /* up: the suspicion was unfounded */
	HEALTH_CAUSE_LINK, /* our own interface below it is down */
	HEALTH_CAUSE_UNPROBED, /* up: an SA, and nobody asks for more */
};

#define HEALTH_LINK 64

/* What was known when a decision was made. */
struct health_evidence {
	enum health_cause cause;
	usec_t at;
	usec_t last_good; /* the last packet that spoke for the path; 0: none */
	usec_t reply_age, life_age; /* of the last reply, the last authenticated packet; or NEVER */
	unsigned unanswered; /* probes since the last reply */
	unsigned replies; /* in a row */
	uint64_t packets, packets_usual; /* since the last reply, for HEALTH_CAUSE_COLLAPSE */
	usec_t hold, penalty; /* restore time, and what of it is for flapping */
	int device; /* for HEALTH_CAUSE_WRONG_PATH */
	char link[HEALTH_LINK]; /* for HEALTH_CAUSE_LINK */
	const char *said; /* for HEALTH_CAUSE_NOT_FIT; NULL: nothing more than that */
};

/*
 * Whether the path works as far as is known.  Where nothing is usable, this says who may
 * carry: what is in doubt is neither worth going to nor worth leaving.
 */
enum health_answer {
	HEALTH_SILENT,
	HEALTH_DOUBTFUL, /* held: too few replies in a row since, or one is missing now */
	HEALTH_ANSWERS, /* usable; or held after HEALTH_STREAK replies, and none is missing */
};

struct health {
	enum health_state state;
	enum health_answer answer;
	usec_t since; /* of the state */
	usec_t usable_since; /* when it last began or stopped being usable */
	usec_t deadline; /* when to feed HEALTH_EV_TIMER, or USEC_NEVER */
	struct health_evidence why; /* of the state or the refreshed cause */
	struct health_evidence fault; /* why it last stopped being usable; .at 0: it never did */

	bool has_sa;
	bool restore_due; /* it failed while in use: the whole restore time is asked for */
	usec_t sa_lost; /* while it was in use; 0: not */
	usec_t held_until;
	bool proven; /* held, and there were enough replies in a row since */
	struct damp damp;

	/* Probes.  A bit of `answered` is set for an answered probe, the newest lowest. */
	uint32_t seq; /* of the newest */
	bool any_sent;
	uint64_t answered;
	unsigned window; /* bits of it in use */
	unsigned unanswered; /* since the last answered one */
	unsigned replies; /* in a row */
	usec_t sent_at;
	usec_t srtt, rttvar; /* smoothed as in RFC 6298; srtt 0: no sample */

	/* True times, and the same moved on by what we slept through ourselves. */
	usec_t reply_last, life_last; /* 0: never */
	usec_t reply_ref, life_ref;
	usec_t excused; /* slept through since the last reply */
	usec_t guessed; /* what of it was a guess, since the last authenticated packet */
	usec_t blind_until; /* of what was slept through, so that nothing is counted twice */

	unsigned unreachable; /* told in a row, by third parties */
	uint32_t unreachable_seq;
	const char *said; /* by the target, last */
	unsigned wrong; /* replies by another device since the last right one */
	usec_t wrong_last;
	int wrong_device;

	/* Traffic: `usual` is 16 times the packets per cfg.silence, learnt while replies come. */
	bool rx_known, replied; /* since the last tick */
	uint64_t rx_packets, rx_base, usual;
	usec_t rx_at, rx_base_at;
	usec_t rx_ref; /* when rx_packets was last seen to grow; moved on as life_ref is */
};

struct health_step {
	struct health next;
	unsigned actions;
};

struct health health_start(usec_t now);
struct health_step health_step(const struct health_cfg *cfg, struct health h,
			       const struct health_event *ev, usec_t now);

bool health_is_usable(const struct health *h);
/* Lost probes per thousand, of the last 64 at most that can have been answered by now. */
unsigned health_loss_permille(const struct health_cfg *cfg, const struct health *h, usec_t now);
/* Whether that says something about a path in use: it was, for as many probes, and is above
 * suspicion. */
bool health_loss_is_known(const struct health_cfg *cfg, const struct health *h, usec_t now);
const char *health_state_name(enum health_state state); /* "wrong-path"; "held" */
const char *health_state_word(enum health_state state); /* the same for users: "down" for held */
const char *health_cause_name(enum health_cause cause); /* "silence" */
/* A sentence with the evidence: why it is in this state.  Returns out. */
const char *health_cause_text(const struct health *h, char *out, size_t size);
const char *health_evidence_text(const struct health_evidence *e, char *out, size_t size);

/*
 * While a reply is missing, the newest probe is asked again and again, `quick` apart: an answer to
 * any copy is an answer to it, and more answers that do not come are more evidence in the same
 * time.  0: at this interval it is not worth it.
 */
usec_t health_quick_usec(const struct health_cfg *cfg);
/* When the next copy of the newest probe is to leave, after now; USEC_NEVER: none is wanted. */
usec_t health_copy_at(const struct health_cfg *cfg, const struct health *h, usec_t now);

#endif
