/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sockets that carry whole packets: frames of ours out (VRRP, ARP, neighbour advertisements), ICMP
 * and VRRP in with the device they came by, and the outer side of the tunnels.
 */
#ifndef IO_RAWSOCK_H
#define IO_RAWSOCK_H

#include "base/addr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

/* AF_PACKET for sending only: sees no packet. */
int rawsock_packet_open(struct err *err);
/* A whole Ethernet frame out of `index`. */
int rawsock_send_frame(int fd, int index, const void *frame, size_t len);

/* ICMP or ICMPv6, filtered to echo replies and unreachable messages. */
int rawsock_icmp_open(enum addr_family family, struct err *err);
/* The same for unreachable messages alone. */
int rawsock_unreachable_open(enum addr_family family, struct err *err);
/* Protocol 112 on one device by name, member of the VRRP group there; ttl and destination are told
 * on receipt. */
int rawsock_vrrp_open(enum addr_family family, const char *device, struct err *err);
/* Unicast VRRP out: from `source`, TTL 255. */
int rawsock_vrrp_send(int fd, const struct addr *source, const struct addr *to, const void *packet,
		      size_t len);

struct rawsock_from {
	struct addr src, dst;
	int index; /* the device it came by */
	uint8_t ttl;
	usec_t at; /* when the kernel took it in, CLOCK_MONOTONIC */
};

/* Length of the payload behind the IP header (also for IPv4), in buf; -EAGAIN; or -errno. */
ssize_t rawsock_recv(int fd, enum addr_family family, void *buf, size_t cap,
		     struct rawsock_from *from);

/* UDP bound to a port on every address, for probes: their TTL, destination and device are told.
 * -EADDRINUSE when another program has the port. */
int rawsock_probe_open(enum addr_family family, uint16_t port, struct err *err);
/* As rawsock_recv(), of such a socket: the payload behind the UDP header. */
ssize_t rawsock_probe_recv(int fd, void *buf, size_t cap, struct rawsock_from *from);

/* UDP bound to a port on every address, for futae-esp: packet info, no fragmentation surprises. */
int rawsock_udp_open(enum addr_family family, uint16_t port, struct err *err);
#define RAWSOCK_WORKERS_MAX 16u

/*
 * Port 4500 (RFC 3948), for each of the processes that share ESP by SPI % workers an express socket
 * and so many bulk ones: the kernel puts packets of network control (CS6) into that worker's
 * express socket, IKE into that of worker 0, and everything else into that worker's bulk sockets,
 * by a hash of the sender's address.  A socket that is full costs those who share it, and no other.
 * 0 or -errno; all fds or none.
 */
#define RAWSOCK_SHARES 8u
int rawsock_natt_open(enum addr_family family, unsigned workers, int (*bulk)[RAWSOCK_SHARES],
		      int *express, struct err *err);
/* Protocol 50, the packets of one of so many workers. */
int rawsock_esp_open(enum addr_family family, unsigned worker, unsigned workers, struct err *err);

/* Carrier as the driver sees it now (ETHTOOL_GLINK): link messages may come a second late. */
bool rawsock_has_carrier(int fd, const char *device);

#endif
