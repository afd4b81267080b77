/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/icmp_pkt.h"

#include "base/csum.h"
#include "wire/ip_hdr.h"

#include <errno.h>
#include <string.h>

#define ICMP_HDR 8
/* Network control, which routers let pass first (RFC 4594, 3.2): answers come back the same. */
#define CS6 0xc0
#define OUR_TTL 64
#define PROBE_TTL 255 /* it came from us, and no host behind us (RFC 5082) */
#define DSCP_MASK 0xfc
/* An error must not be longer than what every network takes (RFC 1812 4.3.2.3, RFC 4443 2.4). */
#define ERROR_MAX_V4 576
#define ERROR_MAX_V6 1280
#define V4_FRAGMENTATION_NEEDED 4 /* a code of unreachable */
#define V6_PACKET_TOO_BIG 2

struct icmp_words {
	uint8_t protocol, request, reply, unreachable, host_unreachable;
};

static const struct icmp_words words_v4 = { IP_PROTO_ICMP, 8, 0, 3, 1 };
static const struct icmp_words words_v6 = { IP_PROTO_ICMP6, 128, 129, 1, 3 };

static const struct icmp_words *words_of(enum addr_family family)
{
	return family == ADDR_V4 ? &words_v4 : &words_v6;
}

static uint16_t message_csum(const struct ip_hdr *h, const void *message, size_t len)
{
	uint32_t sum = 0;

	if (h->src.family == ADDR_V6)
		sum = csum_add_pseudo(0, &h->src, &h->dst, IP_PROTO_ICMP6, (uint32_t)len);
	return csum_finish(csum_add(sum, message, len));
}

/* Header, type, code, the four bytes behind the checksum, and the body, checksummed. */
static ssize_t build(const struct ip_hdr *h, uint8_t type, uint8_t code, uint32_t rest,
		     struct view body, void *buf, size_t cap)
{
	struct wbuf w = wbuf_of(buf, cap);
	size_t start;
	uint16_t sum;

	ip_hdr_put(&w, h, ICMP_HDR + body.len);
	start = w.len;
	wbuf_u8(&w, type);
	wbuf_u8(&w, code);
	wbuf_u16(&w, 0);
	wbuf_u32(&w, rest);
	wbuf_bytes(&w, body.data, body.len);
	if (w.failed)
		return -EMSGSIZE;
	sum = message_csum(h, w.data + start, w.len - start);
	w.data[start + 2] = (uint8_t)(sum >> 8);
	w.data[start + 3] = (uint8_t)sum;
	return (ssize_t)w.len;
}

ssize_t icmp_build_request(const struct addr *src, const struct addr *dst, uint16_t id,
			   const struct icmp_probe *probe, struct view extra, size_t payload,
			   void *buf, size_t cap)
{
	const struct icmp_words *words = words_of(src->family);
	const struct ip_hdr h = { *src, *dst, words->protocol, PROBE_TTL, CS6 };
	uint8_t bytes[ICMP_PAYLOAD_MAX];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));

	if (extra.len > ICMP_EXTRA_MAX || payload < ICMP_PROBE_SIZE + extra.len ||
	    payload > sizeof(bytes))
		return -EMSGSIZE;
	memset(bytes, 0, payload);
	wbuf_u64(&w, probe->cookie);
	wbuf_u32(&w, probe->check);
	wbuf_u32(&w, probe->sequence);
	wbuf_u64(&w, probe->sent);
	wbuf_bytes(&w, extra.data, extra.len);
	return build(&h, words->request, 0, (uint32_t)id << 16 | (probe->sequence & 0xffff),
		     (struct view){ bytes, payload }, buf, cap);
}

/* One host that can be answered, or spoken for: not a group, not everybody, not nobody. */
static bool is_host(const struct addr *a)
{
	static const uint8_t everybody[4] = { 255, 255, 255, 255 };

	return !addr_is_unspecified(a) && !addr_is_multicast(a) &&
	       !(a->family == ADDR_V4 && memcmp(a->bytes, everybody, sizeof(everybody)) == 0);
}

static bool open_request(struct view packet, struct ip_hdr *h, struct view *message)
{
	const struct icmp_words *words;

	if (!ip_hdr_parse(packet, h, message))
		return false;
	words = words_of(h->src.family);
	return h->protocol == words->protocol && message->len >= ICMP_HDR &&
	       message->data[0] == words->request && message->data[1] == 0 && is_host(&h->src) &&
	       is_host(&h->dst) && message_csum(h, message->data, message->len) == 0;
}

bool icmp_is_echo_request(struct view packet, struct addr *src, struct addr *dst)
{
	struct ip_hdr h;
	struct view message;

	if (!open_request(packet, &h, &message))
		return false;
	*src = h.src;
	*dst = h.dst;
	return true;
}

struct view icmp_extra(struct view request)
{
	struct ip_hdr h;
	struct view message;

	if (!ip_hdr_parse(request, &h, &message) || message.len < ICMP_HDR + ICMP_PROBE_SIZE)
		return (struct view){ NULL, 0 };
	return (struct view){ message.data + ICMP_HDR + ICMP_PROBE_SIZE,
			      message.len - ICMP_HDR - ICMP_PROBE_SIZE };
}

/* The way back keeps the class of service (RFC 1812, 4.3.2.5), but not congestion marks. */
static struct ip_hdr header_back(const struct ip_hdr *h)
{
	return (struct ip_hdr){ h->dst, h->src, h->protocol, OUR_TTL, h->tos & DSCP_MASK };
}

ssize_t icmp_build_reply(struct view request, void *buf, size_t cap)
{
	struct ip_hdr h, back;
	struct view message;
	struct rbuf r;

	if (!open_request(request, &h, &message))
		return -EBADMSG;
	back = header_back(&h);
	r = rbuf_of(message.data, message.len);
	(void)rbuf_u32(&r);
	return build(&back, words_of(h.src.family)->reply, 0, rbuf_u32(&r),
		     (struct view){ message.data + ICMP_HDR, message.len - ICMP_HDR }, buf, cap);
}

ssize_t icmp_build_unreachable(struct view request, void *buf, size_t cap)
{
	struct ip_hdr h, back;
	struct view message, quote;
	const struct icmp_words *words;
	size_t most;

	if (!open_request(request, &h, &message))
		return -EBADMSG;
	words = words_of(h.src.family);
	back = header_back(&h);
	most = h.src.family == ADDR_V4 ? ERROR_MAX_V4 - 20 : ERROR_MAX_V6 - 40;
	most -= ICMP_HDR;
	/* Up to the end of the message: padding behind it is not part of the packet. */
	quote = (struct view){ request.data, (size_t)(message.data - request.data) + message.len };
	if (quote.len > most)
		quote.len = most;
	return build(&back, words->unreachable, words->host_unreachable, 0, quote, buf, cap);
}

/* Id, sequence and payload of an echo message, whole or quoted, from behind its checksum. */
static bool get_echo(struct view message, uint8_t type, struct icmp_answer *a)
{
	struct rbuf r = rbuf_of(message.data, message.len);

	if (rbuf_u8(&r) != type || rbuf_u8(&r) != 0)
		return false;
	(void)rbuf_u16(&r);
	a->id = rbuf_u16(&r);
	a->sequence = rbuf_u16(&r);
	a->has_probe = rbuf_left(&r) >= ICMP_PROBE_SIZE;
	if (a->has_probe) {
		a->probe.cookie = rbuf_u64(&r);
		a->probe.check = rbuf_u32(&r);
		a->probe.sequence = rbuf_u32(&r);
		a->probe.sent = rbuf_u64(&r);
	}
	return !r.failed;
}

/* An error of the kind that quotes a request of ours. */
static bool is_error(const struct icmp_words *words, struct view m, struct icmp_answer *a)
{
	bool v4 = words == &words_v4;

	if (v4 ? m.data[0] == words->unreachable && m.data[1] == V4_FRAGMENTATION_NEEDED
	       : m.data[0] == V6_PACKET_TOO_BIG) {
		struct rbuf r = rbuf_of(m.data + 4, m.len - 4);
		uint32_t mtu = rbuf_u32(&r);

		a->kind = ICMP_KIND_TOO_BIG;
		a->mtu = v4 ? mtu & 0xffff : mtu;
		return true;
	}
	if (m.data[0] == words->unreachable)
		a->kind = ICMP_KIND_UNREACHABLE;
	return m.data[0] == words->unreachable;
}

int icmp_parse(enum addr_family family, struct view message, struct icmp_answer *out)
{
	const struct icmp_words *words = words_of(family);
	struct icmp_answer a = { .kind = ICMP_KIND_REPLY, .size = message.len };
	struct ip_hdr quoted;
	struct view rest;

	if (message.len < ICMP_HDR)
		return -EBADMSG;
	if (family == ADDR_V4 && csum_finish(csum_add(0, message.data, message.len)) != 0)
		return -EBADMSG;
	if (is_error(words, message, &a)) {
		a.code = message.data[1];
		rest = (struct view){ message.data + ICMP_HDR, message.len - ICMP_HDR };
		if (!ip_hdr_parse_quoted(rest, &quoted, &rest) || quoted.src.family != family ||
		    quoted.protocol != words->protocol || !get_echo(rest, words->request, &a))
			return -EBADMSG;
		a.asked = quoted.dst;
	} else if (!get_echo(message, words->reply, &a)) {
		return -EBADMSG;
	}
	*out = a;
	return 0;
}
