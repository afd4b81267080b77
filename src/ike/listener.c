/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every function here runs in one of charon's threads, with the IKE_SA it is about checked out and
 * the bus locked: short, and nothing that calls back into charon.
 */
#include "ike/listener.h"

#include "ike/backend.h"
#include "ike/contact.h"
#include "ike/lane.h"
#include "ike/live.h"
#include "ike/outbox.h"
#include "ike/words.h"
#include "io/loop.h"

#include <stdio.h>

/* charon's name for "no connection yet" starts so; names of ours cannot. */
static const char *name_of(ike_sa_t *ike, char guess[static IPC_NAME])
{
	const char *name = ike ? ike->get_name(ike) : "(";

	if (name[0] != '(')
		return name;
	if (ike && backend_name_of(ike->get_other_host(ike), guess))
		return guess;
	return "";
}

/* charon counts seconds of the same clock. */
static usec_t established_at(ike_sa_t *ike)
{
	return (usec_t)ike->get_statistic(ike, STAT_ESTABLISHED) * USEC_PER_SEC;
}

static struct live_ike describe(ike_sa_t *ike, ike_sa_state_t state)
{
	struct live_ike is = {
		.unique = ike->get_unique_id(ike),
		.up = state == IKE_ESTABLISHED || state == IKE_REKEYING,
		.going = state == IKE_REKEYED || state == IKE_DELETING,
		.ours = ike->has_condition(ike, COND_ORIGINAL_INITIATOR),
		.nat_local = ike->has_condition(ike, COND_NAT_HERE),
		.nat_remote = ike->has_condition(ike, COND_NAT_THERE),
		.version = (uint8_t)ike->get_version(ike),
		.local = ss_endpoint(ike->get_my_host(ike)),
		.remote = ss_endpoint(ike->get_other_host(ike)),
	};

	if (is.up) {
		is.established = established_at(ike);
		ss_print(is.remote_id, sizeof(is.remote_id), "%Y", ike->get_other_id(ike));
		words_suite(ike->get_proposal(ike), is.suite, sizeof(is.suite));
	}
	return is;
}

static bool on_ike_state(listener_t *this, ike_sa_t *ike, ike_sa_state_t state)
{
	char guess[IPC_NAME], why[IPC_TEXT];
	struct live_ike is;

	(void)this;
	if (state == IKE_DESTROYING) {
		words_ended(ike, why, sizeof(why));
		if (live_ike_gone(ike->get_unique_id(ike), why))
			outbox_event(name_of(ike, guess), IPC_IKE_EV_FAILED, "%s", why);
		return TRUE;
	}
	if (ike->get_name(ike)[0] == '(')
		return TRUE; /* a stranger, until it has proved who it is */
	is = describe(ike, state);
	live_set_ike(name_of(ike, guess), &is, ike->get_id(ike));
	return TRUE;
}

static bool on_child_state(listener_t *this, ike_sa_t *ike, child_sa_t *child,
			   child_sa_state_t state)
{
	char guess[IPC_NAME];
	const char *name = name_of(ike, guess);
	struct live_child is = { .unique = child->get_unique_id(child),
				 .up = state == CHILD_INSTALLED || state == CHILD_REKEYING ||
				       state == CHILD_UPDATING };

	(void)this;
	if (state == CHILD_DESTROYING) {
		live_child_gone(is.unique);
		return TRUE;
	}
	if (!ike || state < CHILD_INSTALLED)
		return TRUE;
	is.ike = ike->get_unique_id(ike);
	is.encap = child->has_encap(child);
	is.spi_out = child->get_spi(child, FALSE);
	is.remote = ss_endpoint(ike->get_other_host(ike)).addr;
	is.index = tunnel_child_index(child->get_name(child), name);
	words_suite(child->get_proposal(child), is.suite, sizeof(is.suite));
	live_set_child(name, &is);
	return TRUE;
}

static bool on_ike_updown(listener_t *this, ike_sa_t *ike, bool up)
{
	char guess[IPC_NAME], id[128], suite[IPC_TEXT], peer[ENDPOINT_TEXT];
	struct endpoint e = ss_endpoint(ike->get_other_host(ike));
	const char *name = name_of(ike, guess);

	(void)this;
	if (!up && !ike->get_statistic(ike, STAT_ESTABLISHED))
		return TRUE; /* it never was up; why not, has been said */
	ss_print(id, sizeof(id), "%Y", ike->get_other_id(ike));
	words_suite(ike->get_proposal(ike), suite, sizeof(suite));
	endpoint_format(&e, peer);
	if (up)
		outbox_event(name, IPC_IKE_EV_UP, "IKEv%u with %s (%.100s) up: %.80s",
			     ike->get_version(ike), peer, id, suite);
	else
		outbox_event(name, IPC_IKE_EV_DOWN, "IKEv%u with %s (%.100s) down",
			     ike->get_version(ike), peer, id);
	return TRUE;
}

static void child_text(child_sa_t *child, char *out, size_t size)
{
	linked_list_t *local, *remote;
	char suite[128];

	words_suite(child->get_proposal(child), suite, sizeof(suite));
	local = linked_list_create_from_enumerator(child->create_ts_enumerator(child, TRUE));
	remote = linked_list_create_from_enumerator(child->create_ts_enumerator(child, FALSE));
	ss_print(out, size, "%s %08x in, %08x out, %#R === %#R, %s", child->get_name(child),
		 ntohl(child->get_spi(child, TRUE)), ntohl(child->get_spi(child, FALSE)), local,
		 remote, suite);
	local->destroy(local);
	remote->destroy(remote);
}

static bool on_child_updown(listener_t *this, ike_sa_t *ike, child_sa_t *child, bool up)
{
	char guess[IPC_NAME], text[400];

	(void)this;
	child_text(child, text, sizeof(text));
	outbox_event(name_of(ike, guess), up ? IPC_IKE_EV_CHILD_UP : IPC_IKE_EV_CHILD_DOWN, "%s",
		     text);
	return TRUE;
}

static bool on_child_rekey(listener_t *this, ike_sa_t *ike, child_sa_t *old, child_sa_t *new)
{
	char guess[IPC_NAME], text[400];

	(void)this;
	(void)old;
	child_text(new, text, sizeof(text));
	outbox_event(name_of(ike, guess), IPC_IKE_EV_CHILD_REKEYED, "%s", text);
	return TRUE;
}

static bool on_ike_rekey(listener_t *this, ike_sa_t *old, ike_sa_t *new)
{
	char guess[IPC_NAME], suite[IPC_TEXT];
	const char *name = name_of(new, guess);
	struct live_ike is = describe(new, IKE_ESTABLISHED);

	(void)this;
	words_suite(new->get_proposal(new), suite, sizeof(suite));
	live_set_ike(name, &is, new->get_id(new));
	live_ike_replaced(old->get_unique_id(old), is.unique);
	outbox_event(name, IPC_IKE_EV_IKE_REKEYED, "IKE_SA %u replaced by %u: %s",
		     old->get_unique_id(old), is.unique, suite);
	return TRUE;
}

static bool on_ike_update(listener_t *this, ike_sa_t *ike, host_t *local, host_t *remote)
{
	char guess[IPC_NAME], was[ENDPOINT_TEXT], now[ENDPOINT_TEXT];
	struct endpoint e = ss_endpoint(ike->get_other_host(ike)), f = ss_endpoint(remote);
	const char *name = name_of(ike, guess);
	struct live_ike is = describe(ike, ike->get_state(ike));

	(void)this;
	/* IKEv2 moves to port 4500 as it comes up: that is no news. */
	if (is.up)
		outbox_event(name, IPC_IKE_EV_NAT, "the peer moved from %s to %s",
			     endpoint_format(&e, was), endpoint_format(&f, now));
	is.local = ss_endpoint(local);
	is.remote = f;
	if (*name && ike->get_state(ike) != IKE_CREATED)
		live_set_ike(name, &is, ike->get_id(ike));
	return TRUE;
}

static bool on_alert(listener_t *this, ike_sa_t *ike, alert_t alert, va_list args)
{
	char guess[IPC_NAME], text[400], peer[ENDPOINT_TEXT] = "-";
	usec_t since = ike ? live_ike_since(ike->get_unique_id(ike)) : 0;
	struct endpoint e;
	const char *name;

	(void)this;
	switch (words_alert(ike, alert, args, since, clock_now(), text, sizeof(text))) {
	case WORDS_NOTHING:
		break;
	case WORDS_STRAY:
		if (ike) {
			e = ss_endpoint(ike->get_other_host(ike));
			endpoint_format(&e, peer);
		}
		outbox_stray(peer);
		break;
	case WORDS_TROUBLE:
		name = name_of(ike, guess);
		if (live_trouble(name, ike ? ike->get_unique_id(ike) : 0, text))
			outbox_event(name, IPC_IKE_EV_FAILED, "%s", text);
		break;
	}
	return TRUE;
}

static bool on_message(listener_t *this, ike_sa_t *ike, message_t *message, bool incoming,
		       bool plain)
{
	char guess[IPC_NAME], text[400];

	(void)this;
	if (!ike || !plain)
		return TRUE;
	contact_check(message, ike, incoming);
	if (!incoming)
		return TRUE;
	words_note_message(message);
	lane_note_message(message);
	if (words_refused_v1(ike, text, sizeof(text))) {
		const char *name = name_of(ike, guess);

		if (live_trouble(name, ike->get_unique_id(ike), text))
			outbox_event(name, IPC_IKE_EV_FAILED, "%s", text);
	}
	return TRUE;
}

static listener_t listener = { .alert = on_alert,
			       .ike_state_change = on_ike_state,
			       .child_state_change = on_child_state,
			       .message = on_message,
			       .ike_updown = on_ike_updown,
			       .ike_rekey = on_ike_rekey,
			       .ike_update = on_ike_update,
			       .child_updown = on_child_updown,
			       .child_rekey = on_child_rekey };

void listener_init(void)
{
	charon->bus->add_listener(charon->bus, &listener);
}

void listener_done(void)
{
	charon->bus->remove_listener(charon->bus, &listener);
}
