/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/vrrp.h"

#include "base/list.h"
#include "base/log.h"
#include "io/rawsock.h"
#include "svc/board.h"
#include "svc/iface.h"
#include "svc/path.h"
#include "svc/record.h"
#include "svc/track.h"
#include "svc/vrrp_in.h"
#include "svc/vrrp_sync.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Packets per turn; and before a timer is believed, when thousands may wait after a pause. */
#define BATCH 64
#define BACKLOG 4096

const char *vrrp_state_word(const struct vrrp *v)
{
	return vrrp_state_name(v->fsm.state);
}

int vrrp_priority(const struct vrrp *v)
{
	return v->fsm.priority;
}

usec_t vrrp_preempt_wait(const struct vrrp *v, usec_t now)
{
	bool waits = v->fsm.state == VRRP_BACKUP && v->cfg.preempt && v->fsm.heard &&
		     v->fsm.master_priority < v->fsm.priority;

	return waits ? usec_since(now, v->fsm.preempt_from) : 0;
}

bool vrrp_is_running(const struct vrrp *v)
{
	return v->fsm.state == VRRP_BACKUP || v->fsm.state == VRRP_MASTER;
}

bool vrrp_track_state(const struct vrrp *v, size_t i, char *what, size_t size)
{
	const struct conf_cond *c = &v->conf->track[i].cond;
	enum board_kind kind = track_board_kind(c->kind);

	(void)snprintf(what, size, "%s %s", board_kind_name(kind), c->name);
	return track_cond_is_good(v->owner->env->board, c);
}

/*
 * What tracking leaves of the configured priority; *stop: the first lost condition that stops.
 *
 * A condition that is good again and only held back for its restore time does not stop: it
 * leaves the lowest priority, so that whoever else serves goes on, but the office is not
 * without a gateway when nobody does (every router's tunnel failed at the same moment).
 */
static uint8_t tracked_priority(const struct vrrp *v, const struct conf_cond **stop)
{
	const struct board *board = v->owner->env->board;
	int priority = v->conf->priority;

	*stop = NULL;
	for (size_t i = 0; i < v->conf->track_count; i++) {
		const struct conf_vrrp_track *t = &v->conf->track[i];

		if (track_cond_is_good(board, &t->cond))
			continue;
		if (t->lost == CONF_LOST_PRIORITY)
			priority += t->priority;
		else if (track_cond_is_held(board, &t->cond))
			priority = 1;
		else if (!*stop)
			*stop = &t->cond;
	}
	if (v->manual == VRRP_MANUAL_GIVE_UP)
		return 1;
	if (v->conf->priority == VRRP_OWNER)
		return VRRP_OWNER; /* the owner's priority is fixed (RFC 9568, 5.2.4) */
	if (v->manual == VRRP_MANUAL_TAKE)
		return VRRP_OWNER - 1;
	return (uint8_t)(priority < 1 ? 1 : priority > 254 ? 254 : priority);
}

static void explain_change(struct vrrp *v)
{
	const struct conf_cond *stop;
	const struct board_fact *f = NULL;
	const struct vrrp *unfit;
	char master[ADDR_TEXT];

	(void)tracked_priority(v, &stop);
	if (stop)
		f = board_get(v->owner->env->board, track_board_kind(stop->kind), stop->name);
	unfit = vrrp_sync_unfit(v->owner, v->conf->group);
	addr_format(&v->fsm.master, master);
	if (v->fsm.state == VRRP_STOPPED && stop)
		(void)snprintf(v->why, sizeof(v->why), "%s %.63s is lost: %.160s",
			       board_kind_name(track_board_kind(stop->kind)), stop->name,
			       f ? f->why : "nothing is known of it");
	else if (v->fsm.state == VRRP_STOPPED && v->fsm.cause == VRRP_CAUSE_GROUP && unfit)
		(void)snprintf(v->why, sizeof(v->why), "%s of its group %s cannot run", unfit->name,
			       v->conf->group);
	else if (v->fsm.state == VRRP_FAULT && v->net.trouble[0])
		(void)snprintf(v->why, sizeof(v->why), "%s", v->net.trouble);
	else if (v->fsm.state == VRRP_BACKUP && v->fsm.master.family != ADDR_NONE)
		(void)snprintf(v->why, sizeof(v->why), "%s (%s, priority %u)",
			       vrrp_cause_text(v->fsm.cause), master, v->fsm.master_priority);
	else
		(void)snprintf(v->why, sizeof(v->why), "%s", vrrp_cause_text(v->fsm.cause));
}

static void record(struct vrrp *v, const struct vrrp_fsm *old, usec_t decided)
{
	struct records *rs = v->owner->env->records;
	struct failover *f = records_open(rs, FAILOVER_VRRP, v->name, vrrp_state_name(old->state),
					  vrrp_state_name(v->fsm.state), v->why);

	f->last_good = v->fsm.state == VRRP_MASTER ? old->heard : 0;
	f->detected = decided;
	f->decided = decided;
	f->written = clock_now();
	/* Without a virtual MAC the device gets other packets too, and its counter says nothing. */
	records_watch(rs, f->id, NULL,
		      v->fsm.state == VRRP_MASTER && v->conf->virtual_mac ? v->net.device : 0);
}

static void advertise(struct vrrp *v, uint8_t priority)
{
	if (vrrp_net_advertise(&v->net, priority, v->cfg.interval))
		v->counters.sent++;
	else
		v->counters.send_failed++;
}

/*
 * Addresses before advertisements: the switch sends the virtual MAC's traffic here from the
 * first frame on, and nothing may be lost because we were not ready.
 */
static void act(struct vrrp *v, unsigned actions)
{
	if (actions & VRRP_SEND_ADV_ZERO)
		advertise(v, 0);
	if (actions & VRRP_LEAVE_MASTER)
		vrrp_net_remove(&v->net);
	if ((actions & VRRP_BECOME_MASTER) && vrrp_net_install(&v->net))
		log_event(LOGL_ERROR, "vrrp.install", "vrrp=%s error=\"%s\"", v->name,
			  v->net.trouble);
	if (actions & VRRP_SEND_ADV)
		advertise(v, v->fsm.priority);
	if (actions & VRRP_SEND_GARP) {
		vrrp_net_announce(&v->net);
		v->counters.announced++;
	}
}

/* Whether it takes part at all, and whether it is the one that carries. */
static void tell_board(const struct vrrp *v, usec_t now)
{
	struct board *board = v->owner->env->board;

	board_set(board, BOARD_VRRP, v->name, vrrp_is_running(v), v->why, now);
	board_set(board, BOARD_MASTER, v->name, v->fsm.state == VRRP_MASTER, v->why, now);
}

static void tell(struct vrrp *v, const struct vrrp_fsm *old, usec_t now)
{
	v->since = v->fsm.since;
	explain_change(v);
	log_event(LOGL_NOTICE, "vrrp.state", "vrrp=%s from=%s to=%s priority=%u why=\"%s\"",
		  v->name, vrrp_state_name(old->state), vrrp_state_name(v->fsm.state),
		  v->fsm.priority, v->why);
	if (old->state != v->fsm.state &&
	    (old->state == VRRP_MASTER || v->fsm.state == VRRP_MASTER))
		record(v, old, now);
	tell_board(v, now);
}

void vrrp_feed(struct vrrp *v, const struct vrrp_event *ev, usec_t now)
{
	struct vrrp_fsm old = v->fsm;
	struct vrrp_step s = vrrp_step(&v->cfg, old, ev, now);

	v->fsm = s.next;
	timer_at(&v->timer, s.next.deadline);
	act(v, s.actions);
	if (s.actions & VRRP_BAD_INTERVAL)
		vrrp_in_refuse(v, VRRP_REFUSED_INTERVAL, &ev->src, now);
	if (s.actions & VRRP_OTHER_OWNER)
		vrrp_in_refuse(v, VRRP_REFUSED_OWNER, &ev->src, now);
	if (old.state != s.next.state || old.cause != s.next.cause)
		tell(v, &old, now);
	if (old.state != s.next.state || old.follows != s.next.follows ||
	    (s.actions & VRRP_CANDIDATE))
		vrrp_sync(v->owner, v->conf->group);
}

static void on_advert(void *ctx, const struct vrrp_event *ev, usec_t at)
{
	vrrp_feed(ctx, ev, at);
}

static void drain(struct vrrp *v, unsigned most)
{
	vrrp_sync_sleep(v->owner);
	vrrp_in_drain(v, v->in.fd, most, on_advert, v);
	vrrp_in_drain(v, v->in_macvlan.fd, most, on_advert, v);
}

static void readable(struct watch *w)
{
	drain(container_of(w, struct vrrp, in), BATCH);
}

static void readable_macvlan(struct watch *w)
{
	drain(container_of(w, struct vrrp, in_macvlan), BATCH);
}

static void on_timer(struct timer *t)
{
	const struct vrrp_event ev = { .kind = VRRP_EV_TIMER };
	struct vrrp *v = container_of(t, struct vrrp, timer);

	/* What waits in the socket was said before the time ran out. */
	drain(v, BACKLOG);
	if (v->fsm.deadline <= clock_now())
		vrrp_feed(v, &ev, clock_now());
	else
		timer_at(t, v->fsm.deadline);
}

static void close_one(struct watch *w)
{
	int fd = w->fd;

	if (fd < 0)
		return;
	watch_stop(w);
	close(fd);
}

static void close_sockets(struct vrrp *v)
{
	close_one(&v->in);
	close_one(&v->in_macvlan);
	v->net.unicast_fd = -1;
}

static void open_one(struct vrrp *v, struct watch *w, const char *device)
{
	struct err err;
	int fd = rawsock_vrrp_open(v->conf->family, device, &err);

	if (fd < 0)
		(void)snprintf(v->net.trouble, sizeof(v->net.trouble), "%.240s", err.text);
	else
		watch_start(w, fd, false);
}

/* Membership of the group dies with the device, so the sockets are made anew with it. */
static void open_sockets(struct vrrp *v)
{
	char macvlan[CONF_DEVICE];

	if (v->in.fd < 0)
		open_one(v, &v->in, v->conf->interface);
	v->net.unicast_fd = v->in.fd;
	if (v->conf->virtual_mac && v->net.device && v->in_macvlan.fd < 0) {
		vrrp_net_macvlan(&v->net, macvlan);
		open_one(v, &v->in_macvlan, macvlan);
	}
}

static bool is_ready(struct vrrp *v)
{
	if (!v->net.iface->index) {
		close_sockets(v);
		v->net.device = 0;
	}
	if (vrrp_net_prepare(&v->net))
		return false;
	open_sockets(v);
	return v->in.fd >= 0 && (v->in_macvlan.fd >= 0 || !v->conf->virtual_mac) &&
	       v->net.iface->good && vrrp_net_source(&v->net).family != ADDR_NONE;
}

/* Tells the state machine what holds now; it ignores what it knew already. */
void vrrp_update(struct vrrp *v)
{
	const struct conf_cond *stop;
	struct vrrp_event ev = { .priority = tracked_priority(v, &stop) };
	usec_t now = clock_now();
	bool ready;

	if (v->owner->stopping)
		return;
	ready = is_ready(v);
	v->fit = ready && !stop;
	v->cfg.address = vrrp_net_source(&v->net);
	ev.kind = VRRP_EV_PRIORITY;
	if (ev.priority != v->fsm.priority)
		vrrp_feed(v, &ev, now);
	/* Stopping comes before the link's loss: while we can, we say that we go. */
	if (stop && !v->fsm.stopped) {
		ev.kind = VRRP_EV_STOP;
		ev.cause = VRRP_CAUSE_TRACK;
		vrrp_feed(v, &ev, now);
	}
	if (ready == v->fsm.link_down) {
		ev.kind = ready ? VRRP_EV_LINK_UP : VRRP_EV_LINK_DOWN;
		vrrp_feed(v, &ev, now);
	}
	if (!stop && (v->fsm.state == VRRP_INIT || (v->fsm.stopped && !*v->conf->group))) {
		ev.kind = VRRP_EV_START;
		vrrp_feed(v, &ev, now);
	}
	if (!ready && !v->complained)
		log_event(LOGL_WARN, "vrrp.waiting", "vrrp=%s interface=%s %s", v->name,
			  v->conf->interface,
			  v->net.trouble[0]    ? v->net.trouble
			  : v->net.iface->good ? "has no address to send from"
					       : "is down");
	v->complained = !ready;
	vrrp_sync(v->owner, v->conf->group);
}

static void on_board(struct board_watch *w, enum board_kind kind, const char *name)
{
	struct vrrps *vs = container_of(w, struct vrrps, board_watch);

	for (size_t i = 0; i < vs->count; i++)
		for (size_t k = 0; k < vs->list[i]->conf->track_count; k++) {
			const struct conf_cond *c = &vs->list[i]->conf->track[k].cond;

			if (track_board_kind(c->kind) == kind && !strcmp(c->name, name)) {
				vrrp_update(vs->list[i]);
				break;
			}
		}
}

static void on_iface(struct iface_watch *w, const struct iface *iface)
{
	struct vrrps *vs = container_of(w, struct vrrps, iface_watch);

	for (size_t i = 0; i < vs->count; i++)
		if (vs->list[i]->net.iface == iface)
			vrrp_update(vs->list[i]);
}

static bool tracks_tunnel(const struct vrrp *v, const char *name)
{
	for (size_t k = 0; k < v->conf->track_count; k++) {
		const struct conf_cond *c = &v->conf->track[k].cond;

		if (c->kind == CONF_COND_TUNNEL && !strcmp(c->name, name))
			return true;
	}
	return false;
}

/* A group moves as one, so that what one of it tracks concerns all. */
static bool is_concerned(const struct vrrps *vs, const struct vrrp *v, const char *tunnel)
{
	bool is = tracks_tunnel(v, tunnel);

	for (size_t i = 0; i < vs->count && !is && *v->conf->group; i++)
		is = !strcmp(vs->list[i]->conf->group, v->conf->group) &&
		     tracks_tunnel(vs->list[i], tunnel);
	return is;
}

/* The far end sends what is for our network by a tunnel of ours: whose tunnel it is is known from
 * what an instance tracks. */
static void on_path(struct path_watch *w, struct path *p, enum path_change what)
{
	struct vrrps *vs = container_of(w, struct vrrps, path_watch);
	const struct vrrp_event ev = { .kind = VRRP_EV_URGE };

	if (what != PATH_PEER || !p->peer.carries)
		return;
	for (size_t i = 0; i < vs->count; i++)
		if (is_concerned(vs, vs->list[i], p->name)) {
			drain(vs->list[i], BACKLOG);
			vrrp_feed(vs->list[i], &ev, clock_now());
		}
}

struct vrrps *vrrps_new(const struct env *env, struct ifaces *ifaces)
{
	struct vrrps *vs = calloc(1, sizeof(*vs));

	if (!vs)
		return NULL;
	vs->env = env;
	vs->ifaces = ifaces;
	vs->asleep = clock_asleep();
	vs->frame_fd = rawsock_packet_open(NULL);
	if (vs->frame_fd < 0) {
		free(vs);
		return NULL;
	}
	vs->board_watch.fn = on_board;
	vs->iface_watch.fn = on_iface;
	vs->path_watch.fn = on_path;
	paths_watch(env->paths, &vs->path_watch);
	board_watch_add(env->board, &vs->board_watch);
	ifaces_watch(ifaces, &vs->iface_watch);
	return vs;
}

static void say_goodbye(struct vrrp *v, enum vrrp_cause cause)
{
	const struct vrrp_event ev = { .kind = VRRP_EV_STOP, .cause = cause };

	vrrp_feed(v, &ev, clock_now());
}

static void drop(struct vrrps *vs, size_t i)
{
	struct vrrp *v = vs->list[i];

	say_goodbye(v, VRRP_CAUSE_SHUTDOWN);
	timer_stop(&v->timer);
	close_sockets(v);
	vrrp_net_done(&v->net);
	ifaces_put(vs->ifaces, v->net.iface);
	board_forget(vs->env->board, BOARD_VRRP, v->name);
	board_forget(vs->env->board, BOARD_MASTER, v->name);
	vs->list[i] = vs->list[--vs->count];
	free(v);
}

void vrrps_free(struct vrrps *vs)
{
	if (!vs)
		return;
	while (vs->count)
		drop(vs, vs->count - 1);
	paths_unwatch(vs->env->paths, &vs->path_watch);
	board_watch_remove(vs->env->board, &vs->board_watch);
	close(vs->frame_fd);
	free(vs);
}

static struct vrrp *by_name(const struct vrrps *vs, const char *name)
{
	for (size_t i = 0; i < vs->count; i++)
		if (!strcmp(vs->list[i]->name, name))
			return vs->list[i];
	return NULL;
}

static struct vrrp *add(struct vrrps *vs, const struct conf_vrrp *c)
{
	struct vrrp *v = vs->count < CONF_VRRP_MAX ? calloc(1, sizeof(*v)) : NULL;
	const struct iface *iface = v ? ifaces_get(vs->ifaces, c->interface) : NULL;

	if (!iface) {
		free(v);
		return NULL;
	}
	v->owner = vs;
	(void)snprintf(v->name, sizeof(v->name), "%s", c->name);
	vrrp_net_init(&v->net, vs->env, iface, vs->frame_fd);
	watch_init(&v->in, vs->env->loop, readable);
	watch_init(&v->in_macvlan, vs->env->loop, readable_macvlan);
	timer_init(&v->timer, vs->env->loop, on_timer);
	vs->list[vs->count++] = v;
	return v;
}

/* What another virtual router would be: the old one leaves, the new one starts from nothing. */
static bool is_another(const struct conf_vrrp *a, const struct conf_vrrp *b)
{
	bool same = !strcmp(a->interface, b->interface) && a->vrid == b->vrid &&
		    a->version == b->version && a->family == b->family &&
		    a->virtual_mac == b->virtual_mac && a->accept == b->accept &&
		    a->address_count == b->address_count;

	for (size_t i = 0; same && i < a->address_count; i++)
		same = prefix_equal(&a->addresses[i], &b->addresses[i]);
	return !same;
}

static void take_conf(struct vrrp *v, const struct conf_vrrp *c)
{
	bool first = !v->conf;

	v->conf = v->net.conf = c;
	v->wanted = true;
	v->cfg = (struct vrrp_fsm_cfg){ .version = c->version,
					.priority = c->priority,
					.interval = c->interval,
					.preempt = c->preempt,
					.preempt_delay = c->preempt_delay,
					.grouped = *c->group,
					.address = vrrp_net_source(&v->net) };
	if (first)
		v->fsm = vrrp_new(&v->cfg);
	/* It has left its group, and nothing holds it back any more. */
	if (v->fsm.candidate && !v->cfg.grouped) {
		const struct vrrp_event ev = { .kind = VRRP_EV_TAKE, .cause = v->fsm.expect };

		vrrp_feed(v, &ev, clock_now());
	}
	vrrp_update(v);
	tell_board(v, clock_now());
}

static int apply_all(struct vrrps *vs, const struct conf *conf)
{
	for (size_t i = 0; i < conf->vrrp_count; i++) {
		const struct conf_vrrp *c = &conf->vrrps[i];
		struct vrrp *v = by_name(vs, c->name);

		if (v && is_another(v->conf, c)) {
			for (size_t k = 0; k < vs->count; k++)
				if (vs->list[k] == v)
					drop(vs, k);
			v = NULL;
		}
		if (!v)
			v = add(vs, c);
		if (!v)
			return -ENOMEM;
		take_conf(v, c);
	}
	return 0;
}

/* Groups move when all of their members have the new configuration. */
int vrrps_apply(struct vrrps *vs, const struct conf *conf)
{
	int r;

	for (size_t i = 0; i < vs->count; i++)
		vs->list[i]->wanted = false;
	vs->syncing = true;
	r = apply_all(vs, conf);
	vs->syncing = false;
	for (size_t i = 0; i < conf->vrrp_count && r == 0; i++)
		vrrp_sync(vs, conf->vrrps[i].group);
	return r;
}

static bool is_wanted(const void *ctx, int index)
{
	const struct vrrps *vs = ctx;

	for (size_t i = 0; i < vs->count; i++)
		if (vs->list[i]->conf->virtual_mac && vs->list[i]->net.device == index)
			return true;
	return false;
}

void vrrps_prune(struct vrrps *vs)
{
	for (size_t i = vs->count; i-- > 0;)
		if (!vs->list[i]->wanted)
			drop(vs, i);
	vrrp_net_prune(vs->env, is_wanted, vs);
}

void vrrps_audit(struct vrrps *vs)
{
	for (size_t i = 0; i < vs->count; i++) {
		if (vrrp_net_repair(&vs->list[i]->net)) {
			close_sockets(vs->list[i]); /* they may belong to a device that is gone */
			log_event(LOGL_WARN, "vrrp.repaired", "vrrp=%s %s", vs->list[i]->name,
				  vs->list[i]->net.installed ? "something had been removed"
							     : "something was up or missing");
			if (vs->list[i]->net.installed)
				vrrp_net_announce(&vs->list[i]->net);
		}
		vrrp_update(vs->list[i]);
	}
	vrrp_net_prune(vs->env, is_wanted, vs);
}

void vrrps_stop(struct vrrps *vs)
{
	vs->stopping = true;
	for (size_t i = 0; i < vs->count; i++)
		say_goodbye(vs->list[i], VRRP_CAUSE_SHUTDOWN);
}

size_t vrrps_count(const struct vrrps *vs)
{
	return vs->count;
}

const struct vrrp *vrrps_get(const struct vrrps *vs, size_t i)
{
	return vs->list[i];
}
