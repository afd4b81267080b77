/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The outer side of the tunnels: UDP 500 and 4500, and protocol 50. */
#include "io/rawsock.h"

#include "base/list.h"
#include "io/sockopt.h"

#include <assert.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define IKE_BYTES (4 << 20) /* a burst of handshakes of many peers */
/* Short: where more comes in than can be opened, what waits longer only comes later. */
#define BULK_BYTES (1 << 20)
#define PORT_NATT 4500
#define CS6 0xc0 /* DSCP, as it lies in the traffic class */

/*
 * PKTINFO and TOS: which of our addresses was meant, and the ECN bits to carry inward.  FREEBIND:
 * a tunnel's local address may come and go.  MTU_DISCOVER and RECVERR: nothing is fragmented
 * behind our back, and the path's MTU is told on the error queue.
 */
static const struct sockopt options_v4[] = {
	{ IPPROTO_IP, IP_PKTINFO, 1 },  { IPPROTO_IP, IP_RECVTOS, 1 },
	{ IPPROTO_IP, IP_FREEBIND, 1 }, { IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO },
	{ IPPROTO_IP, IP_RECVERR, 1 },
};
static const struct sockopt options_v6[] = {
	{ IPPROTO_IPV6, IPV6_RECVPKTINFO, 1 },
	{ IPPROTO_IPV6, IPV6_RECVTCLASS, 1 },
	{ IPPROTO_IPV6, IPV6_FREEBIND, 1 },
	{ IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DO },
	{ IPPROTO_IPV6, IPV6_RECVERR, 1 },
};

/* Asked of UDP only: a raw socket has one family anyway, and the kernel refuses the question. */
static const struct sockopt only_v6[] = { { IPPROTO_IPV6, IPV6_V6ONLY, 1 } };

static int open_outer(enum addr_family family, int type, int protocol, int bytes)
{
	int fd = socket(addr_to_af(family), type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
	int rc;

	if (fd < 0)
		return -errno;
	sockopt_raise_buffers(fd, bytes);
	rc = family == ADDR_V4 ? sockopt_set(fd, options_v4, ARRAY_LEN(options_v4))
			       : sockopt_set(fd, options_v6, ARRAY_LEN(options_v6));
	if (rc == 0 && family == ADDR_V6 && type == SOCK_DGRAM)
		rc = sockopt_set(fd, only_v6, ARRAY_LEN(only_v6));
	if (rc < 0) {
		(void)close(fd);
		return rc;
	}
	return fd;
}

static int bind_any(int fd, enum addr_family family, uint16_t port)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	int rc = family == ADDR_V4 ? bind(fd, (struct sockaddr *)&v4, sizeof(v4))
				   : bind(fd, (struct sockaddr *)&v6, sizeof(v6));

	return rc < 0 ? -errno : 0;
}

static int udp_error(uint16_t port, int rc, struct err *err)
{
	if (rc == -EADDRINUSE)
		return err_set(err, rc,
			       "UDP port %u is in use: another IKE daemon (charon, pluto, iked) is "
			       "running; stop it",
			       port);
	if (rc == -EACCES)
		return err_set(err, rc,
			       "UDP port %u may not be used; start as root (needs "
			       "CAP_NET_BIND_SERVICE)",
			       port);
	return err_set(err, rc, "UDP port %u cannot be used: %s", port, strerror(-rc));
}

int rawsock_udp_open(enum addr_family family, uint16_t port, struct err *err)
{
	int fd = open_outer(family, SOCK_DGRAM, 0, IKE_BYTES);
	int rc = fd < 0 ? fd : bind_any(fd, family, port);

	if (rc == 0)
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return udp_error(port, rc, err);
}

/* A piece of a classic BPF program. */
struct code {
	struct sock_filter at[40];
	unsigned short len;
};

static void put(struct code *c, uint16_t op, uint32_t k)
{
	assert(c->len < ARRAY_LEN(c->at));
	c->at[c->len++] = (struct sock_filter)BPF_STMT(op, k);
}

/* A = A ^ A >> bits */
static void put_fold(struct code *c, uint32_t bits)
{
	put(c, BPF_MISC | BPF_TAX, 0);
	put(c, BPF_ALU | BPF_RSH | BPF_K, bits);
	put(c, BPF_ALU | BPF_XOR | BPF_X, 0);
}

/* A = which share the sender is of: all of his packets in one, so that their order stays. */
static void put_share(struct code *c, bool v6)
{
	uint32_t at = (uint32_t)SKF_NET_OFF + (v6 ? 8 : 12);

	put(c, BPF_LD | BPF_W | BPF_ABS, at);
	for (uint32_t i = 1; v6 && i < 4; i++) {
		put(c, BPF_MISC | BPF_TAX, 0);
		put(c, BPF_LD | BPF_W | BPF_ABS, at + 4 * i);
		put(c, BPF_ALU | BPF_XOR | BPF_X, 0);
	}
	put_fold(c, 16);
	put_fold(c, 8);
	put(c, BPF_ALU | BPF_MOD | BPF_K, RAWSOCK_SHARES);
}

/*
 * Which socket of the group, in the order in which they were bound: every worker's bulk sockets,
 * then every worker's express socket.  The data starts behind the UDP header, the network header
 * is reached by its own offset; IKE has four zeros where ESP has its SPI.
 */
static int steer(int fd, enum addr_family family, unsigned workers)
{
	bool v6 = family == ADDR_V6; /* its traffic class lies across the first two bytes */
	uint16_t size = v6 ? BPF_H : BPF_B;
	uint32_t at = (uint32_t)SKF_NET_OFF + (v6 ? 0 : 1);
	uint32_t dscp = v6 ? 0x0fc0 : 0xfc, control = v6 ? CS6 << 4 : CS6;
	uint32_t express = workers * RAWSOCK_SHARES; /* the first; IKE's, too */
	struct code c = { .len = 0 };
	struct sock_fprog prog;

	put(&c, BPF_LD | BPF_W | BPF_ABS, 0);
	c.at[c.len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1);
	put(&c, BPF_RET | BPF_K, express);
	put(&c, BPF_ALU | BPF_MOD | BPF_K, workers);
	put(&c, BPF_ST, 0);
	put(&c, BPF_LD | size | BPF_ABS, at);
	put(&c, BPF_ALU | BPF_AND | BPF_K, dscp);
	c.at[c.len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, control, 0, 3);
	put(&c, BPF_LD | BPF_MEM, 0);
	put(&c, BPF_ALU | BPF_ADD, express); /* BPF_K is 0, as BPF_ADD is */
	put(&c, BPF_RET | BPF_A, 0);
	put_share(&c, v6);
	put(&c, BPF_MISC | BPF_TAX, 0);
	put(&c, BPF_LD | BPF_MEM, 0);
	put(&c, BPF_ALU | BPF_MUL | BPF_K, RAWSOCK_SHARES);
	put(&c, BPF_ALU | BPF_ADD | BPF_X, 0);
	put(&c, BPF_RET | BPF_A, 0);
	prog = (struct sock_fprog){ c.len, c.at };
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &prog, sizeof(prog)) < 0
		       ? -errno
		       : 0;
}

static int open_natt(enum addr_family family, int bytes, int *fd)
{
	static const struct sockopt share[] = { { SOL_SOCKET, SO_REUSEPORT, 1 } };
	int rc;

	*fd = open_outer(family, SOCK_DGRAM, 0, bytes);
	rc = *fd < 0 ? *fd : sockopt_set(*fd, share, ARRAY_LEN(share));
	return rc < 0 ? rc : bind_any(*fd, family, PORT_NATT);
}

/* Is the port free?  Once two sockets share it, a third of the same user would be let in. */
static int find_free(enum addr_family family)
{
	int fd = open_outer(family, SOCK_DGRAM, 0, BULK_BYTES);
	int rc = fd < 0 ? fd : bind_any(fd, family, PORT_NATT);

	if (fd >= 0)
		(void)close(fd);
	return rc;
}

static void close_all(const int *fd, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (fd[i] >= 0)
			(void)close(fd[i]);
}

int rawsock_natt_open(enum addr_family family, unsigned workers, int (*bulk)[RAWSOCK_SHARES],
		      int *express, struct err *err)
{
	int fd[(RAWSOCK_SHARES + 1) * RAWSOCK_WORKERS_MAX] = { -1 }, rc = find_free(family);
	unsigned n = 0, bulks = workers * RAWSOCK_SHARES;

	assert(workers >= 1 && workers <= RAWSOCK_WORKERS_MAX);
	for (; rc == 0 && n < bulks + workers; n++)
		rc = open_natt(family, n < bulks ? BULK_BYTES : IKE_BYTES, &fd[n]);
	if (rc == 0)
		rc = steer(fd[0], family, workers);
	if (rc) {
		close_all(fd, n);
		return udp_error(PORT_NATT, rc, err);
	}
	memcpy(bulk, fd, bulks * sizeof(*fd));
	memcpy(express, fd + bulks, workers * sizeof(*fd));
	return 0;
}

/* Raw sockets all get every packet: this one wants those whose SPI is its worker's. */
static int keep_share(int fd, enum addr_family family, unsigned worker, unsigned workers)
{
	const struct sock_filter v4[] = {
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), /* behind the IP header */
		BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0),
		BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, workers),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, worker, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_filter code[ARRAY_LEN(v4)];
	struct sock_fprog prog = { ARRAY_LEN(v4), code };

	memcpy(code, v4, sizeof(code));
	if (family == ADDR_V6) /* a raw IPv6 socket gives no IP header */
		code[0] = (struct sock_filter)BPF_STMT(BPF_LDX | BPF_W | BPF_IMM, 0);
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) < 0 ? -errno : 0;
}

int rawsock_esp_open(enum addr_family family, unsigned worker, unsigned workers, struct err *err)
{
	int fd = open_outer(family, SOCK_RAW, IPPROTO_ESP, BULK_BYTES);
	int rc = fd < 0 || workers == 1 ? 0 : keep_share(fd, family, worker, workers);

	if (rc) {
		(void)close(fd);
		fd = rc;
	}
	if (fd < 0)
		return err_set(err, fd, "no ESP socket: %s%s", strerror(-fd),
			       fd == -EPERM ? "; start as root (needs CAP_NET_RAW)" : "");
	return fd;
}
