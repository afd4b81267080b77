/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/line.h"

#include "base/list.h"

#include <math.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define PORT_NAT_T 4500
#define DSCP_CS6 48

static const char *const rule_names[] = {
	[LINE_HEALED] = "heal", [LINE_CUT] = "cut",     [LINE_DROP_ESP] = "drop-esp",
	[LINE_CUT_A] = "cut-a", [LINE_CUT_B] = "cut-b",
};

const char *line_rule_name(enum line_rule rule)
{
	return rule == LINE_HEALED ? "healed" : rule_names[rule];
}

bool line_rule_by_name(const char *name, enum line_rule *out)
{
	for (size_t i = 0; i < ARRAY_LEN(rule_names); i++)
		if (!strcmp(name, rule_names[i])) {
			*out = (enum line_rule)i;
			return true;
		}
	return false;
}

bool line_takes(const struct line_cfg *cfg, enum line_rule rule, unsigned from, struct view frame)
{
	if (cfg->mtu && frame.len > cfg->mtu + sizeof(struct ether_header))
		return true;
	switch (rule) {
	case LINE_HEALED:
		return false;
	case LINE_CUT:
		return true;
	case LINE_DROP_ESP:
		return frame_is_esp(frame);
	case LINE_CUT_A:
		return from == 0;
	case LINE_CUT_B:
		return from == 1;
	}
	return false;
}

/* xorshift64*: good enough for dice, and the same everywhere for the same seed. */
static double dice(struct line_dir *d)
{
	d->rng ^= d->rng >> 12;
	d->rng ^= d->rng << 25;
	d->rng ^= d->rng >> 27;
	return (double)((d->rng * UINT64_C(2685821657736338717)) >> 11) / 9007199254740992.0;
}

/* Memoryless: how long it still is does not depend on how long it has been. */
static usec_t span(struct line_dir *d, double mean)
{
	return (usec_t)(-log(1 - dice(d)) * mean) + 1;
}

/* Goes on by itself, whether frames come or not: a busier line loses more of them, not longer. */
static bool in_outage(const struct line_cfg *cfg, struct line_dir *d, usec_t now)
{
	if (cfg->burst <= 0 || cfg->gap <= 0) {
		d->outage_turn = 0;
		return false;
	}
	/* Not begun, or so long without a frame that the past has nothing to say any more. */
	if (!d->outage_turn || d->outage_turn + (usec_t)(100 * (cfg->burst + cfg->gap)) < now) {
		d->in_outage = dice(d) < cfg->burst / (cfg->burst + cfg->gap);
		d->outage_turn = now + span(d, d->in_outage ? cfg->burst : cfg->gap);
	}
	while (d->outage_turn <= now) {
		d->in_outage = !d->in_outage;
		d->outage_turn += span(d, d->in_outage ? cfg->burst : cfg->gap);
	}
	return d->in_outage;
}

static bool is_lost(const struct line_cfg *cfg, struct line_dir *d, usec_t now)
{
	if (in_outage(cfg, d, now))
		return true;
	if (d->in_burst)
		d->in_burst = dice(d) >= cfg->burst_leave;
	else
		d->in_burst = dice(d) < cfg->burst_enter;
	return d->in_burst || dice(d) < cfg->loss;
}

struct line_verdict line_decide(const struct line_cfg *cfg, struct line_dir *d, usec_t now)
{
	struct line_verdict v = { 0 };
	double swing;
	usec_t due;

	if (is_lost(cfg, d, now))
		return v;
	v.copies = dice(d) < cfg->duplicate ? 2 : 1;
	if (dice(d) < cfg->reorder) {
		/* It jumps the queue: the frames that wait are overtaken. */
		v.due[0] = v.due[1] = now;
		return v;
	}
	swing = (2 * dice(d) - 1) * (double)cfg->jitter;
	due = now + cfg->delay;
	if (swing >= 0)
		due += (usec_t)swing;
	else
		due -= usec_min(cfg->delay, (usec_t)-swing);
	/* Jitter alone does not reorder: a frame never leaves before the one ahead of it. */
	d->last_due = usec_max(due, d->last_due);
	v.due[0] = v.due[1] = d->last_due;
	return v;
}

static bool key_is(const char *word, size_t len, const char *key)
{
	return strlen(key) == len && !memcmp(word, key, len);
}

/* Those in milliseconds. */
static bool set_span(struct line_cfg *cfg, const char *word, size_t len, double msec)
{
	if (key_is(word, len, "delay_ms"))
		cfg->delay = (usec_t)(msec * 1000);
	else if (key_is(word, len, "jitter_ms"))
		cfg->jitter = (usec_t)(msec * 1000);
	else if (key_is(word, len, "queue_ms"))
		cfg->access.limit = (usec_t)(msec * 1000);
	else if (key_is(word, len, "burst_ms"))
		cfg->burst = msec * 1000;
	else if (key_is(word, len, "gap_ms"))
		cfg->gap = msec * 1000;
	else
		return false;
	return true;
}

bool line_cfg_set(struct line_cfg *cfg, const char *word)
{
	static const struct {
		const char *key;
		size_t offset;
	} chances[] = {
		{ "loss", offsetof(struct line_cfg, loss) },
		{ "reorder", offsetof(struct line_cfg, reorder) },
		{ "duplicate", offsetof(struct line_cfg, duplicate) },
		{ "burst_enter", offsetof(struct line_cfg, burst_enter) },
		{ "burst_leave", offsetof(struct line_cfg, burst_leave) },
	};
	const char *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : 0;
	double value;
	char *end;

	if (!equals)
		return false;
	value = strtod(equals + 1, &end);
	if (end == equals + 1 || *end || !(value >= 0 && value <= 100000))
		return false;
	if (set_span(cfg, word, len, value))
		return true;
	if (key_is(word, len, "rate_mbit")) {
		cfg->access.rate = value / 8;
		return true;
	}
	if (key_is(word, len, "mtu")) {
		cfg->mtu = (unsigned)value;
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(chances); i++)
		if (key_is(word, len, chances[i].key)) {
			value /= 100;
			if (value > 1)
				return false;
			memcpy((char *)cfg + chances[i].offset, &value, sizeof(value));
			return true;
		}
	return false;
}

struct packet {
	struct addr src, dst;
	uint8_t protocol, dscp;
	struct view payload; /* behind the IP header; empty for later fragments */
};

static bool parse_v4(struct view ip, struct packet *out)
{
	size_t header;

	if (ip.len < 20 || ip.data[0] >> 4 != 4)
		return false;
	header = 4 * (size_t)(ip.data[0] & 0xf);
	if (header < 20 || header > ip.len)
		return false;
	out->src = addr_from_bytes(ADDR_V4, ip.data + 12);
	out->dst = addr_from_bytes(ADDR_V4, ip.data + 16);
	out->protocol = ip.data[9];
	out->dscp = ip.data[1] >> 2;
	out->payload = (struct view){ ip.data + header, ip.len - header };
	if ((ip.data[6] & 0x1f) || ip.data[7])
		out->payload.len = 0;
	return true;
}

static bool parse_v6(struct view ip, struct packet *out)
{
	if (ip.len < 40 || ip.data[0] >> 4 != 6)
		return false;
	out->src = addr_from_bytes(ADDR_V6, ip.data + 8);
	out->dst = addr_from_bytes(ADDR_V6, ip.data + 24);
	out->protocol = ip.data[6];
	out->dscp = (uint8_t)((ip.data[0] & 0xf) << 2 | ip.data[1] >> 6);
	out->payload = (struct view){ ip.data + 40, ip.len - 40 };
	return true;
}

static bool parse(struct view frame, struct packet *out)
{
	struct rbuf r = rbuf_of(frame.data, frame.len);
	uint16_t type;

	(void)rbuf_view(&r, sizeof(struct ether_addr[2]));
	type = rbuf_u16(&r);
	if (r.failed)
		return false;
	frame = rbuf_view(&r, rbuf_left(&r));
	if (type == ETHERTYPE_IP)
		return parse_v4(frame, out);
	return type == ETHERTYPE_IPV6 && parse_v6(frame, out);
}

bool frame_is_esp(struct view frame)
{
	struct packet p;
	struct rbuf udp;
	uint16_t sport, dport;
	uint32_t marker;

	if (!parse(frame, &p))
		return false;
	if (p.protocol == IPPROTO_ESP)
		return true;
	if (p.protocol != IPPROTO_UDP)
		return false;
	udp = rbuf_of(p.payload.data, p.payload.len);
	sport = rbuf_u16(&udp);
	dport = rbuf_u16(&udp);
	(void)rbuf_u32(&udp); /* length and checksum */
	marker = rbuf_u32(&udp);
	/* Less than four bytes of payload is a NAT keepalive. */
	return !udp.failed && marker != 0 && (sport == PORT_NAT_T || dport == PORT_NAT_T);
}

bool frame_is_urgent(struct view frame)
{
	struct packet p;

	return !parse(frame, &p) || p.dscp >= DSCP_CS6;
}

bool frame_is_clear(struct view frame, const struct prefix *inner, size_t count)
{
	struct packet p;

	if (!parse(frame, &p))
		return false;
	for (size_t i = 0; i < count; i++)
		if (prefix_contains(&inner[i], &p.src) || prefix_contains(&inner[i], &p.dst))
			return true;
	return false;
}
