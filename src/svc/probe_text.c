/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/rawsock.h"
#include "svc/health.h"
#include "svc/probe.h"
#include "wire/udp_pkt.h"

#include <stdio.h>

/* The codes that say more than "unreachable" (RFC 792, RFC 4443 3.1). */
static const char *code_text(enum addr_family family, uint8_t code)
{
	if (family == ADDR_V4)
		return code == 3 ? "port unreachable: nothing listens there"
		       : code == 13 || code == 9 || code == 10 ? "administratively prohibited"
		       : code == 1                             ? "host unreachable"
							       : "unreachable";
	return code == 4   ? "port unreachable: nothing listens there"
	       : code == 1 ? "administratively prohibited"
	       : code == 3 ? "address unreachable"
			   : "unreachable";
}

void probe_unreachable_text(struct check *c, const struct udp_quote *quote,
			    const struct rawsock_from *from)
{
	char who[ADDR_TEXT];

	if (from->index == c->path->index)
		(void)snprintf(c->detail, sizeof(c->detail), "%s says of UDP port %u: %s",
			       addr_format(&from->src, who), quote->dst.port,
			       code_text(quote->dst.addr.family, quote->code));
}
