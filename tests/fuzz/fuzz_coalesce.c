/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any packets of a few flows, most of them in order, some of them damaged: what is merged comes
 * apart again into the same packets, byte for byte, and in an order that no receiver could tell
 * from that in which they came.
 *
 * The input is a list of commands of COMMAND bytes: flow, payload, which byte to change, and how.
 */
#include "esp/coalesce.h"

#include "base/csum.h"
#include "esp/segment.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond))                                                                       \
			abort();                                                                   \
	} while (0)

#define COMMAND 6
#define FED_MAX 150
#define FLOWS 16
#define HEADERS_MAX 80
#define PAYLOAD_MAX (16 * 255)

enum { FLOW_V6 = 1, FLOW_UDP = 2, FLOW_PORT = 4, FLOW_OPTIONS = 8 };
enum { HOW_FIX = 1, HOW_STAY = 2, HOW_OWNER = 4, HOW_LONG = 8, HOW_DF = 16, HOW_PSH = 32 };

struct fed {
	uint8_t *bytes, *live; /* as it came; as it lies in its buffer */
	size_t len;
	struct ip_pkt ip;
	void *owner;
	unsigned place; /* among what came out; 0: not seen yet */
};

struct world {
	struct coalesce c;
	struct fed fed[FED_MAX];
	unsigned count;
	uint32_t seq[FLOWS];
	uint16_t id[FLOWS];
};

static int owners[2];
static struct world w;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void put_u16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static size_t put_ip(uint8_t *p, unsigned flow, bool df, size_t len)
{
	uint8_t protocol = flow & FLOW_UDP ? IPPROTO_UDP : IPPROTO_TCP;

	if (flow & FLOW_V6) {
		p[0] = 0x60;
		put_u16(p + 4, len - 40);
		p[6] = protocol;
		p[7] = 64;
		p[8] = p[24] = 0xfd;
		p[39] = 1;
		return 40;
	}
	p[0] = 0x45;
	put_u16(p + 2, len);
	put_u16(p + 4, w.id[flow]);
	p[6] = df ? 0x40 : 0;
	p[8] = 64;
	p[9] = protocol;
	p[12] = p[16] = 10;
	p[19] = 1;
	return 20;
}

static size_t headers_of(unsigned flow)
{
	size_t l4 = flow & FLOW_UDP ? 8 : flow & FLOW_OPTIONS ? 32 : 20;

	return (flow & FLOW_V6 ? 40u : 20u) + l4;
}

static void make(uint8_t *p, size_t len, unsigned flow, uint8_t how)
{
	size_t header = headers_of(flow), l4;

	memset(p, 0, header);
	l4 = put_ip(p, flow, how & HOW_DF, len);
	p[l4] = 4;
	p[l4 + 1] = (uint8_t)flow;
	p[l4 + 3] = 53;
	if (flow & FLOW_UDP) {
		put_u16(p + l4 + 4, len - l4);
	} else {
		put_u16(p + l4 + 4, w.seq[flow] >> 16);
		put_u16(p + l4 + 6, w.seq[flow] & 0xffff);
		p[l4 + 12] = (uint8_t)((header - l4) << 2);
		p[l4 + 13] = how & HOW_PSH ? 0x18 : 0x10;
	}
	for (size_t i = header; i < len; i++)
		p[i] = (uint8_t)(w.seq[flow] + i * 7);
}

static uint16_t l4_csum(const uint8_t *p, const struct ip_pkt *ip)
{
	size_t n = ip->len - ip->header_len;
	uint32_t sum = csum_add_pseudo(0, &ip->src, &ip->dst, ip->protocol, (uint32_t)n);

	return csum_finish(csum_add(sum, p + ip->header_len, n));
}

static void fix(uint8_t *p, const struct ip_pkt *ip)
{
	size_t field = ip->header_len + (ip->protocol == IPPROTO_TCP ? 16 : 6);
	uint16_t sum;

	if (ip->family == ADDR_V4) {
		put_u16(p + 10, 0);
		put_u16(p + 10, csum_finish(csum_add(0, p, (size_t)(p[0] & 15) * 4)));
	}
	if ((ip->protocol != IPPROTO_TCP && ip->protocol != IPPROTO_UDP) || field + 2 > ip->len)
		return;
	put_u16(p + field, 0);
	sum = l4_csum(p, ip);
	put_u16(p + field, sum || ip->protocol == IPPROTO_TCP ? sum : 0xffff);
}

/* Exactly as long as it is, so that one byte too far is seen. */
static uint8_t *copy(const uint8_t *p, size_t len)
{
	uint8_t *q = malloc(len);

	MUST(q);
	memcpy(q, p, len);
	return q;
}

static void feed(const uint8_t *p, size_t len, void *owner)
{
	struct fed *f = &w.fed[w.count];
	struct ip_pkt ip;

	if (ip_pkt_decode((struct view){ p, len }, &ip) < 0)
		return;
	*f = (struct fed){ copy(p, ip.len), copy(p, ip.len), ip.len, ip, owner, 0 };
	if (coalesce_add(&w.c, owner, f->live, &ip)) {
		w.count++;
		return;
	}
	MUST(w.c.count == COALESCE_ITEMS);
	free(f->bytes);
	free(f->live);
}

static void obey(const uint8_t *cmd)
{
	static uint8_t p[HEADERS_MAX + PAYLOAD_MAX];
	unsigned flow = cmd[0] % FLOWS;
	uint8_t how = cmd[5];
	size_t payload = (size_t)(how & HOW_LONG ? 16 : 1) * cmd[1],
	       len = headers_of(flow) + payload;
	struct ip_pkt ip;

	make(p, len, flow, how);
	(void)ip_pkt_decode((struct view){ p, len }, &ip);
	fix(p, &ip);
	p[(cmd[2] | (size_t)(cmd[0] >> 4) << 8) % len] ^= cmd[3];
	p[cmd[2] % headers_of(flow)] ^= cmd[4];
	if (how & HOW_FIX && ip_pkt_decode((struct view){ p, len }, &ip) == 0)
		fix(p, &ip);
	feed(p, len, &owners[how & HOW_OWNER ? 1 : 0]);
	if (how & HOW_STAY)
		return;
	w.seq[flow] += (uint32_t)payload;
	w.id[flow]++;
}

/* Nobody may look at the id of what must not be fragmented (RFC 6864, 4.1). */
static bool is_same(const struct fed *f, const uint8_t *p, size_t len)
{
	bool no_id = f->ip.family == ADDR_V4 && f->ip.dont_fragment;

	if (f->len != len)
		return false;
	if (!no_id)
		return memcmp(f->bytes, p, len) == 0;
	return memcmp(f->bytes, p, 4) == 0 && memcmp(f->bytes + 6, p + 6, 4) == 0 &&
	       memcmp(f->bytes + 12, p + 12, len - 12) == 0;
}

static void give_back(const uint8_t *p, size_t len, const void *owner, unsigned place)
{
	for (unsigned i = 0; i < w.count; i++)
		if (!w.fed[i].place && w.fed[i].owner == owner && is_same(&w.fed[i], p, len)) {
			w.fed[i].place = place;
			return;
		}
	abort();
}

static size_t gather(const struct coalesce_item *it, uint8_t *flat, size_t cap)
{
	size_t len = 0;

	for (unsigned i = 0; i < it->iov_count; i++) {
		MUST(len + it->iov[i].iov_len <= cap);
		memcpy(flat + len, it->iov[i].iov_base, it->iov[i].iov_len);
		len += it->iov[i].iov_len;
	}
	return len;
}

static unsigned take_apart(const struct coalesce_item *it, unsigned place)
{
	static uint8_t flat[VNET_HDR_LEN + 66000], out[66000];
	size_t len = gather(it, flat, sizeof(flat)) - VNET_HDR_LEN, n;
	struct view packet = { flat + VNET_HDR_LEN, len };
	struct segment s;
	struct vnet_hdr v;
	struct ip_pkt ip, part;

	MUST(vnet_hdr_decode((struct view){ flat, sizeof(flat) }, &v) == 0);
	MUST(ip_pkt_decode(packet, &ip) == 0 && ip.len == len && it->len == len);
	MUST(segment_init(&s, packet, &ip, &v) == 0 && segment_left(&s) == it->packets);
	MUST(it->packets == 1 || len <= UINT16_MAX);
	while ((n = segment_next(&s, out)) > 0) {
		give_back(out, n, it->owner, ++place);
		MUST(ip_pkt_decode((struct view){ out, n }, &part) == 0);
		MUST(!v.flags || l4_csum(out, &part) == 0); /* it said so */
	}
	return place;
}

static bool has_ports(const struct fed *f)
{
	return !f->ip.fragment && f->len >= f->ip.header_len + 8 &&
	       (f->ip.protocol == IPPROTO_TCP || f->ip.protocol == IPPROTO_UDP);
}

static bool is_fragment(const struct fed *f)
{
	return f->ip.fragment || f->ip.protocol == IP_PKT_PROTO_UNKNOWN;
}

/* Of one flow, or it could be so. */
static bool is_related(const struct fed *a, const struct fed *b)
{
	if (a->owner != b->owner || !addr_equal(&a->ip.src, &b->ip.src) ||
	    !addr_equal(&a->ip.dst, &b->ip.dst))
		return false;
	if (has_ports(a) && has_ports(b))
		return a->ip.protocol == b->ip.protocol &&
		       memcmp(a->bytes + a->ip.header_len, b->bytes + b->ip.header_len, 4) == 0;
	return is_fragment(a) || is_fragment(b) || a->ip.protocol == b->ip.protocol;
}

static void check(void)
{
	unsigned place = 0;

	coalesce_finish(&w.c);
	for (unsigned i = 0; i < w.c.count; i++)
		place = take_apart(&w.c.item[i], place);
	MUST(place == w.count);
	for (unsigned i = 0; i < w.count; i++)
		for (unsigned k = i + 1; k < w.count; k++)
			MUST(w.fed[i].place < w.fed[k].place || !is_related(&w.fed[i], &w.fed[k]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (len == 0)
		return 0;
	memset(w.seq, 0xff, sizeof(w.seq));
	memset(w.id, 0xff, sizeof(w.id));
	w.count = 0;
	coalesce_init(&w.c, data[0] & 1);
	for (size_t i = 1; i + COMMAND <= len && w.count < FED_MAX; i += COMMAND)
		obey(data + i);
	check();
	for (unsigned i = 0; i < w.count; i++) {
		free(w.fed[i].bytes);
		free(w.fed[i].live);
	}
	return 0;
}
