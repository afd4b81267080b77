/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/socket.h"

#include "ike/backend.h"
#include "ike/ike_hdr.h"
#include "ike/kernel.h"
#include "ike/link.h"
#include "ike/outbox.h"
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
	p = packet_create_from_data(src, dst, ss_copy(d->data));
	p->set_dscp(p, d->dscp);
	return p;
}

/*
 * IKEv1 has no cookies: with forged addresses anybody could fill the table of half-open IKE_SAs,
 * and so keep IKEv2 out as well.  Where nobody is expected nobody gets an answer.
 */
static bool is_welcome(const struct ipc_datagram *d)
{
	bool marker = d->src.port != IKE_PORT && d->dst.port != IKE_PORT;
	char from[ENDPOINT_TEXT];

	switch (ike_hdr_classify(d->data, marker)) {
	case IKE_HDR_OTHER:
	case IKE_HDR_OPENS_V2:
		return true;
	case IKE_HDR_OPENS_V1:
		if (backend_expects(&d->src.addr))
			return true;
		break;
	case IKE_HDR_BOGUS:
		break;
	}
	outbox_stray(endpoint_format(&d->src, from));
	return false;
}

/* A datagram for charon; everything else futae-esp says is about SAs and goes to the kernel part.
 */
static packet_t *sort(unsigned worker, struct view msg)
{
	struct ipc_datagram d;

	if (ipc_msg_type(msg) != IPC_IKE_DATAGRAM) {
		kernel_take(worker, msg);
		return NULL;
	}
	return ipc_datagram_decode(msg, &d) == 0 && is_welcome(&d) ? packet_of(&d) : NULL;
}

/* Runs in charon's receiver thread only, hence the static buffer. */
static status_t receive_packet(socket_t *this, packet_t **out)
{
	static uint8_t buf[IPC_MSG_MAX];
	struct view msg;
	unsigned worker;

	(void)this;
	for (;;) {
		bool old;

		while (link_take(buf, sizeof(buf), &msg, &worker)) {
			*out = sort(worker, msg);
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
	return n > 0 && link_send(0, buf, (size_t)n, false) == 0 ? SUCCESS : FAILED;
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
