/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/ike_hdr.h"

#define EXCHANGE_MAIN 2
#define EXCHANGE_AGGRESSIVE 4
#define EXCHANGE_IKE_SA_INIT 34
#define FLAG_RESPONSE 0x20

/*
 * charon 5.9.8 counts every IKE_SA_INIT request as a half-open IKE_SA, but creates one, whose end
 * would take the count back, only when responder SPI and message ID are 0.  The others add up for
 * ever: a handful of forged packets makes it ask everybody for a cookie from then on, and somebody
 * who answers with his cookie can fill its table for good.
 */
enum ike_hdr_kind ike_hdr_classify(struct view datagram, bool marker)
{
	struct rbuf r = rbuf_of(datagram.data, datagram.len);
	uint8_t version, exchange, flags;
	uint64_t responder;
	uint32_t id;

	if (marker)
		(void)rbuf_u32(&r);
	(void)rbuf_u64(&r);
	responder = rbuf_u64(&r);
	(void)rbuf_u8(&r);
	version = rbuf_u8(&r);
	exchange = rbuf_u8(&r);
	flags = rbuf_u8(&r);
	id = rbuf_u32(&r);
	if (r.failed)
		return IKE_HDR_OTHER;
	/* charon looks at the exchange alone, whatever the minor version, so we do, too. */
	if (version >> 4 == 2 && exchange == EXCHANGE_IKE_SA_INIT && !(flags & FLAG_RESPONSE))
		return responder || id ? IKE_HDR_BOGUS : IKE_HDR_OPENS_V2;
	if (exchange == EXCHANGE_MAIN || exchange == EXCHANGE_AGGRESSIVE) {
		if (responder)
			return IKE_HDR_OTHER;
		return version >> 4 != 1 || id ? IKE_HDR_BOGUS : IKE_HDR_OPENS_V1;
	}
	if (version >> 4 == 1 && exchange == EXCHANGE_IKE_SA_INIT)
		return IKE_HDR_BOGUS;
	return IKE_HDR_OTHER;
}
