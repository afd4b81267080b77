/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * STAMP Session-Sender (RFC 8762): each probe of a check is a test packet of one session.  Replies
 * are told apart by their session identifier, or by device where a reflector does not know those,
 * and believed when they hold the very timestamp that we sent: its lowest bits are random.
 */
#include "svc/probe.h"

#include "base/hash.h"
#include "base/list.h"
#include "base/log.h"
#include "base/secret.h"
#include "crypto/hmac.h"
#include "fsm/stamp_stats.h"
#include "io/wall.h"
#include "svc/drop_log.h"
#include "svc/health.h"
#include "svc/probe_stamp.h"
#include "svc/stamp_hook.h"
#include "svc/udp_door.h"
#include "wire/stamp_pkt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define OUTSTANDING 256u /* requests that a reply may still come for */
#define RANDOM_BITS UINT64_C(0x3ff) /* of a timestamp, a quarter of a microsecond */
#define SSIDS 65535u
#define SSID_AT_PLAIN 14u
#define SSID_AT_AUTH 26u
#define SEQ_LAST (UINT32_C(1) << 31) /* then a new session begins */

struct request {
	uint32_t seq, probe; /* the session's number, the check's */
	uint64_t stamp; /* T1; 0: none, or it has had its reply */
	usec_t sent;
};

struct session {
	struct check *check;
	uint32_t next;
	struct addr source, target;
	uint16_t port;
	struct hmac *hmac; /* NULL: unauthenticated */
	uint8_t mark[HMAC_SHA256_SIZE]; /* of the key, to see whether it is another */
	struct stamp_key key;
	struct request requests[OUTSTANDING];
};

struct stamp {
	struct probe_kind kind;
	const struct env *env;
	probe_fn *fn;
	void *ctx;
	struct udp_door door;
	struct hash_key random;
	uint64_t counter; /* for random bits */
	uint32_t salt; /* of session identifiers */
	struct session *sessions[CONF_TUNNELS_MAX]; /* owned; by check */
	struct drop_log drops;
};

static const char *const drop_names[STAMP_DROPS] = { "short", "long", "hmac", "stray" };

static const struct stamp_key *key_of(const struct session *s)
{
	return s->hmac ? &s->key : NULL;
}

static uint16_t ssid_of(const struct stamp *p, const struct session *s)
{
	return (uint16_t)(1 + (s->check->index + p->salt) % SSIDS);
}

static struct session *by_ssid(const struct stamp *p, struct view packet, size_t at)
{
	uint32_t index;

	if (packet.len < at + 2)
		return NULL;
	index = (uint32_t)(packet.data[at] << 8 | packet.data[at + 1]);
	if (index == 0)
		return NULL;
	index = (index - 1 + SSIDS - p->salt) % SSIDS;
	return index < CONF_TUNNELS_MAX ? p->sessions[index] : NULL;
}

static struct session *by_device(const struct stamp *p, int index)
{
	for (size_t i = 0; i < CONF_TUNNELS_MAX; i++)
		if (p->sessions[i] && p->sessions[i]->check->path->index == index)
			return p->sessions[i];
	return NULL;
}

static struct request *request_of(struct session *s, uint32_t seq, uint64_t stamp)
{
	struct request *q = &s->requests[seq % OUTSTANDING];

	return q->stamp && q->seq == seq && q->stamp == stamp ? q : NULL;
}

static enum stamp_drop drop_of(enum stamp_pkt_error e)
{
	switch (e) {
	case STAMP_PKT_SHORT:
		return STAMP_DROP_SHORT;
	case STAMP_PKT_LONG:
		return STAMP_DROP_LONG;
	case STAMP_PKT_MAC:
		return STAMP_DROP_HMAC;
	case STAMP_PKT_NONE:
		break;
	}
	return STAMP_DROP_STRAY;
}

/* Delays by T1 to T4, for the tunnel's history. */
static void measure(const struct session *s, const struct request *q, const struct stamp_reply *r,
		    const struct udpsock_from *from)
{
	struct stamp_estimate theirs = stamp_estimate_decode(r->estimate);
	struct stamp_sample sample = {
		.sender_seq = q->seq, .reflector_seq = r->seq, .sent = q->sent, .at = from->at
	};
	uint64_t error;

	if (!s->check->stats)
		return;
	sample.there_ns = stamp_time_decode(theirs.format, r->received) -
			  stamp_time_decode(STAMP_NTP, q->stamp);
	sample.back_ns = from->wall_ns - stamp_time_decode(theirs.format, r->sent);
	sample.synced = theirs.synced && wall_is_synced(&error);
	stamp_stats_sample(s->check->stats, &sample);
}

static void hear(struct stamp *p, struct session *s, struct view packet, struct view tlvs)
{
	struct stamp_hook *hook = p->env->stamp;
	struct stamp_tlv_walk walk = stamp_tlvs(tlvs);
	struct stamp_tlv t;

	if (!hook || (s->hmac && stamp_tlv_check(packet, tlvs, &s->key) != STAMP_INTACT))
		return;
	while (stamp_tlv_next(&walk, &t))
		if (t.type == STAMP_TLV_FUTAE && !t.malformed && t.flags == 0)
			hook->hear(hook, s->check->path, t.value, true);
}

/* Is it an answer to this session?  Then it is told. */
static enum stamp_pkt_error try(struct stamp *p, struct session *s, struct view packet,
				const struct udpsock_from *from, bool *taken)
{
	struct check *c = s->check;
	struct stamp_reply r;
	enum stamp_pkt_error e = stamp_reply_parse(packet, key_of(s), &r);
	struct request *q = e ? NULL : request_of(s, r.sender_seq, r.sender_sent);
	struct probe_answer a;
	struct request was;

	if (!q)
		return e;
	*taken = true;
	a = (struct probe_answer){ .verdict = PROBE_REPLY,
				   .index = c->index,
				   .seq = q->probe,
				   .src = from->src.addr,
				   .device = from->index,
				   .sent = q->sent,
				   .at = from->at };
	was = *q;
	p->fn(p->ctx, &a);
	if (from->index != c->path->index || !addr_equal(&from->src.addr, &c->conf->health.target))
		return e;
	measure(s, &was, &r, from);
	hear(p, s, packet, r.tlvs);
	return e;
}

static void on_datagram(struct udp_door *d, struct view packet, const struct udpsock_from *from)
{
	struct stamp *p = container_of(d, struct stamp, door);
	struct session *named[] = { by_ssid(p, packet, SSID_AT_PLAIN),
				    by_ssid(p, packet, SSID_AT_AUTH) };
	enum stamp_pkt_error e = STAMP_PKT_NONE;
	struct session *s;
	bool taken = false;

	for (size_t i = 0; i < ARRAY_LEN(named) && !taken; i++)
		if (named[i])
			e = try(p, named[i], packet, from, &taken);
	/* A reflector that does not know session identifiers sends zeros back. */
	s = taken ? NULL : by_device(p, from->index);
	if (s)
		e = try(p, s, packet, from, &taken);
	if (!taken)
		drop_log_count(&p->drops, drop_of(e), &from->src.addr, from->index, from->at);
}

static void on_unreachable(struct udp_door *d, const struct udp_quote *quote,
			   const struct rawsock_from *from)
{
	struct stamp *p = container_of(d, struct stamp, door);
	struct session *s = by_device(p, from->index);
	struct stamp_request r;
	struct request *q;

	/* The whole of the base packet must be quoted: only who has seen it can answer for it. */
	if (!s || quote->payload.len < (s->hmac ? STAMP_AUTH_SIZE : STAMP_PLAIN_SIZE) ||
	    stamp_request_parse(quote->payload, key_of(s), &r) ||
	    !(q = request_of(s, r.seq, r.sent))) {
		drop_log_count(&p->drops, STAMP_DROP_STRAY, &from->src, from->index, from->at);
		return;
	}
	probe_unreachable_text(s->check, quote, from);
	p->fn(p->ctx, &(struct probe_answer){ .verdict = PROBE_UNREACHABLE,
					      .index = s->check->index,
					      .seq = q->probe,
					      .src = from->src,
					      .device = from->index,
					      .sent = q->sent,
					      .at = from->at });
}

static void session_free(struct session *s)
{
	if (s)
		hmac_free(s->hmac);
	free(s);
}

static struct session *session_new(struct check *c)
{
	static const uint8_t text[] = "which key";
	const struct conf_health *h = &c->conf->health;
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->check = c;
	s->source = h->source;
	s->target = h->target;
	s->port = h->port;
	if (!h->key.data)
		return s;
	s->hmac = hmac_new((struct view){ h->key.data, h->key.len });
	if (!s->hmac) {
		free(s);
		return NULL;
	}
	s->key = (struct stamp_key){ stamp_hmac, s->hmac };
	hmac_over(s->hmac, &(struct view){ text, sizeof(text) }, 1, s->mark, sizeof(s->mark));
	return s;
}

static bool is_same(const struct session *a, const struct session *b)
{
	return addr_equal(&a->source, &b->source) && addr_equal(&a->target, &b->target) &&
	       a->port == b->port && !a->hmac == !b->hmac &&
	       secret_equal(a->mark, b->mark, sizeof(a->mark));
}

static void begin(struct stamp *p, struct session *s)
{
	struct check *c = s->check;

	session_free(p->sessions[c->index]);
	p->sessions[c->index] = s;
	c->probe = s;
	if (c->stats)
		stamp_stats_session(c->stats, clock_now());
}

/* A reload that changes nothing of it must not lose the replies that are on their way. */
static int stamp_start(struct probe_kind *k, struct check *c)
{
	struct stamp *p = container_of(k, struct stamp, kind);
	struct session *old = p->sessions[c->index], *s = session_new(c);

	if (!s)
		return -ENOMEM;
	if (old && old->check == c && is_same(old, s))
		session_free(s);
	else
		begin(p, s);
	return 0;
}

static void stamp_stop(struct probe_kind *k, struct check *c)
{
	struct stamp *p = container_of(k, struct stamp, kind);

	session_free(p->sessions[c->index]);
	p->sessions[c->index] = NULL;
	c->probe = NULL;
}

static uint64_t stamp_now(struct stamp *p)
{
	uint64_t random = hash_bytes(&p->random, &p->counter, sizeof(p->counter));

	p->counter++;
	return (stamp_time_encode(STAMP_NTP, wall_now_ns()) & ~RANDOM_BITS) |
	       (random & RANDOM_BITS);
}

static void say(const struct stamp *p, const struct session *s, struct wbuf *w)
{
	struct stamp_hook *hook = p->env->stamp;
	uint8_t value[STAMP_HOOK_MAX];
	size_t len = hook ? hook->say(hook, s->check->path, value, sizeof(value)) : 0;

	if (!len)
		return;
	stamp_tlv_add(w, STAMP_TLV_FUTAE, (struct view){ value, len });
	if (s->hmac)
		stamp_tlv_add_mac(w, STAMP_TLV_UNRECOGNIZED, true, &s->key);
}

static int stamp_send(struct probe_kind *k, struct check *c)
{
	struct stamp *p = container_of(k, struct stamp, kind);
	const struct conf_health *h = &c->conf->health;
	const struct endpoint to = { h->target, h->port };
	struct session *s = c->probe;
	struct stamp_estimate estimate = { .format = STAMP_NTP };
	struct stamp_request r = { .seq = s->next, .ssid = ssid_of(p, s) };
	uint8_t buf[STAMP_PKT_MAX];
	struct wbuf w = wbuf_of(buf, sizeof(buf));
	int rc;

	estimate.synced = wall_is_synced(&estimate.error_ns);
	r.estimate = stamp_estimate_encode(&estimate);
	r.sent = stamp_now(p);
	stamp_request_put(&w, &r, key_of(s));
	say(p, s, &w);
	if (w.failed)
		return -EMSGSIZE;
	s->requests[r.seq % OUTSTANDING] = (struct request){
		.seq = r.seq, .probe = c->seq, .stamp = r.sent, .sent = clock_now()
	};
	rc = udp_door_send(&p->door, c->path, &h->source, &to, (struct view){ buf, w.len });
	if (rc) {
		s->requests[r.seq % OUTSTANDING].stamp = 0;
		return rc;
	}
	s->next++;
	if (s->next == STAMP_SKIP)
		s->next++;
	if (s->next == SEQ_LAST && (s = session_new(c)))
		begin(p, s);
	return 0;
}

static void stamp_drain(struct probe_kind *k)
{
	udp_door_drain(&container_of(k, struct stamp, kind)->door);
}

static void stamp_free(struct probe_kind *k)
{
	struct stamp *p = container_of(k, struct stamp, kind);

	udp_door_close(&p->door);
	for (size_t i = 0; i < CONF_TUNNELS_MAX; i++)
		session_free(p->sessions[i]);
	free(p);
}

static const struct probe_ops stamp_ops = {
	.free = stamp_free,
	.start = stamp_start,
	.stop = stamp_stop,
	.send = stamp_send,
	.drain = stamp_drain,
};

struct probe_kind *probe_stamp_new(const struct env *env, probe_fn *fn, void *ctx)
{
	struct stamp *p = calloc(1, sizeof(*p));
	struct err err;

	if (!p)
		return NULL;
	p->kind.ops = &stamp_ops;
	p->env = env;
	p->fn = fn;
	p->ctx = ctx;
	p->door.on_datagram = on_datagram;
	p->door.on_unreachable = on_unreachable;
	p->drops = (struct drop_log){ .event = "stamp.dropped",
				      .names = drop_names,
				      .count = STAMP_DROPS };
	if (getrandom(&p->random, sizeof(p->random), 0) != sizeof(p->random) ||
	    getrandom(&p->salt, sizeof(p->salt), 0) != sizeof(p->salt)) {
		free(p);
		return NULL;
	}
	p->salt %= SSIDS;
	if (udp_door_open(&p->door, env->loop, &err)) {
		log_event(LOGL_ERROR, "health.sockets", "error=\"%s\"", err.text);
		free(p);
		return NULL;
	}
	return &p->kind;
}

void stamp_hmac(void *ctx, const struct view *parts, size_t count, uint8_t out[STAMP_MAC_SIZE])
{
	hmac_over(ctx, parts, count, out, STAMP_MAC_SIZE);
}

const struct drop_log *probe_stamp_drops(struct probe_kind *k)
{
	return &container_of(k, struct stamp, kind)->drops;
}
