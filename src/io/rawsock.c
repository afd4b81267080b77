/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ICMP and VRRP sockets.  See rawsock_packet.c for sending past the routing, rawsock_esp.c for ESP.
 */
#include "io/rawsock.h"

#include "base/list.h"
#include "io/sockopt.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Last: it gives way to what libc has defined, not the other way round. */
#include <linux/icmp.h>

#define PROTO_VRRP 112
#define VRRP_TTL 255
#define RECV_BYTES (1 << 20)

static int open_raw(enum addr_family family, int protocol, const struct sockopt *opts, size_t n)
{
	int fd = socket(addr_to_af(family), SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
	int rc;

	if (fd < 0)
		return -errno;
	sockopt_raise_buffers(fd, RECV_BYTES);
	rc = sockopt_set(fd, opts, n);
	if (rc < 0) {
		(void)close(fd);
		return rc;
	}
	return fd;
}

static int open_error(const char *what, int code, struct err *err)
{
	return err_set(err, code, "no %s socket: %s%s", what, strerror(-code),
		       code == -EPERM ? "; start as root (needs CAP_NET_RAW)" : "");
}

/* Without the filter every ping of others on this machine would wake us up. */
static int set_icmp_filter(int fd, enum addr_family family, bool replies)
{
	struct icmp_filter v4 = { .data = ~(1u << ICMP_DEST_UNREACH) };
	struct icmp6_filter v6;
	int rc;

	ICMP6_FILTER_SETBLOCKALL(&v6);
	ICMP6_FILTER_SETPASS(ICMP6_DST_UNREACH, &v6);
	if (replies) {
		v4.data &= ~(1u << ICMP_ECHOREPLY);
		ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &v6);
	}
	if (family == ADDR_V4)
		rc = setsockopt(fd, SOL_RAW, ICMP_FILTER, &v4, sizeof(v4));
	else
		rc = setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &v6, sizeof(v6));
	return rc < 0 ? -errno : 0;
}

static int open_icmp(enum addr_family family, bool replies, struct err *err)
{
	static const struct sockopt v4[] = { { IPPROTO_IP, IP_PKTINFO, 1 },
					     { SOL_SOCKET, SO_TIMESTAMPNS, 1 } };
	static const struct sockopt v6[] = { { IPPROTO_IPV6, IPV6_RECVPKTINFO, 1 },
					     { IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1 },
					     { SOL_SOCKET, SO_TIMESTAMPNS, 1 } };
	int fd = family == ADDR_V4 ? open_raw(family, IPPROTO_ICMP, v4, ARRAY_LEN(v4))
				   : open_raw(family, IPPROTO_ICMPV6, v6, ARRAY_LEN(v6));
	int rc = fd < 0 ? fd : set_icmp_filter(fd, family, replies);

	if (rc == 0)
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return open_error(family == ADDR_V4 ? "ICMP" : "ICMPv6", rc, err);
}

int rawsock_icmp_open(enum addr_family family, struct err *err)
{
	return open_icmp(family, true, err);
}

int rawsock_unreachable_open(enum addr_family family, struct err *err)
{
	return open_icmp(family, false, err);
}

/* RFC 9568, 5.1.1.2 and 5.1.2.2: 224.0.0.18 and ff02::12 */
static int join_vrrp(int fd, enum addr_family family, int index)
{
	struct ip_mreqn v4 = { .imr_ifindex = index };
	struct ipv6_mreq v6 = { .ipv6mr_interface = (unsigned)index };
	int rc;

	v4.imr_multiaddr.s_addr = htonl(0xe0000012);
	v6.ipv6mr_multiaddr.s6_addr[0] = 0xff;
	v6.ipv6mr_multiaddr.s6_addr[1] = 0x02;
	v6.ipv6mr_multiaddr.s6_addr[15] = 0x12;
	if (family == ADDR_V4)
		rc = setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &v4, sizeof(v4));
	else
		rc = setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &v6, sizeof(v6));
	return rc < 0 ? -errno : 0;
}

static int bind_vrrp(int fd, enum addr_family family, const char *device)
{
	unsigned index = if_nametoindex(device);

	if (index == 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device) + 1) < 0)
		return -errno;
	return join_vrrp(fd, family, (int)index);
}

int rawsock_vrrp_open(enum addr_family family, const char *device, struct err *err)
{
	static const struct sockopt v4[] = { { IPPROTO_IP, IP_PKTINFO, 1 },
					     { IPPROTO_IP, IP_TTL, VRRP_TTL },
					     { IPPROTO_IP, IP_MULTICAST_ALL, 0 },
					     { IPPROTO_IP, IP_MULTICAST_LOOP, 0 },
					     { SOL_SOCKET, SO_TIMESTAMPNS, 1 } };
	static const struct sockopt v6[] = { { IPPROTO_IPV6, IPV6_RECVPKTINFO, 1 },
					     { IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1 },
					     { IPPROTO_IPV6, IPV6_UNICAST_HOPS, VRRP_TTL },
					     { IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0 },
					     { IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0 },
					     { SOL_SOCKET, SO_TIMESTAMPNS, 1 } };
	int fd = family == ADDR_V4 ? open_raw(family, PROTO_VRRP, v4, ARRAY_LEN(v4))
				   : open_raw(family, PROTO_VRRP, v6, ARRAY_LEN(v6));
	int rc = fd < 0 ? fd : bind_vrrp(fd, family, device);

	if (rc == 0)
		return fd;
	if (fd >= 0)
		(void)close(fd);
	if (rc == -ENODEV || rc == -ENXIO)
		return err_set(err, -ENODEV, "there is no interface %s", device);
	return open_error("VRRP", rc, err);
}

int rawsock_vrrp_send(int fd, const struct addr *source, const struct addr *to, const void *packet,
		      size_t len)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	} control = { 0 };
	struct iovec iov = { (void *)(uintptr_t)packet, len };
	struct sockaddr_storage ss;
	/* Port 0: in a raw IPv6 socket it would be the protocol. */
	struct msghdr msg = { .msg_name = &ss, .msg_iov = &iov, .msg_iovlen = 1 };
	struct in_pktinfo v4 = { 0 };
	struct in6_pktinfo v6 = { 0 };
	bool is_v4 = to->family == ADDR_V4;
	size_t size = is_v4 ? sizeof(v4) : sizeof(v6);
	ssize_t n;

	if (to->family == ADDR_NONE || source->family != to->family)
		return -EINVAL;
	msg.msg_namelen = (socklen_t)endpoint_to_sockaddr(&(struct endpoint){ *to, 0 }, &ss);
	memcpy(&v4.ipi_spec_dst, source->bytes, sizeof(v4.ipi_spec_dst));
	memcpy(&v6.ipi6_addr, source->bytes, sizeof(v6.ipi6_addr));
	control.head.cmsg_level = is_v4 ? IPPROTO_IP : IPPROTO_IPV6;
	control.head.cmsg_type = is_v4 ? IP_PKTINFO : IPV6_PKTINFO;
	control.head.cmsg_len = CMSG_LEN(size);
	memcpy(CMSG_DATA(&control.head), is_v4 ? (void *)&v4 : (void *)&v6, size);
	msg.msg_control = &control;
	msg.msg_controllen = CMSG_SPACE(size);
	do
		n = sendmsg(fd, &msg, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}
