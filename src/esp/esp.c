/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/esp.h"

#include "base/list.h"
#include "esp/control.h"
#include "esp/inbound.h"
#include "esp/relay.h"
#include "esp/seal.h"
#include "io/bigmem.h"
#include "io/shm.h"

#include <errno.h>
#include <openssl/rand.h>
#include <time.h>
#include <unistd.h>

#define KEEPALIVE_AFTER (20 * USEC_PER_SEC) /* RFC 3948, 4 */

/* One byte to the newest SA's peer, when nothing else has held the NAT's mapping open. */
static void keep_alive(void *ctx, struct tunnel *t)
{
	const struct sa *sa = t->out;
	struct esp *esp = ctx;
	struct leave how;

	if (!sa || !sa->encap || usec_since(t->encap_sent, esp->now) < KEEPALIVE_AFTER)
		return;
	how = (struct leave){ .src = sa->src, .dst = sa->dst, .sock = seal_socket(sa) };
	*outbox_place(esp, &how, 1) = 0xff;
	outbox_commit(esp, 0);
	t->encap_sent = esp->now;
}

/* Devices are read last: what the callbacks of this turn have sent is on its way already. */
static void on_turn_end(void *ctx)
{
	struct esp *esp = ctx;
	usec_t pause;

	if (esp->devices.waiting) {
		esp->now = clock_now();
		devices_turn(esp);
		outbox_flush(esp);
		if (esp->expire_due)
			relay_report(esp, false);
	}
	if (esp->turn_reads == 0)
		return; /* a turn about something else */
	pause = pace_step(&esp->pace, loop_now(esp->loop), clock_now(), esp->turn_reads);
	esp->turn_reads = 0;
	if (pause) {
		struct timespec ts = { 0, (long)pause * 1000 };

		(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
	}
}

static void on_tick(struct timer *timer)
{
	struct esp *esp = container_of(timer, struct esp, tick);

	esp->now = clock_now();
	sadb_each_tunnel(&esp->db, keep_alive, esp);
	outbox_flush(esp);
	relay_report(esp, true);
	control_tell_sas(esp);
	control_mind_joins(esp);
	timer_at(&esp->tick, usec_add(esp->now, USEC_PER_SEC));
}

static void on_term(struct signal_watch *s)
{
	struct esp *esp = container_of(s, struct esp, term);

	loop_stop(esp->loop);
}

static int make_keys(struct esp *esp)
{
	struct hash_key key[3];

	if (RAND_bytes((unsigned char *)key, sizeof(key)) != 1)
		return -EIO;
	sadb_init(&esp->db, &key[0], esp->aead);
	esp->pmtu.key = key[1];
	esp->ike_nets.key = key[2];
	return 0;
}

static enum ipc_socket kind_of(unsigned i)
{
	if (i < IPC_SOCK_COUNT)
		return (enum ipc_socket)i;
	return i < IPC_SOCK_COUNT + IPC_BULK_SHARES - 1 ? IPC_SOCK_UDP4500_V4 : IPC_SOCK_UDP4500_V6;
}

int esp_new(struct loop *loop, int futaed_fd, struct aead_lib *aead, struct esp **out)
{
	struct esp *esp = bigmem_new(sizeof(*esp));

	if (!esp)
		return -ENOMEM;
	esp->loop = loop;
	esp->aead = aead;
	esp->batch = batch_new(BATCH_FASTEST);
	if (!esp->batch || make_keys(esp) < 0) {
		batch_free(esp->batch);
		bigmem_free(esp, sizeof(*esp));
		return -EIO;
	}
	coalesce_init(&esp->co, false);
	for (unsigned i = 0; i < IPC_SOCKETS; i++) {
		struct esp_sock *s = &esp->sock[i];

		s->esp = esp;
		s->kind = kind_of(i);
		s->fd = -1;
		watch_init(&s->watch, loop, inbound_read);
	}
	esp->sibling_fd = -1;
	watch_init(&esp->sibling, loop, relay_read);
	watch_first(&esp->sibling);
	esp->futaed_fd = futaed_fd;
	watch_init(&esp->futaed, loop, control_read);
	watch_first(&esp->futaed);
	watch_start(&esp->futaed, futaed_fd, false);
	devices_init(&esp->devices);
	loop_at_turn_end(loop, on_turn_end, esp);
	timer_init(&esp->tick, loop, on_tick);
	timer_at(&esp->tick, usec_add(clock_now(), USEC_PER_SEC));
	signal_watch_start(&esp->term, loop, SIGTERM, on_term);
	*out = esp;
	return 0;
}

static void stop_tunnel(void *ctx, struct tunnel *t)
{
	(void)ctx;
	if (t->tun_fd >= 0)
		watch_stop(&t->watch);
}

void esp_free(struct esp *esp)
{
	if (!esp)
		return;
	timer_stop(&esp->tick);
	watch_stop(&esp->futaed);
	watch_stop(&esp->sibling);
	control_close_sockets(esp);
	sadb_each_tunnel(&esp->db, stop_tunnel, NULL);
	sadb_done(&esp->db);
	batch_free(esp->batch);
	shm_free(esp->live, sizeof(*esp->live), -1);
	if (esp->futaed_fd >= 0)
		close(esp->futaed_fd);
	if (esp->sibling_fd >= 0)
		close(esp->sibling_fd);
	bigmem_free(esp, sizeof(*esp));
}
