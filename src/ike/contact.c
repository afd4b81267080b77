/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/contact.h"

#include "ike/backend.h"
#include "ike/live.h"

#include <encoding/payloads/id_payload.h>
#include <encoding/payloads/notify_payload.h>

/* Two tunnels of one pair of identities (a router with two lines) would end each other. */
static bool is_shared(identification_t *peer)
{
	return peer && backend_count_id(peer) > 1;
}

static bool shared_by_message(message_t *message)
{
	id_payload_t *payload = (id_payload_t *)message->get_payload(message, PLV2_ID_INITIATOR);
	identification_t *id = payload ? payload->get_identification(payload) : NULL;
	bool shared = is_shared(id);

	DESTROY_IF(id);
	return shared;
}

/* The peer dials, too, or has just got through. */
static bool is_crossing(host_t *peer)
{
	struct addr a = ss_endpoint(peer).addr;

	return live_has_young(&a) ||
	       charon->ike_sa_manager->get_half_open_count(charon->ike_sa_manager, peer, TRUE) > 0;
}

static bool does_harm(message_t *message, ike_sa_t *ike, bool incoming)
{
	struct addr from;

	if (!incoming)
		return is_shared(ike->get_other_id(ike)) ||
		       is_crossing(message->get_destination(message));
	/* the message itself is of a half-open IKE_SA: only those that are up count */
	from = ss_endpoint(message->get_source(message)).addr;
	return live_has_young(&from) || shared_by_message(message);
}

static void take_out(message_t *message)
{
	enumerator_t *e = message->create_payload_enumerator(message);
	payload_t *payload;

	while (e->enumerate(e, &payload)) {
		notify_payload_t *notify = (notify_payload_t *)payload;

		if (payload->get_type(payload) != PLV2_NOTIFY ||
		    notify->get_notify_type(notify) != INITIAL_CONTACT)
			continue;
		message->remove_payload_at(message, e);
		payload->destroy(payload);
	}
	e->destroy(e);
}

void contact_check(message_t *message, ike_sa_t *ike, bool incoming)
{
	if (message->get_exchange_type(message) == IKE_AUTH && message->get_request(message) &&
	    message->get_notify(message, INITIAL_CONTACT) && does_harm(message, ike, incoming))
		take_out(message);
}
