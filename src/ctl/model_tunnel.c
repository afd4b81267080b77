/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tunnels and their health as JSON. */
#include "ctl/model.h"

#include "ctl/reason.h"
#include "io/loop.h"
#include "svc/daemon.h"
#include "svc/health.h"
#include "svc/path.h"
#include "svc/tunnel.h"

static json_t *endpoint(const struct endpoint *e)
{
	char text[ENDPOINT_TEXT];

	return e->addr.family == ADDR_NONE ? json_null() : json_string(endpoint_format(e, text));
}

static json_t *ike(const struct tunnel *t, usec_t now)
{
	const struct ipc_ike_state *s = &t->ike;

	return json_pack(
		"{s:s, s:i, s:o, s:o, s:i, s:b, s:b, s:b, s:o, s:i, s:o, s:o, s:o, s:o, s:o}",
		"phase", ipc_ike_phase_name(s->phase), "version", s->version, "suite",
		model_text(s->ike_suite), "child_suite", model_text(s->child_suite), "children",
		s->children, "nat_local", s->nat_local, "nat_remote", s->nat_remote, "encap",
		s->encap, "since_ms", model_since(s->established, now), "attempts",
		(int)s->attempts, "retry_in_ms", model_until(s->retry_at, now), "trouble",
		model_text(s->trouble), "remote_id", model_text(s->remote_id), "local",
		endpoint(&s->local), "remote", endpoint(&s->remote));
}

static json_t *drops(const struct ipc_stats *s)
{
	json_t *o = json_object();

	for (enum ipc_drop i = 0; i < IPC_DROP_COUNT; i++)
		if (s->drops[i])
			json_object_set_new(o, ipc_drop_name(i),
					    json_integer((json_int_t)s->drops[i]));
	return o;
}

static json_t *traffic(const struct ipc_stats *s)
{
	return json_pack("{s:I, s:I, s:I, s:I}", "in_packets", (json_int_t)s->in_packets,
			 "in_bytes", (json_int_t)s->in_bytes, "out_packets",
			 (json_int_t)s->out_packets, "out_bytes", (json_int_t)s->out_bytes);
}

static json_t *tunnel(struct daemon *d, const struct tunnel *t, usec_t now)
{
	const struct check *c = healths_by_name(d->healths, t->path.name);

	return json_pack(
		"{s:s, s:s, s:i, s:o, s:o, s:i, s:i, s:i, s:o, s:{s:i, s:i}, s:s, s:b, s:o, "
		"s:o, s:o}",
		"name", t->path.name, "device", t->path.device, "if_id", (int)t->path.if_id,
		"local", model_addr(&t->conf->local), "remote", model_addr(&t->conf->remote), "mtu",
		t->conf->mtu, "mss_v4", t->conf->mss_v4, "mss_v6", t->conf->mss_v6, "ike",
		ike(t, now), "sa", "in", (int)t->path.sa_in, "out", (int)t->path.sa_out, "health",
		c ? health_state_word(c->fsm.state) : "none", "usable", t->path.usable, "trouble",
		model_text(t->trouble), "traffic", traffic(&t->stats), "drops", drops(&t->stats));
}

json_t *model_tunnels(struct daemon *d)
{
	usec_t now = clock_now();
	json_t *list = json_array();
	struct ipc_stats stray = tunnels_stray_stats(d->tunnels);

	for (size_t i = 0; i < tunnels_count(d->tunnels); i++)
		json_array_append_new(list, tunnel(d, tunnels_get(d->tunnels, i), now));
	return json_pack("{s:o, s:o}", "tunnels", list, "stray_drops", drops(&stray));
}

static const char *profile_name(enum conf_profile p)
{
	switch (p) {
	case CONF_RELAXED:
		return "relaxed";
	case CONF_NORMAL:
		return "normal";
	case CONF_FAST:
		return "fast";
	case CONF_OWN:
		return "own";
	}
	return "own";
}

static json_t *detection(const struct conf_detection *x)
{
	return json_pack("{s:s, s:o, s:o, s:i}", "profile", profile_name(x->profile), "interval_ms",
			 model_msec(x->interval), "silence_ms", model_msec(x->silence), "patience",
			 (int)x->patience);
}

static json_t *wrong_path(struct daemon *d, const struct check *c, usec_t now)
{
	char device[REASON_DEVICE];

	if (!c->wrong)
		return json_null();
	(void)reason_device(d, c->wrong_device, device);
	return json_pack("{s:s, s:I, s:o}", "device", device, "count", (json_int_t)c->wrong,
			 "last_ms", model_since(c->wrong_last, now));
}

static json_t *why(const struct daemon *d, const struct check *c)
{
	char text[REASON_TEXT];

	for (size_t i = 0; i < tunnels_count(d->tunnels); i++)
		if (&tunnels_get(d->tunnels, i)->path == c->path)
			return model_text(reason_of(d, tunnels_get(d->tunnels, i), c, text));
	return model_text(c->path->why);
}

static json_t *check(struct daemon *d, const struct check *c, usec_t now)
{
	const struct health *h = &c->fsm;
	struct liveness_slot *live = c->path->live;
	bool known = health_loss_is_known(&c->cfg, h, now);
	double loss = health_loss_permille(&c->cfg, h, now) / 1000.0;
	struct health_expectation e = health_expect(&c->cfg, loss);
	usec_t life = atomic_load_explicit(&live->rx_last, memory_order_relaxed);

	return json_pack("{s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:i, s:o, s:o, "
			 "s:o, s:o, s:o, s:o, "
			 "s:o, s:o, s:o, s:o, s:i}",
			 "tunnel", c->path->name, "state", health_state_word(h->state), "usable",
			 health_is_usable(h), "since_ms", model_since(h->since, now), "why",
			 why(d, c), "source", model_addr(&c->conf->health.source), "target",
			 model_addr(&c->conf->health.target), "detection",
			 detection(&c->conf->health.detection), "rtt_ms",
			 c->received ? model_msec(c->rtt) : json_null(), "sent",
			 (json_int_t)c->sent, "received", (json_int_t)c->received, "unanswered",
			 (int)h->unanswered, "last_reply_ms", model_since(h->reply_last, now),
			 "last_life_ms", model_since(life, now), "wrong_path",
			 wrong_path(d, c, now), "loss", known ? json_real(loss) : json_null(),
			 "expected_detection_ms", model_msec(e.detect), "worst_detection_ms",
			 model_msec(e.detect_max), "false_per_year",
			 known ? json_real(e.false_per_year) : json_null(), "restore_left_ms",
			 h->state == HEALTH_HELD ? model_until(h->held_until, now) : json_null(),
			 "own_late_worst_ms", model_msec(c->late_worst), "restore_penalty_ms",
			 h->state == HEALTH_HELD ? model_msec(h->why.penalty) : json_null(),
			 "flap_penalty", (int)damp_penalty(&c->cfg.damp, &h->damp, now));
}

json_t *model_health(struct daemon *d)
{
	usec_t now = clock_now();
	json_t *list = json_array();

	for (size_t i = 0; i < healths_count(d->healths); i++)
		if (healths_get(d->healths, i))
			json_array_append_new(list, check(d, healths_get(d->healths, i), now));
	return json_pack("{s:o}", "health", list);
}
