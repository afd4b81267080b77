/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/udp_door.h"

#include "base/list.h"

#include <errno.h>
#include <unistd.h>

#define BATCH 256 /* datagrams taken in one turn */
#define ROOM 2048

static const enum addr_family families[2] = { ADDR_V4, ADDR_V6 };

static void drain_datagrams(struct udp_door *d, unsigned f)
{
	uint8_t buf[ROOM];

	for (unsigned i = 0; d->in[f].fd >= 0 && i < BATCH; i++) {
		struct udpsock_from from;
		ssize_t n = udpsock_recv(d->in[f].fd, buf, sizeof(buf), &from);

		if (n == -EMSGSIZE || n == -EBADMSG)
			continue;
		if (n < 0)
			return;
		d->on_datagram(d, (struct view){ buf, (size_t)n }, &from);
	}
}

static void drain_unreachable(struct udp_door *d, unsigned f)
{
	uint8_t buf[ROOM];

	for (unsigned i = 0; d->unreachable[f].fd >= 0 && i < BATCH; i++) {
		struct rawsock_from from;
		struct udp_quote quote;
		ssize_t n =
			rawsock_recv(d->unreachable[f].fd, families[f], buf, sizeof(buf), &from);

		if (n == -EMSGSIZE || n == -EBADMSG)
			continue;
		if (n < 0)
			return;
		if (udp_pkt_parse_unreachable(families[f], (struct view){ buf, (size_t)n },
					      &quote) == 0 &&
		    quote.src.port == d->port[f])
			d->on_unreachable(d, &quote, &from);
	}
}

static void readable_v4(struct watch *w)
{
	drain_datagrams(container_of(w, struct udp_door, in[0]), 0);
}

static void readable_v6(struct watch *w)
{
	drain_datagrams(container_of(w, struct udp_door, in[1]), 1);
}

static void unreachable_v4(struct watch *w)
{
	drain_unreachable(container_of(w, struct udp_door, unreachable[0]), 0);
}

static void unreachable_v6(struct watch *w)
{
	drain_unreachable(container_of(w, struct udp_door, unreachable[1]), 1);
}

void udp_door_drain(struct udp_door *d)
{
	for (unsigned f = 0; f < 2; f++) {
		drain_datagrams(d, f);
		drain_unreachable(d, f);
	}
}

static int open_family(struct udp_door *d, unsigned f, struct err *err)
{
	int in = udpsock_open(families[f], 0, err);
	int unreachable = in < 0 ? in : rawsock_unreachable_open(families[f], err);

	if (unreachable < 0) {
		if (in >= 0)
			(void)close(in);
		return unreachable;
	}
	d->port[f] = udpsock_port(in);
	watch_start(&d->in[f], in, false);
	watch_start(&d->unreachable[f], unreachable, false);
	return 0;
}

int udp_door_open(struct udp_door *d, struct loop *loop, struct err *err)
{
	struct err ignored;
	int r;

	watch_init(&d->in[0], loop, readable_v4);
	watch_init(&d->in[1], loop, readable_v6);
	watch_init(&d->unreachable[0], loop, unreachable_v4);
	watch_init(&d->unreachable[1], loop, unreachable_v6);
	for (unsigned f = 0; f < 2; f++)
		d->in[f].fd = d->unreachable[f].fd = -1;
	r = open_family(d, 0, err);
	if (r == 0)
		(void)open_family(d, 1, &ignored);
	return r;
}

static void shut(struct watch *w)
{
	int fd = w->fd;

	if (fd < 0)
		return;
	watch_stop(w);
	(void)close(fd);
	w->fd = -1;
}

void udp_door_close(struct udp_door *d)
{
	for (unsigned f = 0; f < 2; f++) {
		shut(&d->in[f]);
		shut(&d->unreachable[f]);
	}
}

int udp_door_send(const struct udp_door *d, struct path *p, const struct addr *source,
		  const struct endpoint *dst, struct view payload)
{
	unsigned f = source->family == ADDR_V6;
	const struct endpoint src = { *source, d->port[f] };
	uint8_t buf[ROOM];
	ssize_t n = udp_pkt_build(&src, dst, payload, buf, sizeof(buf));

	if (d->in[f].fd < 0)
		return -EAFNOSUPPORT;
	return n < 0 ? (int)n : path_express(p, (struct view){ buf, (size_t)n });
}
