/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Past the routing, straight into one device; and what a driver says of its cable. */
#include "io/rawsock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int rawsock_packet_open(struct err *err)
{
	/* Protocol 0: the kernel queues nothing for it. */
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return err_set(err, -errno, "no packet socket: %s%s", strerror(errno),
			       errno == EPERM ? "; start as root (needs CAP_NET_RAW)" : "");
	return fd;
}

static int send_out(int fd, int index, uint16_t protocol, const void *data, size_t len)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(protocol),
				  .sll_ifindex = index };
	ssize_t n;

	do
		n = sendto(fd, data, len, 0, (struct sockaddr *)&to, sizeof(to));
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

int rawsock_send_frame(int fd, int index, const void *frame, size_t len)
{
	struct ether_header head;

	if (len < sizeof(head))
		return -EINVAL;
	memcpy(&head, frame, sizeof(head));
	return send_out(fd, index, ntohs(head.ether_type), frame, len);
}

bool rawsock_has_carrier(int fd, const char *device)
{
	struct ethtool_value link = { .cmd = ETHTOOL_GLINK };
	struct ifreq ifr = { .ifr_data = (void *)&link };
	size_t len = strlen(device);

	if (len >= IFNAMSIZ)
		return false;
	memcpy(ifr.ifr_name, device, len + 1);
	if (ioctl(fd, SIOCETHTOOL, &ifr) == 0)
		return link.data != 0;
	if (errno != EOPNOTSUPP)
		return false;
	/* A driver that cannot tell: what the kernel believes. */
	return ioctl(fd, SIOCGIFFLAGS, &ifr) == 0 && ifr.ifr_flags & IFF_RUNNING;
}
