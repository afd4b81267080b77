/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/reflector.h"

#include "base/list.h"
#include "base/log.h"
#include "crypto/hmac.h"
#include "io/loop.h"
#include "io/udpsock.h"
#include "io/wall.h"
#include "svc/drop_log.h"
#include "svc/path.h"
#include "svc/probe_stamp.h"
#include "svc/stamp_hook.h"
#include "wire/stamp_pkt.h"
#include "wire/udp_pkt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DOORS_MAX 16u /* ports, each for both families */
#define HINTS 4096u
#define BATCH 64 /* requests taken in one turn */
#define TOKEN USEC_PER_SEC /* what one request takes of a bucket that fills by `rate` a usec */

struct session {
	struct endpoint src;
	struct addr dst;
	uint16_t ssid;
	uint32_t next; /* the number of the next reply */
	usec_t heard; /* 0: free */
};

struct reflector {
	struct path *path; /* NULL: free */
	const struct conf_reflect *conf;
	struct hmac *hmac;
	struct stamp_key key;
	uint64_t tokens;
	usec_t filled;
	struct reflector_counts counts;
	struct session sessions[REFLECTOR_SESSIONS];
};

struct door {
	struct reflectors *owner;
	struct watch watch;
	enum addr_family family;
	uint16_t port; /* 0: free */
	bool wanted;
};

struct reflectors {
	const struct env *env;
	reflector_fit_fn *fit;
	void *ctx;
	struct reflector *list[CONF_TUNNELS_MAX]; /* owned; in the order of the configuration */
	size_t count;
	struct door doors[2 * DOORS_MAX];
	struct reflector
		*hints[HINTS]; /* by device: who had it last; checked before it is believed */
	struct drop_log drops;
};

static const char *const drop_names[REFLECTOR_DROPS] = { "short", "long",  "hmac",  "device",
							 "rate",  "unfit", "unsent" };

static bool is_of(const struct reflector *r, int index, uint16_t port)
{
	return r && r->path->index == index && r->conf->port == port;
}

static struct reflector *by_device(struct reflectors *rs, int index, uint16_t port)
{
	struct reflector **hint = &rs->hints[(unsigned)index % HINTS];

	for (size_t i = 0; i < rs->count && !is_of(*hint, index, port); i++)
		if (is_of(rs->list[i], index, port))
			*hint = rs->list[i];
	return is_of(*hint, index, port) ? *hint : NULL;
}

static const struct stamp_key *key_of(const struct reflector *r)
{
	return r->hmac ? &r->key : NULL;
}

/* A tenth of a second's worth may come at once. */
static bool may_pass(struct reflector *r, usec_t now)
{
	uint64_t most = TOKEN * (1 + r->conf->rate / 10);
	uint64_t more = usec_min(usec_since(r->filled, now), USEC_PER_SEC) * r->conf->rate;

	r->tokens = r->tokens + more < most ? r->tokens + more : most;
	r->filled = now;
	if (r->tokens < TOKEN)
		return false;
	r->tokens -= TOKEN;
	return true;
}

/* The session this belongs to, or a new one in the place of the longest unheard. */
static struct session *session_of(struct reflector *r, const struct udpsock_from *from,
				  uint16_t ssid)
{
	struct session *oldest = &r->sessions[0];

	for (size_t i = 0; i < REFLECTOR_SESSIONS; i++) {
		struct session *s = &r->sessions[i];

		if (s->heard && s->ssid == ssid && endpoint_equal(&s->src, &from->src) &&
		    addr_equal(&s->dst, &from->dst))
			return s;
		if (s->heard < oldest->heard)
			oldest = s;
	}
	r->counts.restarted += oldest->heard != 0;
	r->counts.sessions += oldest->heard == 0;
	*oldest = (struct session){ .src = from->src, .dst = from->dst, .ssid = ssid };
	return oldest;
}

struct tlv_job {
	struct reflectors *rs;
	struct reflector *r;
	struct view packet, tlvs;
	enum stamp_integrity integrity;
	bool direct; /* no router has touched it: it is of the other end itself (RFC 5082) */
};

/* Our own words in the place of theirs, as long as those. */
static void put_own(const struct tlv_job *j, struct wbuf *w, const struct stamp_tlv *t)
{
	struct stamp_hook *hook = j->rs->env->stamp;
	uint8_t value[STAMP_HOOK_MAX] = { 0 };
	bool proven = j->r->hmac && j->integrity == STAMP_INTACT;

	hook->hear(hook, j->r->path, t->value, proven);
	(void)hook->say(hook, j->r->path, value, t->value.len);
	stamp_tlv_put(w, 0, t->type, (struct view){ value, t->value.len });
}

static bool is_own(const struct tlv_job *j, const struct stamp_tlv *t)
{
	/* With a key nothing is believed that it does not cover. */
	return j->rs->env->stamp && j->direct && t->type == STAMP_TLV_FUTAE &&
	       t->value.len <= STAMP_HOOK_MAX && !t->malformed &&
	       (!j->r->hmac || j->integrity == STAMP_INTACT);
}

static uint8_t flags_of(const struct tlv_job *j, const struct stamp_tlv *t)
{
	bool known = t->type == STAMP_TLV_PADDING || (t->type == STAMP_TLV_HMAC && j->r->hmac);

	return (uint8_t)((known ? 0 : STAMP_TLV_UNRECOGNIZED) |
			 (t->malformed ? STAMP_TLV_MALFORMED : 0) |
			 (j->integrity == STAMP_FORGED ? STAMP_TLV_INTEGRITY : 0));
}

/*
 * Sends TLVs back with our verdict in their flags (RFC 8972, 4).  What we do not know, or what is
 * not whole, goes back byte for byte.
 */
static void reflect_tlvs(const struct tlv_job *j, struct wbuf *w)
{
	struct stamp_tlv_walk walk = stamp_tlvs(j->tlvs);
	struct stamp_tlv t;

	while (stamp_tlv_next(&walk, &t)) {
		size_t len = walk.pos - t.at;

		if (t.type == STAMP_TLV_HMAC && j->integrity == STAMP_INTACT && j->r->hmac) {
			stamp_tlv_add_mac(w, 0, true, &j->r->key);
		} else if (is_own(j, &t)) {
			put_own(j, w, &t);
		} else {
			wbuf_u8(w, flags_of(j, &t));
			wbuf_bytes(w, j->tlvs.data + t.at + 1, len - 1);
		}
	}
	if (walk.pos < j->tlvs.len)
		wbuf_bytes(w, j->tlvs.data + walk.pos, j->tlvs.len - walk.pos);
}

static int send_back(const struct reflectors *rs, struct reflector *r,
		     const struct udpsock_from *from, const struct stamp_request *q,
		     struct view packet)
{
	struct session *s = session_of(r, from, q->ssid);
	struct stamp_estimate estimate = { .format = STAMP_NTP };
	struct stamp_reply reply = { .seq = s->next,
				     .ssid = q->ssid,
				     .received = stamp_time_encode(STAMP_NTP, from->wall_ns),
				     .sender_seq = q->seq,
				     .sender_sent = q->sent,
				     .sender_estimate = q->estimate,
				     .sender_ttl = from->ttl };
	const struct endpoint us = { from->dst, r->conf->port };
	const struct tlv_job job = {
		.rs = (struct reflectors *)(uintptr_t)rs,
		.r = r,
		.packet = packet,
		.tlvs = q->tlvs,
		.direct = from->ttl == 255,
		.integrity =
			r->hmac ? stamp_tlv_check(packet, q->tlvs, &r->key) : STAMP_UNPROTECTED,
	};
	uint8_t payload[STAMP_PKT_MAX], buf[STAMP_PKT_MAX + UDP_PKT_ROOM];
	struct wbuf w = wbuf_of(payload, sizeof(payload));
	ssize_t n;

	s->heard = from->at ? from->at : 1;
	s->next++;
	estimate.synced = wall_is_synced(&estimate.error_ns);
	reply.estimate = stamp_estimate_encode(&estimate);
	reply.sent = stamp_time_encode(STAMP_NTP, wall_now_ns());
	stamp_reply_put(&w, &reply, key_of(r));
	reflect_tlvs(&job, &w);
	if (w.failed)
		return -EMSGSIZE;
	n = udp_pkt_build(&us, &from->src, (struct view){ payload, w.len }, buf, sizeof(buf));
	return n < 0 ? (int)n : path_express(r->path, (struct view){ buf, (size_t)n });
}

/* What echo requests hear of an address that is not fit: its network is not to be had this way. */
static int refuse(struct reflector *r, const struct udpsock_from *from, struct view packet)
{
	const struct endpoint us = { from->dst, r->conf->port };
	uint8_t buf[STAMP_PKT_MAX + 2 * UDP_PKT_ROOM];
	ssize_t n = udp_pkt_build_unreachable(&from->src, &us, packet, buf, sizeof(buf));

	return n < 0 ? (int)n : path_express(r->path, (struct view){ buf, (size_t)n });
}

static enum reflector_drop drop_of(enum stamp_pkt_error e)
{
	return e == STAMP_PKT_MAC    ? REFLECTOR_DROP_HMAC
	       : e == STAMP_PKT_LONG ? REFLECTOR_DROP_LONG
				     : REFLECTOR_DROP_SHORT;
}

static void take(struct door *d, struct view packet, const struct udpsock_from *from)
{
	struct reflectors *rs = d->owner;
	struct reflector *r = by_device(rs, from->index, d->port);
	enum reflector_drop why = REFLECTOR_DROPS;
	enum stamp_pkt_error e;
	struct stamp_request q;

	if (!r) {
		why = REFLECTOR_DROP_DEVICE;
	} else if ((e = stamp_request_parse(packet, key_of(r), &q))) {
		why = drop_of(e);
	} else if (!may_pass(r, from->at)) {
		why = REFLECTOR_DROP_RATE;
	} else if (!rs->fit(rs->ctx, &from->dst)) {
		(void)refuse(r, from, packet);
		why = REFLECTOR_DROP_UNFIT;
	} else if (send_back(rs, r, from, &q, packet)) {
		why = REFLECTOR_DROP_UNSENT;
	} else {
		r->counts.reflected++;
	}
	if (why != REFLECTOR_DROPS)
		drop_log_count(&rs->drops, why, &from->src.addr, from->index, from->at);
}

static void readable(struct watch *w)
{
	struct door *d = container_of(w, struct door, watch);
	uint8_t buf[2048];

	for (unsigned i = 0; i < BATCH; i++) {
		struct udpsock_from from;
		ssize_t n = udpsock_recv(w->fd, buf, sizeof(buf), &from);

		if (n == -EMSGSIZE || n == -EBADMSG)
			continue;
		if (n < 0)
			return;
		take(d, (struct view){ buf, (size_t)n }, &from);
	}
}

struct reflectors *reflectors_new(const struct env *env, reflector_fit_fn *fit, void *ctx)
{
	struct reflectors *rs = calloc(1, sizeof(*rs));

	if (!rs)
		return NULL;
	rs->env = env;
	rs->fit = fit;
	rs->ctx = ctx;
	rs->drops = (struct drop_log){ .event = "reflector.dropped",
				       .names = drop_names,
				       .count = REFLECTOR_DROPS };
	for (size_t i = 0; i < ARRAY_LEN(rs->doors); i++) {
		rs->doors[i].owner = rs;
		watch_init(&rs->doors[i].watch, env->loop, readable);
	}
	return rs;
}

static void shut(struct door *d)
{
	int fd = d->watch.fd;

	if (!d->port)
		return;
	watch_stop(&d->watch);
	(void)close(fd);
	d->port = 0;
}

static void reflector_free(struct reflector *r)
{
	if (r)
		hmac_free(r->hmac);
	free(r);
}

void reflectors_free(struct reflectors *rs)
{
	if (!rs)
		return;
	for (size_t i = 0; i < ARRAY_LEN(rs->doors); i++)
		shut(&rs->doors[i]);
	for (size_t i = 0; i < rs->count; i++)
		reflector_free(rs->list[i]);
	free(rs);
}

static struct door *door_of(struct reflectors *rs, enum addr_family family, uint16_t port)
{
	for (size_t i = 0; i < ARRAY_LEN(rs->doors); i++)
		if (rs->doors[i].port == port && rs->doors[i].family == family)
			return &rs->doors[i];
	return NULL;
}

static void open_door(struct reflectors *rs, enum addr_family family, uint16_t port)
{
	struct door *d = door_of(rs, family, port);
	struct err err = { "too many different ports; write the same for more tunnels" };
	int fd;

	if (!d) {
		d = door_of(rs, ADDR_NONE, 0);
		fd = d ? udpsock_open(family, port, &err) : -EMFILE;
		if (fd == -EAFNOSUPPORT)
			return;
		if (fd < 0) {
			log_event(LOGL_ERROR, "reflector.port", "port=%u error=\"%s\"", port,
				  err.text);
			return;
		}
		d->family = family;
		d->port = port;
		watch_start(&d->watch, fd, false);
	}
	d->wanted = true;
}

/* Its session counts live on as long as the tunnel does. */
static struct reflector *keep_or_make(struct reflector **old, size_t count, struct path *p)
{
	struct reflector *r = NULL;

	for (size_t i = 0; i < count && !r; i++)
		if (old[i] && old[i]->path == p) {
			r = old[i];
			old[i] = NULL;
		}
	r = r ? r : calloc(1, sizeof(*r));
	if (!r)
		return NULL;
	hmac_free(r->hmac);
	r->hmac = NULL;
	r->path = p;
	r->counts.on = true;
	return r;
}

static int take_conf(struct reflector *r, const struct conf_tunnel *t)
{
	const struct conf_blob *key = t->reflect.key.data ? &t->reflect.key : &t->health.key;

	r->conf = &t->reflect;
	if (!key->data)
		return 0;
	r->hmac = hmac_new((struct view){ key->data, key->len });
	r->key = (struct stamp_key){ stamp_hmac, r->hmac };
	return r->hmac ? 0 : -ENOMEM;
}

static int make_all(struct reflectors *rs, const struct conf *conf, struct reflector **old,
		    size_t count)
{
	for (size_t i = 0; i < conf->tunnel_count; i++) {
		const struct conf_tunnel *t = &conf->tunnels[i];
		struct path *p = paths_by_name(rs->env->paths, t->name);
		struct reflector *r;

		if (!t->reflect.stamp || !p)
			continue;
		r = keep_or_make(old, count, p);
		if (!r || take_conf(r, t)) {
			reflector_free(r);
			return -ENOMEM;
		}
		rs->list[rs->count++] = r;
		open_door(rs, ADDR_V4, t->reflect.port);
		open_door(rs, ADDR_V6, t->reflect.port);
	}
	return 0;
}

int reflectors_apply(struct reflectors *rs, const struct conf *conf)
{
	size_t count = rs->count;
	struct reflector **old = calloc(count + 1, sizeof(struct reflector *));
	int r;

	if (!old)
		return -ENOMEM;
	memcpy(old, rs->list, count * sizeof(struct reflector *));
	rs->count = 0;
	memset(rs->hints, 0, sizeof(rs->hints));
	for (size_t i = 0; i < ARRAY_LEN(rs->doors); i++)
		rs->doors[i].wanted = false;
	r = make_all(rs, conf, old, count);
	for (size_t i = 0; i < count; i++)
		reflector_free(old[i]);
	free(old);
	for (size_t i = 0; i < ARRAY_LEN(rs->doors); i++)
		if (!rs->doors[i].wanted) {
			shut(&rs->doors[i]);
			rs->doors[i].family = ADDR_NONE;
		}
	return r;
}

struct reflector_counts reflectors_counts(const struct reflectors *rs, uint32_t if_id)
{
	for (size_t i = 0; i < rs->count; i++)
		if (rs->list[i]->path->if_id == if_id)
			return rs->list[i]->counts;
	return (struct reflector_counts){ 0 };
}

const struct drop_log *reflectors_drops(const struct reflectors *rs)
{
	return &rs->drops;
}
