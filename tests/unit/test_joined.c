/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/joined.h"

#include "base/list.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A message as the kernel fills it. */
struct given {
	struct msghdr m;
	struct sockaddr_storage from;
	_Alignas(struct cmsghdr) uint8_t control[256];
	uint8_t data[8192];
};

static void put(struct given *g, int level, int type, const void *value, size_t len)
{
	struct cmsghdr *c = (struct cmsghdr *)(void *)(g->control + g->m.msg_controllen);

	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), value, len);
	g->m.msg_controllen += CMSG_SPACE(len);
}

static void start(struct given *g, const struct endpoint *from)
{
	memset(g, 0, sizeof(*g));
	g->m.msg_name = &g->from;
	g->m.msg_namelen = (socklen_t)endpoint_to_sockaddr(from, &g->from);
	g->m.msg_control = g->control;
	for (size_t i = 0; i < sizeof(g->data); i++)
		g->data[i] = (uint8_t)(i * 7);
}

static const struct endpoint peer4 = { { ADDR_V4, { 192, 0, 2, 7 } }, 61234 };
static const struct endpoint peer6 = { { ADDR_V6, { 0x20, 1, 0xd, 0xb8, [15] = 7 } }, 4500 };

static const struct row {
	size_t len;
	int segment; /* 0: none is told */
	unsigned packets;
	size_t last;
} rows[] = {
	{ 1436, 0, 1, 1436 }, /* one datagram */
	{ (size_t)1436 * 5, 1436, 5, 1436 },
	{ (size_t)1436 * 4 + 90, 1436, 5, 90 },
	{ (size_t)1436 * 4 + 1, 1436, 5, 1 },
	{ 100, 1436, 1, 100 }, /* one, though its length is told */
	{ 3, 1, 3, 1 },
	{ 0, 0, 1, 0 }, /* an empty datagram is one */
	{ 0, 1436, 1, 0 },
	{ 500, -1, 1, 500 }, /* no length: what the kernel never says changes nothing */
};

static void cut_where_the_kernel_joined(void **state)
{
	static struct given g;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *r = &rows[i];
		struct joined j;
		struct pkt p;
		size_t at = 0;

		start(&g, &peer4);
		if (r->segment)
			put(&g, IPPROTO_UDP, UDP_GRO, &r->segment, sizeof(r->segment));
		assert_true(joined_init(&j, IPC_SOCK_UDP4500_V4, &g.m, g.data, r->len));
		for (unsigned n = 1; n <= r->packets; n++) {
			assert_true(joined_next(&j, &p));
			assert_ptr_equal(p.data, g.data + at);
			assert_int_equal(p.len, n == r->packets ? r->last : (size_t)r->segment);
			assert_true(endpoint_equal(&p.src, &peer4));
			assert_int_equal(p.sock, IPC_SOCK_UDP4500_V4);
			assert_int_equal(p.joined, r->packets > 1);
			at += p.len;
		}
		assert_int_equal(at, r->len);
		assert_false(joined_next(&j, &p));
	}
}

/* Every packet has what was said of all of them, also when one of them was moved by its reader. */
static void all_know_where_they_came_from(void **state)
{
	static struct given g;
	struct in_pktinfo info4 = { .ipi_spec_dst = { htonl(0x0a000001) },
				    .ipi_addr = { htonl(0xc0000201) } };
	struct in6_pktinfo info6 = { .ipi6_ifindex = 3 };
	const struct addr here4 = { ADDR_V4, { 192, 0, 2, 1 } };
	struct addr here6 = { ADDR_V6, { 0x20, 1, 0xd, 0xb8, [15] = 1 } };
	const uint8_t tos4 = 0xc3;
	const int tos6 = 0x2e, segment = 100;
	struct joined j;
	struct pkt p;

	(void)state;
	start(&g, &peer4);
	put(&g, IPPROTO_UDP, UDP_GRO, &segment, sizeof(segment));
	put(&g, IPPROTO_IP, IP_TOS, &tos4, sizeof(tos4)); /* one byte: the kernel's habit */
	put(&g, IPPROTO_IP, IP_PKTINFO, &info4, sizeof(info4));
	assert_true(joined_init(&j, IPC_SOCK_EXPRESS_V4, &g.m, g.data, 250));
	for (unsigned n = 0; n < 3; n++) {
		assert_true(joined_next(&j, &p));
		assert_int_equal(p.tos, 0xc3);
		assert_true(addr_equal(&p.dst.addr, &here4));
		assert_int_equal(p.len, n < 2 ? 100 : 50);
		p.data += 8; /* as opening does */
		p.len = 0;
		p.tos = 0;
	}
	start(&g, &peer6);
	memcpy(&info6.ipi6_addr, here6.bytes, 16);
	put(&g, IPPROTO_IPV6, IPV6_PKTINFO, &info6, sizeof(info6));
	put(&g, IPPROTO_IPV6, IPV6_TCLASS, &tos6, sizeof(tos6));
	put(&g, SOL_SOCKET, SCM_TIMESTAMP, &segment, sizeof(segment)); /* not asked for */
	assert_true(joined_init(&j, IPC_SOCK_UDP4500_V6, &g.m, g.data, 250));
	assert_true(joined_next(&j, &p));
	assert_int_equal(p.tos, 0x2e);
	assert_true(addr_equal(&p.dst.addr, &here6) && endpoint_equal(&p.src, &peer6));
	assert_int_equal(p.len, 250);
	assert_false(joined_next(&j, &p));
}

/* A message that keeps something of itself back could be cut in the wrong places. */
static void in_doubt_nothing(void **state)
{
	static struct given g;
	const int segment = 100;
	struct joined j;
	struct pkt p;

	(void)state;
	start(&g, &peer4);
	g.m.msg_flags = MSG_CTRUNC;
	assert_false(joined_init(&j, IPC_SOCK_UDP4500_V4, &g.m, g.data, 1000));
	start(&g, &peer4);
	g.m.msg_namelen = 0;
	assert_false(joined_init(&j, IPC_SOCK_UDP4500_V4, &g.m, g.data, 1000));
	/* Shorter than it must be: not believed. */
	start(&g, &peer4);
	put(&g, IPPROTO_UDP, UDP_GRO, &segment, 2);
	assert_true(joined_init(&j, IPC_SOCK_UDP4500_V4, &g.m, g.data, 1000));
	assert_true(joined_next(&j, &p) && p.len == 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_where_the_kernel_joined),
		cmocka_unit_test(all_know_where_they_came_from),
		cmocka_unit_test(in_doubt_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
