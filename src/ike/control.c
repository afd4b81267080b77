/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/control.h"

#include "base/list.h"
#include "base/log.h"
#include "base/secret.h"
#include "ike/backend.h"
#include "ike/dial.h"
#include "ike/kernel.h"
#include "ike/link.h"
#include "ike/live.h"
#include "ike/outbox.h"
#include "ike/sa_table.h"
#include "io/loop.h"
#include "io/seqpkt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define SURPLUS_EVERY (5 * USEC_PER_SEC)
/* A CHILD_SA that is just being set up or rekeyed refuses to be rekeyed: ask again. */
#define LOST_EVERY (2 * USEC_PER_SEC)
#define LOST_TRIES 8
#define HERE_MOST 64 /* messages of futaed before charon's news get their turn */

static struct {
	struct loop *loop;
	int futaed; /* -1: gone; what is up stays up */
	int kicked; /* eventfd: charon's threads have news */
	struct watch watch, kick;
	struct timer due, surplus, lost;
	struct signal_watch term, interrupt;
	unsigned lost_tries;
	bool had_link;
	uint8_t unsent[IPC_MSG_MAX]; /* what futaed was too slow to take, 0 bytes: nothing */
	size_t unsent_len;
} ctl = { .futaed = -1, .kicked = -1 };

static void kick(void)
{
	/* Fails only when the counter is full, and then the main thread is awake already. */
	(void)!write(ctl.kicked, &(uint64_t){ 1 }, sizeof(uint64_t));
}

/* --- to futaed --- */

static bool flush_unsent(void)
{
	if (!ctl.unsent_len)
		return true;
	if (ctl.futaed >= 0 &&
	    seqpkt_send(ctl.futaed, ctl.unsent, ctl.unsent_len, NULL, 0) == -EAGAIN)
		return false;
	ctl.unsent_len = 0;
	return true;
}

/* After false nothing more may be sent until the socket takes it. */
static bool tell(const void *msg, ssize_t len)
{
	if (ctl.futaed < 0 || len <= 0)
		return true;
	if (seqpkt_send(ctl.futaed, msg, (size_t)len, NULL, 0) != -EAGAIN)
		return true;
	memcpy(ctl.unsent, msg, (size_t)len);
	ctl.unsent_len = (size_t)len;
	watch_start(&ctl.watch, ctl.futaed, true);
	return false;
}

static bool tell_events(void)
{
	struct ipc_ike_event e;
	uint8_t buf[1024];

	while (outbox_take(&e))
		if (!tell(buf, ipc_ike_event_encode(&e, buf, sizeof(buf))))
			return false;
	return true;
}

static bool work_connections(void)
{
	struct live_work w;
	uint8_t buf[4096];
	bool more = true;

	while (more && live_take(&w, clock_now())) {
		dial_do(&w);
		if (w.tell)
			more = tell(buf, ipc_ike_state_encode(&w.state, buf, sizeof(buf)));
		DESTROY_IF(w.ike);
		free(w.missing);
	}
	return more;
}

static void work(void)
{
	if (!flush_unsent() || !tell_events() || !work_connections())
		return; /* goes on when futaed has taken some */
	timer_at(&ctl.due, live_deadline());
}

static void on_kick(struct watch *w)
{
	uint64_t count;

	(void)w;
	(void)!read(ctl.kicked, &count, sizeof(count));
	work();
}

static void on_due(struct timer *t)
{
	(void)t;
	work();
}

static void on_surplus(struct timer *t)
{
	usec_t now = clock_now();

	dial_close_surplus(now);
	if (ctl.futaed < 0 && !link_is_up())
		loop_stop(ctl.loop);
	timer_at(t, usec_add(now, SURPLUS_EVERY));
}

/* --- from futaed --- */

static void on_lost(struct timer *t)
{
	unsigned n = kernel_rekey_lost();

	if (n && ctl.lost_tries < LOST_TRIES)
		timer_at(t, usec_add(clock_now(), LOST_EVERY));
	if (n && ctl.lost_tries++ == 0)
		log_event(LOGL_NOTICE, "esp.rekey", "children=%u of the former futae-esp", n);
}

static void take_sibling(struct seqpkt_msg *m)
{
	struct ipc_worker worker;

	if (!m->nfds || ipc_worker_decode(m->data, &worker) < 0)
		return;
	sa_table_lose(worker.number);
	link_replace(worker, m->fds[0]);
	m->fds[0] = -1;
	ctl.lost_tries = 0;
	on_lost(&ctl.lost);
	log_event(LOGL_INFO, "esp.here", "worker=%u of=%u first=%d", worker.number, worker.count,
		  !ctl.had_link);
	ctl.had_link = true;
}

static void terminate_all(const char *name)
{
	linked_list_t *ids = live_ikes(name, true);
	ike_sa_id_t *id;

	while (ids->remove_first(ids, (void **)&id) == SUCCESS)
		dial_terminate(id);
	ids->destroy(ids);
}

static void take_conn(struct view msg)
{
	static struct ipc_conn c; /* some 4 kB; points into msg */
	enum live_change change;
	struct tunnel *t;
	struct err err = { "" };

	if (ipc_conn_decode(msg, &c) < 0) {
		log_event(LOGL_ERROR, "ike.bad_order", "connection is malformed");
		return;
	}
	t = tunnel_new(&c, &err);
	if (!t) {
		live_reject(c.name, err.text);
		outbox_event(c.name, IPC_IKE_EV_FAILED, "not accepted: %s", err.text);
		return;
	}
	change = live_compare(t);
	if (change == LIVE_SAME) {
		tunnel_free(t);
		return;
	}
	log_event(LOGL_INFO, "ike.connection", "tunnel=%s change=%s children=%u", t->name,
		  change == LIVE_NEW      ? "new"
		  : change == LIVE_REDIAL ? "redial"
					  : "later",
		  t->children);
	live_put(t);
	backend_put(t);
	if (change == LIVE_REDIAL)
		terminate_all(c.name);
}

static void take_rekey(const char *name, enum ipc_rekey which)
{
	linked_list_t *ids = live_ikes(name, false);
	ike_sa_id_t *id;

	while (ids->remove_first(ids, (void **)&id) == SUCCESS)
		dial_rekey(id, which);
	ids->destroy(ids);
}

static void take(struct seqpkt_msg *m)
{
	char name[IPC_NAME];
	enum ipc_rekey which;

	switch (ipc_msg_type(m->data)) {
	case IPC_SIBLING:
		take_sibling(m);
		break;
	case IPC_IKE_CONN:
		take_conn(m->data);
		break;
	case IPC_IKE_CONN_DEL:
		if (ipc_name_decode(m->data, name) < 0)
			break;
		terminate_all(name);
		live_remove(name);
		backend_remove(name);
		break;
	case IPC_IKE_REDIAL:
		if (ipc_name_decode(m->data, name) == 0)
			terminate_all(name);
		break;
	case IPC_IKE_REKEY:
		if (ipc_rekey_decode(m->data, name, &which) == 0)
			take_rekey(name, which);
		break;
	default:
		log_event(LOGL_ERROR, "ike.bad_order", "type=%d", ipc_msg_type(m->data));
		break;
	}
}

/* The tunnels go on as they are; without futae-esp too there are none. */
static void futaed_gone(void)
{
	watch_stop(&ctl.watch);
	close(ctl.futaed);
	ctl.futaed = -1;
	log_event(LOGL_WARN, "futaed.gone", "tunnels stay up while futae-esp is there");
}

static void on_futaed(struct watch *w)
{
	static uint8_t buf[IPC_MSG_MAX];

	for (unsigned i = 0; i < HERE_MOST && ctl.futaed >= 0; i++) {
		struct seqpkt_msg m;
		int r = seqpkt_recv(ctl.futaed, buf, sizeof(buf), &m);

		if (r == -EAGAIN)
			break;
		if (r <= 0) {
			futaed_gone();
			break;
		}
		take(&m);
		seqpkt_close_fds(&m);
		secret_wipe(buf, m.data.len); /* may have held keys */
	}
	if (ctl.unsent_len && flush_unsent() && ctl.futaed >= 0)
		watch_start(w, ctl.futaed, false);
	work();
}

static void on_signal(struct signal_watch *s)
{
	(void)s;
	loop_stop(ctl.loop);
}

bool control_init(int futaed)
{
	ctl.loop = loop_new();
	ctl.kicked = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!ctl.loop || ctl.kicked < 0 || link_init() < 0)
		return false;
	ctl.futaed = futaed;
	(void)fcntl(futaed, F_SETFD, FD_CLOEXEC);
	(void)fcntl(futaed, F_SETFL, fcntl(futaed, F_GETFL) | O_NONBLOCK);
	live_init(kick);
	outbox_init(kick);
	return true;
}

void control_run(void)
{
	watch_init(&ctl.watch, ctl.loop, on_futaed);
	watch_init(&ctl.kick, ctl.loop, on_kick);
	timer_init(&ctl.due, ctl.loop, on_due);
	timer_init(&ctl.surplus, ctl.loop, on_surplus);
	timer_init(&ctl.lost, ctl.loop, on_lost);
	signal_watch_start(&ctl.term, ctl.loop, SIGTERM, on_signal);
	signal_watch_start(&ctl.interrupt, ctl.loop, SIGINT, on_signal);
	watch_start(&ctl.kick, ctl.kicked, false);
	watch_start(&ctl.watch, ctl.futaed, false);
	timer_at(&ctl.surplus, usec_add(clock_now(), SURPLUS_EVERY));
	loop_run(ctl.loop);
}

void control_done(void)
{
	live_done();
	loop_free(ctl.loop);
	close(ctl.kicked);
	if (ctl.futaed >= 0)
		close(ctl.futaed);
}
