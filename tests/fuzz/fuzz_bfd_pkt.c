/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was understood can be said again, byte by byte but for reserved ones. */
#include "wire/bfd_pkt.h"

#include <stdlib.h>
#include <string.h>

#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond))                                                                       \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t again[BFD_PKT_MAX];
	struct bfd_pkt p, back;
	ssize_t n;

	if (bfd_pkt_decode((struct view){ data, len }, &p) != BFD_PKT_NONE)
		return 0;
	MUST(p.mult && p.my_discr && p.auth.len <= BFD_DIGEST && p.state <= BFD_UP);
	MUST(p.your_discr || p.state <= BFD_DOWN);
	n = bfd_pkt_encode(&p, again, sizeof(again));
	MUST(n == data[3]);
	if (p.auth.type >= BFD_AUTH_MD5)
		again[27] = data[27];
	MUST(memcmp(again, data, (size_t)n) == 0);
	MUST(bfd_pkt_decode((struct view){ again, (size_t)n }, &back) == BFD_PKT_NONE);
	MUST(back.auth.seq == p.auth.seq && back.auth.len == p.auth.len);
	return 0;
}
