/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VRRP instances as JSON. */
#include "ctl/model.h"

#include "io/loop.h"
#include "svc/daemon.h"
#include "svc/vrrp.h"

#include <stdio.h>

static json_t *addresses(const struct conf_vrrp *c)
{
	json_t *list = json_array();

	for (size_t i = 0; i < c->address_count; i++)
		json_array_append_new(list, model_addr(&c->addresses[i].addr));
	return list;
}

static json_t *tracks(const struct vrrp *v)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->conf->track_count; i++) {
		const struct conf_vrrp_track *t = &v->conf->track[i];
		char what[128], effect[32] = "stop";
		bool good = vrrp_track_state(v, i, what, sizeof(what));

		if (t->lost == CONF_LOST_PRIORITY)
			(void)snprintf(effect, sizeof(effect), "%+d", t->priority);
		json_array_append_new(list, json_pack("{s:s, s:b, s:s}", "what", what, "good", good,
						      "effect", effect));
	}
	return list;
}

static json_t *counters(const struct vrrp_counters *c)
{
	json_t *o = json_pack("{s:I, s:I, s:I, s:I, s:I}", "adv_sent", (json_int_t)c->sent,
			      "adv_received", (json_int_t)c->received, "garp_sent",
			      (json_int_t)c->announced, "send_failed", (json_int_t)c->send_failed,
			      "other_router", (json_int_t)c->other_router);

	for (unsigned e = 1; e < VRRP_REFUSAL_COUNT; e++) {
		char key[48];

		(void)snprintf(key, sizeof(key), "%s%s", e < VRRP_PKT_ERROR_COUNT ? "bad_" : "",
			       vrrp_refusal_name(e));
		json_object_set_new(o, key, json_integer((json_int_t)c->refused[e]));
	}
	return o;
}

static json_t *master(const struct vrrp *v)
{
	struct addr self = vrrp_net_source(&v->net);

	if (v->fsm.state == VRRP_MASTER)
		return json_pack("{s:o, s:i}", "address", model_addr(&self), "priority",
				 v->fsm.priority);
	if (v->fsm.state != VRRP_BACKUP || v->fsm.master.family == ADDR_NONE)
		return json_null();
	return json_pack("{s:o, s:i}", "address", model_addr(&v->fsm.master), "priority",
			 v->fsm.master_priority);
}

static json_t *instance(const struct vrrp *v, usec_t now)
{
	return json_pack(
		"{s:s, s:s, s:i, s:i, s:s, s:s, s:o, s:o, s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:s, "
		"s:s, s:o}",
		"name", v->name, "interface", v->conf->interface, "id", v->conf->vrid, "version",
		v->conf->version, "family", v->conf->family == ADDR_V6 ? "ipv6" : "ipv4", "state",
		vrrp_state_word(v), "since_ms", model_since(v->since, now), "why",
		model_text(v->why), "priority", vrrp_priority(v), "configured_priority",
		v->conf->priority, "addresses", addresses(v->conf), "interval_ms",
		model_msec(v->conf->interval), "master", master(v), "track", tracks(v), "counters",
		counters(&v->counters), "group", v->conf->group, "manual",
		vrrp_manual_name(v->manual), "preempt_wait_ms",
		model_msec(vrrp_preempt_wait(v, now)));
}

json_t *model_vrrp(struct daemon *d)
{
	usec_t now = clock_now();
	json_t *list = json_array();

	for (size_t i = 0; i < vrrps_count(d->vrrps); i++)
		json_array_append_new(list, instance(vrrps_get(d->vrrps, i), now));
	return json_pack("{s:o}", "vrrp", list);
}
