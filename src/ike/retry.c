/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/retry.h"

usec_t retry_pause(uint32_t failures, uint32_t random)
{
	usec_t pause = RETRY_FIRST;

	for (uint32_t i = 1; i < failures && pause < RETRY_MOST; i++)
		pause *= 2;
	pause = usec_min(pause, RETRY_MOST);
	return pause - random % (pause / 4);
}

enum retry_do retry_decide(const struct retry_view *v, usec_t now)
{
	bool wanting = !v->ike_up || v->missing > 0;

	if (!v->initiate || v->ike_connecting || !wanting)
		return RETRY_NOTHING;
	if (now < v->not_before)
		return RETRY_WAIT;
	return v->ike_up ? RETRY_CHILDREN : RETRY_IKE;
}
