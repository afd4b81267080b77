/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of packets as the kernel takes some, none, or refuses: sendmmsg() and what tells of
 * paths are the test's (-Wl,--wrap), so every answer can be given in any order.
 */
#include "esp/outbox_send.h"

#include "base/list.h"
#include "esp/esp.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/udp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define FD 4500
#define CALLS 64
#define MESSAGES 256

/* What sendmmsg() does when it is called the next time. */
struct answer {
	int takes; /* messages, < 0: all */
	int error; /* instead */
};

static struct {
	struct answer answer[CALLS];
	unsigned answers, calls;
	struct sent {
		unsigned call;
		size_t len;
		uint16_t segment, port;
		uint8_t first; /* byte */
	} sent[MESSAGES]; /* what was taken, in order */
	unsigned count;
	unsigned offered[CALLS];
	unsigned mtu; /* what the error queue tells next, 0: it is empty */
	int discover[CALLS]; /* what path MTU discovery was set to */
	unsigned discovers;
} kernel;

static struct esp *esp;
static struct tunnel tunnel, other;
static int tun_far_end;

int __real_setsockopt(int fd, int level, int option, const void *value, socklen_t len);
int __wrap_sendmmsg(int fd, struct mmsghdr *msg, unsigned n, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *m, int flags);
int __wrap_setsockopt(int fd, int level, int option, const void *value, socklen_t len);

static uint16_t segment_of(struct msghdr *m)
{
	uint16_t segment = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
		if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_SEGMENT)
			memcpy(&segment, CMSG_DATA(c), sizeof(segment));
	return segment;
}

static void note_sent(struct mmsghdr *msg)
{
	struct msghdr *m = &msg->msg_hdr;
	struct sockaddr_in to;

	assert_true(kernel.count < MESSAGES);
	assert_int_equal(m->msg_iovlen, 1);
	assert_int_equal(m->msg_namelen, sizeof(to));
	memcpy(&to, m->msg_name, sizeof(to));
	kernel.sent[kernel.count++] =
		(struct sent){ kernel.calls, m->msg_iov->iov_len, segment_of(m), ntohs(to.sin_port),
			       *(uint8_t *)m->msg_iov->iov_base };
}

int __wrap_sendmmsg(int fd, struct mmsghdr *msg, unsigned n, int flags)
{
	struct answer a = { -1, 0 };

	assert_int_equal(fd, FD);
	assert_true(n > 0 && flags & MSG_DONTWAIT && flags & MSG_NOSIGNAL);
	assert_true(kernel.calls < CALLS);
	if (kernel.calls < kernel.answers)
		a = kernel.answer[kernel.calls];
	kernel.offered[kernel.calls] = n;
	if (a.takes >= 0 && (unsigned)a.takes < n)
		n = (unsigned)a.takes;
	if (!a.error)
		for (unsigned i = 0; i < n; i++)
			note_sent(&msg[i]);
	kernel.calls++;
	errno = a.error;
	return a.error ? -1 : (int)n;
}

/* The error queue, with at most one message: a router's word about the path. */
ssize_t __wrap_recvmsg(int fd, struct msghdr *m, int flags)
{
	const struct sockaddr_in peer = { .sin_family = AF_INET,
					  .sin_addr = { htonl(0xc0000202) },
					  .sin_port = htons(4500) };
	struct sock_extended_err e = { .ee_errno = EMSGSIZE, .ee_info = kernel.mtu };
	struct cmsghdr *c = m->msg_control;

	assert_true(fd == FD && flags & MSG_ERRQUEUE);
	if (!kernel.mtu) {
		errno = EAGAIN;
		return -1;
	}
	memcpy(m->msg_name, &peer, sizeof(peer));
	m->msg_namelen = sizeof(peer);
	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_RECVERR;
	c->cmsg_len = CMSG_LEN(sizeof(e));
	memcpy(CMSG_DATA(c), &e, sizeof(e));
	m->msg_controllen = CMSG_SPACE(sizeof(e));
	kernel.mtu = 0;
	return 0;
}

int __wrap_setsockopt(int fd, int level, int option, const void *value, socklen_t len)
{
	if (fd != FD)
		return __real_setsockopt(fd, level, option, value, len);
	assert_int_equal(option, IP_MTU_DISCOVER);
	assert_true(len == sizeof(int) && kernel.discovers < CALLS);
	memcpy(&kernel.discover[kernel.discovers++], value, sizeof(int));
	return 0;
}

static int setup(void **state)
{
	static const struct hash_key key;
	int pair[2];

	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	esp = calloc(1, sizeof(*esp));
	assert_non_null(esp);
	sadb_init(&esp->db, &key, NULL);
	esp->now = 1000 * USEC_PER_SEC;
	for (unsigned i = 0; i < IPC_SOCK_COUNT; i++)
		esp->sock[i].fd = FD;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
				    pair),
			 0);
	tun_far_end = pair[1];
	tunnel = (struct tunnel){ .tun_fd = pair[0], .esp = esp };
	other = (struct tunnel){ .tun_fd = -1, .esp = esp };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	(void)close(tunnel.tun_fd);
	(void)close(tun_far_end);
	free(esp);
	return 0;
}

static void answers(const struct answer *a, unsigned n)
{
	memcpy(kernel.answer, a, n * sizeof(*a));
	kernel.answers = n;
}

static struct leave way(struct tunnel *t)
{
	return (struct leave){ .tunnel = t,
			       .src = { { ADDR_V4, { 192, 0, 2, 1 } }, 4500 },
			       .dst = { { ADDR_V4, { 192, 0, 2, 2 } }, 4500 },
			       .sock = IPC_SOCK_UDP4500_V4 };
}

/* One packet whose bytes are all `mark`, ten of them not the inner packet's. */
static void put(const struct leave *how, size_t len, uint8_t mark)
{
	memset(outbox_place(esp, how, len), mark, len);
	outbox_commit(esp, len - 10);
}

/* A run: so many packets of a length, and a shorter one behind where `last` is not 0. */
static void put_run(const struct leave *how, unsigned n, size_t len, size_t last, uint8_t mark)
{
	for (unsigned i = 0; i < n; i++)
		put(how, len, (uint8_t)(mark + i));
	if (last)
		put(how, last, (uint8_t)(mark + n));
}

static void check_sent(unsigned i, size_t len, uint16_t segment, uint8_t first)
{
	assert_true(i < kernel.count);
	assert_int_equal(kernel.sent[i].len, len);
	assert_int_equal(kernel.sent[i].segment, segment);
	assert_int_equal(kernel.sent[i].first, first);
}

static uint64_t dropped(const struct tunnel *t)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < IPC_DROP_COUNT; i++)
		sum += t->stats.drops[i];
	return sum;
}

/* Runs are one message each, and all of them one call. */
static void runs_leave_together(void **state)
{
	struct leave a = way(&tunnel), b = way(&other);

	(void)state;
	b.dst.port = 61000;
	put_run(&a, 3, 1400, 700, 10);
	put_run(&b, 2, 900, 0, 50);
	put(&a, 1000, 90);
	outbox_flush(esp);
	assert_int_equal(kernel.calls, 1);
	assert_int_equal(kernel.count, 3);
	check_sent(0, 3 * 1400 + 700, 1400, 10);
	check_sent(1, 1800, 900, 50);
	check_sent(2, 1000, 0, 90); /* alone: nothing to cut */
	assert_int_equal(kernel.sent[1].port, 61000);
	assert_true(tunnel.stats.out_packets == 5 && other.stats.out_packets == 2);
	assert_int_equal(tunnel.stats.out_bytes, 3 * 1390 + 690 + 990);
	assert_true(dropped(&tunnel) == 0 && dropped(&other) == 0);
	assert_true(tunnel.encap_sent == esp->now && esp->out.count == 0);
}

/* The kernel stops somewhere: what is left is offered again, in order, and nothing twice. */
static void what_was_not_taken_is_offered_again(void **state)
{
	static const struct answer some[] = { { 2, 0 }, { 1, 0 }, { -1, 0 } };
	struct leave a = way(&tunnel), b = way(&other);

	(void)state;
	answers(some, ARRAY_LEN(some));
	for (uint8_t i = 0; i < 3; i++) {
		put(&a, 1400, i);
		put(&b, 1400, (uint8_t)(i + 100));
	}
	outbox_flush(esp);
	assert_int_equal(kernel.calls, 3);
	assert_true(kernel.offered[0] == 6 && kernel.offered[1] == 4 && kernel.offered[2] == 3);
	assert_int_equal(kernel.count, 6);
	for (uint8_t i = 0; i < 6; i++)
		check_sent(i, 1400, 0, (uint8_t)(i / 2 + (i % 2 ? 100 : 0)));
	assert_true(tunnel.stats.out_packets == 3 && other.stats.out_packets == 3);
	assert_true(dropped(&tunnel) == 0 && dropped(&other) == 0);
}

/* A full socket: dropped and counted, each run of its own, and no endless trying. */
static void a_full_socket_drops(void **state)
{
	static const int errors[] = { EAGAIN, ENOBUFS, ENOMEM };

	(void)state;
	for (size_t e = 0; e < ARRAY_LEN(errors); e++) {
		const struct answer full[] = { { 0, errors[e] }, { 0, errors[e] }, { -1, 0 } };
		struct leave a = way(&tunnel), b = way(&other);
		uint64_t before = tunnel.stats.drops[IPC_DROP_QUEUE];

		kernel.calls = kernel.count = 0;
		answers(full, ARRAY_LEN(full));
		put_run(&a, 4, 1400, 0, 10);
		put_run(&b, 2, 1400, 0, 50);
		outbox_flush(esp);
		assert_int_equal(kernel.calls, 3);
		assert_int_equal(tunnel.stats.drops[IPC_DROP_QUEUE], before + 4);
		assert_int_equal(kernel.count, 1); /* for the next there was room again */
		check_sent(0, 2800, 1400, 50);
	}
	assert_int_equal(tunnel.stats.out_packets, 0);
	assert_int_equal(other.stats.out_packets, 2 * ARRAY_LEN(errors));
	assert_false(tunnel.no_segment);
}

/* In parts, as many as went before the socket was full are sent and counted as such. */
static void full_in_the_middle(void **state)
{
	static const struct answer some[] = { { 3, 0 }, { 0, EAGAIN } };
	struct leave a = way(&tunnel);

	(void)state;
	answers(some, ARRAY_LEN(some));
	tunnel.no_segment = true;
	put_run(&a, 5, 1000, 500, 10);
	outbox_flush(esp);
	assert_int_equal(kernel.calls, 2);
	assert_int_equal(kernel.offered[1], 3);
	assert_int_equal(tunnel.stats.out_packets, 3);
	assert_int_equal(tunnel.stats.drops[IPC_DROP_QUEUE], 3);
	for (uint8_t i = 0; i < 3; i++)
		check_sent(i, 1000, 0, (uint8_t)(10 + i));
}

static const uint8_t inner[60] = { 0x45, 0, 5,  0x78, 0, 0, 0x40, 0, 64, 17,
				   0,    0, 10, 0,    0, 1, 10,   0, 0,  2 };

static void quote(void)
{
	struct esp_pkt_shape shape = { ADDR_V4, true, 8, 16, 4 };
	struct ip_pkt ip;

	ip = (struct ip_pkt){ .family = ADDR_V4,
			      .header_len = 20,
			      .len = 1400,
			      .protocol = 17,
			      .ttl = 64,
			      .dont_fragment = true,
			      .src = { ADDR_V4, { 10, 0, 0, 1 } },
			      .dst = { ADDR_V4, { 10, 0, 0, 2 } } };
	outbox_quote(esp, (struct view){ inner, sizeof(inner) }, &ip, &shape);
}

/* The path got narrower: the sender of the inner packets hears of it, once, and all are counted but
 * the last, which is shorter and still passes. */
static void too_big_for_the_path(void **state)
{
	static const struct answer narrow[] = {
		{ 0, EMSGSIZE }, /* the whole */
		{ 0, EMSGSIZE }, /* in parts: maybe an older error */
		{ 0, EMSGSIZE }, /* no */
		{ -1, 0 }, /* the last one */
	};
	struct leave a = way(&tunnel);
	uint8_t said[256];

	(void)state;
	answers(narrow, ARRAY_LEN(narrow));
	kernel.mtu = 1300;
	put(&a, 1400, 10);
	quote();
	put(&a, 1400, 11);
	put(&a, 1400, 12);
	put(&a, 600, 13);
	outbox_flush(esp);
	assert_int_equal(kernel.calls, 4);
	assert_int_equal(kernel.count, 1);
	check_sent(0, 600, 0, 13);
	assert_int_equal(tunnel.stats.drops[IPC_DROP_TOO_BIG], 3);
	assert_int_equal(tunnel.stats.out_packets, 1);
	assert_int_equal(dropped(&tunnel), 3);
	assert_int_equal(pmtu_get(&esp->pmtu, &a.dst.addr, esp->now), 1300);
	assert_false(tunnel.no_segment);
	/* virtio-net header, IPv4, ICMP "fragmentation needed" with the room that is left */
	assert_true(read(tun_far_end, said, sizeof(said)) > VNET_HDR_LEN + 28);
	assert_true(said[VNET_HDR_LEN + 20] == 3 && said[VNET_HDR_LEN + 21] == 4);
	assert_true(said[VNET_HDR_LEN + 26] * 256 + said[VNET_HDR_LEN + 27] <
		    1300 - 20 - 8 - 8 - 8 - 16);
	assert_int_equal(read(tun_far_end, said, sizeof(said)), -1);
}

/* Too big as a whole only: in parts all of them pass. */
static void too_big_as_one(void **state)
{
	static const struct answer once[] = { { 0, EMSGSIZE }, { -1, 0 } };
	struct leave a = way(&tunnel);

	(void)state;
	answers(once, ARRAY_LEN(once));
	put_run(&a, 6, 1400, 0, 10);
	outbox_flush(esp);
	assert_int_equal(kernel.calls, 2);
	assert_int_equal(kernel.count, 6);
	for (uint8_t i = 0; i < 6; i++)
		check_sent(i, 1400, 0, (uint8_t)(10 + i));
	assert_true(tunnel.stats.out_packets == 6 && dropped(&tunnel) == 0);
}

/* A route on which the kernel cannot cut: packet by packet, and the tunnel is not asked again;
 * another one still is. */
static void a_kernel_that_does_not_cut(void **state)
{
	static const struct answer refused[] = { { 0, EIO }, { -1, 0 } };
	struct leave a = way(&tunnel), b = way(&other);

	(void)state;
	answers(refused, ARRAY_LEN(refused));
	put_run(&a, 3, 1400, 100, 10);
	put_run(&b, 2, 1400, 0, 50);
	outbox_flush(esp);
	assert_true(tunnel.no_segment && !other.no_segment);
	assert_int_equal(kernel.calls, 3);
	assert_int_equal(kernel.count, 5);
	for (uint8_t i = 0; i < 4; i++)
		check_sent(i, i < 3 ? 1400 : 100, 0, (uint8_t)(10 + i));
	check_sent(4, 2800, 1400, 50);
	put_run(&a, 3, 1400, 0, 20);
	outbox_flush(esp);
	assert_int_equal(kernel.calls, 4); /* not even tried */
	assert_int_equal(kernel.offered[3], 3);
	check_sent(7, 1400, 0, 22);
	assert_true(tunnel.stats.out_packets == 7 && dropped(&tunnel) == 0);
}

/* The peer's "port unreachable" to an earlier packet comes as the answer to another: no loss. */
static void an_older_error_is_not_about_this(void **state)
{
	static const int errors[] = { ECONNREFUSED, EHOSTUNREACH, EINTR };
	struct leave a = way(&tunnel);

	(void)state;
	for (size_t e = 0; e < ARRAY_LEN(errors); e++) {
		const struct answer once[] = { { 0, errors[e] }, { 0, errors[e] }, { -1, 0 } };

		kernel.calls = kernel.count = 0;
		answers(once, ARRAY_LEN(once));
		put_run(&a, 2, 1400, 0, 10);
		outbox_flush(esp);
		assert_int_equal(kernel.calls, 3);
		assert_int_equal(kernel.count, 2);
	}
	assert_true(tunnel.stats.out_packets == 6 && dropped(&tunnel) == 0);
}

/* But when it stays, packets are dropped and counted, and what is behind them has its own try. */
static void no_way_there(void **state)
{
	static const struct answer gone[] = {
		{ 0, ENETUNREACH }, { 0, ENETUNREACH }, { 0, ENETUNREACH }, { -1, 0 }
	};
	struct leave a = way(&tunnel), b = way(&other);

	(void)state;
	answers(gone, ARRAY_LEN(gone));
	put_run(&a, 3, 1400, 0, 10);
	put_run(&b, 3, 1400, 0, 50);
	outbox_flush(esp);
	assert_int_equal(kernel.calls, 4);
	assert_int_equal(tunnel.stats.drops[IPC_DROP_SEND], 3);
	assert_int_equal(kernel.count, 1);
	check_sent(0, 4200, 1400, 50);
	assert_true(dropped(&tunnel) == 3 && tunnel.stats.out_packets == 0);
	assert_true(other.stats.out_packets == 3 && dropped(&other) == 0);
}

/* Protocol 50 has no ports and nothing that cuts: one call, a message for each packet. */
static void bare_esp(void **state)
{
	static const struct answer some[] = { { 2, 0 }, { -1, 0 } };
	struct leave a = way(&tunnel);

	(void)state;
	answers(some, ARRAY_LEN(some));
	a.sock = IPC_SOCK_ESP_V4;
	put_run(&a, 4, 1400, 80, 10);
	outbox_flush(esp);
	assert_int_equal(kernel.calls, 2);
	assert_true(kernel.offered[0] == 5 && kernel.offered[1] == 3);
	for (uint8_t i = 0; i < 5; i++) {
		check_sent(i, i < 4 ? 1400 : 80, 0, (uint8_t)(10 + i));
		assert_int_equal(kernel.sent[i].port, 0);
	}
	assert_true(tunnel.stats.out_packets == 5 && tunnel.encap_sent == 0);
}

/* Of IKE and of IPv6's least MTU the outer packets may be cut; of nothing that comes after. */
static void may_be_fragmented(void **state)
{
	struct leave a = way(&tunnel), ike = way(NULL);

	(void)state;
	ike.may_fragment = true;
	put(&a, 1400, 1);
	put(&ike, 3000, 2);
	put(&a, 1400, 3);
	outbox_flush(esp);
	assert_int_equal(kernel.calls, 3);
	assert_int_equal(kernel.discovers, 2);
	assert_true(kernel.discover[0] == IP_PMTUDISC_DONT && kernel.discover[1] == IP_PMTUDISC_DO);
	for (uint8_t i = 0; i < 3; i++)
		check_sent(i, i == 1 ? 3000 : 1400, 0, (uint8_t)(i + 1));
}

static void no_socket_of_that_family(void **state)
{
	struct leave a = way(&tunnel), b = way(&other);

	(void)state;
	a.sock = IPC_SOCK_ESP_V4;
	esp->sock[IPC_SOCK_ESP_V4].fd = -1;
	put_run(&a, 3, 1400, 0, 1);
	put(&b, 1400, 9);
	(void)outbox_place(esp, &b, 20); /* given out, and not used */
	outbox_flush(esp);
	assert_int_equal(tunnel.stats.drops[IPC_DROP_SEND], 3);
	assert_int_equal(kernel.count, 1);
	check_sent(0, 1400, 0, 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(runs_leave_together),
		T(what_was_not_taken_is_offered_again),
		T(a_full_socket_drops),
		T(full_in_the_middle),
		T(too_big_for_the_path),
		T(too_big_as_one),
		T(a_kernel_that_does_not_cut),
		T(an_older_error_is_not_about_this),
		T(no_way_there),
		T(bare_esp),
		T(may_be_fragmented),
		T(no_socket_of_that_family),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
