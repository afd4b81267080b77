/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/tunnel.h"

#include "base/list.h"
#include "base/log.h"
#include "io/loop.h"
#include "svc/agree.h"
#include "svc/sibling.h"
#include "svc/survey.h"
#include "svc/tunnel_device.h"
#include "svc/tunnel_ipc.h"
#include "svc/tunnel_lane.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tunnels {
	const struct env *env;
	struct sibling *esp, *ike; /* esp: an array of workers */
	unsigned workers;
	struct liveness *live;
	struct tunnel **list; /* owned */
	size_t count;
	struct tunnel *by_slot[LIVENESS_SLOTS]; /* each has one of its own */
	bool peers_changed; /* maybe: worker 0 was not told since */
	struct ipc_stats stray[IPC_WORKERS_MAX];
};

struct tunnels *tunnels_new(const struct env *env, struct sibling *esp, unsigned workers,
			    struct sibling *ike, struct liveness *live)
{
	struct tunnels *ts = calloc(1, sizeof(*ts));

	if (!ts)
		return NULL;
	ts->list = calloc(CONF_TUNNELS_MAX, sizeof(struct tunnel *));
	if (!ts->list) {
		free(ts);
		return NULL;
	}
	ts->env = env;
	ts->esp = esp;
	ts->workers = workers;
	ts->ike = ike;
	ts->live = live;
	return ts;
}

static void drop(struct tunnels *ts, size_t i)
{
	struct tunnel *t = ts->list[i];

	tunnel_forget_ike(ts->ike, t);
	tunnel_forget_esp(t);
	ts->peers_changed = true;
	paths_remove(ts->env->paths, &t->path);
	tunnel_device_close(ts->env, t);
	log_event(LOGL_NOTICE, "tunnel.removed", "tunnel=%s", t->path.name);
	tunnel_lanes_done(t);
	if (ts->by_slot[t->path.slot] == t)
		ts->by_slot[t->path.slot] = NULL;
	free(t);
	ts->list[i] = ts->list[--ts->count];
}

void tunnels_free(struct tunnels *ts)
{
	if (!ts)
		return;
	while (ts->count)
		drop(ts, ts->count - 1);
	free(ts->list);
	free(ts);
}

static struct tunnel *by_name(const struct tunnels *ts, const char *name)
{
	for (size_t i = 0; i < ts->count; i++)
		if (!strcmp(ts->list[i]->path.name, name))
			return ts->list[i];
	return NULL;
}

static struct tunnel *by_if_id(const struct tunnels *ts, uint32_t if_id)
{
	struct tunnel *t = ts->by_slot[(if_id - 1) % LIVENESS_SLOTS];

	return t && t->path.if_id == if_id ? t : NULL;
}

/* A worker speaks of its own tunnels only. */
static struct tunnel *by_worker(const struct tunnels *ts, unsigned worker, uint32_t if_id)
{
	struct tunnel *t = by_if_id(ts, if_id);

	return t && tunnel_lane_of(t, &ts->esp[worker]) ? t : NULL;
}

static struct tunnel *add(struct tunnels *ts, const struct conf_tunnel *c)
{
	struct tunnel *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->path.if_id = c->if_id;
	if (ts->count == CONF_TUNNELS_MAX ||
	    tunnel_lanes_init(t, ts->esp, ts->workers, tunnel_lanes_wanted(c, ts->workers)) ||
	    paths_add(ts->env->paths, &t->path)) {
		tunnel_lanes_done(t);
		free(t);
		return NULL;
	}
	t->path.express = tunnel_express;
	t->path.slot = (c->if_id - 1) % LIVENESS_SLOTS;
	t->path.live = &ts->live->slot[t->path.slot];
	memset(t->path.live, 0, sizeof(*t->path.live));
	(void)snprintf(t->path.name, sizeof(t->path.name), "%s", c->name);
	(void)snprintf(t->path.why, sizeof(t->path.why), "no SA yet");
	ts->list[ts->count++] = t;
	ts->by_slot[t->path.slot] = t;
	return t;
}

static void open_device(struct tunnels *ts, struct tunnel *t, struct survey *addresses)
{
	char before[sizeof(t->trouble)];

	(void)snprintf(before, sizeof(before), "%s", t->trouble);
	(void)snprintf(t->path.device, sizeof(t->path.device), "%s", t->conf->device);
	if (tunnel_device_open(ts->env, t, addresses)) {
		if (strcmp(before, t->trouble) != 0)
			log_event(LOGL_ERROR, "tunnel.device", "tunnel=%s device=%s error=\"%s\"",
				  t->path.name, t->path.device, t->trouble);
		return;
	}
	tunnel_lanes_settle(t);
	tunnel_tell_all_esp(t);
	paths_tell(ts->env->paths, &t->path, PATH_DEVICE);
}

/* Another number of lanes: what kind a device is cannot be changed, so it is made anew. */
static int change_lanes(struct tunnels *ts, struct tunnel *t, const struct conf_tunnel *c,
			struct survey *addresses)
{
	unsigned lanes = tunnel_lanes_wanted(c, ts->workers);

	if (t->lanes == lanes)
		return 0;
	tunnel_forget_esp(t);
	survey_forget(addresses, &t->added, t->path.index);
	tunnel_device_close(ts->env, t);
	return tunnel_lanes_init(t, ts->esp, ts->workers, lanes);
}

static int apply_one(struct tunnels *ts, struct tunnel *t, const struct conf_tunnel *c,
		     struct survey *addresses)
{
	t->wanted = true;
	t->conf = c;
	if (change_lanes(ts, t, c, addresses) < 0)
		return -ENOMEM;
	if (t->lane->fd >= 0 && strcmp(t->path.device, c->device) != 0) { /* renamed */
		survey_forget(addresses, &t->added, t->path.index);
		tunnel_device_close(ts->env, t);
	}
	if (t->lane->fd < 0)
		open_device(ts, t, addresses);
	else if (tunnel_device_repair(ts->env, t, addresses) == 0)
		tunnel_tell_all_esp(t);
	tunnel_tell_ike(ts->ike, t); /* an equal connection changes nothing there */
	return 0;
}

int tunnels_apply(struct tunnels *ts, const struct conf *conf)
{
	struct survey addresses = { 0 };
	int r = 0;

	/* Whatever goes wrong with one of them, the others point to the new configuration. */
	(void)survey_take(&addresses, ts->env->nl);
	for (size_t i = 0; i < ts->count; i++)
		ts->list[i]->wanted = false;
	for (size_t i = 0; i < conf->tunnel_count; i++) {
		const struct conf_tunnel *c = &conf->tunnels[i];
		struct tunnel *t = by_name(ts, c->name);

		if (!t)
			t = add(ts, c);
		if (!t || apply_one(ts, t, c, &addresses) < 0)
			r = -ENOMEM;
	}
	survey_done(&addresses);
	return r;
}

void tunnels_prune(struct tunnels *ts)
{
	for (size_t i = ts->count; i-- > 0;)
		if (!ts->list[i]->wanted)
			drop(ts, i);
}

void tunnels_tell_esp(struct tunnels *ts, unsigned worker)
{
	for (size_t i = 0; i < ts->count; i++) {
		const struct tunnel *t = ts->list[i];
		const struct tunnel_lane *lane = tunnel_lane_of(t, &ts->esp[worker]);

		if (lane)
			tunnel_tell_esp(t, lane);
	}
}

void tunnels_tell_peers(struct tunnels *ts, bool anew)
{
	static struct ipc_peers m;
	static uint8_t buf[IPC_MSG_MAX];
	ssize_t n;

	if (ts->workers == 1 || !(ts->peers_changed || anew))
		return;
	ts->peers_changed = false;
	m.count = 0;
	for (size_t i = 0; i < ts->count && m.count < IPC_PEERS_MAX; i++) {
		const struct tunnel *t = ts->list[i];

		if (!tunnel_lane_of(t, &ts->esp[0]) && t->ike.phase == IPC_IKE_UP &&
		    t->ike.remote.addr.family != ADDR_NONE)
			m.list[m.count++] = t->ike.remote.addr;
	}
	n = ipc_peers_encode(&m, buf, sizeof(buf));
	if (n > 0)
		sibling_send(&ts->esp[0], buf, (size_t)n, NULL, 0);
}

void tunnels_tell_ike(struct tunnels *ts)
{
	for (size_t i = 0; i < ts->count; i++)
		tunnel_tell_ike(ts->ike, ts->list[i]);
}

void tunnels_esp_died(struct tunnels *ts, unsigned worker)
{
	static const struct ipc_stats none;

	for (size_t i = 0; i < ts->count; i++) {
		struct tunnel *t = ts->list[i];
		struct tunnel_lane *lane = tunnel_lane_of(t, &ts->esp[worker]);

		if (!lane)
			continue;
		tunnel_lane_set_sas(t, lane, 0, 0);
		tunnel_lane_set_stats(t, lane, &none);
		paths_tell(ts->env->paths, &t->path, PATH_SA);
	}
}

void tunnels_audit(struct tunnels *ts)
{
	struct survey addresses = { 0 };

	/* Without it nothing can be told: the next audit is not far. */
	if (survey_take(&addresses, ts->env->nl)) {
		survey_done(&addresses);
		return;
	}
	for (size_t i = 0; i < ts->count; i++) {
		struct tunnel *t = ts->list[i];

		if (t->lane->fd >= 0 && tunnel_device_repair(ts->env, t, &addresses) == -ENODEV) {
			log_event(LOGL_WARN, "tunnel.device",
				  "tunnel=%s device=%s was deleted by somebody; made anew",
				  t->path.name, t->path.device);
			tunnel_device_close(ts->env, t);
		}
		if (t->lane->fd < 0)
			open_device(ts, t, &addresses);
	}
	survey_done(&addresses);
}

static int take_sa(struct tunnels *ts, unsigned worker, struct view msg)
{
	struct ipc_tunnel_sa m;
	struct tunnel *t;
	bool had;

	if (ipc_tunnel_sa_decode(msg, &m))
		return -EBADMSG;
	t = by_worker(ts, worker, m.if_id);
	if (!t)
		return 0; /* removed meanwhile */
	had = path_has_sa(&t->path);
	tunnel_lane_set_sas(t, tunnel_lane_of(t, &ts->esp[worker]), m.inbound, m.outbound);
	if (had != path_has_sa(&t->path)) {
		log_event(LOGL_NOTICE, had ? "tunnel.sa_lost" : "tunnel.sa",
			  "tunnel=%s in=%u out=%u", t->path.name, m.inbound, m.outbound);
		paths_tell(ts->env->paths, &t->path, PATH_SA);
	}
	return 0;
}

static int take_stats(struct tunnels *ts, unsigned worker, struct view msg)
{
	struct ipc_stats m;
	struct tunnel *t;

	if (ipc_stats_decode(msg, &m))
		return -EBADMSG;
	t = m.if_id ? by_worker(ts, worker, m.if_id) : NULL;
	if (t)
		tunnel_lane_set_stats(t, tunnel_lane_of(t, &ts->esp[worker]), &m);
	else if (!m.if_id)
		ts->stray[worker] = m;
	return 0;
}

static int take_word(struct tunnels *ts, unsigned worker, struct view msg)
{
	const struct tunnel *t;
	struct ipc_word m;

	if (ipc_word_decode(msg, &m))
		return -EBADMSG;
	t = by_worker(ts, worker, m.if_id);
	if (t)
		agrees_hear(ts->env->agrees, &t->path, (struct view){ m.word, sizeof(m.word) });
	return 0;
}

int tunnels_from_esp(struct tunnels *ts, unsigned worker, struct view msg)
{
	switch (ipc_msg_type(msg)) {
	case IPC_ESP_TUNNEL_SA:
		return take_sa(ts, worker, msg);
	case IPC_ESP_STATS:
		return take_stats(ts, worker, msg);
	case IPC_ESP_WORD:
		return take_word(ts, worker, msg);
	default:
		return -EBADMSG;
	}
}

static int take_state(struct tunnels *ts, struct view msg)
{
	struct ipc_ike_state m;
	struct tunnel *t;

	if (ipc_ike_state_decode(msg, &m))
		return -EBADMSG;
	t = by_name(ts, m.name);
	if (t) {
		ts->peers_changed |=
			t->ike.phase != m.phase || !addr_equal(&t->ike.remote.addr, &m.remote.addr);
		t->ike = m;
	}
	return 0;
}

static int take_event(struct tunnels *ts, struct view msg)
{
	struct ipc_ike_event m;
	struct tunnel *t;

	if (ipc_ike_event_decode(msg, &m))
		return -EBADMSG;
	t = by_name(ts, m.name);
	if (t && (m.kind == IPC_IKE_EV_CHILD_REKEYED || m.kind == IPC_IKE_EV_CHILD_UP))
		t->child_rekeyed = clock_now();
	log_event(m.kind == IPC_IKE_EV_FAILED ? LOGL_WARN : LOGL_NOTICE, "ike.event",
		  "tunnel=%s kind=%s text=\"%s\"", m.name[0] ? m.name : "-",
		  ipc_ike_event_name(m.kind), m.text);
	return 0;
}

int tunnels_from_ike(struct tunnels *ts, struct view msg)
{
	switch (ipc_msg_type(msg)) {
	case IPC_IKE_STATE:
		return take_state(ts, msg);
	case IPC_IKE_EVENT:
		return take_event(ts, msg);
	default:
		return -EBADMSG;
	}
}

int tunnels_rekey(struct tunnels *ts, const char *name, enum ipc_rekey which)
{
	uint8_t buf[64];
	ssize_t n = ipc_rekey_encode(name, which, buf, sizeof(buf));

	if (!by_name(ts, name))
		return -ENOENT;
	if (n < 0)
		return (int)n;
	sibling_send(ts->ike, buf, (size_t)n, NULL, 0);
	return 0;
}

int tunnels_redial(struct tunnels *ts, const char *name)
{
	uint8_t buf[64];
	ssize_t n = ipc_name_encode(IPC_IKE_REDIAL, name, buf, sizeof(buf));

	if (!by_name(ts, name))
		return -ENOENT;
	if (n < 0)
		return (int)n;
	sibling_send(ts->ike, buf, (size_t)n, NULL, 0);
	return 0;
}

size_t tunnels_count(const struct tunnels *ts)
{
	return ts->count;
}

const struct tunnel *tunnels_get(const struct tunnels *ts, size_t i)
{
	return ts->list[i];
}

struct ipc_stats tunnels_stray_stats(const struct tunnels *ts)
{
	struct ipc_stats sum = ts->stray[0];

	for (unsigned w = 1; w < ts->workers; w++)
		ipc_stats_add(&sum, &ts->stray[w]);
	return sum;
}
