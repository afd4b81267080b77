/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/vrrp_pkt.h"

#include "base/csum.h"
#include "base/list.h"
#include "wire/ip_hdr.h"

#include <errno.h>

#define HDR 8
#define V2_AUTH 8 /* authentication data: always there, all zeros */
#define TYPE_ADVERTISEMENT 1
#define USEC_PER_CSEC (10 * USEC_PER_MSEC)
#define CSEC_MAX 4095 /* 12 bits */

const char *vrrp_pkt_error_name(enum vrrp_pkt_error e)
{
	static const char *const names[] = {
#define X(id, text) text,
		VRRP_PKT_ERRORS(X)
#undef X
	};

	return e < ARRAY_LEN(names) ? names[e] : "unknown";
}

static uint16_t checksum(bool pseudo, struct view packet, const struct addr *src,
			 const struct addr *dst)
{
	uint32_t sum = 0;

	if (pseudo)
		sum = csum_add_pseudo(0, src, dst, IP_PROTO_VRRP, (uint32_t)packet.len);
	return csum_finish(csum_add(sum, packet.data, packet.len));
}

static bool has_pseudo(const struct vrrp_adv *adv, enum addr_family family)
{
	return family == ADDR_V6 || (adv->version == 3 && adv->checksum == VRRP_CHECKSUM_PSEUDO);
}

static bool interval_is_valid(const struct vrrp_adv *adv)
{
	usec_t unit = adv->version == 2 ? USEC_PER_SEC : USEC_PER_CSEC;
	usec_t most = adv->version == 2 ? UINT8_MAX : CSEC_MAX;

	return adv->interval % unit == 0 && adv->interval >= unit && adv->interval <= most * unit;
}

static bool can_be_said(const struct vrrp_adv *adv, const struct addr *src, const struct addr *dst)
{
	if (src->family == ADDR_NONE || src->family != dst->family)
		return false;
	if (adv->version != 3 && (adv->version != 2 || src->family != ADDR_V4))
		return false;
	if (adv->count == 0 || adv->count > VRRP_ADDRS_MAX)
		return false;
	for (unsigned i = 0; i < adv->count; i++)
		if (adv->addresses[i].family != src->family)
			return false;
	return adv->vrid != 0 && interval_is_valid(adv);
}

ssize_t vrrp_pkt_encode(const struct vrrp_adv *adv, const struct addr *src, const struct addr *dst,
			void *buf, size_t cap)
{
	struct wbuf w = wbuf_of(buf, cap);
	uint16_t sum;

	if (!can_be_said(adv, src, dst))
		return -EINVAL;
	wbuf_u8(&w, (uint8_t)(adv->version << 4 | TYPE_ADVERTISEMENT));
	wbuf_u8(&w, adv->vrid);
	wbuf_u8(&w, adv->priority);
	wbuf_u8(&w, (uint8_t)adv->count);
	/* v2: authentication type 0 and seconds; v3: four reserved bits and hundredths */
	wbuf_u16(&w,
		 (uint16_t)(adv->interval / (adv->version == 2 ? USEC_PER_SEC : USEC_PER_CSEC)));
	wbuf_u16(&w, 0);
	for (unsigned i = 0; i < adv->count; i++)
		wbuf_bytes(&w, adv->addresses[i].bytes, addr_size(src->family));
	if (adv->version == 2)
		wbuf_u64(&w, 0);
	if (w.failed)
		return -EMSGSIZE;
	sum = checksum(has_pseudo(adv, src->family), (struct view){ w.data, w.len }, src, dst);
	w.data[6] = (uint8_t)(sum >> 8);
	w.data[7] = (uint8_t)sum;
	return (ssize_t)w.len;
}

/* Finds which checksum the sender computed. */
static bool verify_checksum(struct view packet, const struct addr *src, const struct addr *dst,
			    struct vrrp_adv *adv)
{
	adv->checksum = VRRP_CHECKSUM_PSEUDO;
	if (checksum(has_pseudo(adv, src->family), packet, src, dst) == 0)
		return true;
	adv->checksum = VRRP_CHECKSUM_PLAIN;
	return adv->version == 3 && src->family == ADDR_V4 &&
	       checksum(false, packet, src, dst) == 0;
}

static void get_addresses(struct rbuf *r, enum addr_family family, struct vrrp_adv *adv)
{
	uint8_t bytes[16];

	for (unsigned i = 0; i < adv->count; i++) {
		rbuf_bytes(r, bytes, addr_size(family));
		adv->addresses[i] = addr_from_bytes(family, bytes);
	}
}

enum vrrp_pkt_error vrrp_pkt_decode(struct view packet, const struct addr *src,
				    const struct addr *dst, uint8_t ttl, struct vrrp_adv *out)
{
	struct rbuf r = rbuf_of(packet.data, packet.len);
	uint8_t first = rbuf_u8(&r);
	struct vrrp_adv adv = { .version = first >> 4 };
	uint16_t timing; /* v2: authentication type and seconds; v3: hundredths */

	if (ttl != VRRP_TTL)
		return VRRP_PKT_TTL;
	if (packet.len < HDR)
		return VRRP_PKT_SHORT;
	if (src->family != dst->family || (adv.version != 3 && adv.version != 2) ||
	    (adv.version == 2 && src->family != ADDR_V4))
		return VRRP_PKT_VERSION;
	if ((first & 0xf) != TYPE_ADVERTISEMENT)
		return VRRP_PKT_TYPE;
	adv.vrid = rbuf_u8(&r);
	adv.priority = rbuf_u8(&r);
	adv.count = rbuf_u8(&r);
	timing = rbuf_u16(&r);
	(void)rbuf_u16(&r);
	if (adv.vrid == 0)
		return VRRP_PKT_VRID;
	if (adv.count == 0 || adv.count > VRRP_ADDRS_MAX)
		return VRRP_PKT_COUNT;
	if (packet.len !=
	    HDR + adv.count * addr_size(src->family) + (adv.version == 2 ? V2_AUTH : 0u))
		return VRRP_PKT_LENGTH;
	if (!verify_checksum(packet, src, dst, &adv))
		return VRRP_PKT_CHECKSUM;
	if (adv.version == 2 && timing >> 8 != 0)
		return VRRP_PKT_AUTH;
	adv.interval = adv.version == 2 ? timing * USEC_PER_SEC : (timing & 0xfff) * USEC_PER_CSEC;
	if (adv.interval == 0)
		return VRRP_PKT_INTERVAL;
	get_addresses(&r, src->family, &adv);
	*out = adv;
	return VRRP_PKT_NONE;
}
