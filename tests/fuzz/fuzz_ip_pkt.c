/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as an inner packet: what decodes keeps its promises, changes of traffic class and MSS
 * stay inside it, fragments add up to it, and errors about it are sound packets themselves.
 */
#include "wire/ip_pkt.h"

#include "base/csum.h"
#include "esp/mss.h"

#include <stdlib.h>
#include <string.h>

#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond))                                                                       \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void fragments(struct view v, const struct ip_pkt *ip, size_t mtu)
{
	uint8_t *out = malloc(mtu);
	size_t n, sum = 0;
	struct ip_frag f;

	MUST(out);
	if (ip_frag_init(&f, v, ip, mtu) == 0)
		while ((n = ip_frag_next(&f, out)) > 0) {
			struct ip_pkt part;

			MUST(n <= mtu);
			MUST(ip_pkt_decode((struct view){ out, n }, &part) == 0);
			MUST(part.len == n && n > part.header_len);
			MUST(csum_finish(csum_add(0, out, part.header_len)) == 0);
			sum += n - part.header_len;
		}
	free(out);
	MUST(sum == 0 || sum == ip->len - ip->header_len);
}

static void errors(struct view v, const struct ip_pkt *ip)
{
	uint8_t out[IP_TOO_BIG_MAX];
	size_t n = ip_too_big_build(v, ip, 1280, out);
	struct ip_pkt e;

	if (n == 0)
		return;
	MUST(ip_pkt_decode((struct view){ out, n }, &e) == 0 && e.len == n);
	MUST(addr_equal(&e.dst, &ip->src));
	/* An error is never answered with another. */
	MUST(ip_too_big_build((struct view){ out, n }, &e, 1280, out) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ip_pkt ip, again;
	uint8_t *p;

	if (len < 2 || len > 70000)
		return 0;
	p = malloc(len - 2); /* as long as it is: the sanitizer sees one byte too far */
	MUST(p || len == 2);
	if (len > 2)
		memcpy(p, data + 2, len - 2);
	if (ip_pkt_decode((struct view){ p, len - 2 }, &ip) == 0) {
		struct view v = { p, ip.len };

		MUST(ip.len <= len - 2 && ip.header_len <= ip.len);
		errors(v, &ip);
		fragments(v, &ip, 20u + data[0] * 8u);
		mss_clamp(p, &ip, 1360);
		ip_pkt_set_tos(p, data[1]);
		MUST(ip_pkt_decode(v, &again) == 0);
		MUST(again.tos == data[1] && again.len == ip.len);
	}
	free(p);
	return 0;
}
