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
#include "svc/script.h"
#include "svc/tunnel.h"
#include "wire/ipc_msg.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USER "futae"
#define ESP "futae-esp"
_Static_assert(IPC_BULK_SHARES == RAWSOCK_SHARES, "each gets all of them");
_Static_assert(IPC_SOCKETS <= SEQPKT_FDS, "in one message");

#define IKE_BYTES (4u << 20) /* a burst of 500 handshakes fits */

/* The sockets of one family, at their places from `first` on; UDP 500 is worker 0's alone. */
static int open_family(struct daemon *d, enum addr_family family, enum ipc_socket first,
		       struct err *err)
{
	int bulk[IPC_WORKERS_MAX][RAWSOCK_SHARES], express[IPC_WORKERS_MAX];
	unsigned more = IPC_SOCK_COUNT + (family == ADDR_V6 ? IPC_BULK_SHARES - 1 : 0);
	int r = d->sockets[0][first + IPC_SOCK_UDP500_V4] = rawsock_udp_open(family, 500, err);

	for (unsigned w = 0; r >= 0 && w < d->workers; w++)
		r = d->sockets[w][first + IPC_SOCK_ESP_V4] =
			rawsock_esp_open(family, w, d->workers, err);
	if (r >= 0)
		r = rawsock_natt_open(family, d->workers, bulk, express, err);
	for (unsigned w = 0; r == 0 && w < d->workers; w++) {
		d->sockets[w][first + IPC_SOCK_UDP4500_V4] = bulk[w][0];
		memcpy(&d->sockets[w][more], &bulk[w][1], sizeof(bulk[w]) - sizeof(int));
		d->sockets[w][first + IPC_SOCK_EXPRESS_V4] = express[w];
	}
	return r;
}

/*
 * A futaed that was killed leaves futae-esp behind, forwarding, so that traffic flows on while
 * nobody is there.  It holds the ports and the devices: now that somebody is, it goes.  futae-ike
 * dies with its futaed; should one be left all the same, it would negotiate beside ours.
 */
static int end_orphan(const struct daemon *d, const char *name, const char *program,
		      struct err *err)
{
	int r = pidfile_end(d->options.run_dir, name, program);

	if (r > 0)
		log_event(LOGL_WARN, "process.orphan", "name=%s of an earlier futaed was ended",
			  name);
	return r < 0 ? err_set(err, r, "%s of an earlier futaed does not end; kill it", name) : 0;
}

/* Its futaed may have had more workers than we have. */
static int end_orphans(const struct daemon *d, struct err *err)
{
	int r = end_orphan(d, d->ike.name, d->ike.name, err);

	for (unsigned w = 0; r == 0 && w < IPC_WORKERS_MAX; w++)
		r = end_orphan(d, d->esp_name[w], ESP, err);
	return r;
}

int daemon_link_open(struct daemon *d, struct err *err)
{
	int *fd = d->sockets[0], r;

	for (unsigned w = 0; w < IPC_WORKERS_MAX; w++) {
		(void)snprintf(d->esp_name[w], sizeof(d->esp_name[w]), w ? ESP ".%u" : ESP, w);
		sibling_init(&d->esp[w], d->env.loop, d->esp_name[w]);
	}
	for (unsigned i = 0; i < IPC_WORKERS_MAX * IPC_SOCKETS; i++)
		fd[i] = -1;
	r = end_orphans(d, err);
	if (r)
		return r;
	r = open_family(d, ADDR_V4, IPC_SOCK_UDP500_V4, err);
	if (r)
		return r;
	r = open_family(d, ADDR_V6, IPC_SOCK_UDP500_V6, err);
	/* A kernel without IPv6 is no reason to stay away; anything else is. */
	if (r && r != -EAFNOSUPPORT)
		return r;
	for (unsigned i = 0; i < d->workers * IPC_SOCKETS; i++)
		if (fd[i] < 0)
			fd[i] = open("/dev/null", O_RDWR | O_CLOEXEC);
	return 0;
}

static struct ipc_worker worker_at(const struct daemon *d, const struct sibling *esp)
{
	return (struct ipc_worker){ (uint8_t)(esp - d->esp), (uint8_t)d->workers };
}

/* Each gets one end of a new pair.  Only when both are there: else the one that comes does it. */
static void join(struct daemon *d, struct sibling *esp)
{
	struct ipc_worker worker = worker_at(d, esp);
	uint8_t buf[8];
	ssize_t n = ipc_worker_encode(&worker, buf, sizeof(buf));
	int pair[2];

	if (esp->fd < 0 || d->ike.fd < 0 || n < 0)
		return;
	if (seqpkt_pair(pair, IKE_BYTES)) {
		log_event(LOGL_ERROR, "process.join", "no socket pair for %s and futae-ike",
			  esp->name);
		return;
	}
	sibling_send(esp, buf, (size_t)n, &pair[0], 1);
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

static void send_sockets(struct daemon *d, struct sibling *esp)
{
	struct ipc_sockets m = { worker_at(d, esp), d->join };
	uint8_t buf[8];
	ssize_t n = ipc_sockets_encode(&m, buf, sizeof(buf));

	if (n > 0)
		sibling_send(esp, buf, (size_t)n, d->sockets[m.worker.number], IPC_SOCKETS);
}

static void esp_started(struct sibling *s)
{
	struct daemon *d = s->ctx;

	send_sockets(d, s);
	send_empty(s, IPC_ESP_LIVENESS, &d->live_fd, 1);
	tunnels_tell_esp(d->tunnels, worker_at(d, s).number);
	answers_tell_esp(d->answers, worker_at(d, s).number);
	if (s == d->esp)
		tunnels_tell_peers(d->tunnels, true);
	join(d, s);
}

void daemon_link_join(struct daemon *d, bool may)
{
	if (d->join == may)
		return;
	d->join = may;
	for (unsigned w = 0; w < d->workers; w++)
		send_sockets(d, &d->esp[w]);
}

static void ike_started(struct sibling *s)
{
	struct daemon *d = s->ctx;

	tunnels_tell_ike(d->tunnels);
	for (unsigned w = 0; w < d->workers; w++)
		join(d, &d->esp[w]);
}

static void refuse(const struct sibling *s, struct view msg)
{
	log_event(LOGL_WARN, "process.message", "name=%s type=%d length=%zu not understood",
		  s->name, ipc_msg_type(msg), msg.len);
}

static void esp_says(struct sibling *s, struct view msg)
{
	struct daemon *d = s->ctx;

	if (tunnels_from_esp(d->tunnels, worker_at(d, s).number, msg))
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

	tunnels_esp_died(d->tunnels, worker_at(d, s).number);
}

static void ike_died(struct sibling *s)
{
	(void)s; /* its SAs live on in futae-esp; there is no rekey until it is back */
}

static void set_program(char *path, size_t size, const char *dir, const char *program)
{
	(void)snprintf(path, size, "%s/%s", dir, program);
}

static void start_esp(struct daemon *d, struct sibling *s, const char *program)
{
	s->argv[0] = program;
	if (s != d->esp) { /* what it calls itself in the log */
		s->argv[1] = "--name";
		s->argv[2] = s->name;
	}
	s->ctx = d;
	s->run_dir = d->options.run_dir;
	s->outlives_us = true;
	s->started = esp_started;
	s->message = esp_says;
	s->died = esp_died;
	sibling_start(s);
}

void daemon_link_start(struct daemon *d)
{
	static char esp[512], ike[512], dir[512]; /* argv of the siblings, for as long as we live */
	struct err err;

	set_program(esp, sizeof(esp), d->options.libexec, ESP);
	set_program(ike, sizeof(ike), d->options.libexec, d->ike.name);
	(void)snprintf(dir, sizeof(dir), "%s/ike", d->options.run_dir);
	if (rundir_make(dir, 0750, USER, &err))
		log_event(LOGL_WARN, "process.run_dir", "error=\"%s\"", err.text);
	d->ike.argv[0] = ike;
	d->ike.argv[1] = "--run-dir";
	d->ike.argv[2] = dir;
	d->ike.ctx = d;
	d->ike.run_dir = d->options.run_dir;
	d->ike.started = ike_started;
	d->ike.message = ike_says;
	d->ike.died = ike_died;
	for (unsigned w = 0; w < d->workers; w++)
		start_esp(d, &d->esp[w], esp);
	sibling_start(&d->ike);
}

static void script_started(struct sibling *s)
{
	struct daemon *d = s->ctx;

	scripts_started(d->scripts);
}

static void script_says(struct sibling *s, struct view msg)
{
	struct daemon *d = s->ctx;

	if (scripts_message(d->scripts, msg))
		refuse(s, msg);
}

static void script_died(struct sibling *s)
{
	struct daemon *d = s->ctx;

	scripts_died(d->scripts);
}

/* It sees by the socket when we die, and then ends what runs: a signal would leave that behind. */
void daemon_link_start_script(struct daemon *d)
{
	static char path[512];
	struct sibling *s = &d->script;

	if (s->started || d->stopping)
		return;
	set_program(path, sizeof(path), d->options.libexec, s->name);
	s->argv[0] = path;
	s->ctx = d;
	s->run_dir = d->options.run_dir;
	s->outlives_us = true;
	s->started = script_started;
	s->message = script_says;
	s->died = script_died;
	sibling_start(s);
}

void daemon_link_ask_stats(struct daemon *d)
{
	for (unsigned w = 0; w < d->workers; w++)
		send_empty(&d->esp[w], IPC_ESP_STATS_ASK, NULL, 0);
}

void daemon_link_flush(void *daemon)
{
	struct daemon *d = daemon;

	for (unsigned w = 0; w < d->workers; w++)
		sibling_flush(&d->esp[w]);
}

void daemon_link_close(struct daemon *d)
{
	int *fd = d->sockets[0];

	for (unsigned w = 0; w < d->workers; w++)
		sibling_done(&d->esp[w]);
	sibling_done(&d->ike);
	sibling_done(&d->script);
	for (unsigned i = 0; i < d->workers * IPC_SOCKETS; i++)
		if (fd[i] >= 0)
			close(fd[i]);
}
