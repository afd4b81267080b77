/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/joined.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>

static bool is(const struct cmsghdr *c, int level, int type, size_t least)
{
	return c->cmsg_level == level && c->cmsg_type == type && c->cmsg_len >= CMSG_LEN(least);
}

static int number(const struct cmsghdr *c)
{
	int value;

	memcpy(&value, CMSG_DATA(c), sizeof(value));
	return value;
}

/* Where it went to, its traffic class, and how long each packet is of those that are joined. */
static void take_control(struct joined *j, const struct cmsghdr *c)
{
	const uint8_t *data = CMSG_DATA(c);

	if (is(c, IPPROTO_IP, IP_PKTINFO, sizeof(struct in_pktinfo)))
		j->next.dst.addr =
			addr_from_bytes(ADDR_V4, data + offsetof(struct in_pktinfo, ipi_addr));
	else if (is(c, IPPROTO_IPV6, IPV6_PKTINFO, sizeof(struct in6_pktinfo)))
		j->next.dst.addr =
			addr_from_bytes(ADDR_V6, data + offsetof(struct in6_pktinfo, ipi6_addr));
	else if (is(c, IPPROTO_IP, IP_TOS, 1))
		j->next.tos = *data;
	else if (is(c, IPPROTO_IPV6, IPV6_TCLASS, sizeof(int)))
		j->next.tos = (uint8_t)number(c);
	else if (is(c, IPPROTO_UDP, UDP_GRO, sizeof(int)) && number(c) > 0)
		j->segment = (size_t)number(c);
}

bool joined_init(struct joined *j, enum ipc_socket kind, struct msghdr *m, uint8_t *data,
		 size_t len)
{
	*j = (struct joined){ .next = { .sock = kind }, .data = data, .len = len, .segment = len };
	/* Without its length a row of packets would be taken for one. */
	if (m->msg_flags & MSG_CTRUNC ||
	    !endpoint_from_sockaddr(m->msg_name, m->msg_namelen, &j->next.src))
		return false;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
		take_control(j, c);
	j->next.joined = j->segment < len;
	return true;
}

bool joined_next(struct joined *j, struct pkt *p)
{
	size_t left = j->len - j->at;

	if (j->done)
		return false;
	*p = j->next;
	p->data = j->data + j->at;
	p->len = left < j->segment ? left : j->segment;
	j->at += p->len;
	j->done = j->at == j->len;
	return true;
}
