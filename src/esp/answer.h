/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Health checks that arrive in a tunnel are answered here, back through that same tunnel: the
 * kernel would send the reply by whatever route is in use, and one path would speak for another.
 */
#ifndef ESP_ANSWER_H
#define ESP_ANSWER_H

#include "base/buf.h"
#include "wire/ipc_msg.h"

/* What is said for this address: NULL when it is none of ours. */
const struct ipc_answer *answer_find(const struct ipc_answers *answers, const struct addr *dst);
/*
 * Builds the answer to `packet` (which may be the longest there is) into out: its length, 0 when
 * the packet is no echo request to an address of the list and has to be delivered.
 */
size_t answer_build(const struct ipc_answers *answers, bool alone, struct view packet, uint8_t *out,
		    size_t cap);

#endif
