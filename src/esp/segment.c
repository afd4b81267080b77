/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/segment.h"

#include "base/be.h"
#include "base/csum.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#define V6_HEADER 40
#define TCP_HEADER 20
#define TCP_CSUM 16
#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_PSH 0x08
#define TCP_URG 0x20
#define TCP_CWR 0x80
#define UDP_HEADER 8
#define UDP_CSUM 6

/* Zero in UDP's field means that there is no checksum (RFC 768); ~0 is the same number. */
static uint16_t udp_csum_finish(uint32_t sum)
{
	uint16_t csum = csum_finish(sum);

	return csum ? csum : 0xffff;
}

static int init_whole(struct segment *s, const struct ip_pkt *ip, const struct vnet_hdr *v)
{
	s->kind = SEGMENT_COPY;
	s->size = s->len;
	s->count = 1;
	if (!(v->flags & VNET_HDR_NEEDS_CSUM))
		return 0;
	s->kind = SEGMENT_CSUM;
	s->l4 = v->csum_start;
	s->csum_at = s->l4 + v->csum_offset;
	/* A part of a packet has no checksum to be completed: it would be about bytes elsewhere. */
	if (ip->fragment || s->l4 < ip->header_len || s->csum_at + 2 > s->len)
		return -EBADMSG;
	return 0;
}

/*
 * The sum of the pseudo header without its length, which differs between segments.  The kernel
 * left it in the checksum field, and only the kernel knows it where a routing header hides
 * the last destination (RFC 8200, 8.1).
 */
static uint32_t pseudo_sum(const struct segment *s, const struct ip_pkt *ip,
			   const struct vnet_hdr *v)
{
	if (!(v->flags & VNET_HDR_NEEDS_CSUM))
		return csum_add_pseudo(0, &ip->src, &ip->dst, ip->protocol, 0);
	return be_get_u16(s->packet + s->csum_at) + (uint32_t)(uint16_t) ~(s->len - s->l4);
}

/* What TCP and UDP have in common, once header_len and csum_at are known. */
static int init_cut(struct segment *s, const struct ip_pkt *ip, const struct vnet_hdr *v)
{
	const uint8_t *p = s->packet;
	size_t payload;

	if (ip->fragment || v->gso_size == 0 || s->header_len > s->len)
		return -EBADMSG;
	if (v->flags & VNET_HDR_NEEDS_CSUM &&
	    (v->csum_start != s->l4 || (size_t)v->csum_start + v->csum_offset != s->csum_at))
		return -EBADMSG;
	payload = s->len - s->header_len;
	s->size = v->gso_size < payload ? v->gso_size : payload;
	s->count = payload ? (unsigned)((payload + s->size - 1) / s->size) : 1;
	s->l4_sum = pseudo_sum(s, ip, v);
	if (s->v4) {
		s->id = be_get_u16(p + 4);
		s->ip_sum = csum_add(csum_add(csum_add(0, p, 2), p + 6, 4), p + 12, s->l4 - 12);
	}
	return 0;
}

static int init_tcp(struct segment *s, const struct ip_pkt *ip, const struct vnet_hdr *v)
{
	const uint8_t *tcp = s->packet + s->l4;
	size_t header;
	int rc;

	if (ip->protocol != IPPROTO_TCP || s->len < s->l4 + TCP_HEADER)
		return -EBADMSG;
	header = (size_t)(tcp[12] >> 4) * 4;
	if (header < TCP_HEADER)
		return -EBADMSG;
	s->kind = SEGMENT_TCP;
	s->header_len = s->l4 + header;
	s->csum_at = s->l4 + TCP_CSUM;
	rc = init_cut(s, ip, v);
	if (rc < 0)
		return rc;
	/* SYN takes a number of the sequence, the urgent pointer counts from it, and a reset is not
	 * said twice: nobody hands these over to be cut. */
	if (s->count > 1 && tcp[13] & (TCP_SYN | TCP_RST | TCP_URG))
		return -EBADMSG;
	s->seq = be_get_u32(tcp + 4);
	s->l4_sum = csum_add(s->l4_sum, tcp, 4);
	s->l4_sum = csum_add(s->l4_sum, tcp + 8, 4);
	s->l4_sum = csum_add(s->l4_sum, tcp + 14, 2);
	s->l4_sum = csum_add(s->l4_sum, tcp + 18, header - 18);
	return 0;
}

static int init_udp(struct segment *s, const struct ip_pkt *ip, const struct vnet_hdr *v)
{
	const uint8_t *udp = s->packet + s->l4;
	int rc;

	if (ip->protocol != IPPROTO_UDP || s->len < s->l4 + UDP_HEADER ||
	    be_get_u16(udp + 4) != s->len - s->l4)
		return -EBADMSG;
	s->kind = SEGMENT_UDP;
	s->header_len = s->l4 + UDP_HEADER;
	s->csum_at = s->l4 + UDP_CSUM;
	rc = init_cut(s, ip, v);
	if (rc < 0)
		return rc;
	s->l4_sum = csum_add(s->l4_sum, udp, 4);
	return 0;
}

static int init(struct segment *s, const struct ip_pkt *ip, const struct vnet_hdr *v)
{
	switch (v->gso_type) {
	case VNET_HDR_GSO_NONE:
		return init_whole(s, ip, v);
	case VNET_HDR_GSO_TCPV4:
	case VNET_HDR_GSO_TCPV4 | VNET_HDR_GSO_ECN:
		return s->v4 ? init_tcp(s, ip, v) : -EBADMSG;
	case VNET_HDR_GSO_TCPV6:
	case VNET_HDR_GSO_TCPV6 | VNET_HDR_GSO_ECN:
		return s->v4 ? -EBADMSG : init_tcp(s, ip, v);
	case VNET_HDR_GSO_UDP_L4:
		return init_udp(s, ip, v);
	default:
		return -EBADMSG;
	}
}

int segment_init(struct segment *s, struct view packet, const struct ip_pkt *ip,
		 const struct vnet_hdr *v)
{
	struct segment new = { .packet = packet.data,
			       .len = ip->len,
			       .l4 = ip->header_len,
			       .v4 = ip->family == ADDR_V4 };
	int rc;

	if (packet.len < ip->len || ip->len < ip->header_len)
		return -EBADMSG;
	rc = init(&new, ip, v);
	if (rc < 0)
		return rc;
	*s = new;
	return 0;
}

size_t segment_max(const struct segment *s)
{
	return s->header_len + s->size;
}

unsigned segment_left(const struct segment *s)
{
	return s->count - s->index;
}

static size_t next_payload(const struct segment *s)
{
	size_t left = s->len - s->header_len - s->pos;

	return left < s->size ? left : s->size;
}

static bool is_cut(const struct segment *s)
{
	return s->kind == SEGMENT_TCP || s->kind == SEGMENT_UDP;
}

size_t segment_len(const struct segment *s)
{
	if (s->index == s->count)
		return 0;
	return is_cut(s) ? s->header_len + next_payload(s) : s->len;
}

/* The field holds the pseudo header's sum and is summed up with the rest. */
static size_t next_whole(const struct segment *s, uint8_t *out)
{
	uint32_t sum;

	if (s->kind == SEGMENT_COPY) {
		memcpy(out, s->packet, s->len);
		return s->len;
	}
	memcpy(out, s->packet, s->l4);
	sum = csum_copy(0, out + s->l4, s->packet + s->l4, s->len - s->l4);
	/* Only UDP has its checksum there, or DCCP, to which ~0 is as good as 0. */
	be_put_u16(out + s->csum_at,
		   s->csum_at - s->l4 == UDP_CSUM ? udp_csum_finish(sum) : csum_finish(sum));
	return s->len;
}

static void put_ip(const struct segment *s, uint8_t *out, size_t len)
{
	uint16_t id = (uint16_t)(s->id + s->index);

	if (!s->v4) {
		be_put_u16(out + 4, (uint16_t)(len - V6_HEADER));
		return;
	}
	be_put_u16(out + 2, (uint16_t)len);
	be_put_u16(out + 4, id);
	be_put_u16(out + 10, csum_finish(s->ip_sum + (uint32_t)len + id));
}

/* FIN and PSH belong behind the last byte; CWR says something once (RFC 3168, 6.1.2). */
static uint32_t put_tcp(const struct segment *s, uint8_t *tcp)
{
	uint32_t seq = s->seq + (uint32_t)s->pos;

	be_put_u32(tcp + 4, seq);
	if (s->index + 1 < s->count)
		tcp[13] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
	if (s->index > 0)
		tcp[13] &= (uint8_t)~TCP_CWR;
	return (seq >> 16) + (seq & 0xffff) + be_get_u16(tcp + 12);
}

static size_t next_cut(struct segment *s, uint8_t *out)
{
	size_t n = next_payload(s), len = s->header_len + n, l4_len = len - s->l4;
	uint8_t *l4 = out + s->l4;
	uint32_t sum;

	memcpy(out, s->packet, s->header_len);
	sum = csum_copy(s->l4_sum, out + s->header_len, s->packet + s->header_len + s->pos, n);
	sum += (uint32_t)l4_len; /* the pseudo header's */
	put_ip(s, out, len);
	if (s->kind == SEGMENT_TCP) {
		be_put_u16(out + s->csum_at, csum_finish(sum + put_tcp(s, l4)));
	} else {
		be_put_u16(l4 + 4, (uint16_t)l4_len);
		be_put_u16(out + s->csum_at, udp_csum_finish(sum + (uint32_t)l4_len));
	}
	s->pos += n;
	return len;
}

size_t segment_next(struct segment *s, uint8_t *out)
{
	size_t len;

	if (s->index == s->count)
		return 0;
	len = is_cut(s) ? next_cut(s, out) : next_whole(s, out);
	s->index++;
	return len;
}
