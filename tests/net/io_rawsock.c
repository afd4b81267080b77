/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets in and out of real devices: what is written to a TUN device arrives by it, and what is
 * sent out of it can be read.  Started by io_rawsock.sh.
 */
#include "io/rawsock.h"

#include "base/csum.h"
#include "base/list.h"
#include "io/loop.h"
#include "io/tun.h"
#include "io_world.h"
#include "wire/vnet_hdr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cmocka.h>

#define WAIT_MSEC 5000
#define PROTO_VRRP 112

static int tun, tun_index; /* has 10.9.0.1/24 and fd09::1/64 */

static int open_tun(void **state)
{
	static const struct {
		const char *text;
		uint8_t len;
	} ours[] = { { "10.9.0.1", 24 }, { "fd09::1", 64 } };

	if (world_open(state) < 0)
		return -1;
	tun = tun_up("t0", &tun_index);
	for (size_t i = 0; i < ARRAY_LEN(ours); i++) {
		struct addr a = ip(ours[i].text);

		if (nl_address_add(nl, tun_index, &a, ours[i].len, NULL) < 0)
			return -1;
	}
	/* A worker of the kernel makes an IPv6 address one of ours, a little after the answer. */
	for (int i = 0; i < WAIT_MSEC / 10; i++) {
		if (says("ip route get fd09::1", "local"))
			return 0;
		(void)poll(NULL, 0, 10);
	}
	return -1;
}

static int close_tun(void **state)
{
	(void)close(tun);
	return world_close(state);
}

/* An IP packet without options. */
static size_t make_packet(uint8_t *out, const struct addr *src, const struct addr *dst,
			  uint8_t proto, uint8_t ttl, const void *payload, size_t len)
{
	size_t size = addr_size(src->family), head = src->family == ADDR_V4 ? 20 : 40;
	uint16_t sum;

	memset(out, 0, head);
	if (src->family == ADDR_V4) {
		out[0] = 0x45;
		out[2] = (uint8_t)((head + len) >> 8);
		out[3] = (uint8_t)(head + len);
		out[8] = ttl;
		out[9] = proto;
		memcpy(out + 12, src->bytes, size);
		memcpy(out + 16, dst->bytes, size);
		sum = csum_finish(csum_add(0, out, head));
		out[10] = (uint8_t)(sum >> 8);
		out[11] = (uint8_t)sum;
	} else {
		out[0] = 0x60;
		out[4] = (uint8_t)(len >> 8);
		out[5] = (uint8_t)len;
		out[6] = proto;
		out[7] = ttl;
		memcpy(out + 8, src->bytes, size);
		memcpy(out + 24, dst->bytes, size);
	}
	memcpy(out + head, payload, len);
	return head + len;
}

/* With a virtio-net header that says nothing in front. */
static void tun_write(const void *packet, size_t len)
{
	uint8_t none[VNET_HDR_LEN] = { 0 };
	const struct iovec iov[] = { { none, sizeof(none) }, { (void *)(uintptr_t)packet, len } };

	assert_int_equal(writev(tun, iov, 2), sizeof(none) + len);
}

static ssize_t tun_read(void *packet, size_t cap)
{
	uint8_t header[VNET_HDR_LEN];
	const struct iovec iov[] = { { header, sizeof(header) }, { packet, cap } };

	return readv(tun, iov, 2) - VNET_HDR_LEN;
}

static void arrive(const struct addr *src, const struct addr *dst, uint8_t proto, uint8_t ttl,
		   const void *payload, size_t len)
{
	uint8_t packet[256];
	tun_write(packet, make_packet(packet, src, dst, proto, ttl, payload, len));
}

static void wait_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	assert_int_equal(poll(&p, 1, WAIT_MSEC), 1);
}

/* The next packet out of the TUN device that is of this protocol (the kernel sends some, too). */
static size_t next_out(uint8_t *packet, size_t cap, enum addr_family family, uint8_t proto)
{
	for (;;) {
		ssize_t n;

		wait_readable(tun);
		n = tun_read(packet, cap);
		assert_true(n > 0);
		if (packet[0] >> 4 == (family == ADDR_V4 ? 4 : 6) &&
		    packet[family == ADDR_V4 ? 9 : 6] == proto)
			return (size_t)n;
	}
}

static void make_echo(uint8_t out[16], uint8_t type, const struct addr *src, const struct addr *dst)
{
	uint32_t sum = 0;
	uint16_t field;

	memset(out, 0, 16);
	out[0] = type;
	memcpy(out + 8, "futae!!", 8);
	if (src->family == ADDR_V6)
		sum = csum_add_pseudo(0, src, dst, IPPROTO_ICMPV6, 16);
	field = csum_finish(csum_add(sum, out, 16));
	out[2] = (uint8_t)(field >> 8);
	out[3] = (uint8_t)field;
}

static void check_icmp(const char *from_text, const char *to_text, uint8_t proto, uint8_t request,
		       uint8_t reply)
{
	struct addr peer = ip(from_text), own = ip(to_text);
	struct err err = { "" };
	int fd = rawsock_icmp_open(peer.family, &err);
	struct rawsock_from from;
	uint8_t echo[16], buf[64];
	usec_t before = clock_now();

	assert_true(fd >= 0);
	assert_int_equal(rawsock_recv(fd, peer.family, buf, sizeof(buf), &from), -EAGAIN);
	make_echo(echo, request, &peer, &own); /* the filter keeps it out */
	arrive(&peer, &own, proto, 55, echo, sizeof(echo));
	make_echo(echo, reply, &peer, &own);
	arrive(&peer, &own, proto, 55, echo, sizeof(echo));
	wait_readable(fd);
	assert_int_equal(rawsock_recv(fd, peer.family, buf, sizeof(buf), &from), sizeof(echo));
	assert_memory_equal(buf, echo, sizeof(echo));
	assert_true(addr_equal(&from.src, &peer) && addr_equal(&from.dst, &own));
	assert_int_equal(from.index, tun_index);
	assert_int_equal(from.ttl, 55);
	/* The two clocks are read one after the other: a millisecond of grace. */
	assert_true(from.at + USEC_PER_MSEC >= before && from.at <= clock_now());
	/* One that does not fit is not taken for a shorter one. */
	arrive(&peer, &own, proto, 55, echo, sizeof(echo));
	wait_readable(fd);
	assert_int_equal(rawsock_recv(fd, peer.family, buf, 15, &from), -EMSGSIZE);
	assert_int_equal(rawsock_recv(fd, peer.family, buf, sizeof(buf), &from), -EAGAIN);
	(void)close(fd);
}

static void icmp_replies_come_with_their_device(void **state)
{
	(void)state;
	check_icmp("10.9.0.2", "10.9.0.1", IPPROTO_ICMP, 8, 0);
	check_icmp("fd09::2", "fd09::1", IPPROTO_ICMPV6, 128, 129);
}

/* Nobody sends options, but a reply may have them: they are not payload. */
static void options_are_not_payload(void **state)
{
	struct addr peer = ip("10.9.0.2"), own = ip("10.9.0.1");
	int fd = rawsock_icmp_open(ADDR_V4, NULL);
	uint8_t packet[64], echo[16], buf[64];
	struct rawsock_from from;
	uint16_t sum;

	(void)state;
	make_echo(echo, 0, &peer, &own);
	(void)make_packet(packet, &peer, &own, IPPROTO_ICMP, 64, echo, sizeof(echo));
	memmove(packet + 24, packet + 20, sizeof(echo));
	memset(packet + 20, 1, 4); /* NOP */
	packet[0] = 0x46;
	packet[3] = 24 + sizeof(echo);
	packet[10] = packet[11] = 0;
	sum = csum_finish(csum_add(0, packet, 24));
	packet[10] = (uint8_t)(sum >> 8);
	packet[11] = (uint8_t)sum;
	tun_write(packet, 24 + sizeof(echo));
	wait_readable(fd);
	assert_int_equal(rawsock_recv(fd, ADDR_V4, buf, sizeof(buf), &from), sizeof(echo));
	assert_memory_equal(buf, echo, sizeof(echo));
	(void)close(fd);
}

static void check_vrrp(const char *from_text, const char *group_text, const char *own_text)
{
	static const uint8_t advert[12] = { 0x31, 10, 200, 1, 0, 100 };
	struct addr peer = ip(from_text), group = ip(group_text), own = ip(own_text);
	struct err err = { "" };
	int fd = rawsock_vrrp_open(peer.family, "t0", &err);
	struct rawsock_from from;
	uint8_t buf[128];
	size_t n;

	assert_true(fd >= 0);
	arrive(&peer, &group, PROTO_VRRP, 255, advert, sizeof(advert));
	wait_readable(fd);
	assert_int_equal(rawsock_recv(fd, peer.family, buf, sizeof(buf), &from), sizeof(advert));
	assert_memory_equal(buf, advert, sizeof(advert));
	assert_true(addr_equal(&from.src, &peer) && addr_equal(&from.dst, &group));
	assert_int_equal(from.ttl, 255);
	assert_int_equal(from.index, tun_index);
	arrive(&peer, &own, PROTO_VRRP, 254, advert, sizeof(advert)); /* unicast */
	wait_readable(fd);
	assert_int_equal(rawsock_recv(fd, peer.family, buf, sizeof(buf), &from), sizeof(advert));
	assert_true(addr_equal(&from.dst, &own));
	assert_int_equal(from.ttl, 254);

	assert_int_equal(rawsock_vrrp_send(fd, &own, &peer, advert, sizeof(advert)), 0);
	n = next_out(buf, sizeof(buf), peer.family, PROTO_VRRP);
	assert_memory_equal(buf + n - sizeof(advert), advert, sizeof(advert));
	assert_int_equal(buf[peer.family == ADDR_V4 ? 8 : 7], 255);
	assert_memory_equal(buf + (peer.family == ADDR_V4 ? 12 : 8), own.bytes,
			    addr_size(own.family));
	(void)close(fd);
}

static void vrrp_comes_and_goes_by_its_device(void **state)
{
	struct err err = { "" };

	(void)state;
	check_vrrp("10.9.0.2", "224.0.0.18", "10.9.0.1");
	check_vrrp("fd09::2", "ff02::12", "fd09::1");
	assert_int_equal(rawsock_vrrp_open(ADDR_V4, "nothere", &err), -ENODEV);
	assert_non_null(strstr(err.text, "nothere"));
}

static void set_link(const char *name, bool up)
{
	assert_int_equal(nl_link_set(nl, index_of(name), up, 0, NULL), 0);
}

static void frames_leave_by_their_device(void **state)
{
	uint8_t frame[64] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0x5e, 0, 1, 10, 0x88, 0xb5
	};
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(0x88b5) };
	int out = rawsock_packet_open(NULL), in = socket(AF_PACKET, SOCK_RAW, 0);
	uint8_t got[128];

	(void)state;
	set_link("v0", true);
	set_link("v1", true);
	at.sll_ifindex = index_of("v1");
	assert_int_equal(bind(in, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(rawsock_send_frame(out, index_of("v0"), frame, sizeof(frame)), 0);
	wait_readable(in);
	assert_int_equal(read(in, got, sizeof(got)), sizeof(frame));
	assert_memory_equal(got, frame, sizeof(frame));
	assert_int_equal(rawsock_send_frame(out, index_of("v0"), frame, 13), -EINVAL);
	(void)close(in);
	(void)close(out);
}

static void carrier_is_seen_at_once(void **state)
{
	int fd = rawsock_packet_open(NULL);

	(void)state;
	set_link("v0", true);
	set_link("v1", true);
	assert_true(rawsock_has_carrier(fd, "v0"));
	set_link("v1", false);
	assert_false(rawsock_has_carrier(fd, "v0"));
	set_link("v1", true);
	assert_true(rawsock_has_carrier(fd, "v0"));
	assert_true(rawsock_has_carrier(fd, "t0"));
	assert_false(rawsock_has_carrier(fd, "nothere"));
	assert_false(rawsock_has_carrier(fd, "a-name-that-is-too-long"));
	(void)close(fd);
}

static int option(int fd, int level, int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	assert_int_equal(getsockopt(fd, level, name, &value, &len), 0);
	return value;
}

static void udp_ports_are_ours_alone(void **state)
{
	struct err err = { "" };
	int v4 = rawsock_udp_open(ADDR_V4, 4500, &err), v6 = rawsock_udp_open(ADDR_V6, 4500, &err);

	(void)state;
	assert_true(v4 >= 0 && v6 >= 0); /* beside each other */
	assert_int_equal(rawsock_udp_open(ADDR_V4, 4500, &err), -EADDRINUSE);
	assert_string_equal(err.text, "UDP port 4500 is in use: another IKE daemon (charon, pluto, "
				      "iked) is running; stop it");
	assert_int_equal(option(v4, IPPROTO_IP, IP_PKTINFO), 1);
	assert_int_equal(option(v4, IPPROTO_IP, IP_MTU_DISCOVER), IP_PMTUDISC_DO);
	assert_int_equal(option(v6, IPPROTO_IPV6, IPV6_RECVPKTINFO), 1);
	assert_int_equal(option(v6, IPPROTO_IPV6, IPV6_MTU_DISCOVER), IPV6_PMTUDISC_DO);
	(void)close(v4);
	(void)close(v6);
}

static void throw_udp(const struct addr *to, uint8_t tos, const void *data, size_t len)
{
	bool v6 = to->family == ADDR_V6;
	int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), value = tos;
	struct sockaddr_storage ss;
	socklen_t ss_len = (socklen_t)endpoint_to_sockaddr(&(struct endpoint){ *to, 4500 }, &ss);

	assert_int_equal(setsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_TCLASS : IP_TOS,
				    &value, sizeof(value)),
			 0);
	assert_int_equal(sendto(fd, data, len, 0, (struct sockaddr *)&ss, ss_len), (ssize_t)len);
	(void)close(fd);
}

static void close_all(const int *fd, size_t count)
{
	for (size_t i = 0; i < count; i++)
		(void)close(fd[i]);
}

#define MOST 4 /* workers in these tests */

/* Into which socket, and into no other, did it fall?  Express sockets follow the bulk ones, of
 * which the sender decides which of a worker's it is. */
static void check_steered(const char *to_text, unsigned workers, uint8_t tos, const void *data,
			  unsigned want)
{
	struct addr to = ip(to_text);
	int bulk[MOST][RAWSOCK_SHARES], express[MOST];
	unsigned got_it = UINT_MAX, times = 0;
	uint8_t got[64];

	assert_int_equal(rawsock_natt_open(to.family, workers, bulk, express, NULL), 0);
	throw_udp(&to, tos, data, 16);
	for (unsigned turn = 0; turn < 5000 && times == 0; turn++) {
		(void)poll(NULL, 0, turn ? 1 : 0);
		for (unsigned i = 0; i < workers * (RAWSOCK_SHARES + 1); i++) {
			unsigned w = i % workers, share = i / workers;
			int fd = share < RAWSOCK_SHARES ? bulk[w][share] : express[w];

			if (recv(fd, got, sizeof(got), MSG_DONTWAIT) != 16)
				continue;
			got_it = share < RAWSOCK_SHARES ? w : workers + w;
			times++;
		}
	}
	assert_int_equal(times, 1);
	assert_int_equal(got_it, want);
	close_all(bulk[0], workers * (size_t)RAWSOCK_SHARES);
	close_all(express, workers);
}

static void control_does_not_wait_behind_bulk(void **state)
{
	static const uint8_t esp[16] = { 0xc0, 0, 0, 1, 0, 0, 0, 1 }, ike[16] = { 0 };
	static const char *const hosts[] = { "127.0.0.1", "::1" };
	struct err err = { "" };
	int bulk[1][RAWSOCK_SHARES], more[1][RAWSOCK_SHARES], fd;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
		check_steered(hosts[i], 1, 0, esp, 0);
		check_steered(hosts[i], 1, 0xb8, esp, 0); /* expedited is not control */
		check_steered(hosts[i], 1, 0xc0, esp, 1);
		check_steered(hosts[i], 1, 0xc2, esp, 1); /* whatever ECN says */
		check_steered(hosts[i], 1, 0, ike, 1);
	}
	/* Sharing among ourselves does not mean with others. */
	assert_int_equal(rawsock_natt_open(ADDR_V4, 1, bulk, &fd, &err), 0);
	assert_int_equal(rawsock_natt_open(ADDR_V4, 1, more, more[0], &err), -EADDRINUSE);
	close_all(bulk[0], RAWSOCK_SHARES);
	(void)close(fd);
}

/* As ESP of one SPI, from 127.0.0.N */
static void throw_from(unsigned n, unsigned times)
{
	static const uint8_t esp[1000] = { 0xc0, 0, 0, 1, 0, 0, 0, 1 };
	const struct sockaddr_in from = { .sin_family = AF_INET,
					  .sin_addr = { htonl(0x7f000000 + n) } };
	const struct sockaddr_in to = { .sin_family = AF_INET,
					.sin_addr = { htonl(INADDR_LOOPBACK) },
					.sin_port = htons(4500) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (const struct sockaddr *)&from, sizeof(from)), 0);
	for (unsigned i = 0; i < times; i++)
		assert_int_equal(sendto(fd, esp, sizeof(esp), 0, (const struct sockaddr *)&to,
					sizeof(to)),
				 sizeof(esp));
	(void)close(fd);
}

static unsigned waiting(int fd)
{
	uint8_t got[2048];
	unsigned n = 0;

	while (recv(fd, got, sizeof(got), MSG_DONTWAIT) > 0)
		n++;
	return n;
}

/* Somebody floods, and nobody reads: his share of the sockets is full, and the others' are not. */
static void a_full_socket_is_its_senders(void **state)
{
	int bulk[1][RAWSOCK_SHARES], express;
	unsigned per_share[RAWSOCK_SHARES] = { 0 }, flooded = 0, used = 0, lost = 0;
	enum { FLOOD = 20000, PEERS = 64 };

	(void)state;
	assert_int_equal(rawsock_natt_open(ADDR_V4, 1, bulk, &express, NULL), 0);
	throw_from(2, FLOOD);
	for (unsigned i = 0; i < RAWSOCK_SHARES; i++) {
		int n = 0;

		assert_int_equal(ioctl(bulk[0][i], FIONREAD, &n), 0);
		if (n > 0)
			flooded = i;
	}
	for (unsigned n = 3; n < 3 + PEERS; n++)
		throw_from(n, 1);
	for (unsigned i = 0; i < RAWSOCK_SHARES; i++) {
		per_share[i] = waiting(bulk[0][i]);
		used += i != flooded ? per_share[i] : 0;
	}
	assert_true(per_share[flooded] > 100 && per_share[flooded] < FLOOD); /* it overflowed */
	lost = PEERS - used; /* those who share it */
	assert_true(lost <= 2 * PEERS / RAWSOCK_SHARES);
	for (unsigned i = 0; i < RAWSOCK_SHARES; i++)
		assert_true(i == flooded || per_share[i] >= 2); /* spread evenly, or nearly */
	assert_int_equal(waiting(express), 0);
	close_all(bulk[0], RAWSOCK_SHARES);
	(void)close(express);
}

/* An SPI above 2^31, so that a sign would show: 0xc0000000 is divisible by 3 and by 4. */
static void esp_with_spi(uint8_t out[static 24], uint32_t k)
{
	memset(out, 0, 24);
	out[0] = 0xc0;
	out[3] = (uint8_t)k;
	out[7] = 1;
}

static void each_worker_gets_its_share(void **state)
{
	static const uint8_t ike[16] = { 0 };
	static const char *const hosts[] = { "127.0.0.1", "::1" };
	uint8_t esp[24];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
		for (unsigned workers = 3; workers <= MOST; workers++) {
			for (unsigned k = 0; k < 2 * workers; k++) {
				unsigned worker = k % workers;

				esp_with_spi(esp, k);
				check_steered(hosts[i], workers, 0, esp, worker);
				check_steered(hosts[i], workers, 0x02, esp, worker);
				check_steered(hosts[i], workers, 0xc0, esp, workers + worker);
			}
			check_steered(hosts[i], workers, 0, ike, workers);
			check_steered(hosts[i], workers, 0xc0, ike, workers);
		}
}

static void check_esp(const char *from_text, const char *to_text)
{
	static const uint8_t esp[24] = { 0xc0, 0, 0, 1, 0, 0, 0, 1 };
	struct addr peer = ip(from_text), own = ip(to_text);
	int fd = rawsock_esp_open(peer.family, 0, 1, NULL);
	uint8_t buf[128];
	size_t head = peer.family == ADDR_V4 ? 20 : 0;

	assert_true(fd >= 0);
	arrive(&peer, &own, IPPROTO_ESP, 64, esp, sizeof(esp));
	wait_readable(fd);
	assert_int_equal(read(fd, buf, sizeof(buf)), head + sizeof(esp));
	assert_memory_equal(buf + head, esp, sizeof(esp));
	(void)close(fd);
}

static void esp_arrives(void **state)
{
	(void)state;
	check_esp("10.9.0.2", "10.9.0.1");
	check_esp("fd09::2", "fd09::1");
}

static void check_share(const char *from_text, const char *to_text, unsigned workers)
{
	struct addr peer = ip(from_text), own = ip(to_text);
	ssize_t whole = (peer.family == ADDR_V4 ? 20 : 0) + 24;
	uint8_t esp[24], buf[128];
	int fd[MOST];

	for (unsigned w = 0; w < workers; w++)
		fd[w] = rawsock_esp_open(peer.family, w, workers, NULL);
	for (unsigned k = 0; k < 2 * workers; k++) {
		esp_with_spi(esp, k);
		arrive(&peer, &own, IPPROTO_ESP, 64, esp, sizeof(esp));
		wait_readable(fd[k % workers]);
		for (unsigned w = 0; w < workers; w++)
			assert_int_equal(recv(fd[w], buf, sizeof(buf), MSG_DONTWAIT),
					 w == k % workers ? whole : -1);
	}
	close_all(fd, workers);
}

static void each_worker_gets_its_share_bare(void **state)
{
	(void)state;
	for (unsigned workers = 3; workers <= MOST; workers++) {
		check_share("10.9.0.2", "10.9.0.1", workers);
		check_share("fd09::2", "fd09::1", workers);
	}
}

static void tun_says_what_is_wrong(void **state)
{
	struct err err = { "" };
	bool uso;

	(void)state;
	assert_int_equal(tun_open("t0", &uso, &err), -EBUSY);
	assert_non_null(strstr(err.text, "in use"));
	assert_int_equal(tun_open("v0", &uso, &err), -EINVAL);
	assert_non_null(strstr(err.text, "not a TUN device"));
	assert_int_equal(tun_open("t%d", &uso, &err), -EINVAL);
	assert_int_equal(tun_open("", &uso, &err), -EINVAL);
	assert_int_equal(tun_open("a-name-that-is-too-long", &uso, &err), -EINVAL);
}

static bool is_empty(int fd)
{
	uint8_t byte;

	return read(fd, &byte, 1) < 0 && errno == EAGAIN;
}

static void tun_queues_come_and_go(void **state)
{
	struct err err = { "" };
	int fds[3];
	bool uso;

	(void)state;
	assert_int_equal(tun_open_queues("m0", ARRAY_LEN(fds), fds, &uso, &err), 0);
	assert_int_equal(tun_queue_attach(fds[1], true), -EINVAL); /* it is */
	assert_int_equal(tun_queue_attach(fds[1], false), 0);
	assert_int_equal(tun_queue_attach(fds[1], false), -EINVAL);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		assert_true(is_empty(fds[i]));
	assert_int_equal(tun_queue_attach(fds[1], true), 0);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		(void)close(fds[i]);
	/* Of a device with one queue there cannot be two. */
	assert_int_equal(tun_open_queues("t0", 2, fds, &uso, &err), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(icmp_replies_come_with_their_device),
		cmocka_unit_test(options_are_not_payload),
		cmocka_unit_test(vrrp_comes_and_goes_by_its_device),
		cmocka_unit_test(frames_leave_by_their_device),
		cmocka_unit_test(carrier_is_seen_at_once),
		cmocka_unit_test(udp_ports_are_ours_alone),
		cmocka_unit_test(control_does_not_wait_behind_bulk),
		cmocka_unit_test(each_worker_gets_its_share),
		cmocka_unit_test(a_full_socket_is_its_senders),
		cmocka_unit_test(esp_arrives),
		cmocka_unit_test(each_worker_gets_its_share_bare),
		cmocka_unit_test(tun_says_what_is_wrong),
		cmocka_unit_test(tun_queues_come_and_go),
	};

	return cmocka_run_group_tests(tests, open_tun, close_tun);
}
