/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/bfd_pkt.h"

#include "base/csum.h"
#include "base/list.h"
#include "wire/ip_hdr.h"

#include <errno.h>
#include <string.h>

#define VERSION 1
#define HDR 24
#define AUTH_MIN 2 /* type and length */
#define UDP_HDR 8
#define IP_PROTO_UDP 17
#define CS6 0xc0 /* network control (RFC 4594, 3.2) */
#define MD5_DIGEST 16

/* The second byte: two bits of state, then these. */
#define FLAG_POLL 0x20
#define FLAG_FINAL 0x10
#define FLAG_INDEPENDENT 0x08
#define FLAG_AUTH 0x04
#define FLAG_DEMAND 0x02
#define FLAG_MULTIPOINT 0x01

const char *bfd_pkt_error_name(enum bfd_pkt_error e)
{
	static const char *const names[] = {
#define X(id, text) text,
		BFD_PKT_ERRORS(X)
#undef X
	};

	return e < ARRAY_LEN(names) ? names[e] : "unknown";
}

const char *bfd_state_name(enum bfd_state state)
{
	static const char *const names[] = { "admin-down", "down", "init", "up" };

	return state < ARRAY_LEN(names) ? names[state] : "unknown";
}

const char *bfd_diag_text(uint8_t diag)
{
	static const char *const texts[] = {
		[BFD_DIAG_NONE] = "no diagnostic",
		[BFD_DIAG_EXPIRED] = "control detection time expired",
		[BFD_DIAG_ECHO] = "echo function failed",
		[BFD_DIAG_NEIGHBOR] = "neighbor signaled session down",
		[BFD_DIAG_RESET] = "forwarding plane reset",
		[BFD_DIAG_PATH] = "path down",
		[BFD_DIAG_CONCATENATED] = "concatenated path down",
		[BFD_DIAG_ADMIN] = "administratively down",
		[BFD_DIAG_REVERSE] = "reverse concatenated path down",
	};

	return diag < ARRAY_LEN(texts) ? texts[diag] : "a reserved diagnostic";
}

static bool auth_has_seq(enum bfd_auth_type type)
{
	return type != BFD_AUTH_NONE && type != BFD_AUTH_PASSWORD;
}

/* Of the section (RFC 5880, 4.2 to 4.4); false for a type or length that none has. */
static bool auth_len_is_valid(unsigned type, size_t len)
{
	switch (type) {
	case BFD_AUTH_PASSWORD:
		return len >= 3 + 1 && len <= 3 + BFD_PASSWORD;
	case BFD_AUTH_MD5:
	case BFD_AUTH_METICULOUS_MD5:
		return len == 8 + MD5_DIGEST;
	case BFD_AUTH_SHA1:
	case BFD_AUTH_METICULOUS_SHA1:
		return len == 8 + BFD_DIGEST;
	default:
		return false;
	}
}

/* The section is all of the packet that is left: RFC 5880 knows nothing behind it. */
static bool get_auth(struct rbuf *r, struct bfd_auth *out)
{
	size_t left = rbuf_left(r);
	uint8_t type = rbuf_u8(r), len = rbuf_u8(r);
	struct bfd_auth a = { .type = (enum bfd_auth_type)type };

	if (len != left || !auth_len_is_valid(type, len))
		return false;
	a.key_id = rbuf_u8(r);
	if (auth_has_seq(a.type)) {
		(void)rbuf_u8(r); /* reserved, ignored on receipt */
		a.seq = rbuf_u32(r);
	}
	a.len = (uint8_t)rbuf_left(r);
	rbuf_bytes(r, a.digest, a.len);
	*out = a;
	return !r->failed;
}

enum bfd_pkt_error bfd_pkt_decode(struct view packet, struct bfd_pkt *out)
{
	struct rbuf r = rbuf_of(packet.data, packet.len);
	uint8_t first = rbuf_u8(&r), second = rbuf_u8(&r), len;
	struct bfd_pkt p = { .diag = first & 0x1f, .state = (enum bfd_state)(second >> 6) };

	if (packet.len < HDR)
		return BFD_PKT_SHORT;
	if (first >> 5 != VERSION)
		return BFD_PKT_VERSION;
	p.mult = rbuf_u8(&r);
	len = rbuf_u8(&r);
	if (len < HDR + (second & FLAG_AUTH ? AUTH_MIN : 0) || len > packet.len)
		return BFD_PKT_LENGTH;
	r.len = len;
	p.my_discr = rbuf_u32(&r);
	p.your_discr = rbuf_u32(&r);
	p.tx = rbuf_u32(&r);
	p.rx = rbuf_u32(&r);
	p.echo_rx = rbuf_u32(&r);
	p.poll = second & FLAG_POLL;
	p.final = second & FLAG_FINAL;
	p.independent = second & FLAG_INDEPENDENT;
	p.demand = second & FLAG_DEMAND;
	if (p.mult == 0)
		return BFD_PKT_MULT;
	if (second & FLAG_MULTIPOINT)
		return BFD_PKT_MULTIPOINT;
	if (p.my_discr == 0)
		return BFD_PKT_MY_DISCR;
	if (p.your_discr == 0 && p.state != BFD_DOWN && p.state != BFD_ADMIN_DOWN)
		return BFD_PKT_STATE;
	if (second & FLAG_AUTH ? !get_auth(&r, &p.auth) : rbuf_left(&r) != 0)
		return second & FLAG_AUTH ? BFD_PKT_AUTH : BFD_PKT_LENGTH;
	*out = p;
	return BFD_PKT_NONE;
}

static size_t auth_size(const struct bfd_auth *a)
{
	if (a->type == BFD_AUTH_NONE)
		return 0;
	return (auth_has_seq(a->type) ? 8u : 3u) + a->len;
}

static void put_auth(struct wbuf *w, const struct bfd_auth *a)
{
	wbuf_u8(w, (uint8_t)a->type);
	wbuf_u8(w, (uint8_t)auth_size(a));
	wbuf_u8(w, a->key_id);
	if (auth_has_seq(a->type)) {
		wbuf_u8(w, 0);
		wbuf_u32(w, a->seq);
	}
	wbuf_bytes(w, a->digest, a->len);
}

static bool can_be_said(const struct bfd_pkt *p)
{
	if (p->diag > 0x1f || p->state > BFD_UP || p->mult == 0 || p->my_discr == 0 ||
	    (p->your_discr == 0 && p->state != BFD_DOWN && p->state != BFD_ADMIN_DOWN))
		return false;
	return p->auth.type == BFD_AUTH_NONE ||
	       (p->auth.len <= BFD_DIGEST && auth_len_is_valid(p->auth.type, auth_size(&p->auth)));
}

ssize_t bfd_pkt_encode(const struct bfd_pkt *p, void *buf, size_t cap)
{
	struct wbuf w = wbuf_of(buf, cap);
	unsigned flags = (p->poll ? FLAG_POLL : 0u) | (p->final ? FLAG_FINAL : 0u) |
			 (p->independent ? FLAG_INDEPENDENT : 0u) | (p->demand ? FLAG_DEMAND : 0u) |
			 (p->auth.type != BFD_AUTH_NONE ? FLAG_AUTH : 0u);

	if (!can_be_said(p))
		return -EINVAL;
	wbuf_u8(&w, (uint8_t)(VERSION << 5 | p->diag));
	wbuf_u8(&w, (uint8_t)((unsigned)p->state << 6 | flags));
	wbuf_u8(&w, p->mult);
	wbuf_u8(&w, (uint8_t)(HDR + auth_size(&p->auth)));
	wbuf_u32(&w, p->my_discr);
	wbuf_u32(&w, p->your_discr);
	wbuf_u32(&w, p->tx);
	wbuf_u32(&w, p->rx);
	wbuf_u32(&w, p->echo_rx);
	if (p->auth.type != BFD_AUTH_NONE)
		put_auth(&w, &p->auth);
	return w.failed ? -EMSGSIZE : (ssize_t)w.len;
}

ssize_t bfd_pkt_wrap(const struct endpoint *src, const struct endpoint *dst, struct view packet,
		     void *buf, size_t cap)
{
	const struct ip_hdr h = { src->addr, dst->addr, IP_PROTO_UDP, BFD_TTL, CS6 };
	struct wbuf w = wbuf_of(buf, cap);
	size_t start, len = UDP_HDR + packet.len;
	uint16_t sum;

	ip_hdr_put(&w, &h, len);
	start = w.len;
	wbuf_u16(&w, src->port);
	wbuf_u16(&w, dst->port);
	wbuf_u16(&w, (uint16_t)len);
	wbuf_u16(&w, 0);
	wbuf_bytes(&w, packet.data, packet.len);
	if (w.failed)
		return -EMSGSIZE;
	sum = csum_finish(csum_add(csum_add_pseudo(0, &h.src, &h.dst, IP_PROTO_UDP, (uint32_t)len),
				   w.data + start, len));
	/* 0 would say "no checksum" (RFC 768) */
	sum = sum ? sum : UINT16_MAX;
	w.data[start + 6] = (uint8_t)(sum >> 8);
	w.data[start + 7] = (uint8_t)sum;
	return (ssize_t)w.len;
}
