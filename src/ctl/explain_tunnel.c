/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Explains tunnels: the device, the IKE connection, the SAs, the health check. */
#include "ctl/explain_parts.h"

#include "ctl/model_bfd.h"
#include "ctl/reason.h"
#include "svc/daemon.h"
#include "svc/health.h"
#include "svc/path.h"
#include "svc/repair.h"
#include "svc/tunnel.h"

static void explain_ike(const struct tunnel *t, struct explanation *e, usec_t now)
{
	const struct ipc_ike_state *s = &t->ike;
	char remote[ADDR_TEXT], span[EXPLAIN_SPAN];

	addr_format(&t->conf->remote, remote);
	if (s->phase == IPC_IKE_UP)
		explain_evidence(e, "IKE v%u with %s for %s: %s; ESP: %s", s->version, remote,
				 explain_span(usec_since(s->established, now), span), s->ike_suite,
				 s->child_suite[0] ? s->child_suite : "none");
	else
		explain_evidence(e, "IKE with %s is %s", remote, ipc_ike_phase_name(s->phase));
	/* Also when IKE is up: it may be without a CHILD_SA, or fail to renew one. */
	if (s->trouble[0] && s->attempts)
		explain_evidence(e, "last failure (%u in a row): %s", s->attempts, s->trouble);
	else if (s->trouble[0])
		explain_evidence(e, "last failure: %s", s->trouble);
	if (s->retry_at)
		explain_evidence(e, "next attempt in %s",
				 explain_span(usec_since(now, s->retry_at), span));
}

static void explain_drops(const struct tunnel *t, struct explanation *e)
{
	for (enum ipc_drop i = 0; i < IPC_DROP_COUNT; i++)
		if (t->stats.drops[i])
			explain_evidence(e, "%llu packets dropped: %s",
					 (unsigned long long)t->stats.drops[i], ipc_drop_name(i));
}

/* By another tunnel: the host behind the routers answers by whichever is its gateway. */
static void advise_other_tunnel(const char *target, struct explanation *e)
{
	explain_advise(
		e,
		"Aim health.target at an address of the router at this tunnel's other end, not "
		"at %s: a host behind the routers answers by the router that is its gateway.",
		target);
	explain_advise(
		e,
		"If the other end is a router of another make and %s is its own address, pin "
		"its replies: a host route there to our probe source through this tunnel.",
		target);
}

/* By none: what answers our addresses does not use the tunnels at all. */
static void advise_no_tunnel(const struct check *c, const char *target, const char *device,
			     struct explanation *e)
{
	char source[ADDR_TEXT];

	addr_format(&c->conf->health.source, source);
	explain_say(e, "%s belongs to no tunnel: those replies were not encrypted on their way.",
		    device);
	explain_advise(e,
		       "At the other end, route %s (the probe source) and what else is behind us "
		       "into the tunnel: %s, or the router that is its gateway, has another way "
		       "here.",
		       source, target);
	explain_advise(e,
		       "If that way is wanted for other traffic, choose a health.source that only "
		       "the tunnel leads to.");
}

static void advise_wrong_path(struct daemon *d, const struct check *c, struct explanation *e)
{
	char target[ADDR_TEXT], device[REASON_DEVICE];
	bool tunnel = reason_device(d, c->wrong_device, device);

	addr_format(&c->conf->health.target, target);
	explain_say(
		e,
		"Probes leave by device %s, but their replies come back by device %s: the check "
		"would not notice when this tunnel dies.",
		c->path->device, device);
	explain_evidence(e, "%llu replies from %s came by device %s", (unsigned long long)c->wrong,
			 target, device);
	if (tunnel)
		advise_other_tunnel(target, e);
	else
		advise_no_tunnel(c, target, device, e);
}

/* Which way is dead, as far as this end can tell. */
static void explain_direction(const struct check *c, struct explanation *e)
{
	switch (c->fsm.why.cause) {
	case HEALTH_CAUSE_NO_REPLIES:
	case HEALTH_CAUSE_COLLAPSE:
		explain_say(e, "The direction to the peer is dead: what the peer sends arrives "
			       "here, and what needs our packets to arrive there does not.");
		break;
	case HEALTH_CAUSE_SILENCE:
		explain_say(e, "The direction from the peer is dead, or both are: nothing of it "
			       "arrives here, and so nothing is known of the other direction; "
			       "`futae explain` at the other end tells.");
		break;
	default:
		break;
	}
}

static void explain_grade(const struct check *c, struct explanation *e, usec_t now)
{
	const struct grading *g = &c->grading;
	usec_t at = grade_good_at(&g->fsm);
	char span[EXPLAIN_SPAN], text[256];

	if (grading_is_degraded(c)) {
		explain_say(e,
			    "It is degraded (%s): it works, and carries only while nothing better "
			    "does.",
			    grade_cause_name(g->fsm.cause));
		if (at != USEC_NEVER)
			explain_say(e, "It counts as good again in %s if it stays as it is now.",
				    explain_span(usec_since(now, at), span));
	}
	if (g->size_cfg.every)
		explain_evidence(e, "large packets: %s",
				 size_text(&g->size_cfg, &g->size, now, text, sizeof(text)));
	if (grading_is_degraded(c) && g->fsm.cause == GRADE_BIG_PACKETS &&
	    g->size.state == SIZE_BROKEN)
		explain_advise(e, "Lower mtu: of this tunnel at both ends, or find who on the line "
				  "drops large packets without saying so (RFC 2923).");
}

static void explain_penalty(const struct check *c, struct explanation *e, usec_t now)
{
	uint32_t penalty = damp_penalty(&c->cfg.damp, &c->fsm.damp, now);
	usec_t extra = damp_extra(&c->cfg.damp, &c->fsm.damp, c->cfg.restore, now);
	char span[EXPLAIN_SPAN], half[EXPLAIN_SPAN];

	if (penalty >= DAMP_PER_FAILURE / 10)
		explain_evidence(e,
				 "flap penalty %.1f failures: %s on top of the restore time if it "
				 "came back now; it halves every %s",
				 penalty / (double)DAMP_PER_FAILURE, explain_span(extra, span),
				 explain_span(c->cfg.damp.half_life, half));
}

static void advise(struct daemon *d, const struct tunnel *t, const struct check *c,
		   struct explanation *e)
{
	char remote[ADDR_TEXT], target[ADDR_TEXT];

	addr_format(&t->conf->remote, remote);
	addr_format(&c->conf->health.target, target);
	switch (c->fsm.state) {
	case HEALTH_NO_SA:
		if (t->ike.trouble[0])
			explain_advise(e,
				       "Mend what the last failure says, on whichever end it is.");
		else
			explain_advise(e,
				       "See whether %s is reachable, and whether UDP 500 and 4500 "
				       "pass on the way.",
				       remote);
		break;
	case HEALTH_WRONG_PATH:
		advise_wrong_path(d, c, e);
		break;
	case HEALTH_DOWN:
		if (c->conf->health.kind == CONF_PROBE_BFD)
			break; /* explain_bfd() knows better */
		if (c->fsm.why.cause == HEALTH_CAUSE_NOT_FIT)
			explain_advise(
				e, "Ask the router at the other end: its LAN port or its VRRP is "
				   "down (`futae explain` there).");
		else if (c->fsm.why.cause == HEALTH_CAUSE_UNHEARD)
			explain_advise(e,
				       "One direction of the line is dead, from here to there: the "
				       "line's provider can find out where.");
		else if (c->fsm.why.cause == HEALTH_CAUSE_LINK)
			explain_advise(e, "Look at the cable and the device that the line is "
					  "connected to.");
		else if (c->fsm.why.cause == HEALTH_CAUSE_NO_REPLIES)
			explain_advise(
				e,
				"If hosts reach each other through it all the same, look at the "
				"target %s and what filters ICMP before it; else at what drops our "
				"packets on the way.",
				target);
		else
			explain_advise(e, "Nothing comes through: if IKE is up, ESP (UDP 4500 or "
					  "protocol 50) is dropped on the way.");
		break;
	case HEALTH_ADMIN:
	case HEALTH_HELD:
	case HEALTH_UP:
	case HEALTH_SUSPECT:
		break;
	}
}

/* What the wait is made of, and what of it is for flapping. */
static void explain_hold(const struct check *c, struct explanation *e, usec_t now)
{
	uint32_t penalty = damp_penalty(&c->cfg.damp, &c->fsm.damp, now);
	char left[EXPLAIN_SPAN], extra[EXPLAIN_SPAN], half[EXPLAIN_SPAN];

	explain_say(e, "It answers again and will be used in %s if it stays good.",
		    explain_span(usec_since(now, c->fsm.held_until), left));
	if (c->fsm.why.penalty)
		explain_say(e, "%s of the wait is for flapping (penalty %u, which halves each %s).",
			    explain_span(c->fsm.why.penalty, extra), penalty,
			    explain_span(c->cfg.damp.half_life, half));
}

static void explain_check(struct daemon *d, const struct tunnel *t, const struct check *c,
			  struct explanation *e, usec_t now)
{
	char span[EXPLAIN_SPAN], source[ADDR_TEXT], target[ADDR_TEXT], why[REASON_TEXT];

	explain_say(e, "Tunnel %s is %s for %s: %s.", t->path.name, check_state_word(c),
		    explain_span(usec_since(check_since(c), now), span), reason_of(d, t, c, why));
	if (!t->path.index) {
		explain_advise(e,
			       "Whatever IKE says, nothing passes without the device.  If its name "
			       "%s is taken, write another one as device:, or remove the other.",
			       t->path.device);
		return;
	}
	if (c->fsm.state == HEALTH_HELD)
		explain_hold(c, e, now);
	if (!c->conf->health.enabled) {
		explain_advise(e,
			       "No health check is configured: without one a dead path with live "
			       "SAs is not noticed.  Set health: { source, target }.");
		return;
	}
	explain_evidence(e, "probes %s -> %s: %llu sent, %llu answered, %u unanswered now",
			 addr_format(&c->conf->health.source, source),
			 addr_format(&c->conf->health.target, target), (unsigned long long)c->sent,
			 (unsigned long long)c->received, c->fsm.unanswered);
	if (c->conf->health.detection.profile == CONF_AUTO)
		explain_evidence(e, "detection: %s",
				 health_auto_text(&c->automatic, why, sizeof(why)));
	if (c->fsm.reply_last && c->rtt)
		explain_evidence(e, "last reply %s ago, round trip %.2f ms",
				 explain_span(usec_since(c->fsm.reply_last, now), span),
				 (double)c->rtt / 1000.0);
	explain_bfd(c, e, now);
	if (c->fsm.state == HEALTH_DOWN)
		explain_direction(c, e);
	explain_grade(c, e, now);
	explain_penalty(c, e, now);
	advise(d, t, c, e);
}

static void explain_repair(struct daemon *d, const struct tunnel *t, struct explanation *e,
			   usec_t now)
{
	const struct repair *r = repairs_of(d->repairs, &t->path);
	char span[EXPLAIN_SPAN];
	usec_t last = 0;

	for (unsigned i = 0; r && i < REPAIR_MOST; i++)
		last = usec_max(last, r->done[i]);
	if (!last)
		return;
	explain_evidence(e, "last repair (new keys, or a new connection) %s ago",
			 explain_span(usec_since(last, now), span));
	if (r->silent_since != USEC_NEVER && r->due > now && r->due != USEC_NEVER)
		explain_evidence(e, "the next one in %s at the earliest, at most %u in 10 min",
				 explain_span(usec_since(now, r->due), span), REPAIR_MOST);
}

const char *explain_tunnel(struct daemon *d, const struct tunnel *t, struct explanation *e)
{
	const struct check *c = healths_by_name(d->healths, t->path.name);
	usec_t now = clock_now();

	if (t->trouble[0] && (t->path.index || !c))
		explain_say(e, "Device %s: %s.", t->path.device, t->trouble);
	if (c)
		explain_check(d, t, c, e, now);
	explain_peer(d, &t->path, e);
	explain_ike(t, e, now);
	explain_evidence(e, "%u inbound and %u outbound SAs", t->path.sa_in, t->path.sa_out);
	explain_repair(d, t, e, now);
	explain_drops(t, e);
	return c ? check_state_word(c) : "none";
}
