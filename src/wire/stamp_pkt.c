/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/stamp_pkt.h"

#include "base/list.h"
#include "base/secret.h"

#include <string.h>

#define NSEC_PER_SEC INT64_C(1000000000)
#define NTP_TO_UNIX INT64_C(2208988800) /* from 1900 to 1970 */
#define TAI_TO_UTC INT64_C(37)
#define NTP_ERA (INT64_C(1) << 32)
#define AUTH_COVERED 96 /* RFC 8762, 4.4: the first six blocks */

#define SYNCED 0x8000
#define FORMAT_PTP 0x4000
#define SCALE_MAX 63

static int64_t floor_seconds(int64_t ns)
{
	return ns / NSEC_PER_SEC - (ns % NSEC_PER_SEC < 0);
}

uint64_t stamp_time_encode(enum stamp_format format, int64_t ns)
{
	int64_t sec = floor_seconds(ns);
	uint64_t rest = (uint64_t)(ns - sec * NSEC_PER_SEC);

	if (format == STAMP_PTP)
		return (uint64_t)(uint32_t)(sec + TAI_TO_UTC) << 32 | rest;
	return (uint64_t)(uint32_t)(sec + NTP_TO_UNIX) << 32 | (rest << 32) / NSEC_PER_SEC;
}

int64_t stamp_time_decode(enum stamp_format format, uint64_t raw)
{
	int64_t sec = (int64_t)(raw >> 32);
	uint64_t rest = raw & UINT32_MAX;

	if (format == STAMP_PTP)
		return (sec - TAI_TO_UTC) * NSEC_PER_SEC + (int64_t)rest;
	/* Without the highest bit it is the era that begins in 2036 (RFC 5905, 6). */
	if (!(sec >> 31))
		sec += NTP_ERA;
	/* Rounded, so that what encode() cut off comes back. */
	return (sec - NTP_TO_UNIX) * NSEC_PER_SEC +
	       (int64_t)((rest * NSEC_PER_SEC + (UINT32_C(1) << 31)) >> 32);
}

uint16_t stamp_estimate_encode(const struct stamp_estimate *e)
{
	/* multiplier * 2^scale in units of 2^-32 s; a multiplier of 0 is not allowed */
	uint64_t ns =
		e->error_ns < INT64_C(1000) * NSEC_PER_SEC ? e->error_ns : UINT64_C(1000000000000);
	uint64_t sec = ns / NSEC_PER_SEC, rest = ns % NSEC_PER_SEC;
	uint64_t units = (sec << 32) + ((rest << 32) + NSEC_PER_SEC - 1) / NSEC_PER_SEC;
	unsigned scale = 0;

	while (units > UINT8_MAX) {
		units = (units + 1) >> 1;
		scale++;
	}
	return (uint16_t)((e->synced ? SYNCED : 0) | (e->format == STAMP_PTP ? FORMAT_PTP : 0) |
			  scale << 8 | (units ? units : 1));
}

struct stamp_estimate stamp_estimate_decode(uint16_t raw)
{
	unsigned scale = raw >> 8 & SCALE_MAX;
	struct stamp_estimate e = { .synced = raw & SYNCED,
				    .format = raw & FORMAT_PTP ? STAMP_PTP : STAMP_NTP };
	/* Past 2^34 units, 4 s, nobody's clock is worth asking: no overflow below. */
	uint64_t units = (uint64_t)(raw & UINT8_MAX) << (scale < 34 ? scale : 34);

	e.error_ns = (units >> 32) * NSEC_PER_SEC + ((units & UINT32_MAX) * NSEC_PER_SEC >> 32);
	return e;
}

const char *stamp_pkt_error_name(enum stamp_pkt_error e)
{
	static const char *const names[] = { "none", "short", "long", "hmac" };

	return e < ARRAY_LEN(names) ? names[e] : "unknown";
}

static void put_zeros(struct wbuf *w, size_t n)
{
	static const uint8_t zeros[STAMP_AUTH_SIZE];

	wbuf_bytes(w, zeros, n);
}

static void sign(struct wbuf *w, const struct stamp_key *key)
{
	const struct view covered = { w->data, AUTH_COVERED };
	uint8_t mac[STAMP_MAC_SIZE];

	if (w->failed)
		return;
	key->mac(key->ctx, &covered, 1, mac);
	wbuf_bytes(w, mac, sizeof(mac));
}

void stamp_request_put(struct wbuf *w, const struct stamp_request *r, const struct stamp_key *key)
{
	wbuf_u32(w, r->seq);
	put_zeros(w, key ? 12 : 0);
	wbuf_u64(w, r->sent);
	wbuf_u16(w, r->estimate);
	wbuf_u16(w, r->ssid);
	put_zeros(w, key ? 68 : 28);
	if (key)
		sign(w, key);
}

void stamp_reply_put(struct wbuf *w, const struct stamp_reply *r, const struct stamp_key *key)
{
	wbuf_u32(w, r->seq);
	put_zeros(w, key ? 12 : 0);
	wbuf_u64(w, r->sent);
	wbuf_u16(w, r->estimate);
	wbuf_u16(w, r->ssid);
	put_zeros(w, key ? 4 : 0);
	wbuf_u64(w, r->received);
	put_zeros(w, key ? 8 : 0);
	wbuf_u32(w, r->sender_seq);
	put_zeros(w, key ? 12 : 0);
	wbuf_u64(w, r->sender_sent);
	wbuf_u16(w, r->sender_estimate);
	put_zeros(w, key ? 6 : 2);
	wbuf_u8(w, r->sender_ttl);
	put_zeros(w, key ? 15 : 3);
	if (key)
		sign(w, key);
}

static enum stamp_pkt_error check(struct view packet, size_t least, const struct stamp_key *key)
{
	const struct view covered = { packet.data, AUTH_COVERED };
	uint8_t mac[STAMP_MAC_SIZE];

	if (packet.len < (key ? STAMP_AUTH_SIZE : least))
		return STAMP_PKT_SHORT;
	if (packet.len > STAMP_PKT_MAX)
		return STAMP_PKT_LONG;
	if (!key)
		return STAMP_PKT_NONE;
	key->mac(key->ctx, &covered, 1, mac);
	return secret_equal(mac, packet.data + AUTH_COVERED, sizeof(mac)) ? STAMP_PKT_NONE
									  : STAMP_PKT_MAC;
}

static void skip(struct rbuf *r, size_t n)
{
	(void)rbuf_view(r, n);
}

static struct view behind(struct view packet, const struct stamp_key *key)
{
	size_t base = key ? STAMP_AUTH_SIZE : STAMP_PLAIN_SIZE;

	return packet.len > base ? (struct view){ packet.data + base, packet.len - base }
				 : (struct view){ NULL, 0 };
}

enum stamp_pkt_error stamp_request_parse(struct view packet, const struct stamp_key *key,
					 struct stamp_request *out)
{
	enum stamp_pkt_error e = check(packet, STAMP_TWAMP_REQUEST, key);
	struct rbuf r = rbuf_of(packet.data, packet.len);
	struct stamp_request q = { .tlvs = behind(packet, key) };

	if (e)
		return e;
	q.seq = rbuf_u32(&r);
	skip(&r, key ? 12 : 0);
	q.sent = rbuf_u64(&r);
	q.estimate = rbuf_u16(&r);
	/* Shorter than STAMP's packets are, it is TWAMP's, and what follows is padding. */
	if (packet.len >= STAMP_PLAIN_SIZE)
		q.ssid = rbuf_u16(&r);
	*out = q;
	return STAMP_PKT_NONE;
}

enum stamp_pkt_error stamp_reply_parse(struct view packet, const struct stamp_key *key,
				       struct stamp_reply *out)
{
	enum stamp_pkt_error e = check(packet, STAMP_TWAMP_REPLY, key);
	struct rbuf r = rbuf_of(packet.data, packet.len);
	struct stamp_reply p = { .tlvs = behind(packet, key) };

	if (e)
		return e;
	p.seq = rbuf_u32(&r);
	skip(&r, key ? 12 : 0);
	p.sent = rbuf_u64(&r);
	p.estimate = rbuf_u16(&r);
	p.ssid = rbuf_u16(&r);
	skip(&r, key ? 4 : 0);
	p.received = rbuf_u64(&r);
	skip(&r, key ? 8 : 0);
	p.sender_seq = rbuf_u32(&r);
	skip(&r, key ? 12 : 0);
	p.sender_sent = rbuf_u64(&r);
	p.sender_estimate = rbuf_u16(&r);
	skip(&r, key ? 6 : 2);
	p.sender_ttl = rbuf_u8(&r);
	*out = p;
	return STAMP_PKT_NONE;
}

struct stamp_tlv_walk stamp_tlvs(struct view tlvs)
{
	return (struct stamp_tlv_walk){ tlvs, 0 };
}

bool stamp_tlv_next(struct stamp_tlv_walk *walk, struct stamp_tlv *out)
{
	struct rbuf r;
	struct stamp_tlv t = { .at = walk->pos };
	size_t len;

	if (walk->tlvs.len - walk->pos < STAMP_TLV_HDR)
		return false;
	r = rbuf_of(walk->tlvs.data + walk->pos, walk->tlvs.len - walk->pos);
	t.flags = rbuf_u8(&r);
	t.type = rbuf_u8(&r);
	len = rbuf_u16(&r);
	t.malformed = len > rbuf_left(&r);
	if (t.malformed)
		len = rbuf_left(&r);
	t.value = rbuf_view(&r, len);
	walk->pos += STAMP_TLV_HDR + len;
	/* Nothing that follows is where it seems to be. */
	if (t.malformed)
		walk->pos = walk->tlvs.len;
	t.malformed = t.malformed || (t.type == STAMP_TLV_HMAC && len != STAMP_MAC_SIZE);
	*out = t;
	return true;
}

bool stamp_tlv_find(struct view tlvs, uint8_t type, struct view *value)
{
	struct stamp_tlv_walk walk = stamp_tlvs(tlvs);
	struct stamp_tlv t;

	while (stamp_tlv_next(&walk, &t))
		if (t.type == type && !t.malformed) {
			*value = t.value;
			return true;
		}
	return false;
}

void stamp_tlv_put(struct wbuf *w, uint8_t flags, uint8_t type, struct view value)
{
	if (value.len > UINT16_MAX)
		w->failed = true;
	wbuf_u8(w, flags);
	wbuf_u8(w, type);
	wbuf_u16(w, (uint16_t)value.len);
	if (value.len)
		wbuf_bytes(w, value.data, value.len);
}

void stamp_tlv_add(struct wbuf *w, uint8_t type, struct view value)
{
	stamp_tlv_put(w, STAMP_TLV_UNRECOGNIZED, type, value);
}

static void tlv_mac(const uint8_t *packet, struct view tlvs, const struct stamp_key *key,
		    uint8_t out[STAMP_MAC_SIZE])
{
	const struct view parts[] = { { packet, 4 }, tlvs };

	key->mac(key->ctx, parts, tlvs.len ? 2 : 1, out);
}

void stamp_tlv_add_mac(struct wbuf *w, uint8_t flags, bool authenticated,
		       const struct stamp_key *key)
{
	size_t base = authenticated ? STAMP_AUTH_SIZE : STAMP_PLAIN_SIZE;
	uint8_t mac[STAMP_MAC_SIZE];

	if (w->failed || w->len < base) {
		w->failed = true;
		return;
	}
	tlv_mac(w->data, (struct view){ w->data + base, w->len - base }, key, mac);
	stamp_tlv_put(w, flags, STAMP_TLV_HMAC, (struct view){ mac, sizeof(mac) });
}

enum stamp_integrity stamp_tlv_check(struct view packet, struct view tlvs,
				     const struct stamp_key *key)
{
	struct stamp_tlv_walk walk = stamp_tlvs(tlvs);
	enum stamp_integrity is = STAMP_UNPROTECTED;
	uint8_t mac[STAMP_MAC_SIZE];
	struct stamp_tlv t;

	while (stamp_tlv_next(&walk, &t)) {
		if (is == STAMP_INTACT && (t.type != STAMP_TLV_PADDING || t.malformed))
			return STAMP_FORGED;
		if (t.type != STAMP_TLV_HMAC)
			continue;
		if (t.malformed)
			return STAMP_FORGED;
		tlv_mac(packet.data, (struct view){ tlvs.data, t.at }, key, mac);
		if (!secret_equal(mac, t.value.data, sizeof(mac)))
			return STAMP_FORGED;
		is = STAMP_INTACT;
	}
	return is;
}
