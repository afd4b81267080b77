/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/answer.h"

#include "wire/icmp_pkt.h"

const struct ipc_answer *answer_find(const struct ipc_answers *answers, const struct addr *dst)
{
	for (unsigned i = 0; i < answers->count; i++)
		if (addr_equal(&answers->list[i].addr, dst))
			return &answers->list[i];
	return NULL;
}

size_t answer_build(const struct ipc_answers *answers, bool alone, struct view packet, uint8_t *out,
		    size_t cap)
{
	const struct ipc_answer *a;
	struct addr src, dst;
	ssize_t len;

	if (answers->count == 0 || !icmp_is_echo_request(packet, &src, &dst))
		return 0;
	a = answer_find(answers, &dst);
	if (!a)
		return 0;
	if (alone ? a->fit_alone : a->fit)
		len = icmp_build_reply(packet, out, cap);
	else
		len = icmp_build_unreachable(packet, out, cap);
	return len > 0 ? (size_t)len : 0;
}
