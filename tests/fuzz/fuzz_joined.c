/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Byte 0: the family; byte 1: how much of the rest is control data, the kernel's words about the
 * message; what is left is the message.  However it is cut, no byte is lost, given out twice, or
 * not the message's.
 */
#include "esp/joined.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond))                                                                       \
			abort();                                                                   \
	} while (0)

#define CONTROL_MAX 200u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct addr from[] = { { ADDR_V4, { 192, 0, 2, 1 } },
					    { ADDR_V6, { 0x20, 1, [15] = 1 } } };
	_Alignas(struct cmsghdr) uint8_t control[256] = { 0 };
	struct sockaddr_storage ss;
	struct endpoint peer;
	struct msghdr m = { .msg_name = &ss, .msg_control = control };
	size_t control_len, at = 0, first = 0;
	struct joined j;
	struct pkt p;
	uint8_t *text;

	if (len < 2)
		return 0;
	peer = (struct endpoint){ from[data[0] % 2], 4500 };
	control_len = data[1] % (CONTROL_MAX + 1);
	data += 2;
	len -= 2;
	control_len = control_len < len ? control_len : len;
	memcpy(control, data, control_len);
	m.msg_controllen = control_len;
	m.msg_namelen = (socklen_t)endpoint_to_sockaddr(&peer, &ss);
	len -= control_len;
	text = malloc(len ? len : 1); /* exactly so long, for the sanitizer to see */
	MUST(text);
	memcpy(text, data + control_len, len);
	MUST(joined_init(&j, IPC_SOCK_UDP4500_V4, &m, text, len));
	while (joined_next(&j, &p)) {
		MUST(p.data == text + at && p.len <= len - at);
		MUST(p.len > 0 || len == 0);
		if (at == 0)
			first = p.len;
		MUST(p.len == first || at + p.len == len);
		MUST(p.len <= first && endpoint_equal(&p.src, &peer));
		for (size_t i = 0; i < p.len; i++)
			p.data[i]++;
		at += p.len;
	}
	MUST(at == len);
	for (size_t i = 0; i < len; i++)
		MUST(text[i] == (uint8_t)(data[control_len + i] + 1));
	free(text);
	return 0;
}
