/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/coalesce.h"

#include "base/be.h"
#include "base/csum.h"

#include <netinet/in.h>
#include <string.h>

#define V4_HEADER 20
#define V6_HEADER 40
#define V4_CSUM 10
#define TCP_HEADER 20
#define TCP_CSUM 16
#define TCP_PSH 0x08
#define TCP_ACK 0x10
#define TCP_ECE 0x40
#define UDP_HEADER 8
#define UDP_CSUM 6
#define IP_MAX 65535

/* What may become of a packet. */
enum nature {
	NATURE_OTHER, /* neither TCP nor UDP, or UDP that stays as it is: ends nothing */
	NATURE_HIDDEN, /* whose flow cannot be told */
	NATURE_PLAIN, /* of a flow, but passed on alone */
	NATURE_MERGEABLE,
};

static uint64_t load(const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

/* Whoever makes flows collide slows down a search of COALESCE_ITEMS at most: no key is needed. */
static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 32;
}

static uint32_t hash_pair(const struct coalesce_item *n)
{
	const uint8_t *p = n->packet;
	uint64_t hash = mix(0, (uintptr_t)n->owner);

	if (n->v4)
		return (uint32_t)mix(hash, load(p + 12));
	for (unsigned i = 0; i < 4; i++)
		hash = mix(hash, load(p + 8 + (size_t)i * 8));
	return (uint32_t)hash;
}

static bool is_same_pair(const struct coalesce_item *a, const struct coalesce_item *b)
{
	if (a->pair != b->pair || a->owner != b->owner || a->v4 != b->v4)
		return false;
	return a->v4 ? memcmp(a->packet + 12, b->packet + 12, 8) == 0
		     : memcmp(a->packet + 8, b->packet + 8, 32) == 0;
}

static bool is_same_flow(const struct coalesce_item *a, const struct coalesce_item *b)
{
	return a->flow == b->flow && a->protocol == b->protocol && is_same_pair(a, b) &&
	       memcmp(a->packet + a->l4, b->packet + b->l4, 4) == 0;
}

/* The place that names the open item of the flow, or the end of the chain where it would be. */
static uint16_t *find_flow(struct coalesce *c, const struct coalesce_item *n)
{
	uint16_t *link = &c->bucket[n->flow % COALESCE_BUCKETS];

	while (*link != COALESCE_NONE && !is_same_flow(&c->item[*link], n))
		link = &c->item[*link].chain;
	return link;
}

static void close_item(struct coalesce *c, uint16_t *link)
{
	struct coalesce_item *it = &c->item[*link];

	*link = it->chain;
	it->open = false;
	c->open--;
}

static void close_pair(struct coalesce *c, const struct coalesce_item *n)
{
	for (unsigned i = 0; i < c->count && c->open; i++)
		if (c->item[i].open && is_same_pair(&c->item[i], n))
			close_item(c, find_flow(c, &c->item[i]));
}

/* The sum of the pseudo header for `len` bytes of TCP or UDP. */
static uint32_t pseudo_sum(const struct coalesce_item *n, size_t len)
{
	uint32_t sum = n->protocol + (uint32_t)len;

	return n->v4 ? csum_add(sum, n->packet + 12, 8) : csum_add(sum, n->packet + 8, 32);
}

/* Who cuts the packets again writes zero as 0: one written as ~0 would come out changed. */
static bool is_csum_right(const struct coalesce_item *n, size_t csum_offset)
{
	const uint8_t *l4 = n->packet + n->l4;
	size_t len = n->bytes - n->l4;

	if (n->v4 && (be_get_u16(n->packet + V4_CSUM) == 0xffff ||
		      csum_finish(csum_add(0, n->packet, V4_HEADER)) != 0))
		return false;
	if (be_get_u16(l4 + csum_offset) == (n->protocol == IPPROTO_TCP ? 0xffff : 0))
		return false;
	return csum_finish(csum_add(pseudo_sum(n, len), l4, len)) == 0;
}

/* Flags that say something once, or are about one place of the stream, stay where they are. */
static bool is_tcp_mergeable(struct coalesce_item *n)
{
	const uint8_t *tcp = n->packet + n->l4;
	size_t header;

	if (n->bytes < (size_t)n->l4 + TCP_HEADER)
		return false;
	header = (size_t)(tcp[12] >> 4) * 4;
	if (header < TCP_HEADER || n->l4 + header >= n->bytes ||
	    (tcp[13] & ~(TCP_PSH | TCP_ECE)) != TCP_ACK)
		return false;
	n->header_len = (uint16_t)(n->l4 + header);
	n->size = (uint16_t)(n->bytes - n->header_len);
	n->push = tcp[13] & TCP_PSH;
	n->next_seq = be_get_u32(tcp + 4) + n->size;
	return is_csum_right(n, TCP_CSUM);
}

static bool is_udp_mergeable(struct coalesce_item *n)
{
	size_t len = n->bytes - n->l4;

	if (len <= UDP_HEADER || be_get_u16(n->packet + n->l4 + 4) != len)
		return false;
	n->header_len = (uint16_t)(n->l4 + UDP_HEADER);
	n->size = (uint16_t)(n->bytes - n->header_len);
	return is_csum_right(n, UDP_CSUM);
}

static bool is_mergeable(struct coalesce_item *n)
{
	/* Options and extension headers stay where they are: what they mean is not ours to know. */
	if (n->l4 != (n->v4 ? V4_HEADER : V6_HEADER))
		return false;
	n->verified = n->protocol == IPPROTO_TCP ? is_tcp_mergeable(n) : is_udp_mergeable(n);
	return n->verified;
}

static enum nature classify(const struct coalesce *c, const struct ip_pkt *ip,
			    struct coalesce_item *n)
{
	bool tcp = ip->protocol == IPPROTO_TCP, udp = ip->protocol == IPPROTO_UDP;

	n->pair = hash_pair(n);
	if (ip->fragment || ip->protocol == IP_PKT_PROTO_UNKNOWN)
		return NATURE_HIDDEN;
	if (!tcp && !(udp && c->uso))
		return NATURE_OTHER;
	if (ip->len < ip->header_len + UDP_HEADER)
		return NATURE_HIDDEN;
	n->flow =
		(uint32_t)mix(n->pair, (uint64_t)be_get_u32(n->packet + n->l4) << 8 | n->protocol);
	n->last_id = n->v4 ? be_get_u16(n->packet + 4) : 0;
	return is_mergeable(n) ? NATURE_MERGEABLE : NATURE_PLAIN;
}

/*
 * Cut again, packets count their ids up.  Those that may not be fragmented need no id, and nobody
 * may read anything into it (RFC 6864, 4.1): there one id for all will do as well.
 */
static bool does_id_follow(const struct coalesce_item *it, const struct coalesce_item *n)
{
	uint16_t step = (uint16_t)(n->last_id - it->last_id);
	bool df = n->packet[6] & 0x40;

	if (step != 1 && !(step == 0 && df))
		return false;
	return it->packets == 1 || step == it->id_step;
}

/* The same but for what follows from a packet's place and length.  DSCP and ECN are the same, too:
 * a mark of congestion would be lost, or reach packets that met none. */
static bool is_ip_alike(const struct coalesce_item *it, const struct coalesce_item *n)
{
	const uint8_t *a = it->packet, *b = n->packet;

	if (!it->v4)
		return memcmp(a, b, 4) == 0 && a[7] == b[7];
	return a[1] == b[1] && memcmp(a + 6, b + 6, 2) == 0 && a[8] == b[8] &&
	       does_id_follow(it, n);
}

static bool is_tcp_alike(const struct coalesce_item *it, const struct coalesce_item *n)
{
	const uint8_t *a = it->packet + it->l4, *b = n->packet + n->l4;

	return be_get_u32(b + 4) == it->next_seq && memcmp(a + 8, b + 8, 5) == 0 &&
	       ((a[13] ^ b[13]) & ~TCP_PSH) == 0 && memcmp(a + 14, b + 14, 2) == 0 &&
	       memcmp(a + 18, b + 18, (size_t)it->header_len - it->l4 - 18) == 0;
}

/* May this packet of the flow be the item's next? */
static bool does_follow(const struct coalesce_item *it, const struct coalesce_item *n)
{
	return n->size <= it->size && it->packets < COALESCE_MERGED &&
	       it->len + n->size <= IP_MAX && is_ip_alike(it, n) &&
	       (it->protocol != IPPROTO_TCP || is_tcp_alike(it, n));
}

static uint16_t add_part(struct coalesce *c, uint8_t *data, size_t len)
{
	c->part[c->parts] = (struct coalesce_part){ data, (uint32_t)len, COALESCE_NONE };
	return (uint16_t)c->parts++;
}

static void append(struct coalesce *c, uint16_t *link, const struct coalesce_item *n)
{
	struct coalesce_item *it = &c->item[*link];
	uint16_t part = add_part(c, n->packet + n->header_len, n->size);

	c->part[it->last_part].next = part;
	it->last_part = part;
	it->packets++;
	it->bytes += n->bytes;
	it->len += n->size;
	it->next_seq = n->next_seq;
	it->id_step = (uint16_t)(n->last_id - it->last_id);
	it->last_id = n->last_id;
	it->push = n->push;
	if (n->push || n->size < it->size)
		close_item(c, link);
}

/* A new item of one packet. */
static bool start(struct coalesce *c, const struct coalesce_item *n, bool open)
{
	struct coalesce_item *it = &c->item[c->count];
	uint16_t *head = &c->bucket[n->flow % COALESCE_BUCKETS];

	if (c->count == COALESCE_ITEMS)
		return false;
	*it = *n;
	it->packets = 1;
	it->len = it->bytes;
	it->first_part = it->last_part = add_part(c, it->packet, it->bytes);
	it->open = open;
	if (open) {
		it->chain = *head;
		*head = (uint16_t)c->count;
		c->open++;
	}
	c->count++;
	return true;
}

bool coalesce_add(struct coalesce *c, void *owner, uint8_t *packet, const struct ip_pkt *ip)
{
	struct coalesce_item n = { .owner = owner,
				   .packet = packet,
				   .bytes = ip->len,
				   .l4 = (uint16_t)ip->header_len,
				   .protocol = ip->protocol,
				   .v4 = ip->family == ADDR_V4 };
	enum nature nature;
	uint16_t *link;

	if (c->parts == COALESCE_PACKETS)
		return false;
	nature = classify(c, ip, &n);
	if (nature == NATURE_HIDDEN)
		close_pair(c, &n);
	if (nature < NATURE_PLAIN)
		return start(c, &n, false);
	link = find_flow(c, &n);
	if (*link != COALESCE_NONE) {
		if (nature == NATURE_MERGEABLE && does_follow(&c->item[*link], &n)) {
			append(c, link, &n);
			return true;
		}
		close_item(c, link);
	}
	return start(c, &n, nature == NATURE_MERGEABLE && !n.push);
}

static void put_lengths(const struct coalesce_item *it)
{
	uint8_t *p = it->packet;

	if (!it->v4) {
		be_put_u16(p + 4, (uint16_t)(it->len - V6_HEADER));
		return;
	}
	be_put_u16(p + 2, (uint16_t)it->len);
	be_put_u16(p + V4_CSUM, 0);
	be_put_u16(p + V4_CSUM, csum_finish(csum_add(0, p, V4_HEADER)));
}

/* The headers of the whole; the kernel wants the pseudo header's sum where the checksum will be. */
static struct vnet_hdr merge_headers(const struct coalesce_item *it)
{
	uint8_t *l4 = it->packet + it->l4;
	size_t len = it->len - it->l4;
	bool tcp = it->protocol == IPPROTO_TCP;
	struct vnet_hdr v = {
		VNET_HDR_NEEDS_CSUM, VNET_HDR_GSO_UDP_L4, it->header_len, it->size, it->l4, UDP_CSUM
	};

	put_lengths(it);
	if (tcp) {
		v.gso_type = it->v4 ? VNET_HDR_GSO_TCPV4 : VNET_HDR_GSO_TCPV6;
		v.csum_offset = TCP_CSUM;
		if (it->push)
			l4[13] |= TCP_PSH;
	} else {
		be_put_u16(l4 + 4, (uint16_t)len);
	}
	be_put_u16(l4 + v.csum_offset, (uint16_t)~csum_finish(pseudo_sum(it, len)));
	return v;
}

static void finish_item(struct coalesce *c, struct coalesce_item *it, struct iovec *iov)
{
	struct vnet_hdr v = { .flags = it->verified ? VNET_HDR_DATA_VALID : 0 };

	if (it->packets > 1)
		v = merge_headers(it);
	vnet_hdr_encode(&v, it->vnet);
	it->iov = iov;
	*iov++ = (struct iovec){ it->vnet, VNET_HDR_LEN };
	for (uint16_t i = it->first_part; i != COALESCE_NONE; i = c->part[i].next)
		*iov++ = (struct iovec){ c->part[i].data, c->part[i].len };
	it->iov_count = (unsigned)(iov - it->iov);
}

void coalesce_finish(struct coalesce *c)
{
	struct iovec *iov = c->iov;

	for (unsigned i = 0; i < c->count; i++) {
		finish_item(c, &c->item[i], iov);
		iov += c->item[i].iov_count;
	}
}

void coalesce_reset(struct coalesce *c)
{
	if (c->open)
		memset(c->bucket, 0xff, sizeof(c->bucket)); /* COALESCE_NONE */
	c->count = c->parts = c->open = 0;
}

void coalesce_init(struct coalesce *c, bool uso)
{
	c->uso = uso;
	c->open = 1;
	coalesce_reset(c);
}
