/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A tunnel may have several CHILD_SAs of equal selectors, each in another futae-esp: its lanes.
 * charon asks for an SPI before it tells what for, and the SPI decides which lane it will be; so
 * what this thread works on is looked at.  New keys stay in the lane of the old ones.
 */
#ifndef IKE_LANE_H
#define IKE_LANE_H

#include "ike/ss.h"
#include "wire/ipc_msg.h"

struct lanes {
	uint32_t if_id; /* of the tunnel */
	unsigned count; /* at least 1, at most the workers */
	unsigned workers;
};

/* Those of the tunnel whose IKE_SA this thread works on; false when that is not known. */
bool lanes_at_work(struct lanes *out);
/* Is this worker one of the tunnel's? */
bool lanes_have(const struct lanes *l, unsigned worker);
/* The worker that a new SPI is to be of. */
unsigned lanes_choose(const struct lanes *l);
/* The peer's message that this thread works on from now on. */
void lane_note_message(message_t *message);

#endif
