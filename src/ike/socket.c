/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/socket.h"

#include "ike/kernel.h"
#include "ike/link.h"
#include "wire/ipc_msg.h"

#include <threading/thread.h>

#define IKE_PORT 500
#define NATT_PORT 4500

static packet_t *packet_of(const struct ipc_datagram *d)
{
	host_t *src = ss_host_of_endpoint(&d->src), *dst = ss_host_of_endpoint(&d->dst);
	packet_t *p;

	if (!src || !dst) {
		DESTROY_IF(src);
		DESTROY_IF(dst);
		return NULL;
	}
	p = packet_create_from_data(src, dst, chunk_clone(ss_chunk(d->data)));
	p->set_dscp(p, d->dscp);
	return p;
}

/* A datagram for charon; everything else futae-esp says is about SAs and goes to the kernel part.
 */
static packet_t *sort(struct view msg)
{
	struct ipc_datagram d;

	if (ipc_msg_type(msg) != IPC_IKE_DATAGRAM) {
		kernel_take(msg);
		return NULL;
	}
	return ipc_datagram_decode(msg, &d) == 0 ? packet_of(&d) : NULL;
}

/* Runs in charon's receiver thread only, hence the static buffer. */
static status_t receive_packet(socket_t *this, packet_t **out)
{
	static uint8_t buf[IPC_MSG_MAX];
	struct view msg;

	(void)this;
	for (;;) {
		bool old;

		while (link_take(buf, sizeof(buf), &msg)) {
			*out = sort(msg);
			if (*out)
				return SUCCESS;
		}
		/* charon ends this thread by cancelling it: only here, where nothing is held */
		old = thread_cancelability(TRUE);
		link_wait();
		thread_cancelability(old);
	}
}

/* Runs in charon's one sender thread: must not block. */
static status_t send_packet(socket_t *this, packet_t *p)
{
	uint8_t buf[UINT16_MAX + 128];
	chunk_t data = p->get_data(p);
	struct ipc_datagram d = { .src = ss_endpoint(p->get_source(p)),
				  .dst = ss_endpoint(p->get_destination(p)),
				  .dscp = p->get_dscp(p),
				  .data = { data.ptr, data.len } };
	ssize_t n = ipc_datagram_encode(&d, buf, sizeof(buf));

	(void)this;
	return n > 0 && link_send(buf, (size_t)n, false) == 0 ? SUCCESS : FAILED;
}

static uint16_t port(socket_t *this, bool natt)
{
	(void)this;
	return natt ? NATT_PORT : IKE_PORT;
}

static socket_family_t families(socket_t *this)
{
	(void)this;
	return SOCKET_FAMILY_BOTH;
}

static void destroy(socket_t *this)
{
	free(this);
}

socket_t *socket_create(void)
{
	socket_t *this;

	INIT(this, .receive = receive_packet, .send = send_packet, .get_port = port,
	     .supported_families = families, .destroy = destroy, );
	return this;
}
