/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/daemon_link.h"

#include "base/list.h"
#include "base/log.h"
#include "io/pidfile.h"
#include "io/rawsock.h"
#include "io/rundir.h"
#include "io/seqpkt.h"
#include "svc/answer.h"
#include "svc/daemon.h"
#include "svc/tunnel.h"
#include "wire/ipc_msg.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USER "futae"
#define IKE_BYTES (4u << 20) /* a burst of 500 handshakes fits */

/* The sockets of one family: four places from `out` on. */
static int open_family(enum addr_family family, int *out, struct err *err)
{
	int *bulk = out + IPC_SOCK_UDP4500_V4, *express = out + IPC_SOCK_EXPRESS_V4;
	int fd = out[IPC_SOCK_UDP500_V4] = rawsock_udp_open(family, 500, err);

	if (fd >= 0)
		fd = out[IPC_SOCK_ESP_V4] = rawsock_esp_open(family, 0, 1, err);
	return fd < 0 ? fd : rawsock_natt_open(family, 1, bulk, express, err);
}

/*
 * A futaed that was killed leaves futae-esp behind, forwarding, so that traffic flows on while
 * nobody is there.  It holds the ports and the devices: now that somebody is, it goes.  futae-ike
 * dies with its futaed; should one be left all the same, it would negotiate beside ours.
 */
static int end_orphan(const struct daemon *d, const char *name, struct err *err)
{
	int r = pidfile_end(d->options.run_dir, name);

	if (r > 0)
		log_event(LOGL_WARN, "process.orphan", "name=%s of an earlier futaed was ended",
			  name);
	return r < 0 ? err_set(err, r, "%s of an earlier futaed does not end; kill it", name) : 0;
}

int daemon_link_open(struct daemon *d, struct err *err)
{
	int r = end_orphan(d, d->ike.name, err);

	r = r ? r : end_orphan(d, d->esp.name, err);
	if (r)
		return r;
	for (int i = 0; i < IPC_SOCK_COUNT; i++)
		d->sockets[i] = -1;
	r = open_family(ADDR_V4, d->sockets, err);
	if (r)
		return r;
	r = open_family(ADDR_V6, d->sockets + IPC_SOCK_UDP500_V6, err);
	/* A kernel without IPv6 is no reason to stay away; anything else is. */
	if (r && r != -EAFNOSUPPORT)
		return r;
	for (int i = 0; r && i < IPC_SOCK_COUNT; i++)
		if (d->sockets[i] < 0)
			d->sockets[i] = open("/dev/null", O_RDWR | O_CLOEXEC);
	return 0;
}

/* Each gets one end of a new pair.  Only when both are there: else the one that comes does it. */
static void join(struct daemon *d)
{
	uint8_t buf[8];
	ssize_t n = ipc_worker_encode(&(struct ipc_worker){ 0, 1 }, buf, sizeof(buf));
	int pair[2];

	if (d->esp.fd < 0 || d->ike.fd < 0 || n < 0)
		return;
	if (seqpkt_pair(pair, IKE_BYTES)) {
		log_event(LOGL_ERROR, "process.join", "no socket pair for futae-esp and futae-ike");
		return;
	}
	sibling_send(&d->esp, buf, (size_t)n, &pair[0], 1);
	sibling_send(&d->ike, buf, (size_t)n, &pair[1], 1);
	close(pair[0]);
	close(pair[1]);
}

static void send_empty(struct sibling *s, enum ipc_type type, const int *fds, size_t nfds)
{
	uint8_t buf[8];
	ssize_t n = ipc_empty_encode(type, buf, sizeof(buf));

	if (n > 0)
		sibling_send(s, buf, (size_t)n, fds, nfds);
}

static void esp_started(struct sibling *s)
{
	static const struct ipc_sockets alone = { { 0, 1 }, true };
	struct daemon *d = s->ctx;
	uint8_t buf[8];
	ssize_t n = ipc_sockets_encode(&alone, buf, sizeof(buf));

	if (n > 0)
		sibling_send(s, buf, (size_t)n, d->sockets, IPC_SOCK_COUNT);
	send_empty(s, IPC_ESP_LIVENESS, &d->live_fd, 1);
	tunnels_tell_esp(d->tunnels);
	answers_tell_esp(d->answers);
	join(d);
}

static void ike_started(struct sibling *s)
{
	struct daemon *d = s->ctx;

	tunnels_tell_ike(d->tunnels);
	join(d);
}

static void refuse(const struct sibling *s, struct view msg)
{
	log_event(LOGL_WARN, "process.message", "name=%s type=%d length=%zu not understood",
		  s->name, ipc_msg_type(msg), msg.len);
}

static void esp_says(struct sibling *s, struct view msg)
{
	struct daemon *d = s->ctx;

	if (tunnels_from_esp(d->tunnels, msg))
		refuse(s, msg);
}

static void ike_says(struct sibling *s, struct view msg)
{
	struct daemon *d = s->ctx;

	if (tunnels_from_ike(d->tunnels, msg))
		refuse(s, msg);
}

static void esp_died(struct sibling *s)
{
	struct daemon *d = s->ctx;

	tunnels_esp_died(d->tunnels);
}

static void ike_died(struct sibling *s)
{
	(void)s; /* its SAs live on in futae-esp; there is no rekey until it is back */
}

static void set_program(struct sibling *s, const char *dir, char *path, size_t size)
{
	(void)snprintf(path, size, "%s/%s", dir, s->name);
	s->argv[0] = path;
}

void daemon_link_start(struct daemon *d)
{
	static char esp[512], ike[512], dir[512]; /* argv of the siblings, for as long as we live */
	struct err err;

	set_program(&d->esp, d->options.libexec, esp, sizeof(esp));
	set_program(&d->ike, d->options.libexec, ike, sizeof(ike));
	(void)snprintf(dir, sizeof(dir), "%s/ike", d->options.run_dir);
	if (rundir_make(dir, 0750, USER, &err))
		log_event(LOGL_WARN, "process.run_dir", "error=\"%s\"", err.text);
	d->ike.argv[1] = "--run-dir";
	d->ike.argv[2] = dir;
	d->esp.ctx = d->ike.ctx = d;
	d->esp.run_dir = d->ike.run_dir = d->options.run_dir;
	d->esp.outlives_us = true;
	d->esp.started = esp_started;
	d->esp.message = esp_says;
	d->esp.died = esp_died;
	d->ike.started = ike_started;
	d->ike.message = ike_says;
	d->ike.died = ike_died;
	sibling_start(&d->esp);
	sibling_start(&d->ike);
}

void daemon_link_ask_stats(struct daemon *d)
{
	send_empty(&d->esp, IPC_ESP_STATS_ASK, NULL, 0);
}

void daemon_link_close(struct daemon *d)
{
	sibling_done(&d->esp);
	sibling_done(&d->ike);
	for (int i = 0; i < IPC_SOCK_COUNT; i++)
		if (d->sockets[i] >= 0)
			close(d->sockets[i]);
}
