/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any datagram.  With the marker's four bytes or without, the same header is the same thing; what
 * opens an IKE_SA has neither a responder's SPI nor a message ID.
 */
#include "ike/ike_hdr.h"

#include <stdlib.h>

#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond))                                                                       \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	enum ike_hdr_kind plain = ike_hdr_classify((struct view){ data, len }, false);
	enum ike_hdr_kind marked = ike_hdr_classify((struct view){ data, len }, true);

	if (len < 24)
		MUST(plain == IKE_HDR_OTHER);
	if (len >= 4)
		MUST(marked == ike_hdr_classify((struct view){ data + 4, len - 4 }, false));
	else
		MUST(marked == IKE_HDR_OTHER);
	if (plain == IKE_HDR_OPENS_V1 || plain == IKE_HDR_OPENS_V2)
		for (unsigned i = 0; i < 24; i++)
			MUST((i < 8 || (i >= 16 && i < 20)) || data[i] == 0);
	return 0;
}
