/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tunnels and their health as JSON. */
#include "ctl/model.h"

#include "ctl/model_bfd.h"
#include "ctl/model_parts.h"
#include "ctl/reason.h"
#include "io/loop.h"
#include "svc/daemon.h"
#include "svc/health.h"
#include "svc/path.h"
#include "svc/sibling.h"
#include "svc/tunnel.h"

#include <string.h>

#define CHOICES_MAX 16 /* tunnels for which other settings are worked out without being asked */

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

/* Of a tunnel whose CHILD_SAs are with several futae-esp, what each of these does. */
static json_t *lanes(const struct tunnel *t)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < t->lanes; i++) {
		const struct tunnel_lane *l = &t->lane[i];

		json_array_append_new(list, json_pack("{s:s, s:{s:i, s:i}, s:b, s:o}", "process",
						      l->esp->name, "sa", "in", (int)l->sa_in,
						      "out", (int)l->sa_out, "open", l->attached,
						      "traffic", traffic(&l->stats)));
	}
	return list;
}

static json_t *tunnel(struct daemon *d, const struct tunnel *t, usec_t now)
{
	const struct check *c = healths_by_name(d->healths, t->path.name);

	return json_pack(
		"{s:s, s:s, s:i, s:o, s:o, s:i, s:i, s:i, s:o, s:{s:i, s:i}, s:s, s:b, s:o, "
		"s:o, s:o, s:o*}",
		"name", t->path.name, "device", t->path.device, "if_id", (int)t->path.if_id,
		"local", model_addr(&t->conf->local), "remote", model_addr(&t->conf->remote), "mtu",
		t->conf->mtu, "mss_v4", t->conf->mss_v4, "mss_v6", t->conf->mss_v6, "ike",
		ike(t, now), "sa", "in", (int)t->path.sa_in, "out", (int)t->path.sa_out, "health",
		c ? check_state_word(c) : "none", "usable", t->path.usable, "trouble",
		model_text(t->trouble), "traffic", traffic(&t->stats), "drops", drops(&t->stats),
		"lanes", t->lanes > 1 ? lanes(t) : NULL);
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

static json_t *big_packets(const struct check *c, usec_t now)
{
	const struct grading *g = &c->grading;
	bool found = g->size.searched && !g->size.searching && g->size.passes > 0;
	char text[256];

	if (!g->size_cfg.every)
		return json_null();
	return json_pack("{s:s, s:i, s:o, s:I, s:I, s:s}", "state", size_state_name(g->size.state),
			 "bytes", (int)size_full(&g->size_cfg, &g->size, now), "largest",
			 found ? json_integer(g->size.passes) : json_null(), "sent",
			 (json_int_t)g->sent, "answered", (json_int_t)g->received, "why",
			 size_text(&g->size_cfg, &g->size, now, text, sizeof(text)));
}

static json_t *degraded(const struct check *c, usec_t now)
{
	const struct grade *g = &c->grading.fsm;
	usec_t at = grade_good_at(g);
	char text[256];

	if (g->cause == GRADE_GOOD)
		return json_null();
	return json_pack("{s:s, s:o, s:o, s:s}", "cause", grade_cause_name(g->cause), "since_ms",
			 model_since(g->since, now), "restore_left_ms",
			 at == USEC_NEVER ? json_null() : model_until(at, now), "why",
			 grading_text(c, text, sizeof(text)));
}

/* What is left of it now, in failures. */
static json_t *flap_penalty(const struct check *c, usec_t now)
{
	return json_real(damp_penalty(&c->cfg.damp, &c->fsm.damp, now) / (double)DAMP_PER_FAILURE);
}

static json_t *check(struct daemon *d, const struct check *c, bool choices, usec_t now)
{
	const struct health *h = &c->fsm;
	struct liveness_slot *live = c->path->live;
	usec_t life = atomic_load_explicit(&live->rx_last, memory_order_relaxed);
	json_t *o =
		json_pack("{s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:i, s:o, "
			  "s:o, s:o, s:o, "
			  "s:o}",
			  "tunnel", c->path->name, "state", check_state_word(c), "usable",
			  health_is_usable(h), "since_ms", model_since(check_since(c), now), "why",
			  why(d, c), "source", model_addr(&c->conf->health.source), "target",
			  model_addr(&c->conf->health.target), "detection", model_detection(c),
			  "rtt_ms", c->received && c->rtt ? model_msec(c->rtt) : json_null(),
			  "sent", (json_int_t)c->sent, "repeated", (json_int_t)c->repeated,
			  "received", (json_int_t)c->received, "unanswered", (int)h->unanswered,
			  "last_reply_ms", model_since(h->reply_last, now), "last_life_ms",
			  model_since(life, now), "wrong_path", wrong_path(d, c, now),
			  "restore_left_ms",
			  h->state == HEALTH_HELD ? model_until(h->held_until, now) : json_null(),
			  "own_late_worst_ms", model_msec(c->late_worst));

	json_object_set_new(o, "degraded", degraded(c, now));
	json_object_set_new(o, "big_packets", big_packets(c, now));
	json_object_set_new(o, "flap_penalty", flap_penalty(c, now));
	json_object_set_new(o, "kind",
			    json_string(conf_probe_name((enum conf_probe)c->conf->health.kind)));
	json_object_set_new(o, "bfd", model_bfd(c, now));
	json_object_set_new(o, "restore_penalty_ms",
			    h->state == HEALTH_HELD ? model_msec(h->why.penalty) : json_null());
	model_expectation(c, choices, o);
	return o;
}

json_t *model_health(struct daemon *d, const char *tunnel)
{
	usec_t now = clock_now();
	json_t *list = json_array();
	/* This is worked out between two probes: not for thousands at once. */
	bool choices = tunnel || healths_count(d->healths) <= CHOICES_MAX;

	for (size_t i = 0; i < healths_count(d->healths); i++) {
		const struct check *c = healths_get(d->healths, i);
		json_t *o;

		if (!c || (tunnel && strcmp(tunnel, c->path->name) != 0))
			continue;
		o = check(d, c, choices, now);
		json_object_set_new(o, "cause", json_string(health_cause_name(c->fsm.why.cause)));
		json_object_set_new(o, "peer", model_peer(d, c->path));
		json_array_append_new(list, o);
	}
	return json_pack("{s:o, s:o}", "health", list, "bfd_stray_drops", model_bfd_strays(d));
}
