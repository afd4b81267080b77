/* SPDX-License-Identifier: GPL-2.0-or-later */
/* segment(coalesce(segment(x))) is segment(x), for random streams side by side. */
#include "esp/coalesce.h"

#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "coalesce_bench.h"

static uint32_t seed;

static uint32_t pick(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

/* A super-packet as the kernel would give it to the far end, cut and fed. */
static bool send_super(struct inner *f)
{
	uint8_t *p = made;
	struct vnet_hdr v;
	struct segment s;
	struct ip_pkt ip;
	size_t len;

	f->payload = pick(8) ? 1 + pick(6000) : 0;
	f->flags = (uint8_t)(ACK | (pick(3) ? 0 : PSH) | (pick(9) ? 0 : FIN) | (pick(9) ? 0 : CWR));
	len = inner_make(f, p);
	ip = inner_decode(p, len);
	v = (struct vnet_hdr){ .flags = VNET_HDR_NEEDS_CSUM,
			       .gso_type = f->udp  ? VNET_HDR_GSO_UDP_L4
					   : f->v6 ? VNET_HDR_GSO_TCPV6
						   : VNET_HDR_GSO_TCPV4,
			       .gso_size = (uint16_t)(100 + pick(1300)),
			       .csum_start = (uint16_t)ip.header_len,
			       .csum_offset = f->udp ? 6 : 16 };
	inner_unfinish(p, len);
	assert_int_equal(segment_init(&s, (struct view){ p, len }, &ip, &v), 0);
	f->seq += (uint32_t)f->payload;
	f->id = (uint16_t)(f->id + segment_left(&s));
	f->ack += pick(4) == 0;
	while ((len = segment_next(&s, out)) > 0)
		if (!feed_bytes(pick(50) ? &tunnel_a : &tunnel_b, out, len))
			return false;
	return true;
}

/* check_conserved() compares every byte. */
static void cut_merged_and_cut_again(void **state)
{
	unsigned merged = 0;

	(void)state;
	for (unsigned run = 0; run < 300; run++) {
		struct inner flow[8];

		seed = run * 2654435761u;
		begin(true);
		for (unsigned i = 0; i < ARRAY_LEN(flow); i++) {
			flow[i] = base;
			flow[i].df = i & 1;
			flow[i].v6 = i & 2;
			flow[i].udp = i & 4;
			flow[i].tcp_options = i & 1 ? TIMESTAMPS : NULL;
		}
		for (unsigned i = 0; i < 40 && send_super(&flow[pick(8)]); i++) {
		}
		check_conserved();
		merged += fed_count - c.count;
	}
	assert_true(merged > 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_merged_and_cut_again),
	};

	return cmocka_run_group_tests(tests, NULL, clean);
}
