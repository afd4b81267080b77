/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of health_fsm.h: states and causes by name, and evidence as a sentence. */
#include "fsm/health_fsm.h"

#include "fsm/span.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *health_state_name(enum health_state state)
{
	switch (state) {
	case HEALTH_NO_SA:
		return "no-sa";
	case HEALTH_ADMIN:
		return "admin";
	case HEALTH_DOWN:
		return "down";
	case HEALTH_WRONG_PATH:
		return "wrong-path";
	case HEALTH_HELD:
		return "held";
	case HEALTH_UP:
		return "up";
	case HEALTH_SUSPECT:
		return "suspect";
	}
	return "?";
}

const char *health_state_word(enum health_state state)
{
	return health_state_name(state == HEALTH_HELD ? HEALTH_DOWN : state);
}

const char *health_cause_name(enum health_cause cause)
{
	switch (cause) {
	case HEALTH_CAUSE_START:
		return "start";
	case HEALTH_CAUSE_SA_LOST:
		return "sa-lost";
	case HEALTH_CAUSE_ADMIN:
		return "admin";
	case HEALTH_CAUSE_NEVER:
		return "no-reply-yet";
	case HEALTH_CAUSE_MISSED:
		return "reply-missing";
	case HEALTH_CAUSE_QUIET:
		return "quiet";
	case HEALTH_CAUSE_SILENCE:
		return "silence";
	case HEALTH_CAUSE_NO_REPLIES:
		return "no-replies";
	case HEALTH_CAUSE_COLLAPSE:
		return "collapse";
	case HEALTH_CAUSE_NOT_FIT:
		return "not-fit";
	case HEALTH_CAUSE_UNREACHABLE:
		return "unreachable";
	case HEALTH_CAUSE_UNHEARD:
		return "unheard";
	case HEALTH_CAUSE_WRONG_PATH:
		return "wrong-path";
	case HEALTH_CAUSE_RELAPSE:
		return "relapse";
	case HEALTH_CAUSE_RETURNED:
		return "returned";
	case HEALTH_CAUSE_FIRST:
		return "first-replies";
	case HEALTH_CAUSE_RESTORED:
		return "restored";
	case HEALTH_CAUSE_ANSWERED:
		return "answered";
	case HEALTH_CAUSE_LINK:
		return "link";
	case HEALTH_CAUSE_UNPROBED:
		return "unprobed";
	}
	return "?";
}

/* "last reply 2.01 s ago", or "no reply so far" */
static const char *reply_text(const struct health_evidence *e, char *out, size_t size)
{
	char span[SPAN_TEXT];

	if (e->reply_age == USEC_NEVER)
		snprintf(out, size, "no reply so far");
	else
		snprintf(out, size, "last reply %s ago", span_format(e->reply_age, span));
	return out;
}

static const char *life_text(const struct health_evidence *e, char *out, size_t size)
{
	char span[SPAN_TEXT];

	if (e->life_age == USEC_NEVER)
		snprintf(out, size, "no authenticated packet so far");
	else
		snprintf(out, size, "last authenticated packet %s ago",
			 span_format(e->life_age, span));
	return out;
}

static const char *probes_text(unsigned unanswered, char *out, size_t size)
{
	snprintf(out, size, "%u probe%s unanswered", unanswered, unanswered == 1 ? "" : "s");
	return out;
}

static void held_text(const struct health_evidence *e, char *out, size_t size)
{
	char hold[SPAN_TEXT], penalty[SPAN_TEXT];

	if (e->hold == 0)
		snprintf(out, size, "replies come: used after %u in a row", HEALTH_STREAK);
	else if (e->penalty == 0)
		snprintf(out, size, "replies come again: used after %s without a fault",
			 span_format(e->hold, hold));
	else
		snprintf(out, size,
			 "replies come again: used after %s without a fault, %s of it because it "
			 "failed so often",
			 span_format(e->hold, hold), span_format(e->penalty, penalty));
}

static void down_text(const struct health_evidence *e, char *out, size_t size)
{
	char reply[64], life[64], probes[40];

	reply_text(e, reply, sizeof(reply));
	life_text(e, life, sizeof(life));
	probes_text(e->unanswered, probes, sizeof(probes));
	switch (e->cause) {
	case HEALTH_CAUSE_SILENCE:
		snprintf(out, size, "silence: %s, %s", life, probes);
		break;
	case HEALTH_CAUSE_NO_REPLIES:
		snprintf(out, size, "no replies though the peer's traffic arrives: %s, %s, %s",
			 reply, probes, life);
		break;
	case HEALTH_CAUSE_COLLAPSE:
		snprintf(out, size,
			 "replies and traffic stopped together: %s, %s, %" PRIu64
			 " packets since then where %" PRIu64 " are usual",
			 reply, probes, e->packets, e->packets_usual);
		break;
	case HEALTH_CAUSE_NOT_FIT:
		snprintf(out, size, "the peer says: %s (%s)", e->said ? e->said : "not fit", reply);
		break;
	case HEALTH_CAUSE_UNREACHABLE:
		snprintf(out, size, "a router on the way says that the target is unreachable (%s)",
			 reply);
		break;
	case HEALTH_CAUSE_UNHEARD:
		snprintf(out, size,
			 "the peer says that nothing of ours arrives: the way there is dead, the "
			 "way "
			 "back works (%s)",
			 reply);
		break;
	case HEALTH_CAUSE_RELAPSE:
		snprintf(out, size, "replies went missing again during the restore time: %s, %s",
			 reply, probes);
		break;
	default:
		snprintf(out, size, "%s", health_cause_name(e->cause));
		break;
	}
}

const char *health_evidence_text(const struct health_evidence *e, char *out, size_t size)
{
	char a[64], b[64];

	switch (e->cause) {
	case HEALTH_CAUSE_START:
		snprintf(out, size, "there is no SA yet");
		break;
	case HEALTH_CAUSE_SA_LOST:
		snprintf(out, size, "the last SA is gone (%s)", life_text(e, a, sizeof(a)));
		break;
	case HEALTH_CAUSE_ADMIN:
		snprintf(out, size, "switched off by hand");
		break;
	case HEALTH_CAUSE_NEVER:
		snprintf(out, size, "there is an SA, but no reply by it yet");
		break;
	case HEALTH_CAUSE_MISSED:
		snprintf(out, size, "a reply is missing: %s, %s", reply_text(e, a, sizeof(a)),
			 probes_text(e->unanswered, b, sizeof(b)));
		break;
	case HEALTH_CAUSE_QUIET:
		snprintf(out, size, "it is quiet: %s", life_text(e, a, sizeof(a)));
		break;
	case HEALTH_CAUSE_WRONG_PATH:
		/* Which one: e->device, for those who can look up its name. */
		snprintf(out, size, "replies come by another device and not by this tunnel's: %s",
			 reply_text(e, a, sizeof(a)));
		break;
	case HEALTH_CAUSE_RETURNED:
		held_text(e, out, size);
		break;
	case HEALTH_CAUSE_FIRST:
		snprintf(out, size, "%u replies in a row", e->replies);
		break;
	case HEALTH_CAUSE_RESTORED:
		snprintf(out, size, "no fault during the restore time: %u replies in a row",
			 e->replies);
		break;
	case HEALTH_CAUSE_ANSWERED:
		snprintf(out, size, "replies come (%u in a row)", e->replies);
		break;
	case HEALTH_CAUSE_LINK:
		snprintf(out, size, "the line's own interface is down: %s", e->link);
		break;
	case HEALTH_CAUSE_UNPROBED:
		snprintf(out, size, "there is an SA; no health check is configured");
		break;
	case HEALTH_CAUSE_SILENCE:
	case HEALTH_CAUSE_NO_REPLIES:
	case HEALTH_CAUSE_COLLAPSE:
	case HEALTH_CAUSE_NOT_FIT:
	case HEALTH_CAUSE_UNREACHABLE:
	case HEALTH_CAUSE_UNHEARD:
	case HEALTH_CAUSE_RELAPSE:
		down_text(e, out, size);
		break;
	}
	return out;
}

const char *health_cause_text(const struct health *h, char *out, size_t size)
{
	char why[256], fault[256];

	health_evidence_text(&h->why, why, sizeof(why));
	if (h->fault.at == 0 || health_is_usable(h) || h->fault.at == h->why.at) {
		snprintf(out, size, "%s", why);
		return out;
	}
	/* What it waits for now says little without what it failed of. */
	health_evidence_text(&h->fault, fault, sizeof(fault));
	snprintf(out, size, "%s; it failed by: %s", why, fault);
	return out;
}
