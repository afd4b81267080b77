/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/differ.h"

#include "base/secret.h"
#include "conf/diff.h"

#include <string.h>

static bool same_prefixes(const struct prefix *a, size_t a_count, const struct prefix *b,
			  size_t b_count)
{
	if (a_count != b_count)
		return false;
	for (size_t i = 0; i < a_count; i++)
		if (!prefix_equal(&a[i], &b[i]))
			return false;
	return true;
}

/* By content; where nothing was read, by path. */
static bool same_blob(const struct conf_blob *a, const struct conf_blob *b)
{
	if (a->data && b->data)
		return a->len == b->len && secret_equal(a->data, b->data, a->len);
	if (a->data || b->data || !a->path != !b->path)
		return false;
	return !a->path || !strcmp(a->path, b->path);
}

static bool same_secret(const struct conf_secret *a, const struct conf_secret *b)
{
	if (a->kind != b->kind || a->ca_count != b->ca_count || !same_blob(&a->psk, &b->psk) ||
	    !same_blob(&a->cert, &b->cert) || !same_blob(&a->key, &b->key))
		return false;
	for (size_t i = 0; i < a->ca_count; i++)
		if (!same_blob(&a->ca[i], &b->ca[i]))
			return false;
	return true;
}

bool differ_same_detection(const struct conf_detection *a, const struct conf_detection *b)
{
	return a->interval == b->interval && a->silence == b->silence &&
	       a->patience == b->patience && a->profile == b->profile && a->budget == b->budget &&
	       a->fastest == b->fastest && a->slowest == b->slowest;
}

static bool same_degraded(const struct conf_degraded *a, const struct conf_degraded *b)
{
	return a->loss_percent == b->loss_percent && a->delay == b->delay &&
	       a->big_every == b->big_every;
}

/* Who the two ends are, and when keys are renewed. */
static bool same_peers(const struct conf_tunnel *a, const struct conf_tunnel *b)
{
	return addr_equal(&a->local, &b->local) && addr_equal(&a->remote, &b->remote) &&
	       a->ike_version == b->ike_version && !strcmp(a->local_id, b->local_id) &&
	       !strcmp(a->remote_id, b->remote_id) && !strcmp(a->ike_proposals, b->ike_proposals) &&
	       !strcmp(a->esp_proposals, b->esp_proposals);
}

static bool same_ike(const struct conf_tunnel *a, const struct conf_tunnel *b)
{
	return same_peers(a, b) &&
	       same_prefixes(a->ts_local, a->ts_local_count, b->ts_local, b->ts_local_count) &&
	       same_prefixes(a->ts_remote, a->ts_remote_count, b->ts_remote, b->ts_remote_count) &&
	       a->ts_separate == b->ts_separate && a->ike_rekey == b->ike_rekey &&
	       a->ike_reauth == b->ike_reauth && a->child_rekey == b->child_rekey &&
	       a->child_bytes == b->child_bytes && a->child_packets == b->child_packets &&
	       a->dpd == b->dpd && a->replay_window == b->replay_window &&
	       a->children == b->children && a->force_encap == b->force_encap &&
	       a->fragmentation == b->fragmentation && a->initiate == b->initiate;
}

static bool same_bfd(const struct conf_bfd *a, const struct conf_bfd *b)
{
	return a->multihop == b->multihop && a->min_ttl == b->min_ttl && a->demand == b->demand &&
	       a->ignore_concatenated == b->ignore_concatenated && a->auth == b->auth &&
	       a->key_id == b->key_id && same_secret(&a->key, &b->key) &&
	       !strcmp(a->tell_vrrp, b->tell_vrrp) && !strcmp(a->tell_track, b->tell_track);
}

/* How its kind of probe asks. */
static bool same_probe(const struct conf_health *a, const struct conf_health *b)
{
	return a->kind == b->kind && a->port == b->port && same_blob(&a->key, &b->key) &&
	       !strcmp(a->url_path, b->url_path) && !strcmp(a->url_host, b->url_host) &&
	       same_blob(&a->ca, &b->ca) && a->verify == b->verify &&
	       a->refused_is_good == b->refused_is_good;
}

static bool same_reflect(const struct conf_reflect *a, const struct conf_reflect *b)
{
	return a->stamp == b->stamp && a->port == b->port && a->rate == b->rate &&
	       same_blob(&a->key, &b->key);
}

static bool same_health(const struct conf_health *a, const struct conf_health *b)
{
	return a->enabled == b->enabled && same_probe(a, b) && addr_equal(&a->source, &b->source) &&
	       addr_equal(&a->target, &b->target) && same_bfd(&a->bfd, &b->bfd) &&
	       a->pin == b->pin && a->restore == b->restore &&
	       a->flap.half_life == b->flap.half_life && a->flap.max == b->flap.max &&
	       differ_same_detection(&a->detection, &b->detection) &&
	       same_degraded(&a->degraded, &b->degraded);
}

unsigned differ_tunnel(const struct conf_tunnel *a, const struct conf_tunnel *b)
{
	unsigned what = 0;

	if (strcmp(a->device, b->device) != 0)
		what |= CONF_TUNNEL_DEVICE;
	if (!same_ike(a, b))
		what |= CONF_TUNNEL_IKE;
	if (!same_secret(&a->secret, &b->secret))
		what |= CONF_TUNNEL_SECRET;
	if (a->mtu != b->mtu || a->mss_v4 != b->mss_v4 || a->mss_v6 != b->mss_v6 ||
	    a->copy_dscp != b->copy_dscp)
		what |= CONF_TUNNEL_MTU;
	if (!same_health(&a->health, &b->health) || !same_reflect(&a->reflect, &b->reflect))
		what |= CONF_TUNNEL_HEALTH;
	return what;
}

unsigned differ_node(const struct conf *a, const struct conf *b)
{
	const struct conf_kernel *k = &a->kernel, *m = &b->kernel;
	unsigned what = strcmp(a->node, b->node) != 0 ? CONF_NODE_NAME : 0;

	if (k->table != m->table || k->rule_priority != m->rule_priority ||
	    k->protocol != m->protocol || k->publish_metric != m->publish_metric ||
	    k->guard_metric != m->guard_metric)
		what |= CONF_NODE_KERNEL;
	if (a->agree.enabled != b->agree.enabled || a->agree.lead != b->agree.lead)
		what |= CONF_NODE_AGREE;
	if (a->dataplane.workers != b->dataplane.workers)
		what |= CONF_NODE_DATAPLANE;
	return what;
}

static bool same_via_tracks(const struct conf_via *a, const struct conf_via *b)
{
	if (a->track_count != b->track_count)
		return false;
	for (size_t i = 0; i < a->track_count; i++)
		if (strcmp(a->track[i].track, b->track[i].track) != 0 ||
		    a->track[i].lost != b->track[i].lost || a->track[i].less != b->track[i].less)
			return false;
	return true;
}

unsigned differ_route(const struct conf *ca, const struct conf_route *a, const struct conf *cb,
		      const struct conf_route *b)
{
	unsigned what = 0;

	if (!same_prefixes(a->to, a->to_count, b->to, b->to_count) ||
	    !prefix_equal(&a->from, &b->from))
		what |= CONF_ROUTE_PREFIXES;
	if (a->via_count != b->via_count)
		what |= CONF_ROUTE_VIA;
	for (size_t i = 0; i < a->via_count && i < b->via_count; i++)
		if (a->via[i].weight != b->via[i].weight ||
		    !same_via_tracks(&a->via[i], &b->via[i]) ||
		    strcmp(ca->tunnels[a->via[i].tunnel].name,
			   cb->tunnels[b->via[i].tunnel].name) != 0)
			what |= CONF_ROUTE_VIA;
	if (a->publish != b->publish)
		what |= CONF_ROUTE_PUBLISH;
	if (!addr_equal(&a->source, &b->source))
		what |= CONF_ROUTE_SOURCE;
	if (strcmp(a->name, b->name) != 0)
		what |= CONF_ROUTE_NAME;
	if (a->hold_off != b->hold_off || a->revert != b->revert)
		what |= CONF_ROUTE_DAMPING;
	return what;
}

static bool same_cond(const struct conf_cond *a, const struct conf_cond *b)
{
	return a->kind == b->kind && !strcmp(a->name, b->name) && a->negate == b->negate &&
	       a->weight == b->weight && a->degraded_lost == b->degraded_lost;
}

static bool same_script(const struct conf_script *a, const struct conf_script *b)
{
	return a->command_len == b->command_len &&
	       !memcmp(a->command, b->command, a->command_len) && a->interval == b->interval &&
	       a->timeout == b->timeout && a->rise == b->rise && a->fall == b->fall;
}

unsigned differ_track(const struct conf_track *a, const struct conf_track *b)
{
	unsigned what = 0;

	if (a->mode != b->mode || a->cond_count != b->cond_count ||
	    (a->mode == CONF_TRACK_AT_LEAST && a->at_least != b->at_least))
		what |= CONF_TRACK_CONDITIONS;
	for (size_t i = 0; i < a->cond_count && i < b->cond_count; i++)
		if (!same_cond(&a->cond[i], &b->cond[i]))
			what |= CONF_TRACK_CONDITIONS;
	if (a->down_delay != b->down_delay || a->up_delay != b->up_delay)
		what |= CONF_TRACK_DELAYS;
	if (!same_script(&a->script, &b->script))
		what |= CONF_TRACK_SCRIPT_BIT;
	return what;
}

static bool same_peer_list(const struct conf_vrrp *a, const struct conf_vrrp *b)
{
	if (a->peer_count != b->peer_count || !addr_equal(&a->unicast_source, &b->unicast_source))
		return false;
	for (size_t i = 0; i < a->peer_count; i++)
		if (!addr_equal(&a->peers[i], &b->peers[i]))
			return false;
	return true;
}

static bool same_tracking(const struct conf_vrrp *a, const struct conf_vrrp *b)
{
	if (a->track_count != b->track_count)
		return false;
	for (size_t i = 0; i < a->track_count; i++)
		if (!same_cond(&a->track[i].cond, &b->track[i].cond) ||
		    a->track[i].lost != b->track[i].lost ||
		    a->track[i].priority != b->track[i].priority)
			return false;
	return true;
}

unsigned differ_vrrp(const struct conf_vrrp *a, const struct conf_vrrp *b)
{
	unsigned what = 0;

	if (strcmp(a->interface, b->interface) != 0 || a->vrid != b->vrid ||
	    a->version != b->version || a->family != b->family || a->virtual_mac != b->virtual_mac)
		what |= CONF_VRRP_IDENTITY;
	if (!same_prefixes(a->addresses, a->address_count, b->addresses, b->address_count))
		what |= CONF_VRRP_ADDRESSES;
	if (a->priority != b->priority || a->preempt != b->preempt || a->accept != b->accept ||
	    a->preempt_delay != b->preempt_delay || strcmp(a->group, b->group) != 0)
		what |= CONF_VRRP_PRIORITY;
	if (a->interval != b->interval)
		what |= CONF_VRRP_INTERVAL;
	if (!same_peer_list(a, b) || a->checksum != b->checksum || a->min_ttl != b->min_ttl)
		what |= CONF_VRRP_PEERS;
	if (!same_tracking(a, b))
		what |= CONF_VRRP_TRACK;
	return what;
}
